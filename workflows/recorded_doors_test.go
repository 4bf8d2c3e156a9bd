package workflows_test

import (
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

// doorkeeper notes which signals and updates a run listens to.
type doorkeeper struct {
	interceptor.WorkerInterceptorBase
	names map[string]bool
}

func (d *doorkeeper) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &inside{keeper: d}
	in.Next = next
	return in
}

type inside struct {
	interceptor.WorkflowInboundInterceptorBase
	keeper *doorkeeper
}

func (i *inside) Init(next interceptor.WorkflowOutboundInterceptor) error {
	out := &outside{keeper: i.keeper}
	out.Next = next
	return i.Next.Init(out)
}

type outside struct {
	interceptor.WorkflowOutboundInterceptorBase
	keeper *doorkeeper
}

func (o *outside) GetSignalChannel(ctx workflow.Context, name string) workflow.ReceiveChannel {
	o.keeper.names["signal "+name] = true
	return o.Next.GetSignalChannel(ctx, name)
}

func (o *outside) SetUpdateHandler(ctx workflow.Context, name string, handler any, options workflow.UpdateHandlerOptions) error {
	o.keeper.names["update "+name] = true
	return o.Next.SetUpdateHandler(ctx, name, handler, options)
}

// registered notes which activities a worker offers.
type registered struct{ names map[string]bool }

func (registered) RegisterWorkflowWithOptions(any, workflow.RegisterOptions) {}

func (r registered) RegisterActivityWithOptions(_ any, o activity.RegisterOptions) {
	if o.Name == workflows.TakeTurn { // in every run, and never by the server
		return
	}
	r.names["activity "+o.Name+" by the server"] = true
	switch o.Name {
	case activities.MoveBatch, activities.FinishMove, activities.ImportBatch, activities.AskChosen, activities.FinishBatch, activities.DeliverWebhooks: // of the other workflows, which have no other kind
	default:
		r.names["activity "+o.Name+" in place"] = true
	}
}

// doors are what can be said to a lead and done for it, as the code has it.
func doors(t *testing.T) map[string]bool {
	t.Helper()
	keeper := &doorkeeper{names: map[string]bool{}}
	s := newStory(t, enrolled())
	s.listening = []interceptor.WorkerInterceptor{keeper}
	s.run(noon)
	worker.Register(registered{keeper.names}, &workflows.Workflows{}, &activities.Activities{})
	return keeper.names
}
