package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// perform does what was decided and writes the lead's row through. Decisions that
// arrive meanwhile join the list.
func (l *life) perform(ctx workflow.Context) {
	l.changed, l.notBefore, l.at = true, time.Time{}, l.now(ctx)
	var rest sequence.Actions
	if !l.tried.at.IsZero() {
		rest = l.byServer(ctx)
		l.tried, l.turns = attempt{}, turnsAtMost // what the server did stays in no sleeping history
	}
	if l.behind() {
		l.takeTurn(ctx, rest)
	}
	l.show(ctx)
}

// takeTurn does a whole turn in place, which costs one marker in the history. A
// decision that arrives meanwhile waits until it is over. What keeps a turn from
// being taken at all fails the workflow task, which is tried again.
func (l *life) takeTurn(ctx workflow.Context, rest sequence.Actions) {
	turn := Turn{
		Lead: l.lead, later: l.later, Todo: l.todo, Rest: rest, NotBefore: l.notBefore, Begun: l.begun, Recent: l.recent, News: l.news,
		At: l.at, Since: l.since, Real: workflow.Now(ctx), Shown: shown(ctx), Before: l.turns,
	}
	whole, _ := workflow.NewDisconnectedContext(ctx)
	local := workflow.WithLocalActivityOptions(whole, workflow.LocalActivityOptions{
		StartToCloseTimeout: wholeTurn, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}, Summary: l.about(),
	})
	var out Turned
	l.turning = true
	err := workflow.ExecuteLocalActivity(local, TakeTurn, turn).Get(local, &out)
	l.turning = false
	if err != nil {
		panic(fmt.Sprintf("the turn could not be taken: %v", err))
	}
	readable(out.Form, nil)
	l.lead, l.later, l.todo, l.notBefore = out.Lead, out.later, out.Todo, out.NotBefore
	l.failed, l.unsaved = attempt{out.TriedAt, out.TriedTurn}, out.Unsaved
	if l.turns++; !out.Unsaved {
		l.news, l.since = nil, l.at
	}
	l.changed = !out.Nap
}

// about says in the UI what a turn is to do.
func (l *life) about() string {
	var all []string
	for _, action := range l.todo {
		if _, ok := action.(sequence.Entry); !ok {
			name, summary := named(action)
			all = append(all, name+": "+summary)
		}
	}
	const most = 300 // of 400 bytes that the server takes
	if text := strings.Join(append(all, "write the row and the timeline"), "; "); len(text) <= most {
		return text
	}
	return fmt.Sprintf("%d steps, then write the row and the timeline", len(all))
}

// byServer has the server do what could not be done in place: it retries for as long
// as it takes, without growing the history, and shows the last failure in the UI. It
// returns what is to be tried again later.
func (l *life) byServer(ctx workflow.Context) (rest sequence.Actions) {
	i := slices.IndexFunc(l.todo, func(a sequence.Action) bool { _, entry := a.(sequence.Entry); return !entry })
	if i < 0 {
		l.saveByServer(ctx)
		return nil
	}
	action := l.todo[i]
	l.todo = slices.Delete(slices.Clone(l.todo), i, i+1)
	err := l.actByServer(ctx, action)
	l.at, l.unsaved = l.now(ctx), true // it may have taken hours
	if later, ok := errors.AsType[again](err); ok {
		l.notBefore = later.later
		return sequence.Actions{action}
	}
	if err != nil && !l.park(err) {
		workflow.GetLogger(ctx).Error("an action of a finished lead failed", "error", err)
	}
	return nil
}

// saveByServer writes the row and the timeline. What comes in meanwhile is written
// next.
func (l *life) saveByServer(ctx workflow.Context) {
	var entries []sequence.Entry
	for _, action := range l.todo {
		entries = append(entries, action.(sequence.Entry))
	}
	save := l.save(entries, l.recent, l.news, nil, time.Time{}, workflow.Now(ctx))
	save.Since = l.since
	l.todo, l.unsaved, l.news, l.since = nil, false, nil, l.at
	var lost []sequence.SendAbandoned
	if err := remote(l, ctx, activities.SaveLead, "write the row and the timeline", save, &lost); err != nil {
		workflow.GetLogger(ctx).Error("the lead's row cannot be written", "error", err)
	}
	l.learn(lost)
}

// actByServer does what was decided. When the lead moves on or pauses while a send is
// being retried, the send is called off; an attempt that has begun is waited for,
// because the mail may be out.
func (l *life) actByServer(ctx workflow.Context, action sequence.Action) error {
	name, summary := named(action)
	email, ok := action.(sequence.SendEmail)
	if later, unknown := action.(sequence.UnknownAction); unknown {
		return remote(l, ctx, name, summary, later.Do, nil)
	}
	if !ok {
		return remote(l, ctx, name, summary, action, nil)
	}
	performed, err := sequence.TouchPerformed{Touch: email.Touch, Status: sequence.Cancelled}, error(nil)
	if l.mayGo(email) {
		cancellable, cancel := workflow.WithCancel(ctx)
		over := email.Cancel != nil
		workflow.Go(cancellable, func(ctx workflow.Context) {
			for workflow.Await(ctx, func() bool { return over || signalled(ctx) || !l.wanted(email.Touch) }) == nil && !over {
				if l.takeSignals(ctx); !l.wanted(email.Touch) {
					cancel()
					return
				}
			}
		})
		err = remote(l, cancellable, name, summary, email, &performed)
		over = true // what comes in from here on is taken after the turn, which would not know of it
		cancel()
	}
	l.at = l.now(ctx)
	return l.made(email, performed, err)
}

// remote has the server do the same job that failed in place, so that its effect is
// the same. Cancelling ctx ends the retries; an attempt that has begun comes to its
// end, so that what it did is known.
func remote[T any](l *life, ctx workflow.Context, name, summary string, what T, result any) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Summary:             summary,
	})
	job := activities.Job[T]{Lead: l.lead.ID, At: l.tried.at, Turn: l.tried.turn, Do: what}
	return workflow.ExecuteActivity(ctx, name, job).Get(ctx, result)
}
