package rights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Retention is the ground of an erasure that nobody asked for: the time was over. It
// alone stops nobody.
const Retention = "retention"

// via is how a stop came that goes with an erasure.
const via = "erasure"

// Erasure is what became of a person's request, or what would.
type Erasure struct {
	Person  uuid.UUID        `json:"person_id"`
	State   string           `json:"state" enum:"none,waiting,done" doc:"waiting: the stop holds, and their values go as soon as the workflows of their leads have ended"`
	Ground  string           `json:"ground,omitempty"`
	By      string           `json:"asked_by,omitempty"`
	AskedAt *time.Time       `json:"asked_at,omitempty"`
	DoneAt  *time.Time       `json:"done_at,omitempty"`
	Leads   []ErasedLead     `json:"leads" doc:"Their own; those that run end first"`
	Removed map[string]int64 `json:"removed" doc:"Rows by table that lose their values, or lost them"`
}

// ErasedLead is one of their leads.
type ErasedLead struct {
	ID    uuid.UUID `json:"lead_id"`
	Stage string    `json:"stage"`
	Runs  bool      `json:"runs"`
}

// Erase ends all contact with a person and forgets everything about them but the
// hashes that keep it so. It holds when this returns; what is known of them goes at
// once, or as soon as no life of theirs runs any more (GoOn). Asked again, it changes
// nothing. Errors: postgres.ErrNotFound, postgres.ErrHandingOver.
func (r Rights) Erase(ctx context.Context, id uuid.UUID, ground, by string) (Erasure, error) {
	now := r.Door.Now()
	ask := func(q *db.Queries) (isNew bool, err error) {
		n, err := q.InsertErasure(ctx, db.InsertErasureParams{PersonID: id, Ground: ground, AskedBy: by, AskedAt: now})
		if err == nil && n > 0 {
			err = note(ctx, q, now, by, "erasure_asked", id.String())
		}
		return n > 0, err
	}
	var err error
	if ground == Retention {
		err = r.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error { _, err := ask(q); return err })
	} else {
		err = r.Door.StopAnd(ctx, id, via, by, ask)
	}
	if err == nil {
		err = r.finish(ctx, id)
	}
	if err != nil {
		return Erasure{}, fmt.Errorf("erase person %s: %w", id, err)
	}
	return r.Erasure(ctx, id)
}

// goOnAtOnce is how many waiting erasures are looked at in one go.
const goOnAtOnce = 100

// GoOn finishes the erasures whose leads have ended meanwhile.
func (r Rights) GoOn(ctx context.Context) error {
	waiting, err := r.Store.OpenErasures(ctx, goOnAtOnce)
	if err != nil {
		return fmt.Errorf("find erasures that wait: %w", err)
	}
	var problems []error
	for _, id := range waiting {
		problems = append(problems, r.finish(ctx, id))
	}
	return errors.Join(problems...)
}

// finish forgets a person, unless a life of theirs still runs: its next turn would
// write again what is forgotten.
func (r Rights) finish(ctx context.Context, id uuid.UUID) error {
	now := r.Door.Now()
	return r.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		if _, err := q.PersonToChange(ctx, id); err != nil { // whoever takes them in waits
			return err
		}
		p, err := r.find(ctx, q, id)
		if err != nil || p.ErasedAt != nil {
			return err
		}
		e, err := q.Erasure(ctx, id)
		if err != nil {
			return err
		}
		if runs, err := q.AnyRuns(ctx, id); err != nil || runs {
			return err
		}
		if e.Ground != Retention {
			if err := q.SuppressFormer(ctx, db.SuppressFormerParams{Via: via, At: now, PersonID: id}); err != nil {
				return err
			}
		}
		if err := p.forgetMentions(ctx, tx); err != nil {
			return err
		}
		removed := map[string]int64{}
		for _, part := range register {
			n, err := part.forget(ctx, tx, p)
			if err != nil {
				return fmt.Errorf("forget %s of person %s: %w", part.table, id, err)
			}
			if n > 0 && !part.aside {
				removed[part.table] = n
			}
		}
		counted, err := json.Marshal(removed)
		if err != nil {
			return fmt.Errorf("encode what was removed: %w", err)
		}
		if err := q.ErasureDone(ctx, db.ErasureDoneParams{At: &now, Removed: counted, PersonID: id}); err != nil {
			return err
		}
		return note(ctx, q, now, e.AskedBy, "person_erased", id.String())
	})
}

// Erasure says how far the erasure of a person is, and what it removed or would.
// Errors: postgres.ErrNotFound.
func (r Rights) Erasure(ctx context.Context, id uuid.UUID) (e Erasure, err error) {
	err = r.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		e = Erasure{Person: id, State: "none", Leads: []ErasedLead{}, Removed: map[string]int64{}}
		p, err := r.find(ctx, q, id)
		if err != nil {
			return err
		}
		own, err := q.LeadsOfPerson(ctx, id)
		if err != nil {
			return err
		}
		for _, l := range own {
			e.Leads = append(e.Leads, ErasedLead{l.ID, l.Stage, l.Runs})
		}
		row, err := q.Erasure(ctx, id)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return e.preview(ctx, tx, p)
		case err != nil:
			return err
		}
		e.Ground, e.By, e.AskedAt, e.DoneAt, e.State = row.Ground, row.AskedBy, &row.AskedAt, row.DoneAt, "waiting"
		if row.DoneAt == nil {
			return e.preview(ctx, tx, p)
		}
		e.State = "done"
		return json.Unmarshal(row.Removed, &e.Removed)
	})
	return e, err
}

// preview counts what would go.
func (e *Erasure) preview(ctx context.Context, tx pgx.Tx, p person) error {
	for _, part := range register {
		if len(part.personal) == 0 || part.aside {
			continue
		}
		var n int64
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+part.table+" WHERE "+part.losing(), p.args()).Scan(&n); err != nil {
			return fmt.Errorf("count %s: %w", part.table, err)
		}
		if n > 0 {
			e.Removed[part.table] = n
		}
	}
	return nil
}
