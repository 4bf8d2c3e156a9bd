package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/workflows"
)

// Mends reports whether the lead itself can put a difference right: its workflow
// knows better, and writes its row.
func (k Kind) Mends() bool {
	switch k {
	case StateDiffers, Unindexed, RowOver, TurnUnwritten:
		return true
	case NoWorkflow, WorkflowOver, NoRow, MessageWaits, MoveStands:
	}
	return false
}

// Mend asks every lead that can put its differences right to write its row, and
// reports how many it asked. The rows follow when the workers have come to it.
func (v Verify) Mend(ctx context.Context, report Report) (asked int, err error) {
	done := map[uuid.UUID]bool{}
	for _, d := range report.Differences {
		if !d.Kind.Mends() || done[d.Lead] {
			continue
		}
		done[d.Lead] = true
		m, err := json.Marshal(workflows.Message[workflows.Decision]{ID: uuid.NewString()})
		if err != nil {
			return asked, err
		}
		err = v.Engine.Signal(ctx, d.Lead.String(), workflows.DecisionSignal, m)
		if err != nil && !errors.Is(err, door.ErrNoWorkflow) {
			return asked, fmt.Errorf("ask lead %s to write its row: %w", d.Lead, err)
		}
		asked++
	}
	return asked, nil
}
