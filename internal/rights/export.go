package rights

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Document is everything that is known about one person.
type Document struct {
	Form     string    `json:"form" doc:"What this is and in which version"`
	Person   uuid.UUID `json:"person_id"`
	MadeAt   time.Time `json:"made_at"`
	Says     string    `json:"says" doc:"What is in it and what is not"`
	Sections []Section `json:"sections"`
}

// Section is what one table has about them.
type Section struct {
	Name string            `json:"name"`
	What string            `json:"what" doc:"What it is and where it comes from"`
	Rows []json.RawMessage `json:"rows"`
}

const (
	form = "rekindle person export 1"
	says = "Everything that is kept about this person, by what it is. Names and addresses of colleagues here are ids. " +
		"The workflow engine has ids and times only. Mail that went out or came in is also where mail servers and mailboxes keep it, and in backups until they are over."
)

// Export gathers everything about a person, and writes down who asked for it.
// Errors: postgres.ErrNotFound.
func (r Rights) Export(ctx context.Context, id uuid.UUID, by string) (d Document, err error) {
	now := r.Door.Now()
	err = r.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		d = Document{Form: form, Person: id, MadeAt: now, Says: says}
		p, err := r.find(ctx, q, id)
		if err != nil {
			return err
		}
		if err := note(ctx, q, now, by, "person_exported", id.String()); err != nil {
			return err
		}
		for _, part := range register {
			s := Section{Name: part.table, What: part.what}
			rows, err := tx.Query(ctx, part.shown(), p.args())
			if err == nil {
				s.Rows, err = pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
			}
			if err != nil {
				return fmt.Errorf("read %s of person %s: %w", part.table, id, err)
			}
			if s.Rows == nil {
				s.Rows = []json.RawMessage{}
			}
			d.Sections = append(d.Sections, s)
		}
		return nil
	})
	return d, err
}

// shown reads the rows about a person. Bytes are written so that other programs can
// read them.
func (p part) shown() string {
	row := "to_jsonb(t)"
	if slices.Contains(p.columns(), "raw") {
		row += ` || jsonb_build_object('raw', translate(encode(raw, 'base64'), E'\n', ''))`
	}
	return "SELECT " + row + " FROM " + p.table + " t WHERE " + p.theirs + " ORDER BY t"
}
