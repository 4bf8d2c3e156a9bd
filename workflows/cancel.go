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
// Nothing wakes a finished lead any more, so there it is kept in mind and tried
// again until the call would begin.
func (l *life) callOff(ctx workflow.Context, a sequence.SendEmail) error {
	performed := sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
	if l.lead.Stage != sequence.DoNotContact {
		performed = sequence.TouchPerformed{}
		err := do(l, ctx, activities.SendEmail, fmt.Sprintf("%s, %s", a.Text, a.Rule), a, &performed)
		switch {
		case err == nil:
		case isPermanent(err):
			performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Failed, Detail: reason(err)}
		default: // it is left to the next run, or the workflow is being cancelled
			return err
		}
	}
	if performed.Status == sequence.Deferred && l.lead.Stage.Final() && performed.RetryAt.Before(a.Cancel.At) {
		soon := l.now(ctx).Add(time.Minute)
		if performed.RetryAt.After(soon) {
			soon = performed.RetryAt
		}
		return again{later: soon}
	}
	return l.decide(ctx, performed)
}
