package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/workflows"
)

var silent = log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))

// looked is how many histories are looked at for a sample.
const looked = 200

// sampleTemporal looks at the histories of some leads that sleep, and counts runs.
func (p *people) sampleTemporal(ctx context.Context, s *Sample) error {
	sleep, err := p.sleepers(ctx, looked)
	if err != nil {
		return err
	}
	found := map[string][2]float64{} // events and bytes
	for lead := range sleep {
		d, err := p.client.DescribeWorkflowExecution(ctx, workflows.WorkflowID(lead), "")
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) {
			continue // ended meanwhile
		}
		if err != nil {
			return fmt.Errorf("describe lead %s: %w", lead, err)
		}
		asleep := d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0
		if asleep && d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			found[lead] = [2]float64{float64(d.GetWorkflowExecutionInfo().GetHistoryLength()), float64(d.GetWorkflowExecutionInfo().GetHistorySizeBytes())}
		}
	}
	still, err := p.turns(ctx, slices.Collect(maps.Keys(sleep)))
	if err != nil {
		return err
	}
	var events, bytes []float64
	for lead, size := range found {
		if sleep[lead] == still[lead] { // others woke up on their fast clock meanwhile
			events, bytes = append(events, size[0]), append(bytes, size[1])
		}
	}
	s.Asleep = Asleep{Events: spreadOf(events), Bytes: spreadOf(bytes)}
	if s.Open, err = p.countRuns(ctx, "ExecutionStatus = 'Running'"); err != nil {
		return err
	}
	if s.Closed, err = p.countRuns(ctx, "ExecutionStatus != 'Running'"); err != nil {
		return err
	}
	if p.options.TemporalServer == "" {
		s.Temporal = folderSize(filepath.Join(p.options.Dir, "temporal"))
		return nil
	}
	const size = "SELECT sum(pg_database_size(datname))::float8 / $1 FROM pg_database WHERE datname LIKE 'temporal%'"
	if err := p.store.Pool.QueryRow(ctx, size, float64(megabyte)).Scan(&s.Temporal); err != nil {
		return fmt.Errorf("measure Temporal's databases: %w", err)
	}
	return nil
}

func (p *people) countRuns(ctx context.Context, query string) (int64, error) {
	n, err := p.client.WorkflowService().CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: client.DefaultNamespace, Query: query,
	})
	if err != nil {
		return 0, fmt.Errorf("count workflows: %w", err)
	}
	return n.GetCount(), nil
}
