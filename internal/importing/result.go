package importing

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Row is one row of a file and what came of it.
type Row struct {
	Line   int        `json:"line"`
	Cells  []string   `json:"cells"`
	Result string     `json:"result" enum:"created,completed,recorded,known,repeated,stopped,refused"`
	Lead   *uuid.UUID `json:"lead_id,omitempty"`
	Faults []Fault    `json:"faults,omitempty" doc:"What is wrong, in which column, and how to mend it"`
}

// Rows are rows of the last pass after a line, with a result or with any. Errors:
// postgres.ErrNotFound.
func (i Imports) Rows(ctx context.Context, id uuid.UUID, result string, after, most int) ([]Row, error) {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read import %s: %w", id, postgres.Translate(err))
	}
	return i.rows(ctx, row, result, after, most)
}

func (i Imports) rows(ctx context.Context, row db.Import, result string, after, most int) ([]Row, error) {
	ask := db.ImportResultsParams{ImportID: row.ID, Pass: row.Pass, After: int32(after), Most: int32(most)}
	if result != "" {
		ask.Result = &result
	}
	found, err := i.Store.ImportResults(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("read what came of import %s: %w", row.ID, err)
	}
	rows := make([]Row, len(found))
	for n, f := range found {
		rows[n] = Row{Line: int(f.Line), Cells: f.Cells, Result: f.Result, Lead: f.LeadID}
		if len(f.Faults) == 0 {
			continue
		}
		if err := json.Unmarshal(f.Faults, &rows[n].Faults); err != nil {
			return nil, fmt.Errorf("decode what is wrong with line %d of import %s: %w", f.Line, row.ID, err)
		}
	}
	return rows, nil
}

// Write writes the file again with what came of each row beside it: its line, the
// result, the lead and what is wrong. Rows that the last pass has not come to are left
// out. Errors: postgres.ErrNotFound.
func (i Imports) Write(ctx context.Context, id uuid.UUID, out io.Writer) error {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return fmt.Errorf("read import %s: %w", id, postgres.Translate(err))
	}
	w := csv.NewWriter(out)
	w.Comma = []rune(row.Delimiter)[0]
	if err := w.Write(append([]string{"line", "result", "lead_id", "what is wrong"}, csvfile.Inert(row.Header...)...)); err != nil {
		return err
	}
	for after := 0; ; {
		rows, err := i.rows(ctx, row, "", after, 1000)
		if err != nil {
			return err
		}
		for _, r := range rows {
			var lead string
			if r.Lead != nil {
				lead = r.Lead.String()
			}
			if err := w.Write(csvfile.Inert(append([]string{strconv.Itoa(r.Line), r.Result, lead, r.Wrong()}, r.Cells...)...)); err != nil {
				return err
			}
		}
		if w.Flush(); w.Error() != nil || len(rows) == 0 {
			return w.Error()
		}
		after = rows[len(rows)-1].Line
	}
}

// Wrong says what is wrong with a row.
func (r Row) Wrong() string {
	var said []string
	for _, f := range r.Faults {
		said = append(said, strings.TrimSpace(f.Field+" "+f.Message))
	}
	return strings.Join(said, "; ")
}
