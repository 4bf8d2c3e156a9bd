package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// What is answered to invitations (R21).

// answered is an answer of the person we are in conversation with to the call
// that stands.
func answered(l sequence.Lead, a sequence.InvitationAnswer) sequence.InvitationAnswered {
	ev := sequence.InvitationAnswered{ID: "i1", Answer: a, From: l.With}
	if l.Call != nil {
		ev.UID, ev.Seq = l.Call.UID, l.Call.Seq
	}
	return ev
}

func TestAnInvitationThatIsAcceptedIsASignOfLife(t *testing.T) {
	for _, a := range []sequence.InvitationAnswer{sequence.Accepted, sequence.Tentative} {
		s := invitedFor(t, copyOf(t)).let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NoAnswer})
		require.Positive(t, s.Lead.Unanswered)
		next := *s.Lead.Next
		s.let(answered(s.Lead, a))
		require.Zero(t, s.Lead.Unanswered)
		require.Equal(t, next, *s.Lead.Next, "the reminders go on")
		require.Nil(t, s.Lead.Pause)
		require.Contains(t, sequence.Explain(s.Lead, s.Playbook, s.Now).Then+mustJSON(s.Lead), string(a))
		require.Len(t, sends(s.at(thursday).Life, "scheduled_call/reminder_day"), 1)
	}
}

func TestACallThatIsDeclinedIsOffUntilTheOwnerHasAgreedOnAnother(t *testing.T) {
	s := invitedFor(t, copyOf(t))
	before := len(s.Actions)
	was := *s.Lead.Call
	s.let(answered(s.Lead, sequence.Declined))
	require.Nil(t, s.Lead.Call)
	require.Equal(t, sequence.PausedReply, s.Lead.Pause.Reason)
	require.Contains(t, s.told(), sequence.BothCalendars)
	asked := only[sequence.CreateTask](s.Actions[before:])
	require.Len(t, asked, 1)
	require.Equal(t, sequence.TaskReply, asked[0].Kind)
	require.Contains(t, asked[0].Prompt, "declined")
	require.Equal(t, sequence.TaskCall, only[sequence.CancelTasks](s.Actions[before:])[0].Kind)
	s.at(thursday.Add(time.Hour))
	require.Empty(t, sends(s.Life, "scheduled_call/reminder_day"))
	require.Empty(t, sends(s.Life, "scheduled_call/reminder_hour"))
	require.Empty(t, s.cancellations(), "they know")

	s.agreed(sequence.CallScheduled, thursday.AddDate(0, 0, 4))
	require.NotEqual(t, was.UID, s.Lead.Call.UID)
	require.Nil(t, s.Lead.Pause)
}

func TestADeclinedCallOnWhichNothingNewIsAgreedIsFollowedUp(t *testing.T) {
	s := invitedFor(t, copyOf(t)).let(answered(invitedFor(t, copyOf(t)).Lead, sequence.Declined))
	s.let(sequence.TaskDone{By: rep, ID: "k", Kind: sequence.TaskReply})
	require.Equal(t, sequence.FollowUp, s.Lead.Play)
	require.NotNil(t, s.Lead.Next)
}

func TestAnotherTimeThatIsProposedHoldsTheRemindersUntilTheOwnerHasAnswered(t *testing.T) {
	s := invitedFor(t, copyOf(t))
	was, ev := *s.Lead.Call, answered(s.Lead, sequence.Countered)
	ev.At = thursday.Add(2 * time.Hour)
	s.let(ev)
	asked := only[sequence.CreateTask](s.Actions)
	require.Contains(t, asked[len(asked)-1].Prompt, "another time for the call, Thu 5 Mar 2026 17:00 CET")
	require.Equal(t, was, *s.Lead.Call, "it stands until the owner moves it")
	require.Empty(t, sends(s.at(thursday.Add(-time.Minute)).Life, "scheduled_call/reminder_day"))
	s.agreed(sequence.CallScheduled, ev.At)
	require.Equal(t, sequence.CallSlot{UID: was.UID, Seq: was.Seq + 1, At: ev.At}, *s.Lead.Call)
}

func TestWhatIsAnsweredToAnInvitationThatNoLongerStandsIsOnlyRecorded(t *testing.T) {
	for name, alter := range map[string]func(*sequence.InvitationAnswered){
		"of another call":    func(e *sequence.InvitationAnswered) { e.UID = "lead-1-call-0" },
		"of an earlier time": func(e *sequence.InvitationAnswered) { e.Seq-- },
		"by somebody else":   func(e *sequence.InvitationAnswered) { e.From = "s9" },
	} {
		t.Run(name, func(t *testing.T) {
			s := invitedFor(t, copyOf(t)).agreed(sequence.CallScheduled, thursday.Add(time.Hour)).wait(time.Hour)
			was, noted := s.Lead, len(s.noted())
			ev := answered(s.Lead, sequence.Declined)
			alter(&ev)
			s.let(ev)
			require.Len(t, s.noted(), noted+1)
			was.EntrySeq++
			require.Equal(t, mustJSON(was), mustJSON(withUndo(s.Lead, was.Undo)))
		})
	}
}

// withUndo sets what every event changes aside.
func withUndo(l sequence.Lead, u *sequence.Undo) sequence.Lead {
	l.Undo = u
	return l
}
