package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
)

// Webhook is what a run of DeliverWebhooks starts with.
type Webhook struct {
	Endpoint string `json:"endpoint"` // its id
}

// roundsPerRun keeps a history below some five hundred events.
const roundsPerRun = 50

// DeliverWebhooks delivers what waits for one endpoint, round by round, and ends when
// nothing does. What that is, and in which order, is in the records; whoever finds
// something new there wakes it, or begins it again.
func (w *Workflows) DeliverWebhooks(ctx workflow.Context, in Webhook) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:    time.Minute, // more than the slowest answer takes
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
	woken := workflow.GetSignalChannel(ctx, WebhookWoken)
	for range roundsPerRun {
		heard(woken)
		var d activities.Delivered
		if err := workflow.ExecuteActivity(ctx, activities.DeliverWebhooks, in.Endpoint).Get(ctx, &d); err != nil {
			return err
		}
		if d.More || heard(woken) {
			continue
		}
		if d.NextAt.IsZero() {
			return nil
		}
		if err := untilWoken(ctx, woken, d.NextAt); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, WebhookWorkflow, in)
}

// heard takes every call that came in; one round answers all of them.
func heard(woken workflow.ReceiveChannel) (any bool) {
	for woken.ReceiveAsync(nil) {
		any = true
	}
	return any
}

// untilWoken sleeps until something is to be tried again, or something new waits.
func untilWoken(ctx workflow.Context, woken workflow.ReceiveChannel, at time.Time) error {
	timing, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer := workflow.NewTimerWithOptions(timing, max(at.Sub(workflow.Now(ctx)), time.Second), workflow.TimerOptions{Summary: "then it is tried again"})
	workflow.NewSelector(ctx).
		AddFuture(timer, func(workflow.Future) {}).
		AddReceive(woken, func(workflow.ReceiveChannel, bool) {}). // heard at the next round
		Select(ctx)
	return ctx.Err()
}
