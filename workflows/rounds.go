package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

const (
	batchesPerRun = 50
	mostRounds    = 20 // for leads that have no lasting answer when they are asked
)

// Rounds is how far a workflow is that asks many leads, and those again that had no
// lasting answer.
type Rounds struct {
	Again int `json:"again,omitempty"` // leads of this round to be asked once more
	Round int `json:"round,omitempty"`
}

// ask goes on for as long as a run may, and reports whether all have been asked. A
// stretch begins after a lead; every stretch moves that.
func (r *Rounds) ask(ctx workflow.Context, asks string, after *string, stretch func() any) (over bool, err error) {
	for range batchesPerRun {
		var moved activities.Moved
		if err := workflow.ExecuteActivity(ctx, asks, stretch()).Get(ctx, &moved); err != nil {
			return false, err
		}
		*after, r.Again = moved.After, r.Again+moved.Again
		if !moved.Done {
			continue
		}
		if r.Again == 0 || r.Round >= mostRounds {
			return true, nil
		}
		*after, r.Again, r.Round = "", 0, r.Round+1
		if err := workflow.NewTimerWithOptions(ctx, 30*time.Second, workflow.TimerOptions{
			Summary: "then those are asked again who had no lasting answer",
		}).Get(ctx, nil); err != nil {
			return false, err
		}
	}
	return false, nil
}

// patiently retries for as long as it takes.
func patiently(ctx workflow.Context, o workflow.ActivityOptions) workflow.Context {
	o.RetryPolicy = &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute}
	return workflow.WithActivityOptions(ctx, o)
}
