package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// callAt is the call that is agreed here, on the Thursday after the beginning.
var callAt = monday.AddDate(0, 0, 3)

// invited is a lead with an invitation to a call in its calendar.
func invited(t *testing.T) *story {
	s := newStory(t, enrolled())
	agreed := outcome("o1", sequence.CallScheduled)
	agreed.NextAt = callAt
	s.update(noon, workflows.RecordOutcome, "", agreed)
	s.until(noon.Add(time.Minute))
	_, texts := s.world.mails()
	require.Contains(t, texts, "scheduled_call/invitation")
	require.NotEmpty(t, s.world.lead().Invited)
	return s
}

func (s *story) cancellations() (n int) {
	_, texts := s.world.mails()
	for _, text := range texts {
		if text == "scheduled_call/cancelled" {
			n++
		}
	}
	return n
}

func TestAWinCallsTheAgreedCallOffAndThenEndsTheLife(t *testing.T) {
	s := invited(t)
	s.update(s.now.Add(time.Hour), workflows.Win, "", sequence.DealWon{By: byOwner, ID: "w1"})
	s.until(s.now.Add(24 * time.Hour))
	require.True(t, s.ended)
	require.Equal(t, 1, s.cancellations())
	require.Equal(t, sequence.Won, s.world.lead().Stage)
	require.Empty(t, s.world.lead().Invited)
	require.Equal(t, 1, s.lines(sequence.TouchMade, "scheduled_call/cancelled sent"))
	s.requireNothingPersonal()
}

func TestTheCancellationOfAFinishedLeadWaitsForTheMailServer(t *testing.T) {
	for name, back := range map[string]int{"until it is back": 3, "but not beyond the call": 1_000_000} {
		t.Run(name, func(t *testing.T) {
			s := invited(t)
			refusals := 0
			s.world.mail = func(sequence.SendEmail) activities.Verdict {
				if refusals++; refusals < back {
					return activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 451", RetryAt: s.world.made(activities.SendEmail)[len(s.world.made(activities.SendEmail))-1].At.Add(time.Hour)}
				}
				return activities.Verdict{Status: sequence.Sent}
			}
			s.update(s.now.Add(time.Hour), workflows.Win, "", sequence.DealWon{By: byOwner, ID: "w1"})
			s.until(callAt.AddDate(0, 0, 7))
			require.NoError(t, s.err)
			require.True(t, s.ended)
			require.True(t, s.now.Before(callAt.Add(time.Hour)))
			if back == 3 {
				require.Equal(t, 3, refusals)
				require.Equal(t, 1, s.lines(sequence.TouchMade, "scheduled_call/cancelled sent"))
				return
			}
			require.Greater(t, refusals, 24)
			require.Contains(t, s.world.told(), "owner: a call is off that stands in their calendar, and no email could say so: tell them")
		})
	}
}

func TestAWinIsWrittenDownWhileItsCancellationWaitsForTheMailServer(t *testing.T) {
	s := invited(t)
	s.world.mail = func(sequence.SendEmail) activities.Verdict {
		return activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 451", RetryAt: s.now.Add(2 * time.Hour)}
	}
	s.update(s.now.Add(time.Hour), workflows.Win, "", sequence.DealWon{By: byOwner, ID: "w1"})
	s.until(s.now.Add(90 * time.Minute))
	require.False(t, s.ended, "the invitation still stands")
	require.Equal(t, sequence.Won, s.world.lead().Stage)
	require.Equal(t, "won", s.shown[workflows.LeadStage])

	signal(s, s.now.Add(time.Minute), workflows.OptOutSignal, "m1", sequence.OptedOut{ID: "s1", Via: "link"})
	s.until(callAt)
	require.True(t, s.ended)
	require.Equal(t, 1, s.cancellations(), "no attempt follows the stop")
}

func TestAPauseDoesNotHoldACancellationAndALivingLeadRetriesItByItself(t *testing.T) {
	s := invited(t)
	refused := false
	s.world.mail = func(sequence.SendEmail) activities.Verdict {
		if refused {
			return activities.Verdict{Status: sequence.Sent}
		}
		refused = true
		return activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 451", RetryAt: s.now}
	}
	s.update(s.now.Add(time.Hour), workflows.Snooze, "", sequence.Snoozed{By: byOwner, Until: callAt.AddDate(0, 1, 0)})
	s.until(s.now.Add(90 * time.Minute))
	require.Equal(t, 2, s.cancellations(), "handed over twice, taken once")
	require.Equal(t, 1, s.lines(sequence.TouchMade, "scheduled_call/cancelled sent"))
	require.Equal(t, sequence.PausedSnoozed, s.world.lead().Pause.Reason)
	require.NoError(t, s.err)
}

func TestAfterAStopNothingIsCalledOff(t *testing.T) {
	s := invited(t)
	signal(s, s.now.Add(time.Hour), workflows.OptOutSignal, "m1", sequence.OptedOut{ID: "s1", Via: "link"})
	s.until(s.now.Add(48 * time.Hour))
	require.True(t, s.ended)
	require.Zero(t, s.cancellations())
}

func TestAnAnswerToTheInvitationReachesTheLead(t *testing.T) {
	s := invited(t)
	call := s.world.lead().Call
	ev := sequence.InvitationAnswered{ID: "i1", UID: call.UID, Answer: sequence.Declined}
	signal(s, s.now.Add(time.Hour), workflows.InvitationSignal, "m1", ev)
	signal(s, s.now.Add(2*time.Hour), workflows.InvitationSignal, "m1", ev)
	s.until(callAt.Add(time.Hour))
	require.Equal(t, sequence.PausedReply, s.world.lead().Pause.Reason)
	require.Contains(t, s.world.told(), "owner: they declined the call")
	require.Equal(t, 1, s.lines(sequence.SomethingKnown, "invitation:declined:i1"), "the same message counts once")
	_, texts := s.world.mails()
	require.NotContains(t, texts, "scheduled_call/reminder_day")
	s.requireNothingPersonal()
}
