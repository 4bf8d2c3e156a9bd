package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/workflows"
)

// lives reads what Temporal has of every lead: all runs, from the last to the first.
func (w *world) lives(ctx context.Context, e *judge.Evidence) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: w.temporal, Logger: quiet()})
	if err != nil {
		return fmt.Errorf("reach Temporal: %w", err)
	}
	defer c.Close()
	r := &reader{client: c, e: e}
	reading, ctx := errgroup.WithContext(ctx)
	reading.SetLimit(4)
	for i := range e.Leads {
		reading.Go(func() error { return r.patiently(ctx, &e.Leads[i]) })
	}
	return reading.Wait()
}

// readings is how often a life is read anew when Temporal does not answer: it may have
// much to do.
const readings = 12

func (r *reader) patiently(ctx context.Context, l *judge.Lead) (err error) {
	for range readings {
		l.Life = judge.Life{}
		if err = r.life(ctx, l); err == nil || ctx.Err() != nil {
			break
		}
		sleep(ctx, time.Second)
	}
	if err != nil {
		return fmt.Errorf("read the life of lead %s: %w", l.ID, err)
	}
	return nil
}

// reader reads lives and searches them for personal data.
type reader struct {
	client client.Client
	mu     sync.Mutex // of e's leaks
	e      *judge.Evidence
}

func (r *reader) life(ctx context.Context, l *judge.Lead) error {
	id := workflows.WorkflowID(l.ID)
	d, err := r.client.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return err
	}
	life := &l.Life
	life.Status = d.GetWorkflowExecutionInfo().GetStatus().String()
	for _, a := range d.GetPendingActivities() {
		life.Retried = append(life.Retried, fmt.Sprintf("%s (attempt %d)", a.GetActivityType().GetName(), a.GetAttempt()))
	}
	if task := d.GetPendingWorkflowTask(); task != nil {
		life.Due, life.Failing = true, int(task.GetAttempt())
	}
	life.Asleep = !life.Due && len(life.Retried) == 0
	for run := d.GetWorkflowExecutionInfo().GetExecution().GetRunId(); run != ""; life.Runs++ {
		if run, err = r.run(ctx, l, id, run, life.Runs == 0); err != nil {
			return err
		}
	}
	return nil
}

// run reads one run and gives the one before it.
func (r *reader) run(ctx context.Context, l *judge.Lead, id, run string, last bool) (before string, err error) {
	timers, tail, due := map[int64]bool{}, []string{}, false
	events := r.client.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return "", err
		}
		if err := r.search(l.ID, event); err != nil {
			return "", err
		}
		tail = append(tail, event.GetEventType().String())
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			started := event.GetWorkflowExecutionStartedEventAttributes()
			before = started.GetContinuedExecutionRunId()
			var in workflows.Input
			if err := json.Unmarshal(started.GetInput().GetPayloads()[0].GetData(), &in); err != nil {
				return "", err
			}
			if last {
				l.Life.Turn = in.Lead.EntrySeq
			}
		case enums.EVENT_TYPE_MARKER_RECORDED:
			if turned, ok := engine.Turned(event); ok && last {
				l.Life.Turn = turned.Lead.EntrySeq
			}
		case enums.EVENT_TYPE_TIMER_STARTED:
			timers[event.GetEventId()] = true
		case enums.EVENT_TYPE_TIMER_FIRED:
			delete(timers, event.GetTimerFiredEventAttributes().GetStartedEventId())
		case enums.EVENT_TYPE_TIMER_CANCELED:
			delete(timers, event.GetTimerCanceledEventAttributes().GetStartedEventId())
		case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
			due = true
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
			due = false
		case enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			due = false
			l.Life.Broken = append(l.Life.Broken, broken(event)...)
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			l.Life.Outcomes = append(l.Life.Outcomes, outcomeOf(event)...)
		}
	}
	if last {
		l.Life.Timer, l.Life.Tail = len(timers) > 0, strings.Join(tail[max(0, len(tail)-8):], " ")
		l.Life.Due = l.Life.Due || due // its timer fired while it was being looked at: no worker takes anything just now
	}
	return before, nil
}

// stoodStill is how the SDK calls code that did not go on for a second, as in a process
// that is paused.
const stoodStill = "TMPRL1101"

// broken is why the code failed a task; tasks fail for other reasons too: news came
// while the last one was under way, a shard moved.
func broken(event *history.HistoryEvent) []string {
	failed := event.GetWorkflowTaskFailedEventAttributes()
	says := failed.GetFailure().GetMessage()
	switch cause := failed.GetCause(); cause {
	case enums.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR, enums.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE:
		if strings.Contains(says, stoodStill) {
			return nil
		}
		return []string{cause.String() + ": " + says}
	default:
		return nil
	}
}

// outcomeOf is the outcome that an update told of.
func outcomeOf(event *history.HistoryEvent) []string {
	input := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput()
	var told struct{ ID string }
	if input.GetName() != workflows.RecordOutcome || json.Unmarshal(input.GetArgs().GetPayloads()[0].GetData(), &told) != nil {
		return nil
	}
	return []string{told.ID}
}

func (r *reader) search(lead string, event *history.HistoryEvent) error {
	raw, err := proto.Marshal(event)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.e.Searched++
	for _, secret := range secrets() {
		if bytes.Contains(raw, []byte(secret)) {
			r.e.Leaks = append(r.e.Leaks, fmt.Sprintf("event %d of lead %s (%s) holds %q", event.GetEventId(), lead, event.GetEventType(), secret))
		}
	}
	return nil
}
