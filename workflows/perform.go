package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// perform does what was decided, in order, and writes the lead's row through at
// the end. Decisions that arrive meanwhile join the list.
func (l *life) perform(ctx workflow.Context) {
	var entries []sequence.Entry
	for len(l.todo) > 0 {
		action := l.todo[0]
		l.todo = l.todo[1:]
		if e, ok := action.(sequence.Entry); ok {
			entries = append(entries, e)
			continue
		}
		if err := l.act(ctx, action); err != nil {
			l.park(ctx, err)
		}
	}
	save := activities.Save{
		Lead: l.lead, Entries: entries, Worth: sequence.WorthOf(l.lead, l.now(ctx), l.playbook()).Value,
		Recent: l.recent, Taken: l.news, Real: workflow.Now(ctx),
	}
	l.unsaved, l.news = false, nil
	err := do(l, ctx, activities.SaveLead, "write the row and the timeline", save, nil)
	if err != nil {
		workflow.GetLogger(ctx).Error("the lead's row cannot be written", "error", err)
	}
	l.show(ctx)
}

func (l *life) act(ctx workflow.Context, action sequence.Action) error {
	switch a := action.(type) {
	case sequence.SendEmail:
		if a.Cancel != nil {
			return l.callOff(ctx, a)
		}
		return l.send(ctx, a)
	case sequence.CreateTask:
		return do(l, ctx, activities.CreateTask, fmt.Sprintf("%s task, %s", a.Kind, a.Rule), a, nil)
	case sequence.CancelTasks:
		return do(l, ctx, activities.CancelTasks, a.Why, a, nil)
	case sequence.ReopenTasks:
		return do(l, ctx, activities.ReopenTasks, "the outcome was taken back", a, nil)
	case sequence.CalmAccount:
		return do(l, ctx, activities.CalmAccount, "the others at the account hear of it", a, nil)
	case sequence.MoveTasks:
		return do(l, ctx, activities.MoveTasks, "to the new owner", a, nil)
	case sequence.Notify:
		return do(l, ctx, activities.Notify, fmt.Sprintf("tell the %s: %s", a.Who, a.About), a, nil)
	case sequence.StartOutreach:
		return do(l, ctx, activities.StartOutreach, "stakeholders are written to", a, nil)
	case sequence.Suppress:
		return do(l, ctx, activities.Suppress, "stop means stop", a, nil)
	}
	panic(fmt.Sprintf("no activity performs a %T", action))
}

// send makes an email touch and tells the core what became of it. When the lead
// moves on or pauses while a send is being retried, the send is called off; an
// attempt that has begun is waited for, because the mail may be out.
func (l *life) send(ctx workflow.Context, a sequence.SendEmail) error {
	performed := sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
	if l.wanted(a.Touch) || l.lost(a.Touch) >= 0 { // what is out counts, whatever came since
		cancellable, cancel := workflow.WithCancel(ctx)
		defer cancel()
		workflow.Go(cancellable, func(ctx workflow.Context) {
			for workflow.Await(ctx, func() bool { return l.signalled() || !l.wanted(a.Touch) }) == nil {
				if l.takeSignals(ctx); !l.wanted(a.Touch) {
					cancel()
					return
				}
			}
		})
		err := do(l, cancellable, activities.SendEmail, fmt.Sprintf("%s, %s", a.Text, a.Rule), a, &performed)
		switch {
		case err == nil:
		case isPermanent(err):
			performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Failed, Detail: reason(err)}
		default: // only a cancelled send is not retried
			performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
		}
	}
	return l.decideAsOf(ctx, performed, l.madeAt(ctx, a.Touch))
}

func (l *life) wanted(touch string) bool {
	return slices.Contains(l.lead.InFlight, touch) && l.lead.Pause == nil
}

// park holds the lead where it is, with the reason in sight.
func (l *life) park(ctx workflow.Context, err error) {
	if l.lead.Stage.Final() {
		workflow.GetLogger(ctx).Error("an action of a finished lead failed", "error", err)
		return
	}
	if l.lead.Pause == nil || l.lead.Pause.Reason != sequence.PausedParked {
		_ = l.decide(ctx, sequence.WorkParked{Detail: reason(err)})
	}
}

func reason(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

// do runs an activity in place first, which costs one marker in the history.
// When that fails for a reason that may pass, the server takes it over: it
// retries for as long as it takes, without growing the history, and shows the
// last failure in the UI. Cancelling ctx ends the retries; an attempt that has
// begun comes to its end, so that what it did is known.
func do[T any](l *life, ctx workflow.Context, name, summary string, what T, result any) error {
	job := activities.Job[T]{Lead: l.lead.ID, At: l.now(ctx), Turn: l.lead.EntrySeq, Do: what}
	whole, _ := workflow.NewDisconnectedContext(ctx)
	local := workflow.WithLocalActivityOptions(whole, workflow.LocalActivityOptions{
		StartToCloseTimeout: 45 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:             summary,
	})
	err := workflow.ExecuteLocalActivity(local, name, job).Get(ctx, result)
	if err == nil || temporal.IsCanceledError(err) || isPermanent(err) {
		return err
	}
	remote := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Summary:             summary,
	})
	return workflow.ExecuteActivity(remote, name, job).Get(ctx, result)
}

func isPermanent(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}
