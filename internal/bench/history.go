package bench

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/workflows"
)

// cost is what a stretch of histories amounts to.
type cost struct {
	Events, Actions, Bytes int
}

func (c cost) plus(d cost) cost {
	return cost{c.Events + d.Events, c.Actions + d.Actions, c.Bytes + d.Bytes}
}

// run is one run of a workflow, from its start to its end or to where it sleeps.
type run struct {
	id     string
	events []*history.HistoryEvent
}

// actions counts what Temporal Cloud bills for a history
// (https://docs.temporal.io/cloud/actions): a start, which every run has, also one
// that was continued as new; a timer, an activity and each further attempt at it, a
// signal, an accepted update, an upsert of search attributes; and all markers of a
// workflow task together, which local activities and side effects write. Local
// activities that are tried again after a task was kept alive count once more.
func actions(events []*history.HistoryEvent) (n int) {
	marked := map[int64]bool{}
	for _, e := range events {
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
			enums.EVENT_TYPE_TIMER_STARTED,
			enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
			enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
			enums.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
			enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
			enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
			enums.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED:
			n++
		case enums.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
			n += 2
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			n += int(e.GetActivityTaskStartedEventAttributes().GetAttempt()) - 1
		case enums.EVENT_TYPE_MARKER_RECORDED:
			task := e.GetMarkerRecordedEventAttributes().GetWorkflowTaskCompletedEventId()
			if !marked[task] {
				marked[task] = true
				n++
			}
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			if e.GetWorkflowTaskCompletedEventAttributes().GetMeteringMetadata().GetNonfirstLocalActivityExecutionAttempts() > 0 {
				n++
			}
		}
	}
	return n
}

func (r run) cost() cost {
	c := cost{Events: len(r.events), Actions: actions(r.events)}
	for _, e := range r.events {
		c.Bytes += proto.Size(e)
	}
	return c
}

// signals counts those that set the virtual clock, and the others.
func (r run) signals() (clock, others int) {
	for _, e := range r.events {
		switch a := e.GetWorkflowExecutionSignaledEventAttributes(); {
		case a == nil:
		case a.GetSignalName() == workflows.ClockSignal:
			clock++
		default:
			others++
		}
	}
	return clock, others
}

func (r run) count(kind enums.EventType) (n int) {
	for _, e := range r.events {
		if e.GetEventType() == kind {
			n++
		}
	}
	return n
}

// sends counts the emails that were made in a run, in place or handed to the server.
func (r run) sends() (n int) {
	for _, e := range r.events {
		if e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == activities.SendEmail || localActivity(e) == activities.SendEmail {
			n++
		}
	}
	return n
}

// localActivity is the name of the local activity behind a marker, as the SDK writes
// it down; empty for every other event.
func localActivity(e *history.HistoryEvent) string {
	m := e.GetMarkerRecordedEventAttributes()
	if m.GetMarkerName() != "LocalActivity" {
		return ""
	}
	var data struct{ ActivityType string }
	if err := converter.GetDefaultDataConverter().FromPayloads(m.GetDetails()["data"], &data); err != nil {
		return ""
	}
	return data.ActivityType
}

// touchOnly reports whether nothing happened in a run but its automated touches.
func (r run) touchOnly() bool {
	clock, others := r.signals()
	return r.sends() > 0 && clock+others == 0 && r.count(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) == 0 &&
		r.count(enums.EVENT_TYPE_TIMER_FIRED) > 0
}

// clockOnly: a run that slept until the virtual clock was set, and started anew. It
// is what the clock of the measurement costs, not what a lead does.
func (r run) clockOnly() bool {
	clock, others := r.signals()
	return clock > 0 && others == 0 && r.count(enums.EVENT_TYPE_MARKER_RECORDED) == 0 && r.count(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) == 0
}

// chain reads every run of a workflow, from the first to the present one.
func chain(ctx context.Context, c client.Client, id string) (runs []run, err error) {
	first, err := readRun(ctx, c, id, "")
	if err != nil {
		return nil, err
	}
	next := first.events[0].GetWorkflowExecutionStartedEventAttributes().GetFirstExecutionRunId()
	for next != "" {
		r, err := readRun(ctx, c, id, next)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
		next = r.events[len(r.events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
	return runs, nil
}

func readRun(ctx context.Context, c client.Client, id, runID string) (run, error) {
	r := run{id: runID}
	for it := c.GetWorkflowHistory(ctx, id, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			return r, fmt.Errorf("read the history of %s: %w", id, err)
		}
		r.events = append(r.events, e)
	}
	if len(r.events) == 0 {
		return r, fmt.Errorf("the history of %s is empty", id)
	}
	return r, nil
}
