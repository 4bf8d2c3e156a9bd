// Package verify compares the workflows with the records and names every
// difference. It knows both and changes neither, but for a lead that it is told to
// mend: that one writes its row itself.
package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Verify reads every living lead's row and the beginning of its newest run. It may
// be used while everything runs: whoever is in the middle of a turn is looked at
// again before it is named.
type Verify struct {
	Store     *postgres.Store
	Engine    engine.Engine
	PerSecond int             // workflows read a second, at least one
	AtOnce    int             // at the same time, at least one
	Again     []time.Duration // how long to wait before each further look
	Overdue   time.Duration   // a message that waits for longer is named
	Progress  func(leads int) // may be nil; how many more have been looked at
}

// Kind is what differs.
type Kind string

// The kinds of differences.
const (
	NoWorkflow    Kind = "no_workflow"    // a lead lives by its row, and nothing runs for it
	WorkflowOver  Kind = "workflow_over"  // a lead lives by its row, and its workflow has ended
	NoRow         Kind = "no_row"         // a workflow runs for a lead that has no row
	RowOver       Kind = "row_over"       // a workflow runs for a lead whose row is final
	StateDiffers  Kind = "state"          // the row is not what the workflow says
	Unindexed     Kind = "search"         // search attributes differ
	MessageWaits  Kind = "message_waits"  // a message has not been delivered for long
	MoveStands    Kind = "move_stands"    // a move of leads to another playbook is not finished, and nothing runs for it
	TurnUnwritten Kind = "turn_unwritten" // a decision is shown that the workflow has not performed
)

// Difference is one thing that is not as it should be, and what to do.
type Difference struct {
	Kind     Kind      `json:"kind"`
	Lead     uuid.UUID `json:"lead_id,omitzero"`
	Move     uuid.UUID `json:"move_id,omitzero"`
	What     string    `json:"what,omitempty"`     // which part of the state or which attribute
	Row      string    `json:"row,omitempty"`      // as the records have it
	Workflow string    `json:"workflow,omitempty"` // as the workflow has it
	Detail   string    `json:"detail,omitempty"`
}

// Report is what was compared.
type Report struct {
	Leads       int           `json:"leads"`     // that live by their rows, or have something left to do
	Workflows   int           `json:"workflows"` // that run
	Busy        int           `json:"busy"`      // leads in the middle of a turn at every look: not compared
	Differences []Difference  `json:"differences"`
	Took        time.Duration `json:"took"`
}

// pageSize is how many rows are read at once.
const pageSize = 500

// check is one run of a Verify.
type check struct {
	Verify
	limit   *rate.Limiter
	running map[uuid.UUID]bool
	report  Report

	mu       sync.Mutex
	suspects map[uuid.UUID]bool
}

// Run compares everything.
func (v Verify) Run(ctx context.Context) (Report, error) {
	began := time.Now()
	per := max(v.PerSecond, 1)
	c := &check{Verify: v, limit: rate.NewLimiter(rate.Limit(per), per), running: map[uuid.UUID]bool{}, suspects: map[uuid.UUID]bool{}}
	c.report.Differences = []Difference{}
	for _, step := range []func(context.Context) error{c.workflows, c.rows, c.lookAgain, c.messages, c.moves} {
		if err := step(ctx); err != nil {
			return c.report, err
		}
	}
	slices.SortStableFunc(c.report.Differences, func(a, b Difference) int {
		return cmp.Or(slices.Compare(a.Lead[:], b.Lead[:]), cmp.Compare(a.Kind, b.Kind))
	})
	c.report.Took = time.Since(began)
	return c.report, nil
}

// workflows lists what runs, and suspects what should not.
func (c *check) workflows(ctx context.Context) error {
	return c.Engine.EachRunning(ctx, func(leads []uuid.UUID) error {
		if len(leads) == 0 {
			return nil
		}
		rows, err := c.Store.RowsToVerify(ctx, db.RowsToVerifyParams{These: leads, Most: int32(len(leads))})
		if err != nil {
			return fmt.Errorf("read the rows of running leads: %w", err)
		}
		living := map[uuid.UUID]bool{}
		for _, row := range rows {
			living[row.ID] = row.Runs
		}
		for _, lead := range leads {
			c.running[lead] = true
			if !living[lead] {
				c.suspects[lead] = true
			}
		}
		c.report.Workflows = len(c.running)
		return nil
	})
}

// rows compares every living lead, a page at a time.
func (c *check) rows(ctx context.Context) error {
	for after := uuid.Nil; ; {
		page, err := c.Store.RowsToVerify(ctx, db.RowsToVerifyParams{After: after, Most: pageSize})
		if err != nil {
			return fmt.Errorf("read the leads after %s: %w", after, err)
		}
		if len(page) == 0 {
			return nil
		}
		after = page[len(page)-1].ID
		c.report.Leads += len(page)
		if err := each(ctx, c, page, c.first); err != nil {
			return err
		}
	}
}

// each looks at some at the same time.
func each[T any](ctx context.Context, c *check, them []T, look func(context.Context, T) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(max(c.AtOnce, 1))
	for _, one := range them {
		all.Go(func() error { return look(ctx, one) })
	}
	return all.Wait()
}

// first is the first look at a lead, which only finds those to be looked at closely.
func (c *check) first(ctx context.Context, row db.RowsToVerifyRow) error {
	suspect := !c.running[row.ID]
	if !suspect {
		if err := c.limit.Wait(ctx); err != nil {
			return err
		}
		s, known, err := c.standing(ctx, row.ID)
		if err != nil {
			return err
		}
		suspect = !known || len(differences(row, s)) > 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if suspect {
		c.suspects[row.ID] = true
	}
	if c.Progress != nil {
		c.Progress(1)
	}
	return nil
}
