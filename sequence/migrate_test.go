package sequence_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// A life goes on under another version of its playbook.

// version is the default playbook with a change.
func version(t testing.TB, id string, change func(*sequence.Playbook)) *sequence.Playbook {
	pb := copyOf(t)
	pb.ID = id
	change(pb)
	return pb
}

func same(*sequence.Playbook) {}

// under moves the lead to another version; the refusal's code, if it is one.
func (s *story) under(to *sequence.Playbook) string {
	l, actions, err := sequence.Migrate(s.Lead, s.Playbook, to, s.Now)
	if refusal := new(sequence.Refusal); errors.As(err, &refusal) {
		require.Equal(s.t, mustJSON(s.Lead), mustJSON(l), "a refusal changes nothing")
		return refusal.Code
	}
	require.NoError(s.t, err)
	s.Lead, s.Playbook = l, to
	s.Timeline = append(s.Timeline, entries(actions)...)
	return ""
}

func steps(stage sequence.Stage, play sequence.Play, change func([]sequence.Step) []sequence.Step) func(*sequence.Playbook) {
	return func(pb *sequence.Playbook) { pb.Stages[stage][play] = change(pb.Stages[stage][play]) }
}

func without(i int) func([]sequence.Step) []sequence.Step {
	return func(all []sequence.Step) []sequence.Step { return slices.Delete(all, i, i+1) }
}

func swapped(i, j int) func([]sequence.Step) []sequence.Step {
	return func(all []sequence.Step) []sequence.Step {
		all[i], all[j] = all[j], all[i]
		return all
	}
}

func TestTheSameStepKeepsItsInstantAndItsNumber(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1)
	was := *s.Lead.Next
	require.Empty(t, s.under(version(t, "v2", func(pb *sequence.Playbook) {
		pb.Minimum.Touches = 12
		pb.Stages[sequence.Warm][sequence.Inbound][5].After.N = 9 // a later one
	})))
	require.Equal(t, was, *s.Lead.Next)
	require.Equal(t, "v2", s.Lead.Playbook)
	require.Contains(t, s.of(sequence.PolicyChanged), sequence.Policy, "and the timeline says so")
}

func TestAStepInAnotherPlaceKeepsItsInstantToo(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1)
	was := *s.Lead.Next
	require.Empty(t, s.under(version(t, "v2", steps(sequence.Warm, sequence.Inbound, without(1)))))
	require.Equal(t, 1, s.Lead.Next.Step)
	require.Equal(t, was.At, s.Lead.Next.At)
	require.Equal(t, was.Touch, s.Lead.Next.Touch)
}

func TestALongerWaitIsCountedFromTheSameBeginning(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1)
	require.Empty(t, s.under(version(t, "v2", after(sequence.Warm, sequence.Inbound, 2, 5, sequence.WorkingDays))))
	require.Equal(t, "Mon 9 Mar", s.Lead.Next.At.Format("Mon 2 Jan"))
}

func TestAStepThatIsGoneIsLeftOutAndNothingElse(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1)
	require.Empty(t, s.under(version(t, "v2", steps(sequence.Warm, sequence.Inbound, without(2)))))
	s.diligent(100, in(sequence.Cold))
	require.Empty(t, sends(s.Life, "warm/idea"))
	for _, text := range []string{"warm/acknowledge", "warm/example", "warm/question", "warm/summary"} {
		require.Len(t, sends(s.Life, text), 1, text)
	}
}

func TestStepsInAnotherOrderRepeatNoText(t *testing.T) {
	for _, days := range []int{0, 1, 3, 5, 9, 15, 20, 24} {
		for _, order := range [][2]int{{2, 9}, {0, 4}, {4, 7}, {2, 4}} {
			s := tell(t, "info_request", copyOf(t)).days(days)
			require.Empty(t, s.under(version(t, "v2", steps(sequence.Warm, sequence.Inbound, swapped(order[0], order[1])))))
			s.diligent(100, in(sequence.Cold))
			for _, text := range []string{"warm/acknowledge", "warm/idea", "warm/example", "warm/question", "warm/summary"} {
				require.LessOrEqualf(t, len(sends(s.Life, text)), 1, "%s, moved after %d days, %v", text, days, order)
			}
		}
	}
}

func TestTwoVersionsInARowRepeatNoText(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(8)
	require.Len(t, sends(s.Life, "warm/idea"), 1)
	require.Empty(t, s.under(version(t, "v2", steps(sequence.Warm, sequence.Inbound, swapped(2, 9)))))
	require.Empty(t, s.days(6).under(version(t, "v3", steps(sequence.Warm, sequence.Inbound, swapped(2, 7)))))
	s.diligent(100, in(sequence.Cold))
	for _, text := range []string{"warm/acknowledge", "warm/idea", "warm/example", "warm/question", "warm/summary"} {
		require.LessOrEqual(t, len(sends(s.Life, text)), 1, text)
	}
}

func TestAPlayThatIsOverInTheNewVersionMovesTheStage(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).outcome(sequence.NotNow).days(12)
	require.Len(t, sends(s.Life, "cold/value"), 1)
	require.Empty(t, s.under(version(t, "v2", steps(sequence.Cold, sequence.Value, func(all []sequence.Step) []sequence.Step { return all[:1] }))))
	require.Equal(t, sequence.Revival, s.Lead.Stage)
	require.True(t, s.Lead.Next.At.After(s.Now), "and nothing goes out at once")
}

func TestEachReasonNotToMoveALeadHasItsName(t *testing.T) {
	begin := func() *story { return tell(t, "info_request", copyOf(t)).wait(time.Hour) }
	require.Equal(t, "lead_is_final", begin().outcome(sequence.WonOutcome).under(version(t, "v2", same)))
	require.Equal(t, "already_there", begin().under(copyOf(t)))
	stray := begin()
	stray.Playbook = version(t, "v0", same)
	require.Equal(t, "another_playbook", stray.under(version(t, "v2", same)))
	require.Equal(t, "unknown_kind", begin().under(version(t, "v2", func(pb *sequence.Playbook) { delete(pb.Sources, "info_request") })))
	sending := begin()
	beingSent(sending.Life)
	require.Equal(t, "touch_in_flight", sending.under(version(t, "v2", same)))
}

func TestAPausedLeadStaysPausedUnderTheNewVersion(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1).let(sequence.Paused{By: rep, Reason: sequence.PausedByHand})
	pause := *s.Lead.Pause
	require.Empty(t, s.days(20).under(version(t, "v2", after(sequence.Warm, sequence.Inbound, 2, 1, sequence.WorkingDays))))
	require.Equal(t, pause, *s.Lead.Pause)
	require.Empty(t, sends(s.days(5).Life, "warm/idea"))
	require.Len(t, sends(s.let(sequence.Resumed{By: rep}).days(5).Life, "warm/idea"), 1)
}

func TestAnAgreedCallStandsUnderTheNewVersion(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).agreed(sequence.CallScheduled, thursday).days(1)
	call, watch := *s.Lead.Call, *s.Lead.Watch
	require.Empty(t, s.under(version(t, "v2", steps(sequence.ScheduledCall, sequence.Booked, swapped(1, 2)))))
	require.Equal(t, call, *s.Lead.Call)
	require.Equal(t, watch, *s.Lead.Watch)
	s.at(thursday.Add(time.Hour))
	require.Len(t, sends(s.Life, "scheduled_call/invitation"), 1)
	require.Len(t, sends(s.Life, "scheduled_call/reminder_hour"), 1)
}

func TestAnIntroductionSurvivesTheNewVersionAndGoesOutOnce(t *testing.T) {
	night := tell(t, "info_request", copyOf(t)).days(1).wait(9 * time.Hour).let(sequence.Reassigned{By: rep, Owner: "owner-2"})
	require.Empty(t, night.under(version(t, "v2", steps(sequence.Warm, sequence.Inbound, swapped(4, 7)))))
	night.days(40)
	require.Len(t, sends(night.Life, "owner/introduction"), 1)
	require.Len(t, sends(night.Life, "warm/idea"), 1)

	dropped := tell(t, "info_request", copyOf(t)).days(1).wait(9 * time.Hour).let(sequence.Reassigned{By: rep, Owner: "owner-2"})
	require.Empty(t, dropped.under(version(t, "v2", func(pb *sequence.Playbook) { pb.Introduction = "" })))
	dropped.days(10)
	require.Empty(t, sends(dropped.Life, "owner/introduction"), "where the version has none, the life simply goes on")
	require.Len(t, sends(dropped.Life, "warm/idea"), 1)
}
