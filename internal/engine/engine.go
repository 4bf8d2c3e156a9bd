// Package engine talks to Temporal for everybody else: it starts lives, passes
// messages on, and turns Temporal's errors into ours. It knows Temporal's client;
// it must not know the database or HTTP.
package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// The errors that callers tell apart; a refusal by the lead is a
// *sequence.Refusal.
var (
	// ErrAway: Temporal does not answer. The same request again, under the same id,
	// has its effect once.
	ErrAway = errors.New("the workflow engine does not answer")
	// ErrUnanswered, of an ErrAway: the request left for Temporal before it went away,
	// and may have had its effect. Known to clients made with Options.
	ErrUnanswered = errors.New("it may have taken the request")
	// ErrPending: Temporal has the request, the lead has not answered in time.
	// The same request again, under the same id, gives the answer.
	ErrPending = errors.New("the lead has not answered yet")
	// ErrNotRunning: no workflow runs for this lead: it is over, or begins soon.
	ErrNotRunning = errors.New("no workflow runs for this lead")
)

// Engine is a Temporal client that speaks of leads.
type Engine struct{ Client client.Client }

var _ door.Workflows = Engine{}

// Start begins a life; nil when it has begun already.
func (e Engine) Start(ctx context.Context, in workflows.Input) error {
	err := e.start(ctx, in, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
	if errors.Is(err, errBegun) {
		return nil
	}
	return err
}

// errBegun: a workflow runs for this lead, or has run.
var errBegun = errors.New("this life has begun already")

func (e Engine) start(ctx context.Context, in workflows.Input, reuse enumspb.WorkflowIdReusePolicy) error {
	_, err := e.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       workflows.WorkflowID(in.Lead.ID),
		TaskQueue:                workflows.TaskQueue,
		WorkflowIDReusePolicy:    reuse,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowTaskTimeout:      workflows.TurnTimeout,

		WorkflowExecutionErrorWhenAlreadyStarted: true, // the SDK keeps it to itself otherwise
		// A lead lives for years: neither a timeout nor a retry policy may end it.
		StaticSummary:         "Lead from " + string(in.Lead.Source),
		TypedSearchAttributes: attributes(in.Lead),
	}, workflows.LeadWorkflow, in)
	var begun *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &begun) {
		return errBegun
	}
	if err != nil {
		return fmt.Errorf("start lead %s: %w", in.Lead.ID, translate(err))
	}
	return nil
}

// attributes are what a manager filters by, as the first run shows it.
func attributes(l sequence.Lead) temporal.SearchAttributes {
	stage := l.Stage
	if stage == "" {
		stage = sequence.Warm
	}
	all := []temporal.SearchAttributeUpdate{
		workflows.LeadStage.ValueSet(string(stage)), workflows.LeadOwner.ValueSet(l.Owner),
		workflows.LeadSource.ValueSet(string(l.Source)), workflows.Playbook.ValueSet(l.Playbook),
	}
	if blocked := l.BlockedReason(); blocked != "" {
		all = append(all, workflows.BlockedReason.ValueSet(blocked))
	}
	return temporal.NewSearchAttributes(all...)
}

// Signal tells a running life something; door.ErrNoWorkflow when there is none.
func (e Engine) Signal(ctx context.Context, lead, name string, payload json.RawMessage) error {
	err := e.Client.SignalWorkflow(ctx, workflows.WorkflowID(lead), "", name, payload)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return door.ErrNoWorkflow
	}
	if err != nil {
		return fmt.Errorf("signal %s to lead %s: %w", name, lead, translate(err))
	}
	return nil
}

// answerWithin is how long a person waits for a lead's answer.
const answerWithin = 5 * time.Second

// Ask lets a person's decision reach a lead and returns the lead as it is then.
// The same id has its effect once, however often it is asked.
func (e Engine) Ask(ctx context.Context, lead, update, id string, event sequence.Event) (sequence.Lead, error) {
	return e.ask(ctx, lead, update, id, event)
}

func (e Engine) ask(ctx context.Context, lead, update, id string, event any) (sequence.Lead, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	ctx, left := departing(ctx)
	handle, err := e.update(ctx, client.UpdateWorkflowOptions{
		UpdateID: id, WorkflowID: workflows.WorkflowID(lead), UpdateName: update,
		Args: []any{event}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var answer workflows.Answer
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	err = translate(err)
	if errors.Is(err, ErrPending) && e.gone(ctx) {
		err = ErrAway
	}
	if errors.Is(err, ErrAway) && left.Load() {
		err = fmt.Errorf("%w: %w", err, ErrUnanswered)
	}
	return answer.Lead, err
}

// update asks again when the request met a turn that could not be completed, mostly
// because something else reached the lead at the same instant: it was not taken.
func (e Engine) update(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		handle, err := e.Client.UpdateWorkflow(ctx, o)
		var notReady *serviceerror.WorkflowNotReady
		if !errors.As(err, &notReady) {
			return handle, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// Move starts the move of leads to another version of their playbook; nil when it
// runs already.
func (e Engine) Move(ctx context.Context, move, from, to string) error {
	return e.begin(ctx, workflows.MoveID(move), "Move leads from "+from+" to "+to,
		workflows.MoveWorkflow, workflows.Move{Batch: activities.Batch{Move: move, From: from, To: to}})
}

// RunImport starts a pass over a file of leads; nil when it runs already.
func (e Engine) RunImport(ctx context.Context, id string, pass int) error {
	return e.begin(ctx, workflows.ImportID(id, pass), "Let in a list of leads", workflows.ImportWorkflow, activities.Rows{Import: id, Pass: pass})
}

// RunBatch starts a pass over the leads of a batch; nil when it runs already.
func (e Engine) RunBatch(ctx context.Context, id string, pass int) error {
	return e.begin(ctx, workflows.BatchID(id, pass), "Do one thing to many leads", workflows.BatchWorkflow,
		workflows.Batch{Chosen: activities.Chosen{Batch: id, Pass: pass}})
}

// begin starts something that there is once; nil when it runs already.
func (e Engine) begin(ctx context.Context, id, summary, workflow string, input any) error {
	_, err := e.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.TaskQueue,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            summary,
	}, workflow, input)
	var known *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &known) {
		return nil
	}
	return translate(err)
}

// WakeWebhook has the workflow of an endpoint look for what waits, or begins it.
func (e Engine) WakeWebhook(ctx context.Context, endpoint string) error {
	_, err := e.Client.SignalWithStartWorkflow(ctx, workflows.WebhookID(endpoint), workflows.WebhookWoken, nil, client.StartWorkflowOptions{
		TaskQueue: workflows.TaskQueue, WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary: "Deliver to a webhook",
	}, workflows.WebhookWorkflow, workflows.Webhook{Endpoint: endpoint})
	if err != nil {
		return fmt.Errorf("wake webhook %s: %w", endpoint, translate(err))
	}
	return nil
}

// MoveLead asks a lead to follow another version of its playbook, once per move.
// A lead that does not answer is refused for now: one that is stuck holds up
// nobody else.
func (e Engine) MoveLead(ctx context.Context, move, lead, from, to string) error {
	_, err := e.ask(ctx, lead, workflows.ChangePlaybook, workflows.MoveID(move), workflows.PlaybookChange{From: from, To: to})
	var refused *sequence.Refusal
	if errors.As(err, &refused) && refused.Code == "already_there" {
		return nil // by this move, whose id it has forgotten, or by another
	}
	return passing(err, "begin the move again later")
}

// AskChosen is Ask for those who ask many: a lead that has no lasting answer refuses by
// one of the codes activities.Passing.
func (e Engine) AskChosen(ctx context.Context, lead, update, id string, event sequence.Event) (sequence.Lead, error) {
	l, err := e.ask(ctx, lead, update, id, event)
	return l, passing(err, "it is asked again")
}

// passing turns the want of an answer into one that will not last: a lead that is
// stuck holds up nobody else.
func passing(err error, remedy string) error {
	switch {
	case errors.Is(err, ErrNotRunning):
		return &sequence.Refusal{Code: activities.NotRunning, Message: "no workflow runs for this lead", Remedy: "it is over, or begins soon; " + remedy}
	case errors.Is(err, ErrPending):
		return &sequence.Refusal{Code: activities.NoAnswerYet, Message: "this lead has not answered yet", Remedy: remedy}
	}
	return err
}

// gone reports, when an answer did not come, that Temporal itself is away: the
// client only says that time ran out.
func (e Engine) gone(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return e.Ready(ctx) != nil
}

// Ready reports whether Temporal answers.
func (e Engine) Ready(ctx context.Context) error {
	_, err := e.Client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

func translate(err error) error {
	if err == nil {
		return nil
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == workflows.RefusalErrorType {
		r := new(sequence.Refusal)
		if app.HasDetails() && app.Details(&r) == nil {
			return r
		}
		return &sequence.Refusal{Code: "refused", Message: app.Message(), Remedy: "see the lead's explanation"}
	}
	var late *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if errors.As(err, &late) {
		if away(late.Unwrap()) {
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
		return ErrPending
	}
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return ErrNotRunning
	}
	var unreached *serviceerror.DeadlineExceeded
	if away(err) || errors.As(err, &unreached) {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// away: there is no Temporal, or it has too much to do to take this.
func away(err error) bool {
	var unavailable *serviceerror.Unavailable
	var exhausted *serviceerror.ResourceExhausted
	var notReady *serviceerror.WorkflowNotReady
	return errors.As(err, &unavailable) || errors.As(err, &exhausted) || errors.As(err, &notReady)
}
