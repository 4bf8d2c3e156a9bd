package bench

import (
	"context"
	"fmt"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
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
type run struct{ events []*history.HistoryEvent }

// first tells runs apart.
func (r run) first() string {
	return r.events[0].GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId()
}

// sleeps reports whether the last thing that happened was that a timer started.
func (r run) sleeps() bool {
	return r.events[len(r.events)-1].GetEventType() == enums.EVENT_TYPE_TIMER_STARTED
}

// actions counts what Temporal Cloud bills for a history
// (https://docs.temporal.io/cloud/actions): a start, which every run has, also one
// that was continued as new; a timer, an activity and each further attempt at it, a
// signal, an accepted update, an upsert of search attributes; and all markers of a
// workflow task together, which local activities and side effects write. Local
// activities that are tried again after a task was kept alive count once more.
func actions(events []*history.HistoryEvent) (n int) {
	marked := map[int64]bool{} // by workflow task of one run
	for _, e := range events {
		switch e.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
			clear(marked)
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

// turn is what happens from one sleep of a lead to the next: the events after the
// start of one timer up to the start of another, over as many runs as it takes.
type turn []*history.HistoryEvent

// turns are a lead's histories in its own steps.
func turns(runs []run) (all []turn) {
	var t turn
	for _, r := range runs {
		for _, e := range r.events {
			t = append(t, e)
			if e.GetEventType() == enums.EVENT_TYPE_TIMER_STARTED {
				all, t = append(all, t), nil
			}
		}
	}
	if len(t) > 0 {
		all = append(all, t)
	}
	return all
}

func (t turn) cost() cost {
	c := cost{Events: len(t), Actions: actions(t)}
	for _, e := range t {
		c.Bytes += proto.Size(e)
	}
	return c
}

// signals counts those that set the virtual clock, and the others.
func (t turn) signals() (clock, others int) {
	for _, e := range t {
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

func (t turn) has(kinds ...enums.EventType) bool {
	return slices.ContainsFunc(t, func(e *history.HistoryEvent) bool { return slices.Contains(kinds, e.GetEventType()) })
}

// sends counts the emails that were made, in place or handed to the server.
func (t turn) sends() (n int) {
	for _, e := range t {
		if e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == activities.SendEmail {
			n++
		}
		turned, _ := engine.Turned(e)
		for _, name := range turned.Did {
			if name == activities.SendEmail {
				n++
			}
		}
	}
	return n
}

// isTouch reports whether nothing happened but automated touches that were due.
func (t turn) isTouch() bool {
	_, others := t.signals()
	return t.sends() > 0 && others == 0 && t.has(enums.EVENT_TYPE_TIMER_FIRED) && !t.has(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
}

// unset is a turn as it would have been if its timer had fired where the virtual
// clock was set instead; nil when nothing else happened.
func (t turn) unset() turn {
	clock, others := t.signals()
	if clock == 0 {
		return t
	}
	if others == 0 && !t.has(enums.EVENT_TYPE_MARKER_RECORDED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) {
		return nil
	}
	t = slices.Clone(t)
	for i, e := range t {
		if e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == workflows.ClockSignal {
			t[i] = &history.HistoryEvent{EventType: enums.EVENT_TYPE_TIMER_FIRED, Attributes: &history.HistoryEvent_TimerFiredEventAttributes{
				TimerFiredEventAttributes: &history.TimerFiredEventAttributes{TimerId: "5", StartedEventId: 5},
			}}
		}
	}
	return t
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
	var r run
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
