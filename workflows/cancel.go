package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// callOff sends the cancellation of a call. A pause does not hold it, nor does the
// end of the life: an invitation stands in somebody's calendar. Only a stop does.
// Nothing wakes a finished lead any more, so there it is waited for the mail
// server here, until the call would begin.
func (l *life) callOff(ctx workflow.Context, a sequence.SendEmail) error {
	performed := sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
	for l.lead.Stage != sequence.DoNotContact {
		performed = sequence.TouchPerformed{} // nothing of an earlier attempt is left in it
		err := do(l, ctx, activities.SendEmail, fmt.Sprintf("%s, %s", a.Text, a.Rule), a, &performed)
		switch {
		case err == nil:
		case isPermanent(err):
			performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Failed, Detail: reason(err)}
		default: // the workflow is being cancelled
			return err
		}
		if performed.Status != sequence.Deferred || !l.lead.Stage.Final() || !performed.RetryAt.Before(a.Cancel.At) {
			break
		}
		wait := max(l.clock.Until(performed.RetryAt, workflow.Now(ctx)), l.clock.Until(l.now(ctx).Add(time.Minute), workflow.Now(ctx)))
		if err := workflow.NewTimerWithOptions(ctx, wait, workflow.TimerOptions{
			Summary: "then the cancellation is tried again",
		}).Get(ctx, nil); err != nil {
			return err
		}
	}
	return l.decide(ctx, performed)
}
