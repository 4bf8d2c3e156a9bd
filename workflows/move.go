package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

// Move is what a run of MovePlaybook starts with, the first one or any after it.
type Move struct {
	activities.Batch
	Rounds
}

// MovePlaybook has every living lead of one version follow another, batch by
// batch, each by an update that the lead itself validates. It goes on where it
// stood whatever is killed; how far it is, is in the records.
func (w *Workflows) MovePlaybook(ctx workflow.Context, m Move) error {
	ctx = patiently(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Minute, HeartbeatTimeout: time.Minute, Summary: m.From + " → " + m.To,
	})
	over, err := m.ask(ctx, activities.MoveBatch, &m.After, func() any { return m.Batch })
	switch {
	case err != nil:
		return err
	case over:
		return workflow.ExecuteActivity(ctx, activities.FinishMove, m.Batch).Get(ctx, nil)
	}
	return workflow.NewContinueAsNewError(ctx, MoveWorkflow, m)
}
