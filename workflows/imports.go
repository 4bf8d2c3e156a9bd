package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

// ImportRows goes through a file of leads, batch by batch. It goes on where it stood
// whatever is killed; what came of each row is in the records.
func (w *Workflows) ImportRows(ctx workflow.Context, r activities.Rows) error {
	ctx = patiently(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Minute})
	for range batchesPerRun {
		var done activities.Imported
		if err := workflow.ExecuteActivity(ctx, activities.ImportBatch, r).Get(ctx, &done); err != nil {
			return err
		}
		if !done.More {
			return nil
		}
		r.After = done.After
	}
	return workflow.NewContinueAsNewError(ctx, ImportWorkflow, r)
}
