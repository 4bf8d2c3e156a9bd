package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

// flock stands in for the records and the leads of a move. It lists leads as the
// records do.
type flock struct {
	mu       sync.Mutex
	ids      []string
	known    map[string]string // code of what came of a lead; "" when it was moved
	asked    map[string]int
	finished int
	answer   func(lead string, n int) error // to the nth question; yes when nil
}

func newFlock(n int) *flock {
	f := &flock{known: map[string]string{}, asked: map[string]int{}}
	for i := range n {
		f.ids = append(f.ids, fmt.Sprintf("lead-%06d", i))
	}
	return f
}

func (f *flock) LeadsToMove(_ context.Context, b activities.Batch, most int) (next []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range f.ids {
		code, known := f.known[id]
		if id > b.After && len(next) < most && (!known || slices.Contains(activities.Passing(), code)) {
			next = append(next, id)
		}
	}
	return next, nil
}

func (f *flock) Asking(_ context.Context, _ string, leads []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range leads {
		if _, known := f.known[id]; !known {
			f.known[id] = activities.Asked
		}
	}
	return nil
}

func (f *flock) MoveLead(_ context.Context, _, lead, _, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[lead]++
	if f.answer == nil {
		return nil
	}
	return f.answer(lead, f.asked[lead])
}

func (f *flock) Record(_ context.Context, _, lead string, r *sequence.Refusal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[lead] = ""
	if r != nil {
		f.known[lead] = r.Code
	}
	return nil
}

func (f *flock) Finish(context.Context, string) error { f.finished++; return nil }

// run is one run of the move; it gives the input of the next one, if there is one.
func (f *flock) run(t *testing.T, m workflows.Move) (next *workflows.Move, took time.Duration) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(30 * time.Second)
	worker.Register(env, &workflows.Workflows{}, &activities.Activities{Moves: f})
	env.SetStartTime(monday)
	env.ExecuteWorkflow(workflows.MoveWorkflow, m)
	took = env.Now().Sub(monday)
	var again *workflow.ContinueAsNewError
	if err := env.GetWorkflowError(); !errors.As(err, &again) {
		require.NoError(t, err)
		return nil, took
	}
	next = new(workflows.Move)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, next))
	return next, took
}

// moved counts the leads that follow the other version.
func (f *flock) moved() (n int) {
	for _, code := range f.known {
		if code == "" {
			n++
		}
	}
	return n
}

var theMove = workflows.Move{Batch: activities.Batch{Move: "m1", From: "a", To: "b"}}

func TestAMoveAsksEveryLeadOnceBatchByBatch(t *testing.T) {
	f := newFlock(250)
	next, took := f.run(t, theMove)
	require.Nil(t, next)
	require.Equal(t, []int{250, 250, 1}, []int{f.moved(), len(f.asked), f.finished})
	for lead, n := range f.asked {
		require.Equal(t, 1, n, lead)
	}
	require.Less(t, took, time.Second, "and waits for nothing")
}

func TestLeadsWhoseAnswerWillNotLastAreAskedInAnotherRound(t *testing.T) {
	f := newFlock(120)
	f.answer = func(lead string, n int) error {
		switch {
		case lead == "lead-000007" && n < 3:
			return &sequence.Refusal{Code: "touch_in_flight"}
		case lead == "lead-000008":
			return &sequence.Refusal{Code: "unknown_kind"}
		}
		return nil
	}
	_, took := f.run(t, theMove)
	require.Equal(t, 3, f.asked["lead-000007"])
	require.Equal(t, 1, f.asked["lead-000008"], "a refusal that lasts is final")
	require.Equal(t, []int{119, 1}, []int{f.moved(), f.finished})
	require.Equal(t, "unknown_kind", f.known["lead-000008"])
	require.Equal(t, time.Minute, took, "two rounds, half a minute apart")
}

func TestAMoveEndsEvenIfALeadNeverAnswers(t *testing.T) {
	f := newFlock(3)
	f.answer = func(lead string, _ int) error {
		if lead == "lead-000001" {
			return &sequence.Refusal{Code: activities.NoAnswerYet}
		}
		return nil
	}
	_, took := f.run(t, theMove)
	require.Equal(t, []int{2, 1, 21}, []int{f.moved(), f.finished, f.asked["lead-000001"]})
	require.Equal(t, 10*time.Minute, took)
	require.Equal(t, 1, f.asked["lead-000002"])
}

func TestALargeMoveContinuesAsNewWhereItStood(t *testing.T) {
	f := newFlock(5_150)
	f.answer = func(lead string, n int) error {
		if lead == "lead-000002" && n == 1 { // its second round is in the second run
			return &sequence.Refusal{Code: "touch_in_flight"}
		}
		return nil
	}
	next, _ := f.run(t, theMove)
	require.NotNil(t, next)
	require.Equal(t, workflows.Move{Batch: activities.Batch{Move: "m1", From: "a", To: "b", After: "lead-004999"}, Rounds: workflows.Rounds{Again: 1}}, *next)
	require.Zero(t, f.finished)
	last, _ := f.run(t, *next)
	require.Nil(t, last)
	require.Equal(t, []int{5_150, 1, 2}, []int{f.moved(), f.finished, f.asked["lead-000002"]})
	require.Len(t, f.asked, 5_150)
}

func TestABatchThatFailsGoesOnWhereItBrokeOff(t *testing.T) {
	f := newFlock(30)
	f.answer = func(lead string, n int) error {
		if lead == "lead-000020" && n < 4 {
			return errAway
		}
		return nil
	}
	next, _ := f.run(t, theMove)
	require.Nil(t, next)
	require.Equal(t, []int{30, 1}, []int{f.moved(), f.finished})
	for lead, n := range f.asked {
		if lead != "lead-000020" {
			require.Equal(t, 1, n, "%s has answered and is not asked again", lead)
		}
	}
	require.Equal(t, 4, f.asked["lead-000020"])
}

// crowd stands in for the leads of a batch: more than one run asks, one of which has
// no answer in the first round.
type crowd struct {
	mu       sync.Mutex
	asked    []string // after which lead
	finished int
}

const crowded = 53 // stretches

func (c *crowd) Ask(_ context.Context, _ uuid.UUID, _ int, after uuid.UUID) (activities.Moved, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, after.String())
	n := len(c.asked)
	moved := activities.Moved{After: fmt.Sprintf("00000000-0000-0000-0000-%012d", n), Done: n >= crowded}
	if n == crowded {
		moved.Again = 1
	}
	return moved, nil
}

func (c *crowd) Finish(context.Context, uuid.UUID, int) error { c.finished++; return nil }

func TestEveryLeadOfABatchIsAskedAndAgainWhoHadNoAnswer(t *testing.T) {
	c, in := &crowd{}, workflows.Batch{Chosen: activities.Chosen{Batch: uuid.Nil.String(), Pass: 1}}
	for runs := 1; ; runs++ {
		env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
		env.SetTestTimeout(time.Minute)
		worker.Register(env, &workflows.Workflows{}, &activities.Activities{Batches: c})
		env.ExecuteWorkflow(workflows.BatchWorkflow, in)
		err := env.GetWorkflowError()
		if err == nil {
			require.Equal(t, 2, runs)
			break
		}
		var next *workflow.ContinueAsNewError
		require.ErrorAs(t, err, &next)
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	}
	require.Equal(t, 1, c.finished)
	require.Len(t, c.asked, crowded+1)
	require.Equal(t, "00000000-0000-0000-0000-000000000050", c.asked[50], "the second run goes on where the first ended")
	require.Equal(t, uuid.Nil.String(), c.asked[crowded], "the second round begins anew")
}

func TestAListIsLetInToItsEndAndEachStretchOnce(t *testing.T) {
	w := newWorld()
	rows := activities.Rows{Import: uuid.Nil.String(), Pass: 1}
	for runs := 1; ; runs++ {
		env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
		env.SetTestTimeout(time.Minute)
		worker.Register(env, &workflows.Workflows{}, w.activities())
		env.ExecuteWorkflow(workflows.ImportWorkflow, rows)
		err := env.GetWorkflowError()
		if err == nil {
			require.Equal(t, 2, runs)
			break
		}
		var next *workflow.ContinueAsNewError
		require.ErrorAs(t, err, &next)
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &rows))
	}
	var stretches []any
	for n := range 53 {
		stretches = append(stretches, 500*n)
	}
	var asked []any
	for _, c := range w.made(activities.ImportBatch) {
		asked = append(asked, c.Do)
	}
	require.Equal(t, stretches, asked)
}
