package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

const twoYears = 2 * 365 * 24 * time.Hour

var byOwner = sequence.By{Actor: ownerID}

// said is what a person told the lead at a time.
type said struct {
	at     time.Time
	update string
	event  sequence.Event
}

// simulated plays two silent years: nobody at the account answers, and the rep
// does, or does not, what the tasks ask for.
func simulated(t *testing.T, diligent bool) (*simulate.Life, []said) {
	t.Helper()
	var owed, script []said
	life, err := simulate.Begin(newLead(), "info_request", playbook(), monday)
	require.NoError(t, err)
	life.Each = func(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
		for _, a := range actions {
			task, ok := a.(sequence.CreateTask)
			if !ok || !diligent {
				continue
			}
			at := task.DueAt.Add(137 * time.Minute)
			switch task.Kind {
			case sequence.TaskCall:
				owed = append(owed, said{at, workflows.RecordOutcome, sequence.OutcomeRecorded{By: byOwner, ID: "o-" + task.Touch, Outcome: sequence.NoAnswer}})
			case sequence.TaskManual:
				owed = append(owed, said{at, workflows.CompleteTask, sequence.TaskDone{By: byOwner, ID: task.Touch, Kind: task.Kind, Touch: task.Touch}})
			}
		}
	}
	for end := monday.Add(twoYears); life.Now.Before(end); {
		if len(owed) == 0 || owed[0].at.After(end) {
			at, ok := life.Lead.Deadline()
			require.True(t, ok)
			require.NoError(t, life.Until(minTime(at, end)))
			continue
		}
		next := owed[0]
		owed = owed[1:]
		require.NoError(t, life.Until(next.at))
		require.NoError(t, life.Let(next.event))
		script = append(script, next)
	}
	return life, script
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// told is a timeline as it is kept, so that two can be compared.
func told(t *testing.T, entries []sequence.Entry) []string {
	t.Helper()
	lines := make([]string, len(entries))
	for i, e := range entries {
		line, err := json.Marshal(e)
		require.NoError(t, err)
		lines[i] = string(line)
	}
	return lines
}

func TestTwoSilentYearsAreToldAlikeByTheWorkflowAndTheSimulator(t *testing.T) {
	for _, c := range []struct {
		name     string
		diligent bool
		stage    sequence.Stage // where silence leads to
	}{
		{"the rep calls in vain", true, sequence.CheckIn},
		{"the rep never calls", false, sequence.Warm}, // never given up before the minimum of touches
	} {
		t.Run(c.name, func(t *testing.T) {
			life, script := simulated(t, c.diligent)
			s := newStory(t, enrolled())
			for _, line := range script {
				s.update(line.at, line.update, "", line.event)
			}
			s.until(monday.Add(twoYears))
			require.NoError(t, s.err)
			require.False(t, s.ended)

			require.Equal(t, told(t, life.Timeline), told(t, s.world.entries()))
			require.Equal(t, life.Lead, s.world.lead())
			require.Equal(t, c.stage, s.world.lead().Stage)
			for i, e := range s.world.entries() {
				require.Equal(t, i+1, e.N, "the timeline has no gap")
			}

			touches, _ := s.world.mails()
			var sends []string
			for _, a := range life.Actions {
				if send, ok := a.(sequence.SendEmail); ok {
					sends = append(sends, send.Touch)
				}
			}
			require.Equal(t, sends, touches, "every mail of the simulator, once")
			require.Empty(t, s.remote, "nothing failed, so everything was done in place")
			s.requireNothingPersonal()
		})
	}
}

func TestALongSleepBeginsARunAndAShortOneNeedsNone(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(monday.Add(200 * 24 * time.Hour))
	long, short := 0, 0
	for _, sleeps := range s.sleeps {
		for i, d := range sleeps {
			switch {
			case i == 0:
			case d <= 3*24*time.Hour:
				short++
			default:
				require.Fail(t, "a long sleep in the middle of a run", "%s", d)
			}
			if d > 3*24*time.Hour {
				long++
			}
		}
		require.LessOrEqual(t, len(sleeps), 8, "the history stays small")
	}
	require.Greater(t, long, 3)
	require.Greater(t, short, 3)
	for _, in := range s.runs[1:] {
		encoded, err := json.Marshal(in)
		require.NoError(t, err)
		require.Less(t, len(encoded), 1536)
	}
}
