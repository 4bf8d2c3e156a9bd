package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// newcomer is a lead of this world that has not begun.
func (w *world) newcomer() sequence.Lead {
	return sequence.Lead{
		ID: uuid.Must(uuid.NewV7()).String(), Owner: w.owner.String(), Zone: "Europe/Berlin", Country: "DE", Playbook: w.Library.Current().ID,
	}
}

// beforeMail is a lead as it sleeps before an email for which it has waited, and
// when that is due.
func (w *world) beforeMail() (lead sequence.Lead, due time.Time, err error) {
	life, err := simulate.Begin(w.newcomer(), "info_request", w.Library.Current(), monday)
	if err != nil {
		return lead, due, err
	}
	for range 100 {
		lead = life.Lead
		at, ok := lead.Deadline()
		if !ok {
			break
		}
		mailed := false
		life.Each = func(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
			for _, a := range actions {
				_, is := a.(sequence.SendEmail)
				mailed = mailed || is
			}
		}
		if err := life.Until(at); err != nil {
			return lead, due, err
		}
		if mailed && at.After(monday.Add(24*time.Hour)) {
			return lead, at, nil
		}
	}
	return lead, due, errors.New("this playbook's leads get no email")
}

// resting is a lead that was enrolled so long ago and sleeps for another while from
// now on: what it did before is not in the records.
func (w *world) resting(now time.Time, age, rest time.Duration) (sequence.Lead, error) {
	life, err := simulate.Begin(w.newcomer(), "info_request", w.Library.Current(), now.Add(-age))
	for range 60 {
		if err != nil {
			return sequence.Lead{}, err
		}
		if err = life.Until(now); err != nil {
			continue
		}
		if at, ok := life.Lead.Deadline(); ok && at.After(now.Add(rest)) {
			return life.Lead, nil
		}
		age += 24 * time.Hour // it is about to act: take one that is a day older
		life, err = simulate.Begin(w.newcomer(), "info_request", w.Library.Current(), now.Add(-age))
	}
	return sequence.Lead{}, fmt.Errorf("no lead sleeps for %s", rest)
}

// sow writes leads down as if their workflows had, everybody with an address and a
// number of their own.
func (w *world) sow(ctx context.Context, leads []sequence.Lead, at time.Time) error {
	insert := func(table string, columns []string, row func(i int, id uuid.UUID, l sequence.Lead) ([]any, error)) error {
		_, err := w.Store.Pool.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(len(leads), func(i int) ([]any, error) {
			return row(w.sown+i, uuid.MustParse(leads[i].ID), leads[i])
		}))
		if err != nil {
			return fmt.Errorf("sow %s: %w", table, err)
		}
		return nil
	}
	err := insert("people", []string{"id", "name", "email", "phone", "zone", "country", "unsubscribe_token"}, func(i int, id uuid.UUID, l sequence.Lead) ([]any, error) {
		return []any{id, fmt.Sprintf("Sown %d", i), addressOf(l), fmt.Sprintf("+4930%07d", i), l.Zone, l.Country, l.ID}, nil
	})
	if err != nil {
		return err
	}
	err = insert("leads", []string{"id", "person_id", "owner_id", "source", "playbook", "stage", "state", "turn", "next_at", "created_at", "updated_at"},
		func(_ int, id uuid.UUID, l sequence.Lead) ([]any, error) {
			state, err := json.Marshal(l)
			next, _ := l.Deadline()
			return []any{id, id, w.owner, string(l.Source), l.Playbook, string(l.Stage), state, l.EntrySeq, next, at, at}, err
		})
	w.sown += len(leads)
	return err
}

// addressOf is the address of a sown lead.
func addressOf(l sequence.Lead) string { return l.ID + "@acme.example" }

// wakeUp starts the workflows of leads, in the middle of their lives.
func (w *world) wakeUp(ctx context.Context, leads []sequence.Lead, clock *workflows.Clock) error {
	return each(ctx, leads, func(ctx context.Context, l sequence.Lead) error {
		for {
			err := w.engine().Start(ctx, workflows.Input{Lead: l, Clock: clock})
			if !errors.Is(err, engine.ErrAway) || ctx.Err() != nil { // as the relay does: again, until it is there
				return err
			}
		}
	})
}

// each does something for all, as many at a time as everybody else.
func each[T any](ctx context.Context, all []T, do func(context.Context, T) error) error {
	return eachOf(ctx, atOnce, all, do)
}

func eachOf[T any](ctx context.Context, atOnce int, all []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, one := range all {
		group.Go(func() error { return do(ctx, one) })
	}
	return group.Wait()
}

// sleepers are n leads of this world that sleep for a day at least, and do so now.
func (w *world) sleepers(ctx context.Context, n int) ([]sequence.Lead, error) {
	var leads []sequence.Lead
	now := w.Door.Now()
	for range n {
		l, err := w.resting(now, 2*time.Hour, 24*time.Hour)
		if err != nil {
			return nil, err
		}
		leads = append(leads, l)
	}
	if err := w.sow(ctx, leads, now); err != nil {
		return nil, err
	}
	if err := w.wakeUp(ctx, leads, w.clock); err != nil {
		return nil, err
	}
	return leads, w.asleep(ctx, workflowsOf(leads)...)
}

func workflowsOf(leads []sequence.Lead) (ids []string) {
	for _, l := range leads {
		ids = append(ids, workflows.WorkflowID(l.ID))
	}
	return ids
}
