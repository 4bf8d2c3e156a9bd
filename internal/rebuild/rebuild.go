// Package rebuild starts every life again from the records, where it stood, on a
// Temporal that has lost them. It knows the records, the door and the engine; it
// must not know HTTP, nor decide anything about a lead: that is package sequence's.
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/workflows"
)

// Rebuild starts lives again. It may be run while workers and the API run, and
// again after it was stopped in whatever way.
type Rebuild struct {
	Store    *postgres.Store
	Engine   engine.Engine
	GoOn     func(context.Context) error // begins the moves of playbooks that are not finished
	AtOnce   int                         // lives started at the same time, at least one
	Progress func(leads int)             // may be nil; how many more have been seen
}

// Report is what came of a rebuild.
type Report struct {
	Leads     int           `json:"leads"`     // that live
	Started   int           `json:"started"`   // again, where they stood
	Enrolled  int           `json:"enrolled"`  // had taken no turn yet: begin anew
	Running   int           `json:"running"`   // all along, or since an earlier rebuild
	Messages  int           `json:"messages"`  // that no turn had taken in: delivered again
	Delivered int           `json:"delivered"` // by this rebuild, those and others that waited
	Waiting   int           `json:"waiting"`   // for the relay of serve and work
	Failed    []Failure     `json:"failed,omitempty"`
	Took      time.Duration `json:"took"`
}

// Failure is a lead whose life could not be started.
type Failure struct {
	Lead uuid.UUID `json:"lead_id"`
	Why  string    `json:"why"`
}

// pageSize is how many leads are read at once.
const pageSize = 500

// Run starts every life that lives by the records and for which no workflow runs,
// and delivers what was lost with the others. An error means that it did not come to
// its end; leads that cannot be started are in the report.
func (r Rebuild) Run(ctx context.Context) (report Report, err error) {
	began := time.Now()
	defer func() { report.Took = time.Since(began) }()
	clock, err := r.clock(ctx)
	if err != nil {
		return report, err
	}
	for after := uuid.Nil; ; {
		page, err := r.Store.LivesKept(ctx, db.LivesKeptParams{After: after, Most: pageSize})
		if err != nil {
			return report, fmt.Errorf("read the leads after %s: %w", after, err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].ID
		if err := r.startAll(ctx, page, clock, &report); err != nil {
			return report, err
		}
	}
	relay := door.Door{Store: r.Store, Workflows: r.Engine, Clock: clock}
	if report.Delivered, err = relay.RelayNow(ctx); err != nil {
		return report, fmt.Errorf("deliver what waits: %w", err)
	}
	waiting, err := r.Store.CountWaiting(ctx)
	if err != nil {
		return report, fmt.Errorf("count what waits: %w", err)
	}
	report.Waiting = int(waiting)
	return report, r.GoOn(ctx)
}

// clock is the virtual clock of a development stack; nil in production.
func (r Rebuild) clock(ctx context.Context) (*workflows.Clock, error) {
	row, err := r.Store.VirtualClock(ctx)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the virtual clock: %w", err)
	}
	return &workflows.Clock{Epoch: row.Epoch, Base: row.Base, Speed: row.Speed}, nil
}

// startAll starts a page of lives. What they had been told and no turn took in waits
// from here on, before they run: whenever this stops, it is delivered.
func (r Rebuild) startAll(ctx context.Context, page []db.LivesKeptRow, clock *workflows.Clock, report *Report) error {
	ids := make([]uuid.UUID, len(page))
	for i, row := range page {
		ids[i] = row.ID
	}
	lost, err := r.Store.MessagesLost(ctx, ids)
	if err != nil {
		return fmt.Errorf("look for messages that are lost: %w", err)
	}
	report.Messages += int(lost)
	report.Leads += len(page)
	begun, err := r.begun(ctx, ids)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(max(r.AtOnce, 1))
	for _, row := range page {
		all.Go(func() error {
			err := r.start(ctx, row, begun[row.ID], clock)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			report.count(row.ID, err)
			if r.Progress != nil {
				r.Progress(1)
			}
			return nil
		})
	}
	return all.Wait()
}

func (r *Report) count(lead uuid.UUID, err error) {
	switch {
	case err == nil:
		r.Started++
	case errors.Is(err, errNoTurn):
		r.Enrolled++
	case errors.Is(err, engine.ErrRuns):
		r.Running++
	default:
		r.Failed = append(r.Failed, Failure{lead, err.Error()})
		slices.SortFunc(r.Failed, func(a, b Failure) int { return slices.Compare(a.Lead[:], b.Lead[:]) })
	}
}

// errNoTurn: the life begins with the message that waits for it.
var errNoTurn = errors.New("this life has taken no turn yet")

// begun finds the touches that were made in turns which no row tells of.
func (r Rebuild) begun(ctx context.Context, leads []uuid.UUID) (map[uuid.UUID][]workflows.Begun, error) {
	rows, err := r.Store.TouchesBegun(ctx, leads)
	if err != nil {
		return nil, fmt.Errorf("look for touches of turns that are lost: %w", err)
	}
	begun := map[uuid.UUID][]workflows.Begun{}
	for _, row := range rows {
		begun[row.LeadID] = append(begun[row.LeadID], workflows.Begun{Touch: row.Touch, At: row.At.UTC()})
	}
	return begun, nil
}

func (r Rebuild) start(ctx context.Context, row db.LivesKeptRow, begun []workflows.Begun, clock *workflows.Clock) error {
	in, err := input(row, begun, clock)
	if err != nil {
		return err
	}
	err = r.Engine.Resume(ctx, in, false)
	if !errors.Is(err, engine.ErrOver) {
		return err
	}
	// A workflow ends after it has written that it does: if the lead still lives now,
	// somebody else ended its workflow.
	again, err := r.Store.LivesKept(ctx, db.LivesKeptParams{These: []uuid.UUID{row.ID}, Most: 1})
	if err != nil {
		return fmt.Errorf("read lead %s again: %w", row.ID, err)
	}
	if len(again) == 0 {
		return engine.ErrRuns
	}
	made, err := r.begun(ctx, []uuid.UUID{row.ID})
	if err != nil {
		return err
	}
	if in, err = input(again[0], made[row.ID], clock); err != nil {
		return err
	}
	return r.Engine.Resume(ctx, in, true)
}
