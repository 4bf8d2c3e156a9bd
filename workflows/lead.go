package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/sequence"
)

// recentIDs is how many message ids are remembered across hibernation: far more
// than are ever repeated late.
const recentIDs = 24

// Workflows holds what lives need and no history records: the playbooks in the
// worker's memory and where a lead's page is.
type Workflows struct {
	Playbook     func(id string) (*sequence.Playbook, bool)
	LeadURL      string // prefix; a lead's id completes it. Empty: no link
	VirtualClock bool   // development: leads may run on a clock of their own
}

// life is one run of one lead.
type life struct {
	stand
	later   map[string]json.RawMessage // fields of the lead from a later release
	clock   *Clock
	recent  []string
	changed bool     // something came in or was done that a new run is to begin after
	unsaved bool     // the row lags behind
	news    []string // ids of the messages taken since it was written
	doors   []door   // where signals come in
	rulings map[string]ruling
	turns   int  // taken in this run
	turning bool // one is being taken

	since time.Time // when the last turn was taken, or the run began

	failed    attempt   // when the first of todo failed in place: the next run goes on with it
	tried     attempt   // when it did in the run before: the server sees to it
	notBefore time.Time // it is not tried again before
}

// Lead is a lead's whole life. It runs for years and sleeps for most of them.
func (w *Workflows) Lead(ctx workflow.Context, in Input) error {
	l, err := w.setUp(ctx, in)
	if err != nil {
		return err
	}
	return l.live(ctx)
}

func (w *Workflows) setUp(ctx workflow.Context, in Input) (*life, error) {
	readable(in.Form, in.unread)
	if in.Clock != nil && !w.VirtualClock {
		return nil, temporal.NewNonRetryableApplicationError("a lead on a virtual clock cannot live in production", "VirtualClock", nil)
	}
	l := &life{
		stand: stand{Workflows: w, lead: in.Lead, todo: in.Todo, begun: in.Begun},
		later: in.later, clock: in.Clock, recent: in.Recent, tried: attempt{in.TriedAt, in.TriedTurn}, notBefore: in.NotBefore,
		unsaved: in.Unsaved, news: in.News, rulings: map[string]ruling{},
	}
	l.since = l.clock.At(workflow.GetInfo(ctx).WorkflowStartTime)
	if in.Enrolled != nil && in.Lead.Stage == "" {
		l.news = append(l.news, StartMessage)
		if err := l.decide(ctx, *in.Enrolled); err != nil {
			return nil, temporal.NewNonRetryableApplicationError(err.Error(), RefusalErrorType, nil)
		}
	}
	l.takeAgain(ctx)
	if err := l.openDoors(ctx); err != nil {
		return nil, fmt.Errorf("set up lead %s: %w", in.Lead.ID, err)
	}
	return l, nil
}

// live is the whole interpreter: take what came in, wake if it is time, do what was
// decided; when nothing is left to do, sleep, and before a long sleep start afresh,
// so that a sleeping lead's history is always the same few events. The same before
// waiting for the server. What a turn came to is in the history, and what follows is
// not decided anew when that is replayed: so another release can go on with a run
// wherever it waits.
func (l *life) live(ctx workflow.Context) error {
	for {
		l.takeSignals(ctx)
		l.wakeIfDue(ctx)
		switch {
		case l.behind() && !l.waiting(ctx):
			l.perform(ctx)
		case !l.behind() && l.lead.Stage.Final():
			l.index(ctx)
			return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		case l.changed:
			return l.hibernate(ctx)
		default:
			if err := l.sleep(ctx); err != nil {
				return err
			}
		}
	}
}

// behind: something is to be done, or written.
func (l *life) behind() bool { return len(l.todo) > 0 || l.unsaved }

// waiting: what is to be done next is done in another run, or later.
func (l *life) waiting(ctx workflow.Context) bool {
	return !l.failed.at.IsZero() || l.now(ctx).Before(l.notBefore)
}

// decide lets an event happen now.
func (l *life) decide(ctx workflow.Context, ev sequence.Event) error {
	return l.decideAsOf(ctx, ev, l.now(ctx))
}

// decideAsOf lets an event happen at its time.
func (l *life) decideAsOf(ctx workflow.Context, ev sequence.Event, at time.Time) error {
	next, actions, err := sequence.Decide(l.lead, ev, at, l.playbook())
	if err != nil {
		return err
	}
	l.take(ctx, next, actions)
	return nil
}

// take goes on with what was decided.
func (l *life) take(ctx workflow.Context, next sequence.Lead, actions []sequence.Action) {
	l.follow(next, actions)
	l.changed, l.unsaved = true, true
	l.show(ctx)
}

func (l *life) now(ctx workflow.Context) time.Time { return l.clock.At(workflow.Now(ctx)) }

func (l *life) wakeIfDue(ctx workflow.Context) {
	if at, ok := l.lead.Deadline(); ok && len(l.todo) == 0 {
		l.wake(ctx, at)
	}
}

// wake lets a deadline be reached, if it has come.
func (l *life) wake(ctx workflow.Context, deadline time.Time) {
	if woke := l.wokeAt(ctx, deadline); !woke.Before(deadline) {
		if err := l.decideAsOf(ctx, sequence.DeadlineReached{}, woke); err != nil {
			panic(fmt.Sprintf("a deadline was refused: %v", err))
		}
	}
}

// sleep waits for the next deadline, or the instant before which what is left is not
// tried again, or a message, whichever comes first.
func (l *life) sleep(ctx workflow.Context) error {
	l.show(ctx)
	woken := func() bool { return l.changed || signalled(ctx) }
	at, limited := l.lead.Deadline()
	if l.behind() {
		at, limited = l.notBefore, true
	}
	if !limited {
		return workflow.Await(ctx, woken)
	}
	wait := max(l.clock.Until(at, workflow.Now(ctx)), time.Millisecond)
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout:      wait,
		TimerOptions: workflow.TimerOptions{Summary: l.summary()},
	}, woken)
	return err
}

// hibernate continues as new with the state, its absolute deadline and what is left
// to do. Handlers are finished and signals taken first: nothing may be lost here.
func (l *life) hibernate(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if signalled(ctx) || l.behind() && !l.waiting(ctx) {
		return l.live(ctx)
	}
	l.carry(ctx)
	ctx = workflow.WithWorkflowTaskTimeout(ctx, TurnTimeout)
	return workflow.NewContinueAsNewError(ctx, LeadWorkflow, Input{
		Form: Form, Lead: l.lead, later: l.later, Clock: l.clock, Recent: l.recent,
		Todo: l.todo, TriedAt: l.failed.at, TriedTurn: l.failed.turn, NotBefore: l.notBefore, Unsaved: l.unsaved, News: l.news,
	})
}

// taken reports whether a message was taken before and remembers it if not.
func (l *life) taken(id string) bool {
	if l.knows(id) {
		return true
	}
	l.news, l.unsaved = append(l.news, id), true
	l.recent = append(slices.Clone(l.recent), MessageKey(id))
	if n := len(l.recent); n > recentIDs {
		l.recent = l.recent[n-recentIDs:]
	}
	return false
}

func (l *life) knows(id string) bool { return slices.Contains(l.recent, MessageKey(id)) }

// MessageKey is how Input.Recent knows a message: a hash of its id that is long
// enough to tell two dozen apart.
func MessageKey(id string) string {
	h := fnv.New64a()
	h.Write([]byte(id))
	return strconv.FormatUint(h.Sum64(), 36)
}

// refusal carries the core's answer to whoever asked.
func refusal(err error) error {
	var r *sequence.Refusal
	if errors.As(err, &r) {
		return temporal.NewNonRetryableApplicationError(r.Error(), RefusalErrorType, nil, r)
	}
	return err
}
