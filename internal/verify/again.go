package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// lookAgain looks closely at whoever looked different. Who is different and asleep
// is named; who moves on is looked at again later.
func (c *check) lookAgain(ctx context.Context) error {
	for round := 0; len(c.suspects) > 0; round++ {
		suspects := slices.Collect(maps.Keys(c.suspects))
		c.suspects = map[uuid.UUID]bool{}
		if err := each(ctx, c, suspects, c.again); err != nil {
			return err
		}
		if c.report.Busy = len(c.suspects); c.report.Busy == 0 || round == len(c.Again) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.Again[round]):
		}
	}
	return nil
}

// again is a further look at a lead.
func (c *check) again(ctx context.Context, lead uuid.UUID) error {
	found, settled, err := c.closely(ctx, lead)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !settled {
		c.suspects[lead] = true
	}
	c.report.Differences = append(c.report.Differences, found...)
	return nil
}

// closely compares one lead while nothing happens to it; not settled when something
// does.
func (c *check) closely(ctx context.Context, lead uuid.UUID) (found []Difference, settled bool, err error) {
	if err := c.limit.Wait(ctx); err != nil {
		return nil, false, err
	}
	before, known, err := c.standing(ctx, lead)
	if err != nil {
		return nil, false, err
	}
	rows, err := c.Store.RowsToVerify(ctx, db.RowsToVerifyParams{These: []uuid.UUID{lead}, Most: 1})
	if err != nil {
		return nil, false, fmt.Errorf("read lead %s: %w", lead, err)
	}
	after, _, err := c.standing(ctx, lead)
	if err != nil || after.Run != before.Run || after.Turns != before.Turns {
		return nil, false, err
	}
	var now engine.Moment
	if known {
		if now, err = c.Engine.Moment(ctx, lead.String()); err != nil || now.Busy {
			return nil, false, err
		}
	}
	return verdict(lead, rows, before, known, now.Running), true, nil
}

// standing is where the workflow of a lead stands, if there is one.
func (c *check) standing(ctx context.Context, lead uuid.UUID) (s engine.Standing, known bool, err error) {
	s, err = c.Engine.Standing(ctx, lead.String())
	if errors.Is(err, engine.ErrNotRunning) {
		return engine.Standing{}, false, nil
	}
	return s, err == nil, err
}

// verdict is what is wrong with a lead that does nothing just now.
func verdict(lead uuid.UUID, rows []db.RowsToVerifyRow, s engine.Standing, known, running bool) []Difference {
	switch {
	case len(rows) == 0 && running:
		return []Difference{{Kind: NoRow, Lead: lead}}
	case len(rows) == 0 || !rows[0].Runs && !running:
		return nil
	case !rows[0].Runs:
		return []Difference{{Kind: RowOver, Lead: lead, Row: rows[0].Stage, Workflow: string(s.Input.Lead.Stage)}}
	case !known && rows[0].State == nil:
		return nil // it begins with a message, which is named if it waits too long
	case !known:
		return []Difference{{Kind: NoWorkflow, Lead: lead, Row: rows[0].Stage}}
	case !running:
		return []Difference{{Kind: WorkflowOver, Lead: lead, Row: rows[0].Stage, Workflow: string(s.Input.Lead.Stage)}}
	}
	return differences(rows[0], s)
}
