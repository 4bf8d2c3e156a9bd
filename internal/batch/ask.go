package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

const (
	stretch = 100 // leads that are asked before it is looked whether to go on
	atOnce  = 4   // of them, so that those who work by hand are not kept waiting
)

// standing is what a batch may change, and what is needed to change it back.
type standing struct {
	Owner string          `json:"owner,omitempty"`
	Pause *sequence.Pause `json:"pause,omitempty"`
}

func standingOf(l sequence.Lead) standing { return standing{l.Owner, l.Pause} }

func (s standing) is(other standing) bool {
	return s.Owner == other.Owner && same(s.Pause, other.Pause)
}

func same(p, q *sequence.Pause) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.Reason == q.Reason && p.Since.Equal(q.Since) && p.Until.Equal(q.Until)
}

// answered is what came of one lead.
type answered struct {
	Lead   uuid.UUID  `json:"lead"`
	Before *standing  `json:"before,omitempty"`
	Result string     `json:"result,omitempty"`
	Code   string     `json:"code,omitempty"`
	Detail string     `json:"detail,omitempty"`
	After  *standing  `json:"after,omitempty"`
	Made   *uuid.UUID `json:"made,omitempty"`
}

func (a *answered) refuse(r *sequence.Refusal) {
	a.Result, a.Code, a.Detail = Refused, r.Code, r.Message+"; "+r.Remedy
}

// Ask asks the next leads of a pass after one, and says how far it came. Run twice, it
// has one effect.
func (b Batches) Ask(ctx context.Context, id uuid.UUID, pass int, after uuid.UUID) (activities.Moved, error) {
	done := activities.Moved{Done: true}
	row, err := b.Store.BatchByID(ctx, id)
	if err != nil {
		return done, fmt.Errorf("read batch %s: %w", id, err)
	}
	v, err := viewOf(row)
	if err != nil || v.State != Running || v.pass != pass {
		return done, err
	}
	rows, err := b.Store.NextOfBatch(ctx, db.NextOfBatchParams{Undoes: v.Undoes, BatchID: id, After: after, Most: stretch})
	if err != nil || len(rows) == 0 {
		return done, err
	}
	answers := make([]answered, len(rows))
	if v.Act == Enrol {
		err = b.enrol(ctx, v, rows, answers)
	} else {
		err = b.ask(ctx, v, rows, answers)
	}
	if err != nil {
		return done, err
	}
	moved := activities.Moved{After: rows[len(rows)-1].LeadID.String(), Done: len(rows) < stretch}
	for _, a := range answers {
		if a.Result == Asked {
			moved.Again++
		}
	}
	whole, err := json.Marshal(answers)
	if err != nil {
		return done, fmt.Errorf("encode what came of batch %s: %w", id, err)
	}
	return moved, b.Store.AnswerOfBatch(ctx, db.AnswerOfBatchParams{Leads: whole, BatchID: id})
}

// ask asks leads, some at the same time. How each stands is written down before: what
// came of it may be lost with the worker, and it is then asked again.
func (b Batches) ask(ctx context.Context, v View, rows []db.NextOfBatchRow, answers []answered) error {
	leads := make([]sequence.Lead, len(rows))
	for n, r := range rows {
		if err := json.Unmarshal(r.State, &leads[n]); len(r.State) > 0 && err != nil {
			return fmt.Errorf("decode the state of lead %s: %w", r.LeadID, err)
		}
		stands := standingOf(leads[n])
		answers[n] = answered{Lead: r.LeadID, Before: &stands}
	}
	asking, err := json.Marshal(answers)
	if err != nil {
		return fmt.Errorf("encode the leads of batch %s: %w", v.ID, err)
	}
	if err := b.Store.AskOfBatch(ctx, db.AskOfBatchParams{Leads: asking, BatchID: v.ID}); err != nil {
		return fmt.Errorf("note that leads of batch %s are asked: %w", v.ID, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for n, r := range rows {
		group.Go(func() error { return b.askOne(ctx, v, r, leads[n], &answers[n]) })
	}
	return group.Wait()
}

// askOne asks a lead for every step in its order.
func (b Batches) askOne(ctx context.Context, v View, r db.NextOfBatchRow, l sequence.Lead, a *answered) error {
	a.Result = Asked
	if r.Final != nil && *r.Final {
		a.refuse(over(r.Stage))
		return nil
	}
	steps := []step{v.step()}
	if v.Undoes != nil {
		var err error
		if steps, err = b.back(v, r, l); err != nil {
			return err
		}
		if steps == nil {
			a.Result = MovedOn
			return nil
		}
	}
	for n, s := range steps {
		agreed := postgres.Agreed{Lead: r.LeadID, Update: s.update, ID: fmt.Sprintf("batch-%s-%d", v.ID, n), At: b.Door.Now(), Event: s.event}
		next, err := b.Lives.AskChosen(ctx, r.LeadID.String(), s.update, agreed.ID, s.event)
		var refused *sequence.Refusal
		switch {
		case errors.As(err, &refused) && slices.Contains(activities.Passing(), refused.Code):
			a.Code, a.Detail = refused.Code, refused.Message
			return nil
		case errors.As(err, &refused):
			a.refuse(refused)
			return nil
		case err != nil:
			return fmt.Errorf("ask lead %s to %s: %w", r.LeadID, s.update, err)
		}
		if err := b.Store.Agree(ctx, agreed, b.saved(next)); err != nil {
			return fmt.Errorf("keep what lead %s agreed to (%s): %w", r.LeadID, s.update, err)
		}
		stands := standingOf(next)
		a.After = &stands
	}
	a.Result = Done
	return nil
}

func (b Batches) saved(l sequence.Lead) activities.Save {
	s := activities.Save{Lead: l}
	if pb, ok := b.Playbook(l.Playbook); ok {
		s.Worth = sequence.WorthOf(l, b.Door.Now(), pb).Value
	}
	return s
}

func over(stage string) *sequence.Refusal {
	return &sequence.Refusal{Code: "over", Message: "this lead's life has ended as " + stage, Remedy: "nothing needs to be done; enrol it again if it is to be followed up anew"}
}

// step is one thing that a lead is asked for.
type step struct {
	update string
	event  sequence.Event
}

// step is the thing that a batch asks for.
func (v View) step() step {
	by := sequence.By{Actor: v.StartedBy}
	switch v.Act {
	case Pause:
		reason := v.Terms.Reason
		if reason == "" {
			reason = sequence.PausedByHand
		}
		return step{workflows.Pause, sequence.Paused{By: by, Reason: reason, Until: v.Terms.Until}}
	case Resume:
		return step{workflows.Resume, sequence.Resumed{By: by}}
	case Snooze:
		return step{workflows.Snooze, sequence.Snoozed{By: by, Until: v.Terms.Until}}
	case Reassign:
		return step{workflows.Reassign, sequence.Reassigned{By: by, Owner: v.Terms.Owner.String()}}
	case Enrol:
	}
	return step{}
}

// back is what takes back what a batch did to a lead; none when the lead stands
// otherwise by now.
func (b Batches) back(v View, r db.NextOfBatchRow, l sequence.Lead) ([]step, error) {
	var was, became standing
	if err := errors.Join(json.Unmarshal(r.Was, &was), json.Unmarshal(r.Became, &became)); err != nil {
		return nil, fmt.Errorf("decode how lead %s stood: %w", r.LeadID, err)
	}
	var before standing
	if len(r.Before) > 0 { // asked before, and it may have agreed
		if err := json.Unmarshal(r.Before, &before); err != nil {
			return nil, fmt.Errorf("decode how lead %s stood: %w", r.LeadID, err)
		}
	} else {
		before = standingOf(l)
	}
	if !before.is(became) {
		return nil, nil
	}
	by, steps := sequence.By{Actor: v.StartedBy}, []step{}
	if was.Owner != became.Owner {
		steps = append(steps, step{workflows.Reassign, sequence.Reassigned{By: by, Owner: was.Owner}})
	}
	switch p := was.Pause; {
	case same(p, became.Pause):
	case p != nil && (p.Until.IsZero() || p.Until.After(b.Door.Now())):
		steps = append(steps, step{workflows.Pause, sequence.Paused{By: by, Reason: p.Reason, Until: p.Until, Detail: p.Detail}})
	case became.Pause != nil:
		steps = append(steps, step{workflows.Resume, sequence.Resumed{By: by}})
	}
	return steps, nil
}
