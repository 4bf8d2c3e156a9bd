package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

// Move is what a run of MovePlaybook starts with, the first one or any after it.
type Move struct {
	activities.Batch
	Again int `json:"again,omitempty"` // leads of this round to be asked once more
	Round int `json:"round,omitempty"`
}

const (
	batchesPerRun = 50
	mostRounds    = 20 // for leads whose email is on its way just when they are asked
)

// MovePlaybook has every living lead of one version follow another, batch by
// batch, each by an update that the lead itself validates. It goes on where it
// stood whatever is killed; how far it is, is in the records.
func (w *Workflows) MovePlaybook(ctx workflow.Context, m Move) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Minute,
		HeartbeatTimeout:    time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Summary:             m.From + " → " + m.To,
	})
	for range batchesPerRun {
		var moved activities.Moved
		if err := workflow.ExecuteActivity(ctx, activities.MoveBatch, m.Batch).Get(ctx, &moved); err != nil {
			return err
		}
		m.After, m.Again = moved.After, m.Again+moved.Again
		if !moved.Done {
			continue
		}
		if m.Again == 0 || m.Round >= mostRounds {
			return workflow.ExecuteActivity(ctx, activities.FinishMove, m.Batch).Get(ctx, nil)
		}
		m.After, m.Again, m.Round = "", 0, m.Round+1
		if err := workflow.NewTimerWithOptions(ctx, 30*time.Second, workflow.TimerOptions{
			Summary: "then those are asked again whose email was on its way",
		}).Get(ctx, nil); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, MoveWorkflow, m)
}
