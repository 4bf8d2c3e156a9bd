// Package importing takes in lists of leads that come as files: it keeps the rows,
// guesses what the columns mean, says what would come of each row, and lets them in
// batch by batch. What a row must tell is checked as at every other door (package
// intake), and the leads begin through the same one (package door). It must not know
// Temporal or HTTP.
package importing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// MostRows is how long a file may be.
const MostRows = 100_000

// MostBytes is how large a file may be: its most rows, with some text in each.
const MostBytes = 64 << 20

// shown is how many rows a preview has, and guessed by how many a plan is made.
const (
	shown   = 5
	guessed = 100
)

// States of an import.
const (
	Open    = "open"    // its plan can be changed
	Running = "running" // a pass over the file is under way
	Stopped = "stopped" // by somebody; it can go on
	Ended   = "ended"
)

var (
	// ErrTooLong is returned by Take for a file with more than MostRows rows.
	ErrTooLong = fmt.Errorf("the file has more than %d rows; divide it", MostRows)
	// ErrNoRows is returned by Take for a file that is a header only.
	ErrNoRows = errors.New("the file has a header and no rows")
	// ErrNotOpen is returned where an import runs or has ended.
	ErrNotOpen = errors.New("this import is running, or has ended")
	// ErrForgotten is returned where the rows were dropped, some time after the import.
	ErrForgotten = errors.New("the rows of this import are no longer kept; send the file again")
)

// Unreadable is returned by Take: no list can be read from the file.
type Unreadable struct{ error }

func (u Unreadable) Unwrap() error { return u.error }

// Unsound is returned by Begin: the plan cannot be followed.
type Unsound struct{ Faults []Fault }

func (Unsound) Error() string { return "the plan of the import is not valid" }

// Fault is one thing that is wrong with a plan or with a row. It says how to mend it.
type Fault struct {
	Field   string `json:"field"` // of a row: the column's title, or the field that is fixed for all
	Message string `json:"message"`
}

// Runner runs the passes over the files.
type Runner interface {
	// RunImport begins a pass; one that runs already is left alone.
	RunImport(ctx context.Context, id string, pass int) error
}

// Imports are the lists that came as files.
type Imports struct {
	Store  *postgres.Store
	Door   *door.Door
	Runner Runner
}

// Take keeps a file, and guesses what its columns mean. The same id takes one file
// once. Errors: Unreadable, for one with csvfile.ErrEmpty, csvfile.ErrBinary, ErrTooLong or
// ErrNoRows.
func (i Imports) Take(ctx context.Context, id uuid.UUID, name, by string, content []byte) error {
	file, err := csvfile.Open(content)
	if err != nil {
		return Unreadable{err}
	}
	rows, err := all(file)
	if err != nil {
		return Unreadable{err}
	}
	plan, err := json.Marshal(Guess(file.Header, rows[:min(len(rows), guessed)]))
	if err != nil {
		return fmt.Errorf("encode the plan of import %s: %w", id, err)
	}
	digest := sha256.Sum256(content)
	return i.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		n, err := q.InsertImport(ctx, db.InsertImportParams{
			ID: id, Name: name, Digest: digest[:], StartedBy: by, CreatedAt: i.Door.Now(), Encoding: file.Encoding, Delimiter: file.Delimiter,
			Header: file.Header, Rows: int32(len(rows)), Plan: plan,
		})
		if err != nil || n == 0 {
			return err
		}
		copied := make([]db.CopyImportRowsParams, len(rows))
		for n, r := range rows {
			copied[n] = db.CopyImportRowsParams{ImportID: id, Line: int32(r.Line), Cells: append([]string{}, r.Cells...), Fault: r.Fault}
		}
		_, err = q.CopyImportRows(ctx, copied)
		return err
	})
}

func all(file *csvfile.File) (rows []csvfile.Row, err error) {
	for {
		row, err := file.Next()
		switch {
		case errors.Is(err, io.EOF) && len(rows) == 0:
			return nil, ErrNoRows
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, err
		case len(rows) == MostRows:
			return nil, ErrTooLong
		}
		rows = append(rows, row)
	}
}

// Plan changes how the rows are read and what they do. Errors: Unsound, ErrNotOpen,
// postgres.ErrNotFound.
func (i Imports) Plan(ctx context.Context, id uuid.UUID, p Plan) error {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return fmt.Errorf("read import %s: %w", id, postgres.Translate(err))
	}
	if faults := p.Faults(row.Header); len(faults) > 0 {
		return Unsound{faults}
	}
	plan, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the plan of import %s: %w", id, err)
	}
	n, err := i.Store.PlanImport(ctx, db.PlanImportParams{Plan: plan, ID: id})
	if err == nil && n == 0 {
		err = ErrNotOpen
	}
	return err
}

// Begin starts a pass over the file, unless it runs already or the rows are in. A dry
// one only says what would come of each row. Errors: Unsound, ErrNotOpen, ErrForgotten,
// postgres.ErrNotFound.
func (i Imports) Begin(ctx context.Context, id uuid.UUID, dry bool) error {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return fmt.Errorf("read import %s: %w", id, postgres.Translate(err))
	}
	if row.Dry == dry && (row.State == Running || row.State == Ended) {
		return nil
	}
	plan, err := planOf(row)
	if err != nil {
		return err
	}
	if faults := plan.Faults(row.Header); len(faults) > 0 {
		return Unsound{faults}
	}
	kept, err := i.Store.FirstImportRows(ctx, db.FirstImportRowsParams{ImportID: id, Most: 1})
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return ErrForgotten
	}
	row, err = i.Store.RunImport(ctx, db.RunImportParams{ID: id, Dry: dry})
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotOpen
	}
	if err != nil {
		return fmt.Errorf("begin import %s: %w", id, err)
	}
	if err := i.Runner.RunImport(ctx, id.String(), int(row.Pass)); err != nil {
		slog.WarnContext(ctx, "an import begins later", "import", id, "error", err)
	}
	return nil
}

// Stop ends a pass after the rows that it is at, if there is one; Begin goes on.
func (i Imports) Stop(ctx context.Context, id uuid.UUID) error {
	if err := i.Store.StopImport(ctx, id); err != nil {
		return fmt.Errorf("stop import %s: %w", id, err)
	}
	return nil
}

// GoOn begins the passes that are written down and do not run: the engine was away
// when they were asked for, or has lost what it knew.
func (i Imports) GoOn(ctx context.Context) error {
	rows, err := i.Store.RunningImports(ctx)
	if err != nil {
		return fmt.Errorf("read the imports: %w", err)
	}
	for _, r := range rows {
		if err := i.Runner.RunImport(ctx, r.ID.String(), int(r.Pass)); err != nil {
			return fmt.Errorf("begin import %s: %w", r.ID, err)
		}
	}
	return nil
}

// View is an import as it is looked at.
type View struct {
	ID        uuid.UUID       `json:"id"`
	Name      string          `json:"name" doc:"Of the file"`
	Encoding  string          `json:"encoding"`
	Delimiter string          `json:"delimiter"`
	Header    []string        `json:"header"`
	Rows      int             `json:"rows"`
	Plan      Plan            `json:"plan"`
	State     string          `json:"state" enum:"open,running,stopped,ended"`
	Dry       bool            `json:"dry" doc:"The last pass only said what would come"`
	Pass      int             `json:"pass" doc:"How often the file was gone through; 0: not yet"`
	Results   map[string]int  `json:"results" doc:"How many rows came to what, in the last pass"`
	CreatedAt time.Time       `json:"created_at"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	Preview   []Reading       `json:"preview,omitempty" doc:"How the first rows are read"`
	Sources   []sequence.Kind `json:"sources,omitempty" doc:"Kinds of engagement that can have brought them"`
}

// Reading is how a row is read.
type Reading struct {
	Line   int              `json:"line"`
	Says   map[Field]string `json:"says" doc:"In its normal form"`
	Faults []Fault          `json:"faults,omitempty"`
}

// Look reads an import, how far it is, and how its first rows are read.
func (i Imports) Look(ctx context.Context, id uuid.UUID) (View, error) {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return View{}, fmt.Errorf("read import %s: %w", id, postgres.Translate(err))
	}
	v, err := i.view(ctx, row)
	if err != nil {
		return v, err
	}
	v.Sources = slices.Sorted(maps.Keys(i.Door.Playbook().Sources))
	first, err := i.Store.FirstImportRows(ctx, db.FirstImportRowsParams{ImportID: id, Most: shown})
	if err != nil || len(v.Plan.Faults(row.Header)) > 0 {
		return v, err
	}
	r, err := i.reader(ctx, row.Header, v.Plan)
	if err != nil {
		return v, err
	}
	for _, f := range first {
		v.Preview = append(v.Preview, r.preview(csvfile.Row{Line: int(f.Line), Cells: f.Cells, Fault: f.Fault}))
	}
	return v, nil
}

// List reads the last imports, the newest first.
func (i Imports) List(ctx context.Context, most int) (views []View, err error) {
	rows, err := i.Store.ListImports(ctx, int32(most))
	if err != nil {
		return nil, fmt.Errorf("list the imports: %w", err)
	}
	for _, row := range rows {
		v, err := i.view(ctx, row)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func (i Imports) view(ctx context.Context, row db.Import) (View, error) {
	v := View{
		ID: row.ID, Name: row.Name, Encoding: row.Encoding, Delimiter: row.Delimiter, Header: row.Header, Rows: int(row.Rows),
		State: row.State, Dry: row.Dry, Pass: int(row.Pass), CreatedAt: row.CreatedAt, EndedAt: row.EndedAt, Results: map[string]int{},
	}
	var err error
	if v.Plan, err = planOf(row); err != nil {
		return v, err
	}
	if row.State == Running || row.State == Stopped {
		v.Results, err = i.count(ctx, row.ID, row.Pass)
		return v, err
	}
	return v, json.Unmarshal(row.Results, &v.Results)
}

// count is how many rows came to what in a pass.
func (i Imports) count(ctx context.Context, id uuid.UUID, pass int32) (map[string]int, error) {
	rows, err := i.Store.CountImportResults(ctx, db.CountImportResultsParams{ImportID: id, Pass: pass})
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.Result] = int(r.Count)
	}
	return counts, err
}

func planOf(row db.Import) (p Plan, err error) {
	if err = json.Unmarshal(row.Plan, &p); err != nil {
		err = fmt.Errorf("decode the plan of import %s: %w", row.ID, err)
	}
	return p, err
}
