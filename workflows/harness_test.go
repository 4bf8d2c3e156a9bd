package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

const (
	leadID  = "0190f5fe-7c00-7000-8000-000000000001"
	ownerID = "0190f5fe-7c00-7000-8000-0000000000aa"
)

var attributeKeys = []temporal.SearchAttributeKeyKeyword{
	workflows.LeadStage, workflows.LeadOwner, workflows.LeadSource, workflows.Playbook, workflows.BlockedReason,
}

// monday is when every story begins: 09:30 in New York.
var monday = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

var playbook = sync.OnceValue(func() *sequence.Playbook {
	pb, err := playbooks.Default()
	if err != nil {
		panic(err)
	}
	return pb
})

func newLead() sequence.Lead {
	return sequence.Lead{ID: leadID, Owner: ownerID, Zone: "America/New_York", Country: "US", Playbook: playbook().ID}
}

func enrolled() workflows.Input {
	return workflows.Input{Lead: newLead(), Enrolled: &sequence.Enrolled{ID: "e1", Kind: "info_request"}}
}

// story lives a lead's life run by run: each run is a test environment of its
// own that begins when the last one ended, with the input that it continued as
// new with.
type story struct {
	t         *testing.T
	world     *world
	workflows *workflows.Workflows
	listening []interceptor.WorkerInterceptor
	library   *playbooks.Library
	suite     testsuite.WorkflowTestSuite

	now      time.Time
	next     workflows.Input
	written  json.RawMessage                               // in place of next, once
	also     func(*testsuite.TestWorkflowEnvironment)      // is done to every run's environment
	restless bool                                          // every sleep, also a short one, begins a run
	shown    map[temporal.SearchAttributeKeyKeyword]string // search attributes as they stand
	upserts  []map[string]string                           // each command
	runs     []workflows.Input
	timers   []time.Duration
	sleeps   map[int][]time.Duration // the timers by run, from 1
	local    map[string]int          // local activities begun, by name
	remote   map[string]int          // regular ones
	payloads *payloads
	waiting  []*happening
	asked    int                                                 // updates, to name them
	messages map[string]func(*testsuite.TestWorkflowEnvironment) // what came in, to come again

	ended bool  // the workflow completed
	err   error // or failed
}

// happening is something that comes from outside at a time.
type happening struct {
	at time.Time
	do func(*testsuite.TestWorkflowEnvironment)
}

func newStory(t *testing.T, in workflows.Input) *story {
	t.Helper()
	library := new(playbooks.Library)
	library.Add(playbook())
	s := &story{
		t: t, world: newWorld(), library: library, now: monday, next: in, payloads: &payloads{DataConverter: converter.GetDefaultDataConverter()},
		shown: map[temporal.SearchAttributeKeyKeyword]string{}, local: map[string]int{}, remote: map[string]int{}, messages: map[string]func(*testsuite.TestWorkflowEnvironment){}, sleeps: map[int][]time.Duration{},
		workflows: &workflows.Workflows{Playbook: library.Get, LeadURL: "https://rekindle.example/leads/"},
	}
	s.suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return s
}

// at lets something happen at an instant.
func (s *story) at(when time.Time, do func(*testsuite.TestWorkflowEnvironment)) {
	s.waiting = append(s.waiting, &happening{at: when, do: do})
	slices.SortStableFunc(s.waiting, func(a, b *happening) int { return a.at.Compare(b.at) })
}

// signal sends a machine's message at an instant.
func signal[E any](s *story, when time.Time, name, id string, event E) {
	s.messages[id] = func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(name, workflows.Message[E]{ID: id, Event: event})
	}
	s.at(when, s.messages[id])
}

// reply is what became of an update.
type reply struct {
	accepted bool
	rejected error
	lead     sequence.Lead
	failed   error
}

// update asks for a person's decision at an instant. An empty id gives a new one.
func (s *story) update(when time.Time, name, id string, event any) *reply {
	if s.asked++; id == "" {
		id = "update-" + string(rune('a'+s.asked))
	}
	r := new(reply)
	s.messages[id] = func(env *testsuite.TestWorkflowEnvironment) {
		encoded, err := json.Marshal(event)
		require.NoError(s.t, err)
		env.SignalWorkflow(workflows.DecisionSignal, workflows.Message[workflows.Decision]{
			ID: id, Event: workflows.Decision{Update: name, At: when, Event: encoded},
		})
	}
	s.at(when, func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
			OnAccept: func() { r.accepted = true },
			OnReject: func(err error) { r.rejected = err },
			OnComplete: func(result any, err error) {
				if r.failed = err; err == nil {
					r.lead = result.(workflows.Answer).Lead
					s.payloads.see(result)
				}
			},
		}, event)
	})
	return r
}

// until lives until an instant, or the end of the life.
func (s *story) until(end time.Time) {
	s.t.Helper()
	for s.now.Before(end) && !s.ended && s.err == nil {
		s.run(end)
	}
}

// run is one run of the workflow, as far as end.
func (s *story) run(end time.Time) {
	s.t.Helper()
	env := s.suite.NewTestWorkflowEnvironment()
	worker.Register(env, s.workflows, s.world.activities())
	s.watch(env)
	if s.also != nil {
		s.also(env)
	}
	env.SetStartTime(s.now)
	for _, h := range s.waiting {
		env.RegisterDelayedCallback(func() {
			s.waiting = slices.DeleteFunc(s.waiting, func(w *happening) bool { return w == h })
			h.do(env)
		}, max(h.at.Sub(s.now), 0))
	}
	stopped := false
	env.RegisterDelayedCallback(func() { stopped = true; env.CancelWorkflow() }, end.Sub(s.now))
	s.runs = append(s.runs, s.next)
	var in any = s.next
	if s.written != nil {
		in, s.written = s.written, nil
	}
	env.ExecuteWorkflow(workflows.LeadWorkflow, in)

	s.now = env.Now().UTC()
	err := env.GetWorkflowError()
	var again *workflow.ContinueAsNewError
	switch {
	case errors.As(err, &again):
		s.next = s.decode(again.Input)
		require.Equal(s.t, workflows.LeadWorkflow, again.WorkflowType.Name)
		s.requireWritten()
	case stopped && temporal.IsCanceledError(err):
		s.next = workflows.Input{Lead: s.world.lead(), Clock: s.next.Clock, Recent: s.next.Recent}
	case err != nil:
		s.err = err
	default:
		s.ended = true
	}
}

// requireWritten checks that the next run begins with what the records have.
func (s *story) requireWritten() {
	s.t.Helper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if s.next.Unsaved {
		require.False(s.t, s.next.TriedAt.IsZero(), "it is written as soon as it can be")
		return
	}
	kept := s.world.saves[len(s.world.saves)-1]
	lead, err := json.Marshal(kept.Lead)
	require.NoError(s.t, err)
	next, err := json.Marshal(s.next.Lead)
	require.NoError(s.t, err)
	require.JSONEq(s.t, string(next), string(lead), "the records have the state that the life goes on with")
	require.Equal(s.t, s.next.Recent, kept.Recent, "and know which messages are in it")
	require.Empty(s.t, s.next.News)
	require.Equal(s.t, s.next.Todo, kept.Todo, "and what is left to do")
}

// decode reads the input of the next run, and checks that nothing of it is lost
// on the way there.
func (s *story) decode(p *commonpb.Payloads) (in workflows.Input) {
	s.t.Helper()
	require.NoError(s.t, converter.GetDefaultDataConverter().FromPayloads(p, &in))
	again, err := json.Marshal(in)
	require.NoError(s.t, err)
	require.JSONEq(s.t, string(p.GetPayloads()[0].GetData()), string(again), "the input survives its own round trip")
	require.Nil(s.t, in.Enrolled, "a lead is enrolled in its first run only")
	return in
}

// watch hears what a run shows to the outside.
func (s *story) watch(env *testsuite.TestWorkflowEnvironment) {
	env.SetTestTimeout(30 * time.Second)
	env.SetDataConverter(s.payloads)
	env.SetWorkerOptions(sdk.Options{Interceptors: append(s.listening, &carrying{story: s})})
	var attributes []temporal.SearchAttributeUpdate
	for key, value := range s.shown {
		if !s.restless {
			attributes = append(attributes, key.ValueSet(value))
		}
	}
	require.NoError(s.t, env.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(attributes...)))
	env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Run(func(args mock.Arguments) {
		s.upserted(args.Get(0).(temporal.SearchAttributes))
	}).Maybe()
	env.SetOnTimerScheduledListener(func(_ string, d time.Duration) {
		s.timers = append(s.timers, d)
		s.sleeps[len(s.runs)] = append(s.sleeps[len(s.runs)], d)
	})
	env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, args []any) {
		s.payloads.see(args...)
		s.world.mu.Lock()
		s.local[info.ActivityType.Name]++
		s.world.mu.Unlock()
	})
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		s.world.mu.Lock()
		s.remote[info.ActivityType.Name]++
		s.world.mu.Unlock()
	})
}

// upserted notes one command; an attribute that it takes away stands in it as "".
func (s *story) upserted(attributes temporal.SearchAttributes) {
	command, printed := map[string]string{}, fmt.Sprint(attributes) // the SDK shows unset attributes in no other way
	for _, key := range attributeKeys {
		if value, set := attributes.GetKeyword(key); set {
			command[key.GetName()], s.shown[key] = value, value
		} else if strings.Contains(printed, key.GetName()) {
			command[key.GetName()] = ""
			delete(s.shown, key)
		}
	}
	s.upserts = append(s.upserts, command)
}

// carrying sees the search attributes with which a run continues as new.
type carrying struct {
	interceptor.WorkerInterceptorBase
	interceptor.WorkflowInboundInterceptorBase
	story *story
}

func (c *carrying) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	c.Next = next
	return c
}

func (c *carrying) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	result, err := c.Next.ExecuteWorkflow(ctx, in)
	if workflow.IsContinueAsNewError(err) {
		carried := workflow.GetTypedSearchAttributes(ctx)
		clear(c.story.shown)
		for _, key := range attributeKeys {
			if value, set := carried.GetKeyword(key); set {
				c.story.shown[key] = value
			}
		}
	}
	return result, err
}

// payloads writes down everything that would stand in a history.
type payloads struct {
	converter.DataConverter
	mu   sync.Mutex
	seen []string
}

func (p *payloads) see(values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range values {
		encoded, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		p.seen = append(p.seen, string(encoded))
	}
}

func (p *payloads) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	p.see(values...)
	return p.DataConverter.ToPayloads(values...)
}

func (p *payloads) ToPayload(value any) (*commonpb.Payload, error) {
	p.see(value)
	return p.DataConverter.ToPayload(value)
}

// requireNothingPersonal checks invariant 8 over the whole story.
func (s *story) requireNothingPersonal() {
	s.t.Helper()
	require.NotEmpty(s.t, s.payloads.seen)
	for _, text := range s.payloads.seen {
		for _, word := range personal {
			require.NotContains(s.t, text, word)
		}
	}
	for _, value := range s.shown {
		require.False(s.t, strings.ContainsAny(value, "@ "), "search attribute %q", value)
	}
}
