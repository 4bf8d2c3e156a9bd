package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// TakeTurn is the name of the activity that does all of a turn in place.
const TakeTurn = "Turn"

const (
	inPlace   = 45 * time.Second // for one thing that is done in place
	wholeTurn = 5 * time.Minute  // for all of a turn; more than it ever takes
)

// ShortSleep is the longest that a lead sleeps in the run of its last turn, which
// costs no continue-as-new; a longer sleep begins a run.
const ShortSleep = 3 * 24 * time.Hour

// turnsAtMost are in one run, so that its history stays small.
const turnsAtMost = 8

// Turn is what a turn begins with. It goes from the workflow to its own worker and
// is written nowhere.
type Turn struct {
	Lead      sequence.Lead
	later     map[string]json.RawMessage
	Todo      sequence.Actions
	Rest      sequence.Actions // of Todo, not to be tried again
	NotBefore time.Time        // this
	Begun     []Begun
	Recent    []string // ids of messages taken lately
	News      []string // those that are not in the row yet
	At        time.Time
	Since     time.Time // when the turn before was taken, or the run began
	Real      time.Time
	Shown     map[string]string // the run's search attributes
	Before    int               // turns taken in this run
}

// Turned is what came of a turn, as the history has it. All that the run does
// afterwards follows from it and from no rule: so a release with other rules goes on
// with the same history.
type Turned struct {
	Form int           `json:"form,omitempty"`
	Lead sequence.Lead `json:"lead"`
	Did  []string      `json:"did,omitempty"` // activities, in order
	Nap  bool          `json:"nap,omitempty"` // the next sleep is short and nothing is to be shown: it needs no run of its own

	// As in Input.
	Todo      sequence.Actions `json:"todo,omitempty"`
	TriedAt   time.Time        `json:"tried_at,omitzero"`
	TriedTurn int              `json:"tried_turn,omitempty"`
	NotBefore time.Time        `json:"not_before,omitzero"`
	Unsaved   bool             `json:"unsaved,omitempty"`

	later map[string]json.RawMessage
}

// Turns does what leads have decided. It is an activity, not a workflow.
type Turns struct {
	*Workflows
	Activities *activities.Activities
}

// Take does what was decided, in order, and writes the lead's row through at the end.
// What each step brings about is decided and done at once. What cannot be done now
// stays in Todo, with the lines of the timeline that are not written yet.
func (t *Turns) Take(ctx context.Context, in Turn) (Turned, error) {
	k := taking{
		stand: stand{Workflows: t.Workflows, lead: in.Lead, todo: in.Todo, begun: in.Begun, at: in.At},
		acts:  t.Activities, in: in, rest: in.Rest, notBefore: in.NotBefore,
	}
	turned := k.take(ctx)
	turned.Form, turned.later = Form, in.later
	return turned, nil
}

// taking is a turn under way.
type taking struct {
	stand
	acts      *activities.Activities
	in        Turn
	did       []string
	entries   []sequence.Entry
	rest      sequence.Actions // to be tried again later,
	notBefore time.Time        // at this instant
}

func (t *taking) take(ctx context.Context) Turned {
	for {
		if unfinished, ok := errors.AsType[again](t.work(ctx)); ok {
			return t.leave(unfinished)
		}
		lost, err := t.write(ctx)
		if unfinished, ok := errors.AsType[again](err); ok {
			return t.leave(unfinished)
		}
		if err != nil {
			activity.GetLogger(ctx).Error("the lead's row cannot be written", "error", err)
		}
		if t.learn(lost); len(t.todo) == 0 {
			return Turned{Lead: t.lead, Did: t.did, Todo: t.rest, NotBefore: t.notBefore, Nap: t.nap()}
		}
		t.entries = nil // they are written
	}
}

// work does what was decided, in order.
func (t *taking) work(ctx context.Context) error {
	for len(t.todo) > 0 {
		action := t.todo[0]
		t.todo = t.todo[1:]
		if e, ok := action.(sequence.Entry); ok {
			t.entries = append(t.entries, e)
			continue
		}
		err := t.act(ctx, action)
		unfinished, ok := errors.AsType[again](err)
		switch {
		case ok && unfinished.later.IsZero():
			t.rest = append(t.rest, action)
			return unfinished
		case ok:
			t.rest, t.notBefore = append(t.rest, action), unfinished.later
		case err != nil && !t.park(err):
			activity.GetLogger(ctx).Error("an action of a finished lead failed", "error", err)
		}
	}
	return nil
}

// write writes the lead's row and its timeline. It returns what went out in turns that
// were lost.
func (t *taking) write(ctx context.Context) (lost []sequence.SendAbandoned, err error) {
	save := t.save(t.entries, t.in.Recent, t.in.News, t.rest, t.notBefore, t.in.Real)
	save.Since = t.in.Since
	err = step(t, ctx, activities.SaveLead, func(ctx context.Context, j activities.Job[activities.Save]) (err error) {
		lost, err = t.acts.SaveLead(ctx, j)
		return err
	}, save)
	return lost, err
}

// leave puts back what failed in place, before everything that is still to be done.
func (t *taking) leave(failed again) Turned {
	var left sequence.Actions
	for _, e := range t.entries {
		left = append(left, e)
	}
	left = append(append(left, t.rest...), t.todo...)
	return Turned{Lead: t.lead, Did: t.did, Todo: left, TriedAt: failed.failed.at, TriedTurn: failed.failed.turn, Unsaved: true}
}

// nap reports whether the lead sleeps shortly, in this run: nothing that a manager
// filters by has changed, which the next run would show.
func (t *taking) nap() bool {
	at, ok := t.lead.Deadline()
	if !ok || at.Sub(t.at) > ShortSleep || len(t.rest) > 0 || len(t.begun) > 0 || t.lead.Stage.Final() || t.in.Before+1 >= turnsAtMost {
		return false
	}
	for _, a := range attributesOf(t.lead) {
		if t.in.Shown[a.key.GetName()] != a.value {
			return false
		}
	}
	return true
}

func (t *taking) act(ctx context.Context, action sequence.Action) error {
	name, _ := named(action)
	switch a := action.(type) {
	case sequence.SendEmail:
		return t.send(ctx, a)
	case sequence.CreateTask:
		return step(t, ctx, name, t.acts.CreateTask, a)
	case sequence.CancelTasks:
		return step(t, ctx, name, t.acts.CancelTasks, a)
	case sequence.ReopenTasks:
		return step(t, ctx, name, t.acts.ReopenTasks, a)
	case sequence.CalmAccount:
		return step(t, ctx, name, t.acts.CalmAccount, a)
	case sequence.MoveTasks:
		return step(t, ctx, name, t.acts.MoveTasks, a)
	case sequence.Notify:
		return step(t, ctx, name, t.acts.Notify, a)
	case sequence.StartOutreach:
		return step(t, ctx, name, t.acts.StartOutreach, a)
	case sequence.Suppress:
		return step(t, ctx, name, t.acts.Suppress, a)
	}
	return again{failed: t.attempt()} // of a later release: it waits in the server for a worker that knows it
}

// send makes an email touch and tells the core what became of it.
func (t *taking) send(ctx context.Context, a sequence.SendEmail) error {
	performed := sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
	if !t.mayGo(a) {
		return t.made(a, performed, nil)
	}
	err := step(t, ctx, activities.SendEmail, func(ctx context.Context, j activities.Job[sequence.SendEmail]) (err error) {
		performed, err = t.acts.SendEmail(ctx, j)
		return err
	}, a)
	return t.made(a, performed, err)
}

func (t *taking) attempt() attempt { return attempt{t.at, t.lead.EntrySeq} }

// step does one thing in place. What fails for a reason that may pass is left to the
// next run, and there the server takes it over.
func step[T any](t *taking, ctx context.Context, name string, do func(context.Context, activities.Job[T]) error, what T) (err error) {
	t.did = append(t.did, name)
	now := t.attempt()
	ctx, cancel := context.WithTimeout(ctx, inPlace)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			activity.GetLogger(ctx).Error("an activity panicked", "activity", name, "panic", r, "stack", string(debug.Stack()))
			err = again{failed: now}
		}
	}()
	err = do(ctx, activities.Job[T]{Lead: t.lead.ID, At: now.at, Turn: now.turn, Do: what})
	if err == nil || isPermanent(err) {
		return err
	}
	return again{failed: now}
}

// named is the activity that does what was decided, and what the UI says of it.
func named(action sequence.Action) (name, summary string) {
	switch a := action.(type) {
	case sequence.SendEmail:
		return activities.SendEmail, fmt.Sprintf("%s, %s", a.Text, a.Rule)
	case sequence.CreateTask:
		return activities.CreateTask, fmt.Sprintf("%s task, %s", a.Kind, a.Rule)
	case sequence.CancelTasks:
		return activities.CancelTasks, a.Why
	case sequence.ReopenTasks:
		return activities.ReopenTasks, "the outcome was taken back"
	case sequence.CalmAccount:
		return activities.CalmAccount, "the others at the account hear of it"
	case sequence.MoveTasks:
		return activities.MoveTasks, "to the new owner"
	case sequence.Notify:
		return activities.Notify, fmt.Sprintf("tell the %s: %s", a.Who, a.About)
	case sequence.StartOutreach:
		return activities.StartOutreach, "stakeholders are written to"
	case sequence.Suppress:
		return activities.Suppress, "stop means stop"
	case sequence.UnknownAction:
		return a.Name, "decided by a later release"
	}
	panic(fmt.Sprintf("no activity performs a %T", action))
}
