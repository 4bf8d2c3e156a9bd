package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestWhatFailsInPlaceIsTakenOverByTheServerAndTheLifeGoesOn(t *testing.T) {
	for _, what := range []string{activities.SendEmail, activities.CreateTask, activities.SaveLead} {
		t.Run(what, func(t *testing.T) {
			s := newStory(t, enrolled())
			s.world.fail = func(w string, n int) error {
				if w == what && n <= 3 {
					return errAway
				}
				return nil
			}
			s.until(noon)
			require.NoError(t, s.err)
			require.Equal(t, map[string]int{what: 3}, s.remote, "tried once in place, then by the server until it worked")
			_, texts := s.world.mails()
			require.Equal(t, []string{"warm/acknowledge"}, texts)
			require.Len(t, s.world.lead().Channels, 1)
			require.Nil(t, s.world.lead().Pause)
			require.NotEmpty(t, s.world.made(activities.CreateTask))
			for i, e := range s.world.entries() {
				require.Equal(t, i+1, e.N)
			}
		})
	}
}

func TestALeadThatWaitsForAnOutageToEndDoesSoInARunWithoutDecisions(t *testing.T) {
	s := newStory(t, enrolled())
	s.world.fail = func(what string, n int) error {
		if what == activities.SendEmail && n <= 3 {
			return errAway
		}
		return nil
	}
	for len(s.world.made(activities.SendEmail)) == 0 {
		s.run(noon)
	}
	require.Empty(t, s.remote, "the run in which it was decided waits for nothing")
	require.NotEmpty(t, s.next.Todo)
	left := s.next.Todo

	s.run(noon)
	require.Equal(t, map[string]int{activities.SendEmail: 3}, s.remote)
	attempts := s.world.made(activities.SendEmail)
	require.Contains(t, left, attempts[3].Do, "done as it was decided")
	require.Equal(t, attempts[0].At, attempts[3].At, "and with the same effect, should the first attempt have had one")
	require.Empty(t, s.next.Todo)
	for i, e := range s.world.entries() {
		require.Equal(t, i+1, e.N, "and no line of the timeline is lost")
	}
}

func TestWhatCannotBeDoneIsParkedWithTheReasonAndGoesOnWhenResumed(t *testing.T) {
	s := newStory(t, enrolled())
	gone := true
	s.world.fail = func(what string, _ int) error {
		if what == activities.CreateTask && gone {
			return fmt.Errorf("lead %s: %w", leadID, activities.ErrGone)
		}
		return nil
	}
	s.until(noon)
	lead := s.world.lead()
	require.NoError(t, s.err, "a lead never fails")
	require.Equal(t, sequence.PausedParked, lead.Pause.Reason)
	require.Contains(t, lead.Pause.Detail, "the record is gone")
	require.Equal(t, "parked", s.shown[workflows.BlockedReason])
	require.Equal(t, 1, s.lines(sequence.PauseBegan, "parked"))
	require.Contains(t, s.world.told(), "owner: the lead is parked until somebody resumes it: "+lead.Pause.Detail)
	require.Empty(t, s.remote, "no retry can mend it")
	mails := len(s.world.made("mail"))

	s.until(noon.Add(60 * 24 * time.Hour))
	require.Len(t, s.world.made("mail"), mails, "nothing goes out while parked")

	gone = false
	resumed := s.update(s.now.Add(time.Hour), workflows.Resume, "", sequence.Resumed{By: byOwner})
	s.until(s.now.Add(7 * 24 * time.Hour))
	require.True(t, resumed.accepted)
	require.Nil(t, s.world.lead().Pause)
	require.NotContains(t, s.shown, workflows.BlockedReason)
	require.Greater(t, len(s.world.made("mail")), mails)
	s.requireNothingPersonal()
}

func TestAMailThatCannotBeSentAsItIsParksTheLeadAndTellsTheOwner(t *testing.T) {
	s := newStory(t, enrolled())
	s.world.mail = func(sequence.SendEmail) activities.Verdict {
		return activities.Verdict{Status: sequence.Failed, Detail: "the mail server said 554 5.6.0"}
	}
	s.until(noon)
	require.Equal(t, "the mail server said 554 5.6.0", s.world.lead().Pause.Detail)
	require.Contains(t, s.world.told(), "owner: an email cannot be sent as it is: the mail server said 554 5.6.0")

	s.world.mail = nil
	s.update(s.now, workflows.Resume, "", sequence.Resumed{By: byOwner})
	s.until(s.now.Add(7 * 24 * time.Hour))
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge", "warm/acknowledge"}, texts[:2], "the same touch is tried again")
	require.Equal(t, 1, s.lines(sequence.TouchMade, "warm/acknowledge sent"))
}

func TestAPausedLeadSleepsWithoutATimerUntilItIsResumed(t *testing.T) {
	s := newStory(t, enrolled())
	answered := outcome("o1", sequence.Voicemail) // nothing is owed any more
	s.update(noon, workflows.RecordOutcome, "", answered)
	s.update(noon, workflows.Pause, "", sequence.Paused{By: byOwner, Reason: sequence.PausedByHand})
	s.until(noon.Add(time.Second))
	require.Equal(t, "manual", s.shown[workflows.BlockedReason])
	timers, runs, mails := len(s.timers), len(s.runs), len(s.world.made("mail"))

	s.until(noon.Add(300 * 24 * time.Hour))
	require.Len(t, s.timers, timers)
	require.Len(t, s.runs, runs+1)

	s.update(s.now, workflows.Resume, "", sequence.Resumed{By: byOwner})
	s.until(s.now.Add(7 * 24 * time.Hour))
	require.Greater(t, len(s.timers), timers)
	require.Greater(t, len(s.world.made("mail")), mails)
}

func TestAReplyDuringTheRetriesOfASendCallsItOff(t *testing.T) {
	s := newStory(t, enrolled())
	away := true
	s.world.fail = func(what string, _ int) error {
		if what == activities.SendEmail && away {
			return errAway
		}
		return nil
	}
	replied := monday.Add(10 * time.Second)
	signal(s, replied, workflows.ReplySignal, "m1", sequence.ReplyReceived{ID: "r1"})
	s.until(noon)
	require.NoError(t, s.err)
	require.Equal(t, sequence.PausedReply, s.world.lead().Pause.Reason, "the reply is answered first")
	require.Empty(t, s.world.lead().InFlight)
	attempts := s.world.made(activities.SendEmail)
	require.Greater(t, len(attempts), 1)
	require.False(t, attempts[len(attempts)-1].At.After(replied))
	require.Empty(t, s.world.made("mail"))

	away = false
	s.update(noon, workflows.CompleteTask, "", sequence.TaskDone{By: byOwner, ID: "k1", Kind: sequence.TaskReply})
	s.until(tomorrow)
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge"}, texts, "once, after the answer")
	require.Equal(t, 1, s.lines(sequence.TouchMade, "warm/acknowledge sent"))
}

func TestAMailThatIsBeingHandedOverWhenTheLeadPausesIsNotForgotten(t *testing.T) {
	pause := func(env *testsuite.TestWorkflowEnvironment) {
		env.UpdateWorkflow(workflows.Pause, "u1", &testsuite.TestUpdateCallback{}, sequence.Paused{By: byOwner, Reason: sequence.PausedByHand})
	}
	reply := func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(workflows.ReplySignal, workflows.Message[sequence.ReplyReceived]{ID: "m1", Event: sequence.ReplyReceived{ID: "r1"}})
	}
	for _, c := range []struct {
		name   string
		happen func(*testsuite.TestWorkflowEnvironment)
		reason sequence.PauseReason
	}{
		{"because a reply came", reply, sequence.PausedReply},
		{"because somebody paused it", pause, sequence.PausedByHand},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t, enrolled())
			var env *testsuite.TestWorkflowEnvironment
			s.at(monday, func(e *testsuite.TestWorkflowEnvironment) { env = e })
			s.world.mail = func(m sequence.SendEmail) activities.Verdict {
				if m.Touch == "t1" {
					heard := make(chan struct{})
					c.happen(env)
					env.RegisterDelayedCallback(func() { close(heard) }, 0)
					<-heard // the lead knows of it while the mail server takes the mail
				}
				return activities.Verdict{Status: sequence.Sent}
			}
			s.until(noon)
			require.NotNil(t, s.world.lead().Pause)
			require.Equal(t, c.reason, s.world.lead().Pause.Reason)
			require.Equal(t, 1, s.lines(sequence.TouchMade, "warm/acknowledge sent"), "the mail is counted")

			s.update(noon, workflows.Resume, "", sequence.Resumed{By: byOwner})
			s.until(tomorrow)
			_, texts := s.world.mails()
			require.Equal(t, []string{"warm/acknowledge"}, texts, "and not sent a second time")
		})
	}
}

func TestAStopDuringTheRetriesOfASendEndsTheLife(t *testing.T) {
	s := newStory(t, enrolled())
	s.world.fail = func(what string, _ int) error {
		if what == activities.SendEmail {
			return errAway
		}
		return nil
	}
	signal(s, monday.Add(5*time.Second), workflows.OptOutSignal, "m1", sequence.OptedOut{ID: "s1", Via: "link"})
	s.until(tomorrow)
	require.True(t, s.ended)
	require.Equal(t, monday.Add(5*time.Second), s.now)
	require.Equal(t, sequence.DoNotContact, s.world.lead().Stage)
	require.Empty(t, s.world.made("mail"))
}

func TestADeferredMailIsTriedAgainUnderItsOwnTime(t *testing.T) {
	s := newStory(t, enrolled())
	refusals := 2
	s.world.mail = func(sequence.SendEmail) activities.Verdict {
		if refusals--; refusals >= 0 {
			return activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 451 4.7.1", RetryAt: s.now.Add(15 * time.Minute)}
		}
		return activities.Verdict{Status: sequence.Sent}
	}
	s.until(noon)
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge", "warm/acknowledge", "warm/acknowledge"}, texts)
	require.Equal(t, 1, s.lines(sequence.TouchMade, "warm/acknowledge sent"))
	require.Equal(t, 1, s.world.lead().Touches)
	require.Nil(t, s.world.lead().Blocked)
}

func TestWhatComesInDuringTheTurnAfterTheServersRetriesIsNotLost(t *testing.T) {
	s := newStory(t, enrolled())
	var env *testsuite.TestWorkflowEnvironment
	s.also = func(e *testsuite.TestWorkflowEnvironment) { env = e }
	sent, told := false, false
	s.world.fail = func(what string, n int) error {
		switch {
		case what == activities.SendEmail && n <= 3:
			return errAway
		case what == activities.SendEmail:
			sent = true
		case what == activities.SaveLead && sent && !told:
			told = true
			heard := make(chan struct{})
			env.SignalWorkflow(workflows.ReplySignal, workflows.Message[sequence.ReplyReceived]{ID: "m1", Event: sequence.ReplyReceived{ID: "r1"}})
			env.RegisterDelayedCallback(func() { close(heard) }, 0)
			<-heard
		}
		return nil
	}
	s.until(noon)
	require.NoError(t, s.err)
	require.True(t, told)
	require.NotNil(t, s.world.lead().Pause)
	require.Equal(t, sequence.PausedReply, s.world.lead().Pause.Reason)
	require.Equal(t, 1, s.lines(sequence.TouchMade, "warm/acknowledge sent"))
}

func TestATurnAfterAnOutageIsTakenAtItsOwnTime(t *testing.T) {
	s := newStory(t, enrolled())
	s.world.fail = func(what string, n int) error {
		if what == activities.CreateTask && n <= 10 {
			return errAway
		}
		return nil
	}
	s.until(noon)
	attempts := s.world.made(activities.CreateTask)
	require.Equal(t, attempts[0].At, attempts[10].At, "the same job, so that its effect is the same")
	last := slices.IndexFunc(s.world.calls, func(c call) bool { return c.What == activities.CreateTask }) + 10
	next := s.world.calls[last+1]
	require.Equal(t, activities.SaveLead, next.What)
	require.Greater(t, next.At.Sub(attempts[0].At), 3*time.Minute, "what follows happens when the server is done")
}

func TestWhatWentOutInATurnThatWasLostIsLearntAndCounts(t *testing.T) {
	s := newStory(t, enrolled())
	told := false
	s.world.lost = func(save activities.Save) []sequence.SendAbandoned {
		if told || save.Lead.Touches == 0 {
			return nil
		}
		told = true
		require.False(t, save.Since.IsZero())
		return []sequence.SendAbandoned{{Touch: "t99", Sent: true}}
	}
	s.until(noon)
	require.NoError(t, s.err)
	require.True(t, told)
	require.Equal(t, 1, s.lines(sequence.TouchMade, "email sent"))
	require.Equal(t, 2, s.world.lead().Touches)
	var numbers []int
	for _, e := range s.world.timeline {
		numbers = append(numbers, e.N)
	}
	for i, n := range numbers {
		require.Equal(t, i+1, n, "every line is written once: %v", numbers)
	}
}
