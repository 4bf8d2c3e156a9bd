package workflows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// The lead sleeps at noon: its mail is out and its first call is asked for.
var (
	noon     = monday.Add(150 * time.Minute)
	tomorrow = noon.Add(24 * time.Hour)
)

func outcome(id string, o sequence.Outcome) sequence.OutcomeRecorded {
	return sequence.OutcomeRecorded{By: byOwner, ID: id, Outcome: o}
}

// lines counts the entries of the timeline that are about something.
func (s *story) lines(what sequence.What, detail string) (n int) {
	for _, e := range s.world.entries() {
		if e.What == what && strings.HasSuffix(e.Detail, detail) {
			n++
		}
	}
	return n
}

// refusalIn reads the core's answer out of an error that came over the wire.
func refusalIn(t *testing.T, err error) sequence.Refusal {
	t.Helper()
	require.Error(t, err)
	wire := temporal.GetDefaultFailureConverter()
	var app *temporal.ApplicationError
	require.ErrorAs(t, wire.FailureToError(wire.ErrorToFailure(err)), &app)
	require.Equal(t, workflows.RefusalErrorType, app.Type())
	require.True(t, app.NonRetryable())
	var r sequence.Refusal
	require.NoError(t, app.Details(&r))
	return r
}

func TestAnAcceptedOutcomeChangesTheStageAndIsAnsweredWithTheNewState(t *testing.T) {
	s := newStory(t, enrolled())
	booked := outcome("o1", sequence.CallScheduled)
	booked.NextAt = tomorrow.Add(24 * time.Hour) // its reminder is due tomorrow
	r := s.update(noon, workflows.RecordOutcome, "", booked)
	s.until(noon.Add(time.Minute))

	require.True(t, r.accepted)
	require.NoError(t, r.failed)
	require.Equal(t, sequence.ScheduledCall, r.lead.Stage)
	require.Equal(t, booked.NextAt, r.lead.Call.At)
	require.Equal(t, sequence.ScheduledCall, s.world.lead().Stage, "and written through")
	require.Equal(t, "scheduled_call", s.shown[workflows.LeadStage], "and shown in the UI")
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge", "scheduled_call/invitation"}, texts)
	s.requireNothingPersonal()
}

func TestARefusedOutcomeSaysWhyAndChangesNothing(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	before := s.next
	open := s.update(noon, workflows.RecordOutcome, "", outcome("o1", sequence.Interested))
	s.until(noon.Add(time.Minute))

	require.False(t, open.accepted)
	r := refusalIn(t, open.rejected)
	require.Equal(t, "next_step_missing", r.Code)
	require.Equal(t, "next_step", r.Field)
	require.Contains(t, r.Message, "R20")
	require.NotEmpty(t, r.Remedy)
	require.Equal(t, before, s.next, "not even its id is remembered")
	require.Zero(t, s.lines(sequence.SomethingKnown, "outcome:interested:o1"))
}

func TestTheSameUpdateTakesEffectOnceEvenAfterHibernation(t *testing.T) {
	s := newStory(t, enrolled())
	first := s.update(noon, workflows.RecordOutcome, "key-1", outcome("o1", sequence.Voicemail))
	again := s.update(noon.Add(time.Hour), workflows.RecordOutcome, "key-1", outcome("o1", sequence.Voicemail))
	other := s.update(noon.Add(2*time.Hour), workflows.RecordOutcome, "key-2", outcome("o2", sequence.Voicemail))
	s.until(noon.Add(3 * time.Hour))

	require.NoError(t, errors.Join(first.failed, again.failed, other.failed))
	require.Equal(t, 1, first.lead.Voicemails)
	require.True(t, again.accepted)
	require.Equal(t, 1, again.lead.Voicemails, "answered with the state, not done again")
	require.Equal(t, 2, other.lead.Voicemails)
	require.Equal(t, 1, s.lines(sequence.SomethingKnown, "outcome:voicemail:o1"))
}

func TestARepeatedUpdateIsAnsweredEvenWhenItCouldNotHappenAnyMore(t *testing.T) {
	s := newStory(t, enrolled())
	hold := sequence.Paused{By: byOwner, Reason: sequence.PausedByHand}
	require.NotNil(t, s.update(noon, workflows.Pause, "", hold))
	first := s.update(noon.Add(time.Hour), workflows.Resume, "key-1", sequence.Resumed{By: byOwner})
	again := s.update(noon.Add(2*time.Hour), workflows.Resume, "key-1", sequence.Resumed{By: byOwner})
	other := s.update(noon.Add(3*time.Hour), workflows.Resume, "key-2", sequence.Resumed{By: byOwner})
	s.until(noon.Add(4 * time.Hour))
	require.NoError(t, errors.Join(first.failed, again.failed))
	require.True(t, first.accepted && again.accepted)
	require.Equal(t, "not_paused", refusalIn(t, other.rejected).Code)
}

func TestTheSameUpdateTwiceAtOnceTakesEffectOnce(t *testing.T) {
	s := newStory(t, enrolled())
	first := s.update(noon, workflows.RecordOutcome, "key-1", outcome("o1", sequence.Voicemail))
	again := s.update(noon, workflows.RecordOutcome, "key-1", outcome("o1", sequence.Voicemail))
	s.until(noon.Add(time.Hour))
	require.Equal(t, 1, first.lead.Voicemails)
	require.Equal(t, 1, again.lead.Voicemails)
	require.Equal(t, 1, s.world.lead().Voicemails)
}

func TestRecentIDsAreBounded(t *testing.T) {
	s := newStory(t, enrolled())
	for i := range 60 {
		id := fmt.Sprintf("%06d-%s", i, leadID) // as long as real ones
		signal(s, noon.Add(time.Duration(i)*time.Minute), workflows.EngagementSignal, id,
			sequence.EngagementRecorded{ID: id, Kind: "site_visit", At: noon})
	}
	s.until(noon.Add(2 * time.Hour))
	require.Len(t, s.next.Recent, 24)
	encoded, err := json.Marshal(s.next.Recent)
	require.NoError(t, err)
	require.Less(t, len(encoded), 400)
}

func TestASignalDeliveredTwiceHasOneEffect(t *testing.T) {
	s := newStory(t, enrolled())
	visit := sequence.EngagementRecorded{ID: "e2", Kind: "webinar_attended", At: noon}
	signal(s, noon, workflows.EngagementSignal, "m1", visit)
	signal(s, noon, workflows.EngagementSignal, "m1", visit)                  // in the same run
	signal(s, noon.Add(time.Hour), workflows.EngagementSignal, "m1", visit)   // after a hibernation
	signal(s, noon.Add(2*time.Hour), workflows.EngagementSignal, "m2", visit) // told anew
	signal(s, noon.Add(3*time.Hour), workflows.EngagementSignal, "m1", visit) // and again
	s.until(noon.Add(4 * time.Hour))
	require.Equal(t, 2, s.lines(sequence.SomethingKnown, "engagement:webinar_attended:e2"))
}

func TestAStopEndsTheLifeAndNothingIsSentAfterwards(t *testing.T) {
	s := newStory(t, enrolled())
	signal(s, tomorrow, workflows.OptOutSignal, "m1", sequence.OptedOut{ID: "s1", Via: "link"})
	s.until(monday.Add(twoYears))

	require.True(t, s.ended, "the workflow completes")
	require.NoError(t, s.err)
	require.Equal(t, tomorrow, s.now, "at once")
	require.Equal(t, sequence.DoNotContact, s.world.lead().Stage)
	require.Equal(t, "do_not_contact", s.shown[workflows.LeadStage])
	for _, c := range append(s.world.made("mail"), s.world.made("CreateTask")...) {
		require.True(t, c.At.Before(tomorrow))
	}
	require.NotEmpty(t, s.world.made("CancelTasks"), "open tasks are taken back")
}

func TestAStopThatComesTogetherWithADeadlineWins(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	due, ok := s.next.Lead.Deadline()
	require.True(t, ok)
	s.at(due.Add(-1), func(env *testsuite.TestWorkflowEnvironment) { // the worker hears of it with the timer
		env.SignalWorkflowSkippingWorkflowTask(workflows.OptOutSignal, workflows.Message[sequence.OptedOut]{
			ID: "m1", Event: sequence.OptedOut{ID: "s1", Via: "link"},
		})
	})
	s.until(due.Add(time.Hour))
	require.True(t, s.ended)
	require.Equal(t, due, s.now)
	for _, e := range s.world.entries() {
		require.False(t, e.At.Equal(due) && e.Actor == sequence.ActorRekindle, "nothing was done by the deadline: %v", e)
	}
}

func TestASignalThatArrivesDuringAnActivityIsNotLost(t *testing.T) {
	for _, during := range []string{"CreateTask", "SendEmail", "SaveLead"} {
		t.Run(during, func(t *testing.T) {
			s := newStory(t, enrolled())
			told := false
			var env *testsuite.TestWorkflowEnvironment
			s.at(monday, func(e *testsuite.TestWorkflowEnvironment) { env = e })
			s.world.fail = func(what string, _ int) error {
				if what == during && !told {
					told = true
					env.SignalWorkflow(workflows.EngagementSignal, workflows.Message[sequence.EngagementRecorded]{
						ID: "m1", Event: sequence.EngagementRecorded{ID: "e2", Kind: "webinar_attended", At: monday},
					})
				}
				return nil
			}
			if during == "CreateTask" { // that is another run
				s.run(monday.Add(time.Second))
				s.at(s.now, func(e *testsuite.TestWorkflowEnvironment) { env = e })
			}
			s.until(noon)
			require.True(t, told)
			require.Equal(t, 1, s.lines(sequence.SomethingKnown, "engagement:webinar_attended:e2"))
			require.Len(t, s.world.lead().Engaged, 2)
		})
	}
}

func TestAReportToAFinishedLifeHasNoEffectAndNoError(t *testing.T) {
	s := newStory(t, enrolled())
	signal(s, noon, workflows.OptOutSignal, "m1", sequence.OptedOut{ID: "s1", Via: "link"})
	signal(s, noon, workflows.ReplySignal, "m2", sequence.ReplyReceived{ID: "r1"})
	s.until(tomorrow)
	require.True(t, s.ended)
	require.NoError(t, s.err)
	require.Zero(t, s.lines(sequence.SomethingKnown, "reply:r1"))
}

func TestALeadHearsOfASendThatWasAbandonedAndCountsItOnce(t *testing.T) {
	s := newStory(t, enrolled())
	for range 2 {
		signal(s, noon, workflows.AbandonedSignal, "m1", sequence.SendAbandoned{Touch: "t99"})
	}
	s.until(tomorrow)
	made := 0
	for _, e := range s.world.entries() {
		if e.What == sequence.TouchMade && e.Touch == "t99" {
			made++
		}
	}
	require.Equal(t, 1, made)
}
