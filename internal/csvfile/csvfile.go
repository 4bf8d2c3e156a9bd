// Package csvfile reads the lists that people export from other programs: it finds
// out the encoding and the delimiter, and says of every row that cannot be read where
// it is and how to mend it, while the others go on. It knows nothing of what the
// columns mean.
package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The encodings that are recognised.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252" // what is no UTF-8 and has no mark: Excel's "CSV" in western Europe
)

// delimiters are tried in this order; the first of the best counts.
var delimiters = []rune{',', ';', '\t', '|'}

// Form is how a file is written.
type Form struct {
	Encoding  string `json:"encoding"`
	Delimiter string `json:"delimiter"`
}

// Row is one line of a table, or why it cannot be read.
type Row struct {
	Line  int // of the file, from 1, where it begins
	Cells []string
	Fault string // what is wrong, and how to mend it; empty: nothing
}

// Empty reports whether nothing stands in the row.
func (r Row) Empty() bool {
	return r.Fault == "" && strings.TrimSpace(strings.Join(r.Cells, "")) == ""
}

var (
	// ErrEmpty is returned by Open for a file in which nothing stands.
	ErrEmpty = errors.New("the file is empty")
	// ErrBinary is returned by Open for what is no text, such as a spreadsheet.
	ErrBinary = errors.New("the file is no text; export it from the spreadsheet as CSV")
)

// File is a file that is being read.
type File struct {
	Form
	Header []string
	text   string
	rows   *csv.Reader
	ended  bool
}

// Open recognises a file's form and reads its header, the first row in which
// something stands. Errors: ErrEmpty, ErrBinary.
func Open(content []byte) (*File, error) {
	f := &File{}
	if err := f.decode(content); err != nil {
		return nil, err
	}
	f.Delimiter = string(delimiterOf(f.text))
	f.rows = csv.NewReader(strings.NewReader(f.text))
	f.rows.Comma, _ = utf8.DecodeRuneInString(f.Delimiter)
	f.rows.FieldsPerRecord = -1 // we say it ourselves
	for {
		row, err := f.read()
		switch {
		case errors.Is(err, io.EOF):
			return nil, ErrEmpty
		case err != nil:
			return nil, err
		case row.Fault != "":
			return nil, fmt.Errorf("line %d: %s", row.Line, row.Fault)
		case row.Empty():
			continue
		}
		for _, cell := range row.Cells {
			f.Header = append(f.Header, strings.TrimSpace(cell))
		}
		return f, nil
	}
}

// decode turns the content into text.
func (f *File) decode(content []byte) error {
	var how encoding.Encoding
	switch {
	case len(bytes.TrimSpace(content)) == 0:
		return ErrEmpty
	case bytes.HasPrefix(content, []byte("PK\x03\x04")), bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(content, []byte("%PDF")):
		return ErrBinary
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		f.Encoding, content = UTF8, content[3:]
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		f.Encoding, how = UTF16LE, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		f.Encoding, how = UTF16BE, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case utf8.Valid(content):
		f.Encoding = UTF8
	default:
		f.Encoding, how = Windows1252, charmap.Windows1252
	}
	if how != nil {
		decoded, err := how.NewDecoder().Bytes(content)
		if err != nil {
			return fmt.Errorf("decode the file as %s: %w", f.Encoding, err)
		}
		content = decoded
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return ErrBinary
	}
	// A lone carriage return ended lines long ago.
	f.text = strings.ReplaceAll(strings.ReplaceAll(string(content), "\r\n", "\n"), "\r", "\n")
	return nil
}

// sample is how many rows show which delimiter a file has.
const sample = 50

// delimiterOf is the one by which most of the first rows have as many cells as the
// first, and more than one.
func delimiterOf(text string) rune {
	best, most := delimiters[0], 0
	for _, d := range delimiters {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = d, -1, true
		cells, score := 0, 0
		for n := 0; n < sample; n++ {
			row, err := r.Read()
			if err != nil {
				break
			}
			if cells == 0 {
				cells = len(row)
			}
			if len(row) == cells && cells > 1 {
				score += cells
			}
		}
		if score > most {
			best, most = d, score
		}
	}
	return best
}

// Next is the next row in which something stands; io.EOF after the last.
func (f *File) Next() (Row, error) {
	for {
		row, err := f.read()
		if err != nil || !row.Empty() {
			return row, err
		}
	}
}

func (f *File) read() (Row, error) {
	if f.ended {
		return Row{}, io.EOF
	}
	cells, err := f.rows.Read()
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		return f.unreadable(wrong), nil
	case err != nil:
		return Row{}, err
	}
	line, _ := f.rows.FieldPos(0)
	row := Row{Line: line, Cells: cells}
	if n := len(f.Header); n > 0 && len(cells) != n && !row.Empty() {
		if over := strings.TrimSpace(strings.Join(cells[min(n, len(cells)):], "")); over != "" {
			row.Fault = fmt.Sprintf("has %d cells where the header has %d; put a cell in which %q stands in quotes", len(cells), n, f.Delimiter)
			return row, nil
		}
		for len(row.Cells) < n { // programs leave empty cells at the end out
			row.Cells = append(row.Cells, "")
		}
		row.Cells = row.Cells[:n]
	}
	return row, nil
}

// unreadable says what a program that wrote the file did wrong.
func (f *File) unreadable(wrong *csv.ParseError) Row {
	row := Row{Line: wrong.StartLine}
	switch {
	case errors.Is(wrong.Err, csv.ErrBareQuote):
		row.Fault = fmt.Sprintf("a quote stands in the middle of a cell (column %d); put the cell in quotes, and write each quote in it twice", wrong.Column)
	case wrong.Line > wrong.StartLine:
		f.ended = true // everything up to the end was taken for one cell
		row.Fault = "a cell begins with a quote here and has none at its end; close it. Nothing below could be read"
	default:
		row.Fault = fmt.Sprintf("a quoted cell goes on after its quote (column %d); write each quote in a cell twice", wrong.Column)
	}
	return row
}
