package suppression

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres"
)

// Most is how many entries one list may have.
const Most = 100_000

// RowFault is one thing that is wrong with a list, and where.
type RowFault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column" doc:"Of the field, in bytes from 1"`
	Message string `json:"message" doc:"What is wrong and how to mend it"`
}

func (f RowFault) String() string {
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Message)
}

// ErrTooMany: a list has more than Most entries. Returned by Read.
var ErrTooMany = fmt.Errorf("the list has more than %d entries: split it into several files", Most)

// NoList says why a file is no such list at all. Returned by Read.
type NoList struct{ RowFault }

func (n NoList) Error() string { return n.String() }

// reader reads one list.
type reader struct {
	*csv.Reader
	columns map[string]int
	entries []postgres.Suppression
	faults  []RowFault
}

// Read reads a list: a header that names the columns kind and value, or kind and
// hash as Write has them, and optionally via, in any order, separated by commas or
// semicolons. Rows with faults are left out. Errors: NoList, ErrTooMany, those of in.
func Read(in io.Reader) ([]postgres.Suppression, []RowFault, error) {
	buffered := bufio.NewReaderSize(in, 4096)
	head, err := buffered.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, fmt.Errorf("read the list: %w", err)
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = buffered.Discard(3) // it is there
	}
	r := reader{Reader: csv.NewReader(buffered), columns: map[string]int{}}
	r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true
	if first, _, _ := strings.Cut(string(head), "\n"); strings.Contains(first, ";") {
		r.Comma = ';'
	}
	if err := r.header(); err != nil {
		return nil, nil, err
	}
	for {
		row, err := r.Reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return r.entries, r.faults, nil
		case errors.As(err, &broken):
			r.faults = append(r.faults, unreadable(broken))
		case err != nil:
			return nil, nil, fmt.Errorf("read the list: %w", err)
		default:
			r.take(row)
		}
		if len(r.entries)+len(r.faults) > Most {
			return nil, nil, ErrTooMany
		}
	}
}

// unreadable says where a row breaks the form of CSV (RFC 4180).
func unreadable(broken *csv.ParseError) RowFault {
	if broken.StartLine < broken.Line {
		return RowFault{broken.StartLine, 1, fmt.Sprintf("a quote begins that does not end well: everything up to line %d was left out; write quotes inside a field twice, or leave them out", broken.Line)}
	}
	return RowFault{broken.Line, broken.Column, broken.Err.Error() + "; write quotes inside a field twice, or leave them out"}
}

func (r *reader) header() error {
	row, err := r.Reader.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return NoList{RowFault{broken.Line, broken.Column, "the header cannot be read; write kind,value"}}
		}
		return fmt.Errorf("read the list: %w", err)
	}
	for i, name := range row {
		name = strings.ToLower(strings.TrimSpace(name))
		_, col := r.FieldPos(i)
		if !slices.Contains([]string{"kind", "value", "hash", "via", "created_at"}, name) {
			return NoList{RowFault{1, col, "there is no such column; write kind,value or kind,hash, and via if you like"}}
		}
		if _, again := r.columns[name]; again {
			return NoList{RowFault{1, col, "the column " + name + " is there twice; name each once"}}
		}
		r.columns[name] = i
	}
	_, kind := r.columns["kind"]
	_, value := r.columns["value"]
	_, hash := r.columns["hash"]
	if !kind || value == hash {
		return NoList{RowFault{1, 1, "the header must name the columns kind and value, or kind and hash; write kind,value"}}
	}
	return nil
}

// take reads one row.
func (r *reader) take(row []string) {
	field := func(name string) string {
		if i, ok := r.columns[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	fault := func(name, says string) {
		i := min(r.columns[name], len(row)-1)
		line, col := r.FieldPos(i)
		r.faults = append(r.faults, RowFault{line, col, says})
	}
	e := postgres.Suppression{Kind: strings.ToLower(field("kind")), Via: field("via")}
	if e.Via == "" {
		e.Via = Imported
	}
	switch {
	case !slices.Contains([]string{postgres.KindEmail, postgres.KindDomain, postgres.KindPhone}, e.Kind):
		fault("kind", "the kind is none; write email, domain or phone")
		return
	case !viaForm.MatchString(e.Via):
		fault("via", "via is no word; write small letters, digits and _, such as import, or leave it out")
		return
	}
	if _, hashed := r.columns["hash"]; hashed {
		var err error
		if e.Hash, err = hex.DecodeString(field("hash")); err != nil || len(e.Hash) != 32 {
			fault("hash", "the hash is not one of 64 hexadecimal digits; export the list anew, or give the column value")
			return
		}
	} else {
		normal, says := Normal(e.Kind, field("value"))
		if says != "" {
			fault("value", "the value "+says)
			return
		}
		e.Hash = postgres.Hash(normal)
	}
	r.entries = append(r.entries, e)
}

// Writer writes a list that Read reads. It never has clear addresses.
type Writer struct{ *csv.Writer }

// NewWriter begins a list with its header.
func NewWriter(out io.Writer) (Writer, error) {
	w := Writer{csv.NewWriter(out)}
	return w, w.Write([]string{"kind", "hash", "via", "created_at"})
}

// Add writes one entry.
func (w Writer) Add(e postgres.Suppression, at time.Time) error {
	return w.Write([]string{e.Kind, hex.EncodeToString(e.Hash), e.Via, at.UTC().Format(time.RFC3339)})
}

// End writes what is still held back.
func (w Writer) End() error {
	w.Flush()
	return w.Error()
}
