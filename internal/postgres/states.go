package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// This file writes where leads stand: what their workflows say, and what they have
// agreed to meanwhile.

// row is a lead's state as its columns show it.
func row(save activities.Save) (db.SaveTurnParams, error) {
	id, errID := parseID("lead", save.Lead.ID)
	owner, errOwner := parseID("owner", save.Lead.Owner)
	if err := errors.Join(errID, errOwner); err != nil {
		return db.SaveTurnParams{}, errors.Join(activities.ErrGone, err)
	}
	state, err := json.Marshal(save.Lead)
	if err != nil {
		return db.SaveTurnParams{}, fmt.Errorf("encode lead %s: %w", save.Lead.ID, err)
	}
	r := db.SaveTurnParams{
		LeadState: state, Turn: int32(save.Lead.EntrySeq), Stage: string(save.Lead.Stage), OwnerID: owner,
		Playbook: save.Lead.Playbook, Blocked: save.Lead.BlockedReason(), Value: save.Worth, ID: id, Recent: append([]string{}, save.Recent...),
	}
	if d, ok := save.Lead.Deadline(); ok {
		r.NextAt = &d
	}
	if len(save.Todo) > 0 {
		if r.Todo, err = json.Marshal(save.Todo); err != nil {
			return db.SaveTurnParams{}, fmt.Errorf("encode what lead %s has to do: %w", save.Lead.ID, err)
		}
		r.TodoAt = &save.NotBefore
	}
	return r, nil
}

// SaveLead writes the state through, appends to the audit trail, and notes which
// messages are in it; an older state never overwrites a newer one. A worker that
// died may have written a turn that its workflow then never took: a later state
// wins even if it is shorter, and the audit trail keeps both. What went out in such a
// turn and is told of in neither comes back.
func (s *Store) SaveLead(ctx context.Context, at time.Time, save activities.Save) (lost []sequence.SendAbandoned, err error) {
	r, err := row(save)
	if err != nil {
		return nil, err
	}
	r.At, r.Saved = at, &at
	if !save.Real.IsZero() {
		r.Saved = &save.Real
	}
	if r.Entries, err = json.Marshal(append([]sequence.Entry{}, save.Entries...)); err != nil {
		return nil, fmt.Errorf("encode the timeline of lead %s: %w", save.Lead.ID, err)
	}
	r.Taken, r.Since, r.Made = append([]string{}, save.Taken...), save.Since, []string{}
	for _, e := range save.Entries {
		if e.What == sequence.TouchMade {
			r.Made = append(r.Made, e.Touch)
		}
	}
	saved, err := s.SaveTurn(ctx, r)
	if errors.Is(err, pgx.ErrNoRows) { // a newer state is there already, or no lead
		_, err = s.lead(ctx, s.Queries, save.Lead.ID)
	}
	if err != nil || save.Since.IsZero() || len(saved.Lost) == 0 {
		return nil, Translate(err)
	}
	if err := json.Unmarshal(saved.Lost, &lost); err != nil {
		return nil, fmt.Errorf("decode what went out for lead %s: %w", save.Lead.ID, err)
	}
	return lost, nil
}

// Agreed is a decision that a lead has agreed to by an update.
type Agreed struct {
	Lead   uuid.UUID
	Update string    // its name
	ID     string    // under which it was asked
	At     time.Time // on the lead's clock, not after it was agreed to
	Event  any
}

// in reports whether it is among the messages that a state has in it.
func (a Agreed) in(recent []string) bool { return slices.Contains(recent, workflows.MessageKey(a.ID)) }

// Agree keeps a decision until the turn that performs it is written, and shows what
// the lead will be then. One that is in the workflow's own state already needs neither.
func (s *Store) Agree(ctx context.Context, a Agreed, shown activities.Save) error {
	if recent, err := s.LeadRecent(ctx, a.Lead); err != nil || a.in(recent) { // mostly; without a lock
		return Translate(err)
	}
	r, err := row(shown)
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		open, err := agree(ctx, q, a)
		if err != nil || !open {
			return err
		}
		return q.ShowLead(ctx, db.ShowLeadParams{
			LeadState: r.LeadState, Turn: r.Turn, Stage: r.Stage, OwnerID: r.OwnerID, Playbook: r.Playbook,
			Blocked: r.Blocked, NextAt: r.NextAt, Value: r.Value, ID: r.ID,
		})
	})
}

// agree reports whether the decision has still to be performed.
func agree(ctx context.Context, q *db.Queries, a Agreed) (bool, error) {
	recent, err := q.LockLeadRecent(ctx, a.Lead)
	if err != nil || a.in(recent) {
		return false, err
	}
	event, err := json.Marshal(a.Event)
	if err != nil {
		return false, fmt.Errorf("encode %s for lead %s: %w", a.Update, a.Lead, err)
	}
	payload, err := json.Marshal(workflows.Message[workflows.Decision]{ID: a.ID, Event: workflows.Decision{Update: a.Update, At: a.At, Event: event}})
	if err != nil {
		return false, fmt.Errorf("encode %s for lead %s: %w", a.Update, a.Lead, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return false, err
	}
	return true, q.InsertDecision(ctx, db.InsertDecisionParams{ID: id, LeadID: a.Lead, Payload: payload, Decision: a.ID})
}
