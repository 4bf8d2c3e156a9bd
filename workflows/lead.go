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
	*Workflows
	lead    sequence.Lead
	later   map[string]json.RawMessage // fields of the lead from a later release
	clock   *Clock
	recent  []string
	changed bool             // something was decided or done in this run
	todo    sequence.Actions // decided, not yet done
	doors   []door           // where signals come in

	failedAt  time.Time // when the first of todo failed in place: the next run goes on with it
	triedAt   time.Time // when it did in the run before: the server sees to it
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
	in.readable()
	if in.Clock != nil && !w.VirtualClock {
		return nil, temporal.NewNonRetryableApplicationError("a lead on a virtual clock cannot live in production", "VirtualClock", nil)
	}
	l := &life{
		Workflows: w, lead: in.Lead, later: in.later, clock: in.Clock, recent: in.Recent,
		todo: in.Todo, triedAt: in.TriedAt, notBefore: in.NotBefore,
	}
	if in.Enrolled != nil && in.Lead.Stage == "" {
		if err := l.decide(ctx, *in.Enrolled); err != nil {
			return nil, temporal.NewNonRetryableApplicationError(err.Error(), RefusalErrorType, nil)
		}
	}
	if err := l.openDoors(ctx); err != nil {
		return nil, fmt.Errorf("set up lead %s: %w", in.Lead.ID, err)
	}
	return l, nil
}

// live is the whole interpreter: take what came in, wake if it is time, do what
// was decided; when nothing is left to do, sleep, and once something was decided
// start afresh before sleeping, so that a sleeping lead's history is always the
// same few events. The same before waiting for anything else: a history that waits
// holds no decision, and another release can go on with it.
func (l *life) live(ctx workflow.Context) error {
	for {
		l.takeSignals(ctx)
		l.wakeIfDue(ctx)
		switch {
		case len(l.todo) > 0 && !l.waiting(ctx):
			l.perform(ctx)
		case len(l.todo) == 0 && l.lead.Stage.Final():
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

// waiting: what is to be done next is done in another run, or later.
func (l *life) waiting(ctx workflow.Context) bool {
	return !l.failedAt.IsZero() || l.now(ctx).Before(l.notBefore)
}

// decide lets an event happen.
func (l *life) decide(ctx workflow.Context, ev sequence.Event) error {
	next, actions, err := sequence.Decide(l.lead, ev, l.now(ctx), l.playbook())
	if err != nil {
		return err
	}
	l.take(ctx, next, actions)
	return nil
}

// take goes on with what was decided.
func (l *life) take(ctx workflow.Context, next sequence.Lead, actions []sequence.Action) {
	l.lead, l.changed = next, true
	l.todo = append(l.todo, actions...)
	l.show(ctx)
}

// playbook is the lead's version. A worker that does not hold it yet fails the
// workflow task, which is retried until it does; the lead itself never fails.
func (l *life) playbook() *sequence.Playbook { return l.version(l.lead.Playbook) }

func (l *life) version(id string) *sequence.Playbook {
	pb, ok := l.Playbook(id)
	if !ok {
		panic("playbook " + id + " is not loaded on this worker yet")
	}
	return pb
}

func (l *life) now(ctx workflow.Context) time.Time { return l.clock.At(workflow.Now(ctx)) }

func (l *life) wakeIfDue(ctx workflow.Context) {
	if at, ok := l.lead.Deadline(); ok && len(l.todo) == 0 && !l.now(ctx).Before(at) {
		if err := l.decide(ctx, sequence.DeadlineReached{}); err != nil {
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
	if len(l.todo) > 0 {
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
	if signalled(ctx) || len(l.todo) > 0 && !l.waiting(ctx) {
		return l.live(ctx)
	}
	l.carry(ctx)
	ctx = workflow.WithWorkflowTaskTimeout(ctx, TurnTimeout)
	return workflow.NewContinueAsNewError(ctx, LeadWorkflow, Input{
		Form: form, Lead: l.lead, later: l.later, Clock: l.clock, Recent: l.recent,
		Todo: l.todo, TriedAt: l.failedAt, NotBefore: l.notBefore,
	})
}

// taken reports whether a message was taken before and remembers it if not.
func (l *life) taken(id string) bool {
	if l.knows(id) {
		return true
	}
	l.recent = append(slices.Clone(l.recent), short(id))
	if n := len(l.recent); n > recentIDs {
		l.recent = l.recent[n-recentIDs:]
	}
	return false
}

func (l *life) knows(id string) bool { return slices.Contains(l.recent, short(id)) }

// short is a hash of an id that is long enough to tell two dozen apart.
func short(id string) string {
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
