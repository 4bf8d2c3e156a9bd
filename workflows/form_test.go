package workflows_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// later has the input of the next run as a later release would have written it.
func (s *story) later(change func(input, lead map[string]any)) {
	s.t.Helper()
	encoded, err := json.Marshal(s.next)
	require.NoError(s.t, err)
	var all map[string]any
	require.NoError(s.t, json.Unmarshal(encoded, &all))
	change(all, all["lead"].(map[string]any))
	s.written, err = json.Marshal(all)
	require.NoError(s.t, err)
}

func TestWhatALaterReleaseKnowsOfALeadSurvivesATurnOnThisOne(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	s.later(func(_, lead map[string]any) { lead["mood"] = map[string]any{"good": true} })
	runs := len(s.runs)
	s.update(noon, workflows.RecordOutcome, "", outcome("o1", sequence.Voicemail))
	s.until(tomorrow.AddDate(0, 0, 7))
	require.Greater(t, len(s.runs), runs+1)
	encoded, err := json.Marshal(s.runs[len(s.runs)-1])
	require.NoError(t, err)
	require.Contains(t, string(encoded), `"mood":{"good":true}`)
}

// The SDK retries a task that panics; an error would end the life.
func TestAStateThatThisReleaseCannotReadFailsTheTaskAndNeverTheLead(t *testing.T) {
	for name, c := range map[string]struct {
		change func(input, lead map[string]any)
		says   string
	}{
		"another type":  {func(_, lead map[string]any) { lead["touches"] = "many" }, "cannot read the state of the lead"},
		"a later form":  {func(input, _ map[string]any) { input["form"] = 1_000 }, "a later release goes on with it"},
		"broken action": {func(input, _ map[string]any) { input["todo"] = []any{"go"} }, "cannot read the state of the lead"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, enrolled())
			s.until(noon)
			begun := len(s.world.calls)
			s.later(c.change)
			s.until(tomorrow)
			var panicked *temporal.PanicError
			require.ErrorAs(t, s.err, &panicked)
			require.Contains(t, panicked.Error(), c.says)
			require.Len(t, s.world.calls, begun, "nothing was done")
		})
	}
}

func TestASignalThatOnlyALaterReleaseKnowsFailsTheTaskAndIsNotLost(t *testing.T) {
	s := newStory(t, enrolled())
	s.at(noon, func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow("postcard", workflows.Message[sequence.ReplyReceived]{ID: "m1"})
	})
	s.until(tomorrow)
	var panicked *temporal.PanicError
	require.ErrorAs(t, s.err, &panicked)
	require.Contains(t, panicked.Error(), "does not know the signal postcard yet")
	require.True(t, s.now.Before(noon.Add(1e9)), "at once: what a run has let pass, another release cannot take any more")
}

func TestAnActionOfALaterReleaseIsLeftToTheServerAndTheRestIsDone(t *testing.T) {
	type postcard struct {
		Touch string `json:"touch"`
	}
	s := newStory(t, enrolled())
	var posted []activities.Job[postcard]
	s.until(noon)
	s.also = func(env *testsuite.TestWorkflowEnvironment) {
		env.RegisterActivityWithOptions(func(j activities.Job[postcard]) error {
			posted = append(posted, j)
			return nil
		}, activity.RegisterOptions{Name: "PostLetter"})
	}
	s.later(func(input, _ map[string]any) {
		input["todo"] = []any{
			map[string]any{"name": "PostLetter", "do": map[string]any{"touch": "t99"}},
			map[string]any{"name": "MoveTasks", "do": map[string]any{"owner": ownerID}},
		}
		input["not_before"] = noon.Add(1e9)
	})
	s.until(tomorrow)
	require.Len(t, posted, 1)
	require.Equal(t, activities.Job[postcard]{Lead: leadID, At: posted[0].At, Turn: posted[0].Turn, Do: postcard{Touch: "t99"}}, posted[0])
	require.Equal(t, map[string]int{"PostLetter": 1}, s.remote)
	require.Len(t, s.world.made(activities.MoveTasks), 1)
}

func TestWhatATurnCameToKeepsTheFieldsOfALaterRelease(t *testing.T) {
	written := `{"lead":{"id":"l1","stage":"warm","reviews":3},"nap":true}`
	var turned workflows.Turned
	require.NoError(t, json.Unmarshal([]byte(written), &turned))
	require.Equal(t, sequence.Warm, turned.Lead.Stage)
	again, err := json.Marshal(turned)
	require.NoError(t, err)
	var lead struct {
		Lead struct{ Reviews int }
		Nap  bool
	}
	require.NoError(t, json.Unmarshal(again, &lead))
	require.Equal(t, 3, lead.Lead.Reviews)
	require.True(t, lead.Nap)
}
