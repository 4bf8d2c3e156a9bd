// Package batch does one thing to many leads that a query chooses: holds them, lets
// them go on, gives them to somebody else, follows them up anew. Each lead is asked as
// if by hand and may refuse; what came of each is written down, so that a batch goes on
// where it stood and can be taken back. It must not know Temporal or HTTP.
package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// States of a batch.
const (
	Open    = "open"    // nothing has been done yet
	Running = "running" // the leads are being asked
	Stopped = "stopped" // by somebody; it can go on
	Ended   = "ended"
)

// What can come of a lead.
const (
	Waiting = "waiting" // not asked yet
	Asked   = "asked"   // and nothing is known of its answer
	Done    = "done"
	Refused = "refused"  // by the lead, and why
	MovedOn = "moved_on" // it stands otherwise by now than the batch had left it, and stays so
)

// Results are what can come of a lead, in the order in which it is told.
var Results = []string{Done, Refused, MovedOn, Asked, Waiting}

var (
	// ErrNotOpen is returned where a batch has begun already, or has nothing left to do.
	ErrNotOpen = errors.New("this batch has begun, or has nothing left to do")
	// ErrNotUndoable is returned where a batch cannot be taken back.
	ErrNotUndoable = errors.New("this batch cannot be taken back")
)

// Unsound is returned where an act lacks something, or something else is said.
type Unsound struct{ Faults []Fault }

func (Unsound) Error() string { return "the batch is not valid" }

// Fault is one field at fault, and how to mend it.
type Fault struct{ Field, Message string }

// Lives asks leads.
type Lives interface {
	// AskChosen lets a person's decision reach a lead, once per id. Errors: a
	// *sequence.Refusal, with a code of activities.Passing from one that may answer later.
	AskChosen(ctx context.Context, lead, update, id string, event sequence.Event) (sequence.Lead, error)
	// RunBatch begins a pass over the leads; one that runs already is left alone.
	RunBatch(ctx context.Context, id string, pass int) error
}

// Batches are the things that are done to many leads.
type Batches struct {
	Store    *postgres.Store
	Door     *door.Door
	Lives    Lives
	Playbook func(id string) (*sequence.Playbook, bool)
}

// Make settles what is to be done to which leads; nothing is done yet. The same id
// makes one batch. Errors: Unsound.
func (b Batches) Make(ctx context.Context, id uuid.UUID, act Act, t Terms, c Choice, by string) error {
	faults := append(act.faults(), c.faults()...)
	if len(faults) == 0 {
		faults = act.wrong(t, b.Door.Now(), b.Door.Playbook())
	}
	if len(faults) > 0 {
		return Unsound{faults}
	}
	return b.insert(ctx, db.InsertBatchParams{ID: id, Act: string(act), StartedBy: by}, t, c, func(q *db.Queries) error {
		return q.ChooseLeads(ctx, db.ChooseLeadsParams{
			BatchID: id, Final: act == Enrol, Stage: some(string(c.Stage)), OwnerID: some(c.Owner), Source: some(c.Source), Blocked: some(c.Blocked),
			Account: some(c.Account), CreatedFrom: instant(c.From), CreatedBefore: instant(c.Before),
		})
	})
}

// Undo makes the batch that takes another one back, as far as its leads still stand as
// it left them; nothing is done yet. It returns the id of the one that there is already.
// Errors: ErrNotUndoable, postgres.ErrNotFound.
func (b Batches) Undo(ctx context.Context, id, of uuid.UUID, by string) (uuid.UUID, error) {
	was, err := b.Store.BatchByID(ctx, of)
	switch {
	case err != nil:
		return id, fmt.Errorf("read batch %s: %w", of, postgres.Translate(err))
	case was.UndoneBy != nil:
		return *was.UndoneBy, nil
	case was.Undoes != nil || Act(was.Act) == Enrol || was.State == Open || was.State == Running:
		return id, ErrNotUndoable
	}
	return id, b.insert(ctx, db.InsertBatchParams{ID: id, Act: was.Act, StartedBy: by, Undoes: &of}, Terms{}, Choice{}, func(q *db.Queries) error {
		return q.ChooseDone(ctx, db.ChooseDoneParams{BatchID: id, Undoes: of})
	})
}

func (b Batches) insert(ctx context.Context, row db.InsertBatchParams, t Terms, c Choice, choose func(*db.Queries) error) (err error) {
	row.CreatedAt = b.Door.Now()
	if row.Terms, err = json.Marshal(t); err != nil {
		return fmt.Errorf("encode the terms of batch %s: %w", row.ID, err)
	}
	if row.Choice, err = json.Marshal(c); err != nil {
		return fmt.Errorf("encode the choice of batch %s: %w", row.ID, err)
	}
	return b.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		n, err := q.InsertBatch(ctx, row)
		if err != nil || n == 0 {
			return err
		}
		if err := choose(q); err != nil {
			return err
		}
		_, err = q.CountChosen(ctx, row.ID)
		return err
	})
}

// SetTerms changes until when, to whom or why, before a batch begins. Errors: Unsound,
// ErrNotOpen, postgres.ErrNotFound.
func (b Batches) SetTerms(ctx context.Context, id uuid.UUID, t Terms) error {
	row, err := b.Store.BatchByID(ctx, id)
	if err != nil {
		return fmt.Errorf("read batch %s: %w", id, postgres.Translate(err))
	}
	if faults := Act(row.Act).wrong(t, b.Door.Now(), b.Door.Playbook()); len(faults) > 0 {
		return Unsound{faults}
	}
	terms, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode the terms of batch %s: %w", id, err)
	}
	n, err := b.Store.SetBatchTerms(ctx, db.SetBatchTermsParams{Terms: terms, ID: id})
	if err == nil && n == 0 {
		err = ErrNotOpen
	}
	return err
}

// Begin has the leads asked, or goes on with those that have not answered. Errors:
// Unsound, door.ErrOwner, ErrNotOpen, postgres.ErrNotFound.
func (b Batches) Begin(ctx context.Context, id uuid.UUID) error {
	v, err := b.Look(ctx, id)
	if err != nil || v.State == Running {
		return err
	}
	if v.Undoes == nil {
		if faults := v.Act.lacks(v.Terms, b.Door.Now(), b.Door.Playbook()); len(faults) > 0 {
			return Unsound{faults}
		}
		if err := b.checkOwner(ctx, v.Terms.Owner); err != nil {
			return err
		}
	}
	pass, err := b.Store.RunBatch(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotOpen
	}
	if err != nil {
		return fmt.Errorf("begin batch %s: %w", id, err)
	}
	if err := b.Lives.RunBatch(ctx, id.String(), int(pass)); err != nil {
		slog.WarnContext(ctx, "a batch begins later", "batch", id, "error", err)
	}
	return nil
}

func (b Batches) checkOwner(ctx context.Context, owner uuid.UUID) error {
	if owner == uuid.Nil {
		return nil
	}
	u, err := b.Store.User(ctx, owner)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !u.Active {
		return door.ErrOwner
	}
	return err
}

// Stop ends a pass after the leads that it is at, if there is one; Begin goes on.
func (b Batches) Stop(ctx context.Context, id uuid.UUID) error {
	if err := b.Store.StopBatch(ctx, id); err != nil {
		return fmt.Errorf("stop batch %s: %w", id, err)
	}
	return nil
}

// GoOn begins the passes that are written down and do not run: the engine was away
// when they were asked for, or has lost what it knew.
func (b Batches) GoOn(ctx context.Context) error {
	rows, err := b.Store.RunningBatches(ctx)
	if err != nil {
		return fmt.Errorf("read the batches: %w", err)
	}
	for _, r := range rows {
		if err := b.Lives.RunBatch(ctx, r.ID.String(), int(r.Pass)); err != nil {
			return fmt.Errorf("begin batch %s: %w", r.ID, err)
		}
	}
	return nil
}

// Finish ends a pass in which every lead was asked.
func (b Batches) Finish(ctx context.Context, id uuid.UUID, pass int) error {
	now := b.Door.Now()
	if err := b.Store.EndBatch(ctx, db.EndBatchParams{EndedAt: &now, ID: id, Pass: int32(pass)}); err != nil {
		return fmt.Errorf("end batch %s: %w", id, err)
	}
	return nil
}

// some is v, or nothing where it says nothing.
func some[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

// instant is some for times, which are compared otherwise.
func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
