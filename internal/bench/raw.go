package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// The baselines: the least that Temporal can do for the same purpose.
const (
	rawQueue = "raw"
	nobody   = "nobody-works-here"
	empty    = "Empty"
	sleeper  = "SleepThenActivity"
	asked    = "Asked"
	ask      = "ask"
)

// raw runs the baselines in a world's namespace.
type raw struct {
	client client.Client
	n      int

	mu   sync.Mutex
	done []time.Time // when activities were performed
}

// rawWork starts a worker for the baselines.
func (w *world) rawWork() error {
	r := &raw{client: w.Temporal}
	worker := sdk.New(w.Temporal, rawQueue, sdk.Options{})
	worker.RegisterWorkflowWithOptions(sleepThenAct, workflow.RegisterOptions{Name: sleeper})
	worker.RegisterWorkflowWithOptions(waitToBeAsked, workflow.RegisterOptions{Name: asked})
	worker.RegisterActivityWithOptions(r.act, activity.RegisterOptions{Name: "Act"})
	if err := worker.Start(); err != nil {
		return fmt.Errorf("start the baselines' worker: %w", err)
	}
	w.raw, w.stops = r, append(w.stops, worker.Stop)
	return nil
}

func sleepThenAct(ctx workflow.Context, until time.Time) error {
	if err := workflow.Sleep(ctx, until.Sub(workflow.Now(ctx))); err != nil {
		return err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteActivity(ctx, "Act").Get(ctx, nil)
}

func (r *raw) act(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, time.Now())
	return nil
}

func (r *raw) performed() []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done[:len(r.done):len(r.done)]
}

func waitToBeAsked(ctx workflow.Context) error {
	n := 0
	if err := workflow.SetUpdateHandler(ctx, ask, func(workflow.Context) (int, error) { n++; return n, nil }); err != nil {
		return err
	}
	return workflow.Sleep(ctx, 30*24*time.Hour)
}

// start starts n workflows, as many at once as everybody else, and gives their ids.
func (r *raw) start(ctx context.Context, n int, name, queue string, args ...any) (ids []string, err error) {
	for range n {
		r.n++
		ids = append(ids, fmt.Sprintf("raw-%s-%d", name, r.n))
	}
	err = each(ctx, ids, func(ctx context.Context, id string) error {
		_, err := r.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, name, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("start raw workflows: %w", err)
	}
	return ids, nil
}

// ask updates a workflow and waits for its answer.
func (r *raw) ask(ctx context.Context, id string) error {
	handle, err := r.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: ask, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		var n int
		err = handle.Get(ctx, &n)
	}
	if err != nil {
		return fmt.Errorf("update a raw workflow: %w", err)
	}
	return nil
}
