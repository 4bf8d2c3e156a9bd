package workflows_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/workflows"
)

var update = flag.Bool("update", false, "record the histories of this release anew")

// TestRecordHistories plays lives on a real Temporal server and keeps the runs that
// show something which no run before them showed.
func TestRecordHistories(t *testing.T) {
	if !*update {
		t.Skip("records only with -update")
	}
	bin, err := devstack.FindTemporal("../bin")
	require.NoError(t, err, "make setup builds the Temporal server")
	server, err := devstack.StartTemporal(t.Context(), devstack.TemporalOptions{Bin: bin, SearchAttributes: workflows.SearchAttributes()})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Stop(context.Background())) }()
	c, err := client.Dial(client.Options{HostPort: server.Address(), Identity: "rekindle", Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	defer c.Close()

	seen := map[string]bool{}
	var kept []recorded
	for i, story := range played {
		p := &play{T: t, client: c, lead: fmt.Sprintf("0190f5fe-7c00-7000-8000-%012d", i+1), world: newWorld(), flock: newFlock(0), bag: &mailbag{now: time.Now}}
		p.begin()
		t.Log("playing", story.name)
		story.play(p)
		for n, events := range p.runs() {
			r := recorded{fmt.Sprintf("%s-%02d", story.name, n+1), events}
			shown := r.shapes(t)
			if slices.ContainsFunc(shown, func(shape string) bool { return !seen[shape] }) {
				kept = append(kept, r)
			}
			for _, shape := range shown {
				seen[shape] = true
			}
		}
		p.end()
	}
	save(t, kept)
}

// save writes the folder of this release anew.
func save(t *testing.T, kept []recorded) {
	dir := filepath.Join(histories, release)
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "playbook"), 0o755))
	for _, r := range kept {
		encoded, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(&historypb.History{Events: r.events})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, r.name+".json"), append(encoded, '\n'), 0o644))
	}
	files, err := playbooks.DefaultFiles()
	require.NoError(t, err)
	encoded, err := json.Marshal(files)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "playbook", "files.json"), append(encoded, '\n'), 0o644))
}

// runs are the histories of everything that was played, the oldest run first.
func (p *play) runs() (all [][]*historypb.HistoryEvent) {
	p.Helper()
	d, err := p.client.DescribeWorkflowExecution(p.Context(), p.id, "")
	require.NoError(p, err)
	for run := d.GetWorkflowExecutionInfo().GetFirstRunId(); run != ""; {
		var events []*historypb.HistoryEvent
		for it := p.client.GetWorkflowHistory(p.Context(), p.id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
			e, err := it.Next()
			require.NoError(p, err)
			unname(e)
			events = append(events, e)
		}
		run = events[len(events)-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
		all = append(all, events)
	}
	return all
}

// unname takes the name of this machine out of an event.
func unname(e *historypb.HistoryEvent) {
	if a := e.GetWorkflowTaskScheduledEventAttributes(); a != nil && a.GetTaskQueue().GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
		a.TaskQueue = &taskqueuepb.TaskQueue{Name: "sticky", Kind: enumspb.TASK_QUEUE_KIND_STICKY, NormalName: workflows.TaskQueue}
	}
}
