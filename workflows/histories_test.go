package workflows_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// release names the folder that histories of today's code are recorded in. The
// first change after a release raises it; the folders of releases whose runs may
// still be open stay (docs/deploying.md).
const release = "v1"

const histories = "testdata/histories"

// recorded is one run as it was recorded.
type recorded struct {
	name   string
	events []*historypb.HistoryEvent
}

// recordedWith reads the histories of one release.
func recordedWith(t *testing.T, release string) (all []recorded) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, release, "*.json"))
	require.NoError(t, err)
	for _, path := range files {
		f, err := os.Open(path)
		require.NoError(t, err)
		h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
		require.NoError(t, f.Close())
		require.NoError(t, err, path)
		all = append(all, recorded{strings.TrimSuffix(filepath.Base(path), ".json"), h.Events})
	}
	require.NotEmpty(t, all, "no histories of %s", release)
	return all
}

// library holds the versions that the leads of a release followed, under the ids
// that stand in their histories; with their text changed as told.
func library(t *testing.T, release string, changes ...string) *playbooks.Library {
	t.Helper()
	encoded, err := os.ReadFile(filepath.Join(histories, release, "playbook", "files.json"))
	require.NoError(t, err)
	var files map[string]string
	require.NoError(t, json.Unmarshal(encoded, &files))
	load := func(change *strings.Replacer) *sequence.Playbook {
		dir := fstest.MapFS{}
		for name, content := range files {
			dir[name] = &fstest.MapFile{Data: []byte(change.Replace(content))}
		}
		pb, err := playbooks.Load(dir)
		require.NoError(t, err, "a playbook that leads of %s follow", release)
		return pb
	}
	changed := *load(strings.NewReplacer(changes...))
	changed.ID = load(strings.NewReplacer()).ID
	held := new(playbooks.Library)
	held.Add(&changed)
	held.Add(another(&changed))
	return held
}

// another is the same policy under another id, to move to.
func another(pb *sequence.Playbook) *sequence.Playbook {
	other := *pb
	other.ID = pb.ID + "-moved"
	return &other
}

// waits are the places in which a run waited for something outside: there, and
// nowhere else, another release goes on with it, unless a worker died in the middle
// of a task. Each is the number of events until then.
func (r recorded) waits() (at []int) {
	done := false // a task was completed, and no other has begun
	for i, e := range r.events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			done = true
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enumspb.EVENT_TYPE_TIMER_FIRED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
			enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			if done {
				at = append(at, i)
			}
			done = false
		}
	}
	if done && !r.closed() {
		at = append(at, len(r.events))
	}
	return at
}

func (r recorded) closed() bool {
	switch r.events[len(r.events)-1].EventType {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return true
	}
	return false
}

// input is what the run began with.
func (r recorded) input(t *testing.T) (in workflows.Input) {
	t.Helper()
	attributes := r.events[0].GetWorkflowExecutionStartedEventAttributes()
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(attributes.Input, &in), r.name)
	return in
}

// markers are what was done in place, by the names of the activities.
func (r recorded) markers(t *testing.T) (names []string) {
	t.Helper()
	for _, e := range r.events {
		result, ok := e.GetMarkerRecordedEventAttributes().GetDetails()["result"]
		if !ok {
			continue
		}
		var turned workflows.Turned
		require.NoError(t, converter.GetDefaultDataConverter().FromPayload(result.Payloads[0], &turned))
		names = append(names, turned.Did...)
	}
	return names
}
