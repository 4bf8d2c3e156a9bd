package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/rekindlehq/rekindle/workflows"
)

// This file looks at lives from outside, and starts them again where they stood.

var (
	// ErrRuns: a workflow runs for this lead. By Resume.
	ErrRuns = errors.New("a workflow runs for this lead")
	// ErrOver: the lead's workflow is over. By Resume.
	ErrOver = errors.New("the workflow of this lead is over")
)

// Resume starts a life again where it stood. ErrRuns and ErrOver say that there is
// a workflow already; the one that is over gives way when it is to be replaced.
func (e Engine) Resume(ctx context.Context, in workflows.Input, replace bool) error {
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if replace {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	err := e.start(ctx, in, reuse)
	if !errors.Is(err, errBegun) {
		return err
	}
	m, err := e.Moment(ctx, in.Lead.ID)
	if err != nil {
		return err
	}
	if m.Running {
		return ErrRuns
	}
	return ErrOver
}

// Standing is where the newest run of a lead stands after its last turn, or where it
// began: for a lead asleep, that is where it stands.
type Standing struct {
	Run        string
	Turns      int // taken in it
	Input      workflows.Input
	Attributes map[string]string // search attributes
}

// Standing reads the newest run of a lead, open or not; ErrNotRunning when there is
// none. It asks no worker.
func (e Engine) Standing(ctx context.Context, lead string) (Standing, error) {
	iter := e.Client.GetWorkflowHistory(ctx, workflows.WorkflowID(lead), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := iter.Next()
	if err != nil {
		return Standing{}, fmt.Errorf("read the workflow of lead %s: %w", lead, translate(err))
	}
	began := first.GetWorkflowExecutionStartedEventAttributes()
	s := Standing{Run: began.GetOriginalExecutionRunId(), Attributes: map[string]string{}}
	plain := converter.GetDefaultDataConverter()
	if err := plain.FromPayloads(began.GetInput(), &s.Input); err != nil {
		return s, fmt.Errorf("decode the workflow of lead %s: %w", lead, err)
	}
	for name, value := range began.GetSearchAttributes().GetIndexedFields() {
		if _, ours := workflows.SearchAttributes()[name]; !ours {
			continue
		}
		var shown string
		if err := plain.FromPayload(value, &shown); err != nil {
			return s, fmt.Errorf("decode %s of lead %s: %w", name, lead, err)
		}
		s.Attributes[name] = shown
	}
	for iter.HasNext() {
		e, err := iter.Next()
		if err != nil {
			return s, fmt.Errorf("read the workflow of lead %s: %w", lead, translate(err))
		}
		if turned, ok := Turned(e); ok {
			s.Input.Lead, s.Input.Begun = turned.Lead, nil
			s.Turns++
		}
	}
	return s, nil
}

// Turned is what came of a turn, if that is what an event of a lead's history tells.
func Turned(e *historypb.HistoryEvent) (t workflows.Turned, ok bool) {
	result, ok := e.GetMarkerRecordedEventAttributes().GetDetails()["result"]
	return t, ok && converter.GetDefaultDataConverter().FromPayloads(result, &t) == nil
}

// Moment is what a workflow is doing now.
type Moment struct {
	Running bool
	Busy    bool // something is under way: what it began with is not where it stands
}

// Moment says what the newest run of a lead is doing; ErrNotRunning when there is
// none.
func (e Engine) Moment(ctx context.Context, lead string) (Moment, error) {
	return e.moment(ctx, workflows.WorkflowID(lead))
}

// MoveRuns reports whether a move of leads to another playbook is under way.
func (e Engine) MoveRuns(ctx context.Context, move string) (bool, error) {
	m, err := e.moment(ctx, workflows.MoveID(move))
	if errors.Is(err, ErrNotRunning) {
		return false, nil
	}
	return m.Running, err
}

func (e Engine) moment(ctx context.Context, workflow string) (Moment, error) {
	d, err := e.Client.DescribeWorkflowExecution(ctx, workflow, "")
	if err != nil {
		return Moment{}, fmt.Errorf("describe %s: %w", workflow, translate(err))
	}
	return Moment{
		Running: d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Busy:    d.GetPendingWorkflowTask() != nil || len(d.GetPendingActivities()) > 0,
	}, nil
}

// EachRunning calls do with the leads for which a workflow runs, a page at a time,
// as visibility knows them: it may be a little behind.
func (e Engine) EachRunning(ctx context.Context, do func([]uuid.UUID) error) error {
	for token := []byte(nil); ; {
		page, err := e.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = '" + workflows.LeadWorkflow + "' AND ExecutionStatus = 'Running'", PageSize: 1000, NextPageToken: token,
		})
		if err != nil {
			return fmt.Errorf("list the running leads: %w", translate(err))
		}
		var leads []uuid.UUID
		for _, x := range page.GetExecutions() {
			if id, err := uuid.Parse(workflows.LeadOf(x.GetExecution().GetWorkflowId())); err == nil {
				leads = append(leads, id)
			}
		}
		if err := do(leads); err != nil {
			return err
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			return nil
		}
	}
}
