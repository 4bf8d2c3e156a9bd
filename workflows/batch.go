package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

// Batch is what a run of AskLeads starts with, the first one or any after it.
type Batch struct {
	activities.Chosen
	Rounds
}

// AskLeads does one thing to many leads, each by an update that the lead itself
// validates. It goes on where it stood whatever is killed; what came of each lead is in
// the records.
func (w *Workflows) AskLeads(ctx workflow.Context, b Batch) error {
	// Longer than a stretch takes in which nobody answers, and no longer: it goes on so late
	// when its worker is lost.
	ctx = patiently(ctx, workflow.ActivityOptions{StartToCloseTimeout: 3 * time.Minute})
	over, err := b.ask(ctx, activities.AskChosen, &b.After, func() any { return b.Chosen })
	switch {
	case err != nil:
		return err
	case over:
		return workflow.ExecuteActivity(ctx, activities.FinishBatch, b.Chosen).Get(ctx, nil)
	}
	return workflow.NewContinueAsNewError(ctx, BatchWorkflow, b)
}
