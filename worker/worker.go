// Package worker registers the workflow and the activities and runs them. It
// knows what a worker needs; it must not know how those parts work.
package worker

import (
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/workflows"
)

// Options are the limits of one worker process.
type Options struct {
	// Sends is how many activities run at once; each holds a database connection
	// while it talks to the mail server.
	Sends int
}

// inMemory is how many leads a process keeps in memory between their turns. One takes
// some 60 KB there; what wakes up without being kept is read from its short history.
const inMemory = 2000

var sized sync.Once // the SDK keeps them for all workers of a process together

// New makes a worker that runs leads. Start and Stop it.
func New(c client.Client, w *workflows.Workflows, a *activities.Activities, o Options) sdk.Worker {
	sized.Do(func() { sdk.SetStickyWorkflowCacheSize(inMemory) })
	worker := sdk.New(c, workflows.TaskQueue, sdk.Options{
		MaxConcurrentLocalActivityExecutionSize: o.Sends,
		MaxConcurrentActivityExecutionSize:      o.Sends,
		WorkerStopTimeout:                       50 * time.Second, // longer than what is done in place may take
	})
	Register(worker, w, a)
	return worker
}

// Registry is the part of a worker, or of a test environment, that takes
// registrations.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// Register registers everything under its fixed names.
func Register(r Registry, w *workflows.Workflows, a *activities.Activities) {
	r.RegisterWorkflowWithOptions(w.Lead, workflow.RegisterOptions{Name: workflows.LeadWorkflow})
	r.RegisterWorkflowWithOptions(w.MovePlaybook, workflow.RegisterOptions{Name: workflows.MoveWorkflow})
	r.RegisterWorkflowWithOptions(w.ImportRows, workflow.RegisterOptions{Name: workflows.ImportWorkflow})
	r.RegisterWorkflowWithOptions(w.AskLeads, workflow.RegisterOptions{Name: workflows.BatchWorkflow})
	r.RegisterWorkflowWithOptions(w.DeliverWebhooks, workflow.RegisterOptions{Name: workflows.WebhookWorkflow})
	turns := &workflows.Turns{Workflows: w, Activities: a}
	for name, activityFunc := range map[string]any{
		workflows.TakeTurn:         turns.Take,
		activities.SendEmail:       a.SendEmail,
		activities.CreateTask:      a.CreateTask,
		activities.CancelTasks:     a.CancelTasks,
		activities.MoveTasks:       a.MoveTasks,
		activities.Notify:          a.Notify,
		activities.StartOutreach:   a.StartOutreach,
		activities.Suppress:        a.Suppress,
		activities.SaveLead:        a.SaveLead,
		activities.ReopenTasks:     a.ReopenTasks,
		activities.CalmAccount:     a.CalmAccount,
		activities.MoveBatch:       a.MoveBatch,
		activities.FinishMove:      a.FinishMove,
		activities.ImportBatch:     a.ImportBatch,
		activities.AskChosen:       a.AskChosen,
		activities.FinishBatch:     a.FinishBatch,
		activities.DeliverWebhooks: a.DeliverWebhooks,
	} {
		r.RegisterActivityWithOptions(activityFunc, activity.RegisterOptions{Name: name})
	}
}
