package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestSearchAttributesAreCarriedOverHibernationAndWrittenAtTheEnd(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	shown := func(more ...string) map[temporal.SearchAttributeKeyKeyword]string {
		want := map[temporal.SearchAttributeKeyKeyword]string{
			workflows.LeadStage: "warm", workflows.LeadOwner: ownerID, workflows.LeadSource: "info_request", workflows.Playbook: playbook().ID,
		}
		if len(more) > 0 {
			want[workflows.BlockedReason] = more[0]
		}
		return want
	}
	require.Equal(t, shown(), s.shown)

	s.update(s.now, workflows.Pause, "", sequence.Paused{By: byOwner, Reason: sequence.PausedByHand})
	s.until(s.now.Add(time.Hour))
	require.Equal(t, shown("manual"), s.shown)
	s.update(s.now, workflows.Resume, "", sequence.Resumed{By: byOwner})
	s.until(s.now.Add(time.Hour))
	require.Equal(t, shown(), s.shown, "gone again")
	require.Empty(t, s.upserts, "all without a command")

	s.update(s.now, workflows.Disqualify, "", sequence.LeadDisqualified{By: byOwner, Reason: "not_a_fit"})
	s.until(s.now.Add(time.Hour))
	require.True(t, s.ended)
	require.Equal(t, []map[string]string{{"LeadStage": "disqualified"}}, s.upserts, "there is no next run to carry them")
}

func TestAnUnknownPlaybookFailsTheWorkflowTaskAndNeverTheLead(t *testing.T) {
	in := enrolled()
	in.Lead.Playbook = "default-000000000000"
	s := newStory(t, in)
	s.until(noon)
	var panicked *temporal.PanicError
	require.ErrorAs(t, s.err, &panicked, "a panic is retried by the server; an error would end the life")
	require.Contains(t, panicked.Error(), "default-000000000000 is not loaded on this worker yet")
	require.Empty(t, s.local)
}

func TestAnEnrolmentThatCannotBeEndsTheWorkflowWithTheRefusal(t *testing.T) {
	in := enrolled()
	in.Enrolled.Kind = "carrier_pigeon"
	s := newStory(t, in)
	s.until(noon)
	var app *temporal.ApplicationError
	require.ErrorAs(t, s.err, &app)
	require.Equal(t, workflows.RefusalErrorType, app.Type())
	require.True(t, app.NonRetryable())
}

func virtual(speed float64) *workflows.Clock {
	return &workflows.Clock{Epoch: monday, Base: monday.Add(-365 * 24 * time.Hour), Speed: speed}
}

func TestAVirtualClockIsRefusedInProduction(t *testing.T) {
	in := enrolled()
	in.Clock = virtual(1000)
	s := newStory(t, in)
	s.until(noon)
	var app *temporal.ApplicationError
	require.ErrorAs(t, s.err, &app)
	require.Equal(t, "VirtualClock", app.Type())
	require.True(t, app.NonRetryable())
	require.Empty(t, s.local, "nothing was done")
}

func TestAtSpeed1000TimersFire1000TimesEarlier(t *testing.T) {
	in := enrolled()
	in.Clock = virtual(1000)
	s := newStory(t, in)
	s.workflows.VirtualClock = true
	s.until(monday.Add(24 * time.Hour)) // a thousand days on the lead's clock
	require.NoError(t, s.err)
	require.Greater(t, len(s.runs), 20)

	lived := 1000 * 24 * time.Hour
	first, last := s.world.entries()[0], s.world.entries()[len(s.world.entries())-1]
	require.Equal(t, in.Clock.Base, first.At)
	require.Greater(t, last.At.Sub(first.At), lived*9/10)
	require.Less(t, last.At.Sub(first.At), lived)
	for i, run := range s.runs[1 : len(s.runs)-1] {
		require.Equal(t, in.Clock, run.Clock, "carried from run to run")
		due, ok := run.Lead.Deadline()
		require.True(t, ok)
		woken := s.runs[i+2].Lead
		require.WithinDuration(t, due, lastAct(s, run.Lead.EntrySeq, woken.EntrySeq), 5*time.Second, "one timer's grain is a second of this clock")
	}
	for _, m := range s.world.made("mail") {
		require.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, m.At.Weekday())
	}
}

// lastAct is when the first entry after one number, up to another, was made.
func lastAct(s *story, after, upTo int) time.Time {
	for _, e := range s.world.entries() {
		if e.N > after && e.N <= upTo {
			return e.At
		}
	}
	return time.Time{}
}

func TestTheClockCanBeSetAnewAfterAStandstill(t *testing.T) {
	in := enrolled()
	in.Clock = virtual(1000)
	s := newStory(t, in)
	s.workflows.VirtualClock = true
	s.until(monday.Add(time.Minute))
	set := workflows.Clock{Epoch: monday.Add(time.Hour), Base: in.Clock.At(monday.Add(time.Minute)), Speed: 1000}
	signal(s, monday.Add(time.Hour), workflows.ClockSignal, "m1", set)
	s.now = monday.Add(time.Hour)
	s.until(monday.Add(time.Hour + time.Minute))
	require.Equal(t, &set, s.next.Clock)
}

func TestTheClockOfALeadInRealTimeCannotBeSet(t *testing.T) {
	s := newStory(t, enrolled())
	signal(s, noon, workflows.ClockSignal, "m1", *virtual(1000))
	s.until(noon.Add(time.Minute))
	require.NoError(t, s.err)
	require.Nil(t, s.next.Clock)
}
