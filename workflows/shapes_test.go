package workflows_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// courses are the ways that a run can go, besides what is said and done in it.
var courses = []string{
	"first run", "asleep", "asleep without a deadline", "asleep with work for later", "woken", "hibernated",
	"slept shortly in the same run", "hibernated with work for the server", "hibernated with work for later", "parked",
	"update while the server retries", "signal while the server retries", "send called off", "signal while a turn ended",
	"ended as won", "ended as disqualified", "ended as do_not_contact",
	"move of several batches", "move in another round", "move continued as new", "move ended",
	"batch of several batches", "batch in another round", "batch continued as new", "batch ended",
	"import of several batches", "import continued as new", "import ended",
	"signal " + workflows.WebhookWoken, "webhook tried again", "webhook woken", "webhook continued as new", "webhook ended",
}

func TestEveryShapeOfARunIsRecorded(t *testing.T) {
	missing := doors(t)
	for _, name := range courses {
		missing[name] = true
	}
	known := maps.Clone(missing)
	for _, r := range recordedWith(t, release) {
		for _, shape := range r.shapes(t) {
			require.Contains(t, known, shape, "%s: something that this code does not know any more", r.name)
			delete(missing, shape)
		}
	}
	require.Empty(t, slices.Sorted(maps.Keys(missing)), "no history shows these: play them in record_lives_test.go and record again")
}

// shapes names what a run shows.
func (r recorded) shapes(t *testing.T) []string {
	t.Helper()
	seen := r.said()
	switch r.events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName() {
	case workflows.MoveWorkflow:
		return append(seen, r.went("move")...)
	case workflows.BatchWorkflow:
		return append(seen, r.went("batch")...)
	case workflows.ImportWorkflow:
		return append(seen, r.went("import")...)
	case workflows.WebhookWorkflow:
		return append(seen, r.delivered()...)
	}
	for _, name := range r.markers(t) {
		seen = append(seen, "activity "+name+" in place")
	}
	in := r.input(t)
	if in.Enrolled != nil {
		seen = append(seen, "first run")
	}
	return append(seen, r.lived(t, in)...)
}

// said names the doors that were used, and what the server was asked for.
func (r recorded) said() (seen []string) {
	retrying := false
	for _, e := range r.events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			retrying = true
			seen = append(seen, "activity "+e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()+" by the server")
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
			retrying = false
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED:
			seen = append(seen, "send called off")
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			seen = append(seen, "signal "+e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName())
			if retrying {
				seen = append(seen, "signal while the server retries")
			}
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			seen = append(seen, "update "+e.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetName())
			if retrying {
				seen = append(seen, "update while the server retries")
			}
		}
	}
	return seen
}

// lived names how a run of a lead went.
func (r recorded) lived(t *testing.T, in workflows.Input) (seen []string) {
	stage := in.Lead.Stage
	if at := r.waits(); len(at) > 0 && !r.any(r.events[:at[0]], enumspb.EVENT_TYPE_TIMER_STARTED, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) {
		seen = append(seen, "asleep without a deadline")
	}
	sleeps := 0
	for _, e := range r.events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			if seen = append(seen, "asleep"); len(in.Todo) > 0 {
				seen = append(seen, "asleep with work for later")
			}
			if sleeps++; sleeps > 1 {
				seen = append(seen, "slept shortly in the same run")
			}
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			seen = append(seen, "woken")
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			if e.GetWorkflowTaskFailedEventAttributes().GetCause() == enumspb.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND {
				seen = append(seen, "signal while a turn ended")
			}
		case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			shown := e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()
			if p, ok := shown[workflows.LeadStage.GetName()]; ok {
				require.NoError(t, converter.GetDefaultDataConverter().FromPayload(p, &stage))
			}
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
			seen = append(seen, "ended as "+string(stage))
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			seen = append(seen, carried(t, e)...)
		}
	}
	return seen
}

// carried names what a run left to the next one.
func carried(t *testing.T, e *historypb.HistoryEvent) (seen []string) {
	var next workflows.Input
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(e.GetWorkflowExecutionContinuedAsNewEventAttributes().Input, &next))
	switch {
	case len(next.Todo) == 0:
		seen = append(seen, "hibernated")
	case !next.TriedAt.IsZero():
		seen = append(seen, "hibernated with work for the server")
	default:
		seen = append(seen, "hibernated with work for later")
	}
	if p := next.Lead.Pause; p != nil && p.Reason == sequence.PausedParked {
		seen = append(seen, "parked")
	}
	return seen
}

// went names how a run of batches went.
func (r recorded) went(what string) (seen []string) {
	batches := 0
	for _, e := range r.events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			if batches++; batches == 3 {
				seen = append(seen, what+" of several batches")
			}
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			seen = append(seen, what+" in another round")
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			seen = append(seen, what+" continued as new")
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
			seen = append(seen, what+" ended")
		}
	}
	return seen
}

// delivered names how a run of a webhook went.
func (r recorded) delivered() (seen []string) {
	for _, e := range r.events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			seen = append(seen, "webhook tried again")
		case enumspb.EVENT_TYPE_TIMER_CANCELED:
			seen = append(seen, "webhook woken")
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			seen = append(seen, "webhook continued as new")
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
			seen = append(seen, "webhook ended")
		}
	}
	return seen
}

func (recorded) any(events []*historypb.HistoryEvent, types ...enumspb.EventType) bool {
	return slices.ContainsFunc(events, func(e *historypb.HistoryEvent) bool { return slices.Contains(types, e.EventType) })
}
