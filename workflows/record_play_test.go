package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

// day is how long one takes where lives are recorded.
const day = 4 * time.Second

// play is one workflow on a real server, with a world behind its activities.
type play struct {
	*testing.T
	client client.Client
	worker sdk.Worker
	world  *world
	flock  *flock
	bag    *mailbag
	crowd  crowd
	lead   string
	id     string // of the workflow
	clock  *workflows.Clock
}

// begin has a worker listen.
func (p *play) begin() {
	p.Helper()
	held := new(playbooks.Library)
	held.Add(playbook(), another(playbook()))
	done := p.world.activities()
	done.Moves, done.Webhooks, done.Batches = p.flock, p.bag, &p.crowd
	p.worker = worker.New(p.client, &workflows.Workflows{Playbook: held.Get, VirtualClock: true}, done, worker.Options{Sends: 4})
	require.NoError(p, p.worker.Start())
	p.id = workflows.WorkflowID(p.lead)
	p.clock = &workflows.Clock{Epoch: time.Now(), Base: monday, Speed: float64(24 * time.Hour / day)}
}

// end leaves nothing running behind.
func (p *play) end() {
	_ = p.client.TerminateWorkflow(p.Context(), p.id, "", "recorded") // it may have ended by itself
	p.worker.Stop()
}

// enrol begins a life and waits until its first email is out and the lead sleeps.
func (p *play) enrol() {
	p.Helper()
	in := enrolled()
	in.Lead.ID, in.Lead.Account, in.Clock = p.lead, "0190f5fe-7c00-7000-8000-0000000000cc", p.clock
	require.NoError(p, engine.Engine{Client: p.client}.Start(p.Context(), in))
}

// asleep waits until the first mail is out and its call is asked for.
func (p *play) asleep() {
	p.Helper()
	p.until("the first call is asked for", func(l sequence.Lead) bool { return l.Touches > 0 && l.Watch != nil && len(l.InFlight) == 0 })
}

// until waits until the row says so.
func (p *play) until(what string, holds func(sequence.Lead) bool) {
	p.Helper()
	require.Eventually(p, func() bool { return holds(p.world.lead()) }, time.Minute, 10*time.Millisecond, what)
}

// now is the time on the lead's clock.
func (p *play) now() time.Time { return p.clock.At(time.Now()) }

// week is a time for a call, in a week or so.
func (p *play) week() time.Time {
	return p.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 9).Add(16 * time.Hour)
}

// say lets the lead hear of something and waits until the row shows it.
func say[E any](p *play, name string, event E) {
	p.Helper()
	p.waits()
	before := len(p.world.made(activities.SaveLead))
	tell(p, name, event)
	require.Eventually(p, func() bool { return len(p.world.made(activities.SaveLead)) > before || quiet(name) }, time.Minute, 10*time.Millisecond, name)
}

// tell lets the lead hear of something.
func tell[E any](p *play, name string, event E) {
	p.Helper()
	require.NoError(p, p.client.SignalWorkflow(context.WithoutCancel(p.Context()), p.id, "", name, workflows.Message[E]{ID: uuid.NewString(), Event: event}))
}

// quiet are the signals after which nothing may be left to write down.
func quiet(name string) bool {
	return name == workflows.ClockSignal || name == workflows.SlotSignal || name == workflows.NewsSignal
}

// decide has a person decide something; the lead must accept it.
func (p *play) decide(name string, event any) {
	p.Helper()
	p.waits()
	handle, err := p.client.UpdateWorkflow(p.Context(), client.UpdateWorkflowOptions{
		WorkflowID: p.id, UpdateName: name, UpdateID: uuid.NewString(), Args: []any{event}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(p, err, name)
	var answer workflows.Answer
	require.NoError(p, handle.Get(p.Context(), &answer), name)
}

// waits until the workflow waits for something outside.
func (p *play) waits() {
	p.Helper()
	require.Eventually(p, func() bool {
		d, err := p.client.DescribeWorkflowExecution(p.Context(), p.id, "")
		return err == nil && d.GetPendingWorkflowTask() == nil && d.GetWorkflowExecutionInfo().GetHistoryLength() >= 4
	}, time.Minute, 10*time.Millisecond, "it waits")
}

// ended waits for the end of the workflow.
func (p *play) ended() {
	p.Helper()
	require.NoError(p, p.client.GetWorkflow(p.Context(), p.id, "").Get(p.Context(), nil))
}

// storm has everything fail the first time.
func (p *play) storm() {
	p.world.fail = func(_ string, n int) error {
		if n%2 == 1 {
			return errAway
		}
		return nil
	}
}
