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

// again says that something is still to be done, in another run: it failed in place
// for a reason that may pass, and the server sees to it from then on until it is done,
// or it is to be tried again later, at an instant of the lead's clock.
type again struct {
	failed attempt
	later  time.Time
}

// attempt is when something was tried: on the lead's clock, and in which turn.
type attempt struct {
	at   time.Time
	turn int
}

func (again) Error() string { return "to be done in another run" }

// perform does what was decided, in order, and writes the lead's row through at
// the end. Decisions that arrive meanwhile join the list. What cannot be done now
// stays on it, with the lines of the timeline that are not written yet.
func (l *life) perform(ctx workflow.Context) {
	l.changed, l.notBefore = true, time.Time{}
	var entries []sequence.Entry
	var rest sequence.Actions // to be tried again later
	for len(l.todo) > 0 {
		action := l.todo[0]
		l.todo = l.todo[1:]
		if e, ok := action.(sequence.Entry); ok {
			entries = append(entries, e)
			continue
		}
		err := l.act(ctx, action)
		l.tried = attempt{} // that was of the first only
		unfinished, ok := errors.AsType[again](err)
		switch {
		case ok && unfinished.later.IsZero():
			l.leave(unfinished, entries, append(rest, action))
			return
		case ok:
			rest, l.notBefore = append(rest, action), unfinished.later
		case err != nil:
			l.park(ctx, err)
		}
	}
	news := l.news
	save := activities.Save{
		Lead: l.lead, Entries: entries, Worth: sequence.WorthOf(l.lead, l.now(ctx), l.playbook()).Value,
		Recent: l.recent, Taken: news, Todo: rest, NotBefore: l.notBefore, Real: workflow.Now(ctx),
	}
	l.unsaved, l.news = false, nil // what comes in from here on is written next
	err := do(l, ctx, activities.SaveLead, "write the row and the timeline", save, nil)
	if unfinished, ok := errors.AsType[again](err); ok {
		l.unsaved, l.news = true, slices.Concat(news, l.news)
		l.leave(unfinished, entries, rest)
		return
	}
	if err != nil {
		workflow.GetLogger(ctx).Error("the lead's row cannot be written", "error", err)
	}
	l.todo = slices.Concat(rest, l.todo)
	l.show(ctx)
}

// leave puts back what failed in place, before everything that is still to be done.
func (l *life) leave(failed again, entries []sequence.Entry, actions sequence.Actions) {
	var left sequence.Actions
	for _, e := range entries {
		left = append(left, e)
	}
	l.todo = slices.Concat(left, actions, l.todo)
	l.failed, l.notBefore = failed.failed, time.Time{}
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
	case sequence.UnknownAction: // waits in the server for a worker that knows it
		l.tried = attempt{l.now(ctx), l.lead.EntrySeq}
		return do(l, ctx, a.Name, "decided by a later release", a.Do, nil)
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
			for workflow.Await(ctx, func() bool { return signalled(ctx) || !l.wanted(a.Touch) }) == nil {
				if l.takeSignals(ctx); !l.wanted(a.Touch) {
					cancel()
					return
				}
			}
		})
		err := do(l, cancellable, activities.SendEmail, fmt.Sprintf("%s, %s", a.Text, a.Rule), a, &performed)
		if _, later := errors.AsType[again](err); later {
			return err
		}
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
// When that fails for a reason that may pass, it is left to the next run, and there
// the server takes it over: it retries for as long as it takes, without growing the
// history, and shows the last failure in the UI. Cancelling ctx ends the retries; an
// attempt that has begun comes to its end, so that what it did is known.
func do[T any](l *life, ctx workflow.Context, name, summary string, what T, result any) error {
	job := activities.Job[T]{Lead: l.lead.ID, At: l.now(ctx), Turn: l.lead.EntrySeq, Do: what}
	if l.tried.at.IsZero() {
		return inPlace(ctx, name, summary, attempt{job.At, job.Turn}, job, result)
	}
	job.At, job.Turn, l.tried = l.tried.at, l.tried.turn, attempt{} // the same job, so that its effect is the same
	remote := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Summary:             summary,
	})
	return workflow.ExecuteActivity(remote, name, job).Get(ctx, result)
}

func inPlace(ctx workflow.Context, name, summary string, now attempt, job, result any) error {
	whole, _ := workflow.NewDisconnectedContext(ctx)
	local := workflow.WithLocalActivityOptions(whole, workflow.LocalActivityOptions{
		StartToCloseTimeout: 45 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:             summary,
	})
	err := workflow.ExecuteLocalActivity(local, name, job).Get(ctx, result)
	switch {
	case err == nil || temporal.IsCanceledError(err) || isPermanent(err):
		return err
	case ctx.Err() != nil: // it is not wanted any more
		return ctx.Err()
	}
	return again{failed: now}
}

func isPermanent(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}
