package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// port is a move's records and leads, by hand.
type port struct {
	leads   []string
	answers map[string]error
	heard   []string // in order, what was asked and noted
	broken  string   // nothing can be noted of this lead
}

var errBroken = errors.New("the database is away")

func (p *port) LeadsToMove(context.Context, activities.Batch, int) ([]string, error) {
	return p.leads, nil
}

func (p *port) Asking(_ context.Context, _ string, leads []string) error {
	for _, lead := range leads {
		p.heard = append(p.heard, "asking "+lead)
	}
	return nil
}

func (p *port) MoveLead(_ context.Context, _, lead, _, _ string) error {
	p.heard = append(p.heard, "ask "+lead)
	return p.answers[lead]
}

func (p *port) Record(_ context.Context, _, lead string, r *sequence.Refusal) error {
	if lead == p.broken {
		return errBroken
	}
	if r == nil {
		r = &sequence.Refusal{Code: "moved"}
	}
	p.heard = append(p.heard, lead+" "+r.Code)
	return nil
}

func (p *port) Finish(context.Context, string) error { return nil }

func (p *port) batch(t *testing.T, after string) (moved activities.Moved, err error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	a := &activities.Activities{Moves: p}
	env.RegisterActivity(a.MoveBatch)
	value, err := env.ExecuteActivity(a.MoveBatch, activities.Batch{Move: "m1", From: "a", To: "b", After: after})
	if err == nil {
		require.NoError(t, value.Get(&moved))
	}
	return moved, err
}

func TestABatchNotesThatItAsksThenAsksAndNotesEachAnswer(t *testing.T) {
	p := &port{leads: []string{"l1", "l2", "l3"}, answers: map[string]error{
		"l2": &sequence.Refusal{Code: "unknown_kind"}, "l3": &sequence.Refusal{Code: "touch_in_flight"},
	}}
	moved, err := p.batch(t, "l0")
	require.NoError(t, err)
	require.Equal(t, activities.Moved{After: "l3", Again: 1, Done: true}, moved, "only what will not last is asked again")
	require.Equal(t, []string{
		"asking l1", "asking l2", "asking l3",
		"ask l1", "l1 moved", "ask l2", "l2 unknown_kind", "ask l3", "l3 touch_in_flight",
	}, p.heard)
}

func TestWhatWasNotedBeforeAnErrorStays(t *testing.T) {
	for name, p := range map[string]*port{
		"a lead cannot be reached":     {leads: []string{"l1", "l2", "l3"}, answers: map[string]error{"l2": errBroken}},
		"an answer cannot be recorded": {leads: []string{"l1", "l2", "l3"}, broken: "l2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.batch(t, "")
			require.ErrorContains(t, err, "lead l2")
			require.Contains(t, p.heard, "l1 moved")
			require.NotContains(t, p.heard, "ask l3")
		})
	}
}

func TestABatchOfNobodyIsTheEndAndKeepsItsPlace(t *testing.T) {
	moved, err := (&port{}).batch(t, "l9")
	require.NoError(t, err)
	require.Equal(t, activities.Moved{After: "l9", Done: true}, moved)
}
