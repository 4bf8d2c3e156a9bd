package workflows_test

import (
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/log"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/workflows"
)

// replay has today's code go through a history of a release, by the rules of its
// playbook or by others.
func replay(t *testing.T, release string, changes ...string) func([]*historypb.HistoryEvent) error {
	t.Helper()
	w := &workflows.Workflows{Playbook: library(t, release, changes...).Get, VirtualClock: true}
	replayer := sdk.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(w.Lead, workflow.RegisterOptions{Name: workflows.LeadWorkflow})
	replayer.RegisterWorkflowWithOptions(w.MovePlaybook, workflow.RegisterOptions{Name: workflows.MoveWorkflow})
	replayer.RegisterWorkflowWithOptions(w.ImportRows, workflow.RegisterOptions{Name: workflows.ImportWorkflow})
	replayer.RegisterWorkflowWithOptions(w.AskLeads, workflow.RegisterOptions{Name: workflows.BatchWorkflow})
	replayer.RegisterWorkflowWithOptions(w.DeliverWebhooks, workflow.RegisterOptions{Name: workflows.WebhookWorkflow})
	logger := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	return func(events []*historypb.HistoryEvent) error {
		return replayer.ReplayWorkflowHistory(logger, &historypb.History{Events: slices.Clone(events)})
	}
}

// otherRules change what nearly every turn decides.
var otherRules = []string{
	"after: 2 working days", "after: 9 working days", "after: 3 working days", "after: 1 working day",
	"voicemails_in_a_row: 3", "voicemails_in_a_row: 1", "no_shows: 2", "no_shows: 1", "out_of_office: 7 days", "out_of_office: 2 days",
	"{ email: warm/acknowledge, reason: opener, rule: R01 }", "{ manual: \"Write a card.\", rule: R01 }",
}

func TestRunsThatWaitedWhenAReleaseEndedGoOnWithThisOne(t *testing.T) {
	folders, err := os.ReadDir(histories)
	require.NoError(t, err)
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) { goOn(t, folder.Name()) })
		t.Run(folder.Name()+" by other rules", func(t *testing.T) { goOn(t, folder.Name(), otherRules...) })
	}
}

// goOn expects this code to go on with the runs of a release wherever they waited.
func goOn(t *testing.T, release string, changes ...string) {
	again, places := replay(t, release, changes...), 0
	for _, r := range recordedWith(t, release) {
		for _, n := range r.waits() {
			places++
			require.NoError(t, again(r.events[:n]), "%s, waiting after event %d", r.name, n)
		}
	}
	require.Greater(t, places, 20)
}

func TestWholeRunsOfThisReleaseReplay(t *testing.T) {
	again := replay(t, release)
	for _, r := range recordedWith(t, release) {
		require.NoError(t, again(r.events), `%s: this code decides, or does, something else than when it was recorded.
If that is meant and the places in which runs wait still replay, record again: go test ./workflows -run Record -update`, r.name)
	}
}
