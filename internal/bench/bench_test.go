package bench

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/workflows"
)

// TestTheCountsKeepTheirBudgets lives the lead-year of the budgets on a real Temporal.
// It judges counts, which are the same on every machine, and never times.
func TestTheCountsKeepTheirBudgets(t *testing.T) {
	bin, err := devstack.FindTemporal("../../bin")
	require.NoError(t, err, "make test builds the Temporal server; see the Makefile")
	pg, err := devstack.FindPostgres()
	require.NoError(t, err)
	dir, err := devstack.ProcessFolder("rekindle-bench-test-")
	require.NoError(t, err)
	r, err := Run(t.Context(), Options{
		Stack: Stack{Dir: dir, PostgresBin: pg, Temporal: bin}, Rounds: 1, Scale: 1, Only: []string{"counts"}, Say: io.Discard,
	})
	require.NoError(t, err)
	require.NoFileExists(t, dir)
	judged := 0
	for _, row := range r.Rows {
		t.Logf("%s: %s %s, budget %s", row.Name, row.Ours, row.Unit, row.Budget)
		if row.Budget != nil {
			judged++
			require.Positive(t, row.Ours.Median, row.Name)
		}
	}
	require.Equal(t, 5, judged)
	require.Empty(t, r.MissedCounts())
}

func TestActionsAreCountedAsTemporalCloudBillsThem(t *testing.T) {
	event := func(kind enums.EventType) *history.HistoryEvent { return &history.HistoryEvent{EventType: kind} }
	marker := func(task int64) *history.HistoryEvent {
		return &history.HistoryEvent{EventType: enums.EVENT_TYPE_MARKER_RECORDED, Attributes: &history.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{MarkerName: "LocalActivity", WorkflowTaskCompletedEventId: task},
		}}
	}
	attempt := func(n int32) *history.HistoryEvent {
		return &history.HistoryEvent{EventType: enums.EVENT_TYPE_ACTIVITY_TASK_STARTED, Attributes: &history.HistoryEvent_ActivityTaskStartedEventAttributes{
			ActivityTaskStartedEventAttributes: &history.ActivityTaskStartedEventAttributes{Attempt: n},
		}}
	}
	metered := &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, Attributes: &history.HistoryEvent_WorkflowTaskCompletedEventAttributes{
		WorkflowTaskCompletedEventAttributes: &history.WorkflowTaskCompletedEventAttributes{MeteringMetadata: &common.MeteringMetadata{NonfirstLocalActivityExecutionAttempts: 3}},
	}}
	for name, c := range map[string]struct {
		events []*history.HistoryEvent
		want   int
	}{
		"a start": {[]*history.HistoryEvent{event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)}, 1},
		"workflow tasks are free": {[]*history.HistoryEvent{
			event(enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED), event(enums.EVENT_TYPE_WORKFLOW_TASK_STARTED), event(enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED),
		}, 0},
		"a timer counts when it starts":                 {[]*history.HistoryEvent{event(enums.EVENT_TYPE_TIMER_STARTED), event(enums.EVENT_TYPE_TIMER_FIRED)}, 1},
		"the markers of a task count together":          {[]*history.HistoryEvent{marker(4), marker(4), marker(9)}, 2},
		"an activity counts for each attempt":           {[]*history.HistoryEvent{event(enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), attempt(3)}, 3},
		"a signal":                                      {[]*history.HistoryEvent{event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)}, 1},
		"an update counts when it is accepted":          {[]*history.HistoryEvent{event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED), event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED)}, 1},
		"an upsert":                                     {[]*history.HistoryEvent{event(enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)}, 1},
		"continue-as-new counts as the start it brings": {[]*history.HistoryEvent{event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW)}, 0},
		"markers of two runs are two":                   {[]*history.HistoryEvent{marker(4), event(enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW), marker(4)}, 2},
		"a child counts twice":                          {[]*history.HistoryEvent{event(enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED)}, 2},
		"local activities tried again count once":       {[]*history.HistoryEvent{metered}, 1},
	} {
		require.Equal(t, c.want, actions(c.events), name)
	}
}

func TestALeadsHistoriesFallIntoTurns(t *testing.T) {
	var n int64
	events := func(kinds ...enums.EventType) (r run) {
		for _, k := range kinds {
			n++
			r.events = append(r.events, &history.HistoryEvent{EventId: n, EventType: k})
		}
		return r
	}
	clock := events(enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW)
	clock.events[0].Attributes = &history.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
		WorkflowExecutionSignaledEventAttributes: &history.WorkflowExecutionSignaledEventAttributes{SignalName: workflows.ClockSignal},
	}
	lead := turns([]run{
		events(enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_TIMER_STARTED),
		clock,
		events(enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_TIMER_STARTED, enums.EVENT_TYPE_TIMER_FIRED, enums.EVENT_TYPE_MARKER_RECORDED),
		events(enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_TIMER_STARTED),
	})
	require.Len(t, lead, 3)
	var counted []int
	for _, turn := range lead {
		if turn = turn.unset(); turn != nil {
			counted = append(counted, turn.cost().Actions)
		}
	}
	require.Equal(t, []int{2, 3}, counted, "a start and a timer; a marker, a start and a timer; the clock's are left out")

	due := append(clock.events[:1:1], lead[2][1:]...)
	require.Equal(t, turn(due).cost().Actions-1, turn(due).unset().cost().Actions, "what was due when the clock was set counts as if the timer had fired")
	require.Len(t, turn(due).unset(), len(due))
}

func TestTheMedianAndThePercentilesAreThoseOfTheValues(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	require.Equal(t, Sample{Median: 3, Low: 1, High: 5, Each: values}, sampleOf(values...))
	require.InDelta(t, 2.5, percentile([]float64{1, 2, 3, 4}, 50), 0)
	require.InDelta(t, 5, percentile(values, 99), 0)
	require.InDelta(t, 1, percentile(values, 1), 0)
	require.Equal(t, []float64{5, 1, 4, 2, 3}, values, "in the order in which they were measured")
}

func TestABudgetIsHeldOrMissed(t *testing.T) {
	base := sampleOf(100)
	row := func(v float64) Row { return Row{Name: "x", Baseline: &base, Ours: sampleOf(v)} }
	for _, c := range []struct {
		value   float64
		budget  Budget
		verdict string
	}{
		{80, Budget{AtLeast: 0.8, OfRatio: true}, Met},
		{79, Budget{AtLeast: 0.8, OfRatio: true}, Missed},
		{150, Budget{AtMost: 1.5, OfRatio: true}, Met},
		{151, Budget{AtMost: 1.5, OfRatio: true}, Missed},
		{45, Budget{AtMost: 45}, Met},
		{46, Budget{AtMost: 45}, Missed},
		{0, Budget{None: true}, Met},
		{1, Budget{None: true}, Missed},
	} {
		require.Equal(t, c.verdict, row(c.value).against(c.budget).Verdict, "%v against %s", c.value, &c.budget)
	}
	counted := Report{Rows: []Row{
		row(46).against(Budget{AtMost: 45, Count: true}), row(1).against(Budget{AtLeast: 2}),
		row(53).against(Budget{AtMost: 45, Count: true, Known: 53}), row(54).against(Budget{AtMost: 45, Count: true, Known: 53}),
	}}
	require.Equal(t, []Row{counted.Rows[0], counted.Rows[3]}, counted.MissedCounts(), "a time is judged in the table only, and so is what is known")
}

func TestTheReportIsPrintedAndDrawn(t *testing.T) {
	base := sampleOf(270, 280)
	r := Report{Machine: "a machine", Rounds: 2, Scale: 1, Rows: []Row{
		Row{Name: "starts", Unit: "/s", Baseline: &base, Ours: sampleOf(220, 240)}.against(Budget{AtLeast: 0.8, OfRatio: true}),
		{Name: rowWorkerMemory, Unit: "MB", Leads: 1000, Ours: sampleOf(80)},
		{Name: rowWorkerMemory, Unit: "MB", Leads: 10_000, Ours: sampleOf(120)},
	}}
	var table, markdown bytes.Buffer
	require.NoError(t, r.Print(&table))
	require.NoError(t, r.Markdown(&markdown))
	require.Contains(t, markdown.String(), "| starts | /s | 275 (270–280) | 230 (220–240) | 0.84 | ≥ 0.8 × | met |")
	require.Contains(t, table.String(), "memory of the worker (10000 leads)")
	dir := t.TempDir()
	require.NoError(t, r.WritePlots(dir))
	chart, err := os.ReadFile(filepath.Join(dir, "growth-memory.svg"))
	require.NoError(t, err)
	require.Contains(t, string(chart), rowWorkerMemory)
	require.NoFileExists(t, filepath.Join(dir, "growth-latency.svg"), "nothing to draw")
}

func TestAnUnknownMeasurementIsNamed(t *testing.T) {
	_, err := Run(t.Context(), Options{Only: []string{"speed"}})
	require.ErrorContains(t, err, `"speed"`)
	require.ErrorContains(t, err, "counts")
}
