package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

// mailbag stands in for what waits at an endpoint.
type mailbag struct {
	env    *testsuite.TestWorkflowEnvironment // none: on a real server
	now    func() time.Time
	rounds []time.Time
	round  func(n int, now time.Time) (activities.Delivered, error)
}

func (m *mailbag) DeliverWebhooks(_ context.Context, _ string, beat func()) (activities.Delivered, error) {
	beat()
	m.rounds = append(m.rounds, m.now())
	return m.round(len(m.rounds), m.now())
}

func newMailbag(round func(n int, now time.Time) (activities.Delivered, error)) *mailbag {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	m := &mailbag{env: suite.NewTestWorkflowEnvironment(), round: round}
	m.now = m.env.Now
	m.env.SetTestTimeout(30 * time.Second)
	worker.Register(m.env, &workflows.Workflows{}, &activities.Activities{Webhooks: m})
	m.env.SetStartTime(monday)
	return m
}

func (m *mailbag) run() error {
	m.env.ExecuteWorkflow(workflows.WebhookWorkflow, workflows.Webhook{Endpoint: "e1"})
	return m.env.GetWorkflowError()
}

// since are the instants of the rounds, from the beginning on.
func (m *mailbag) since() (all []time.Duration) {
	for _, at := range m.rounds {
		all = append(all, at.Sub(monday))
	}
	return all
}

func TestDeliveriesEndWhenNothingWaits(t *testing.T) {
	m := newMailbag(func(n int, _ time.Time) (activities.Delivered, error) { return activities.Delivered{More: n < 3}, nil })
	require.NoError(t, m.run())
	require.Equal(t, []time.Duration{0, 0, 0}, m.since())
}

func TestDeliveriesSleepUntilTheNextAttemptUnlessSomethingNewWaits(t *testing.T) {
	m := newMailbag(func(n int, now time.Time) (activities.Delivered, error) {
		if n < 5 {
			return activities.Delivered{NextAt: now.Add(time.Hour)}, nil
		}
		return activities.Delivered{}, nil
	})
	m.env.RegisterDelayedCallback(func() {
		for range 3 {
			m.env.SignalWorkflow(workflows.WebhookWoken, nil)
		}
	}, 80*time.Minute)
	require.NoError(t, m.run())
	require.Equal(t, []time.Duration{0, time.Hour, 80 * time.Minute, 80 * time.Minute, 140 * time.Minute}, m.since(), "what comes during a round is one more, however many calls")
}

func TestDeliveriesGoOnAfterAFailureAndInAnotherRun(t *testing.T) {
	m := newMailbag(func(n int, _ time.Time) (activities.Delivered, error) {
		if n%7 == 0 {
			return activities.Delivered{}, errors.New("the database is away")
		}
		return activities.Delivered{More: true}, nil
	})
	err := m.run()
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, err, &again)
	require.Equal(t, workflows.WebhookWorkflow, again.WorkflowType.Name)
	require.Len(t, m.rounds, 58, "fifty rounds, and those that failed")
}
