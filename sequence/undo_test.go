package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// What can be taken back, until when, and what comes back with it.

// back takes the last outcome back and names the refusal, if it is one.
func (s *story) back(id string) string {
	before := len(s.refused)
	s.let(sequence.OutcomeTakenBack{By: rep, ID: id})
	if len(s.refused) == before {
		return ""
	}
	return s.refused[before].Code
}

func TestOnlyTheLastOutcomeCanBeTakenBack(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	require.Equal(t, "not_the_last_outcome", s.back("o1"), "there is none yet")
	for _, id := range []string{"o1", "o2"} {
		s.let(sequence.OutcomeRecorded{By: rep, ID: id, Outcome: sequence.NoAnswer})
	}
	require.Equal(t, "not_the_last_outcome", s.back("o1"))
	require.Empty(t, s.back("o2"))
	require.Equal(t, "not_the_last_outcome", s.back("o2"), "and only once")
}

func TestAnOutcomeCanBeTakenBackForOneWorkingDay(t *testing.T) {
	for _, c := range []struct {
		story    string
		at       time.Time
		refusals string
	}{
		{"the minute before it is over", monday.Add(day + 59*time.Minute), ""},
		{"when it is over", monday.Add(day + time.Hour), "too_late"},
	} {
		s := tell(t, "info_request", copyOf(t)).wait(time.Hour).outcome(sequence.NoAnswer)
		require.Equal(t, c.refusals, s.at(c.at).back("o"), c.story)
	}
	longer := copyOf(t)
	longer.UndoWithin.N = 2
	require.Empty(t, tell(t, "info_request", longer).wait(time.Hour).outcome(sequence.NoAnswer).days(1).back("o"), "the playbook may give longer")
	none := copyOf(t)
	none.UndoWithin = sequence.Wait{}
	require.Equal(t, "not_the_last_outcome", tell(t, "info_request", none).wait(time.Hour).outcome(sequence.NoAnswer).back("o"), "or none at all")
}

func TestWhatFollowedAnOutcomeIsNamedWhenItCannotBeTakenBack(t *testing.T) {
	for words, ev := range map[string]sequence.Event{
		"the lead engaged (site_visit)":          sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: monday},
		"the lead answered":                      sequence.ReplyReceived{ID: "r1"},
		"a stakeholder was named":                sequence.StakeholderNamed{By: rep, ID: "p2"},
		"another owner took over":                sequence.Reassigned{By: rep, Owner: "owner-2"},
		"a proposal went out":                    sequence.ProposalSent{By: rep, ID: "q1"},
		"the lead was diagnosed":                 sequence.Diagnosed{By: rep, ID: "d1", Diagnosis: sequence.Timing},
		"the task manual was done":               sequence.TaskDone{By: rep, ID: "k1", Kind: sequence.TaskManual},
		"the email of touch t9 went out":         sequence.TouchPerformed{Touch: "t9", Status: sequence.Sent},
		"the email of touch t8 could not go out": sequence.TouchPerformed{Touch: "t8", Status: sequence.NoAddress},
		"something else was recorded":            sequence.Paused{By: rep, Reason: sequence.PausedByHand},
	} {
		s := tell(t, "info_request", copyOf(t)).outcome(sequence.NotNow).let(ev)
		require.Equal(t, "cannot_be_undone", s.back("o"), words)
		require.Equal(t, "this followed and cannot be undone: "+words, s.refused[0].Message)
	}
}

func TestAnOutcomeIsNotTakenBackWhileItsMailIsOnTheWay(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).wait(time.Hour)
	s.Mail = func(sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: "t0", Status: sequence.Cancelled} // nothing is known of it yet
	}
	s.agreed(sequence.CallScheduled, thursday).wait(time.Minute)
	require.NotEmpty(t, s.Lead.InFlight)
	require.Equal(t, "cannot_be_undone", s.back("o"))
	require.Contains(t, s.refused[0].Message, "is being sent")
}

func TestAMailThatDidNotGoOutHindersNothing(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).wait(time.Hour)
	s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: m.Touch, Status: sequence.Deferred, RetryAt: thursday}
	}
	s.agreed(sequence.CallScheduled, thursday).wait(time.Minute)
	require.Equal(t, "mail_server", s.Lead.BlockedReason())
	require.Empty(t, s.back("o"))
	require.Equal(t, sequence.Warm, s.Lead.Stage)
	require.Nil(t, s.Lead.Call)
}

func TestWhatIsTakenBackLeavesTheLeadAsItWas(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).wait(5 * time.Hour)
	was, before := s.Lead, len(s.Actions)
	s.outcome(sequence.NotNow)
	made := s.Lead.TouchSeq
	require.Greater(t, made, was.TouchSeq)
	require.Empty(t, s.back("o"))
	is := s.Lead
	require.Equal(t, made, is.TouchSeq, "numbers are never given twice")
	is.TouchSeq, is.EntrySeq = was.TouchSeq, was.EntrySeq
	require.Equal(t, mustJSON(was), mustJSON(is))
	require.Equal(t, []sequence.ReopenTasks{{UpTo: was.TouchSeq, Since: s.Now}}, only[sequence.ReopenTasks](s.Actions[before:]))
	cancelled := only[sequence.CancelTasks](s.Actions[before:])
	last := cancelled[len(cancelled)-1]
	require.Equal(t, []int{was.TouchSeq, made}, []int{last.After, last.UpTo}, "what the outcome asked for falls away")
}

func TestACallThatStoodBeforeAWrongOutcomeStandsAgain(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).agreed(sequence.CallScheduled, thursday).at(thursday.Add(time.Hour))
	call := *s.Lead.Call
	require.Nil(t, s.outcome(sequence.MissedByLead).Lead.Call)
	require.Empty(t, s.back("o"))
	require.Equal(t, call, *s.Lead.Call)
	require.Equal(t, sequence.WatchOutcome, s.Lead.Watch.For, "and its outcome is owed")
}

func TestTheAccountIsCalmAgainAfterAWrongOutcome(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).agreed(sequence.CallScheduled, thursday).at(thursday.Add(time.Hour))
	before := len(s.Actions)
	s.let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NotNow})
	require.Equal(t, []sequence.CalmAccount{{Talking: false}}, only[sequence.CalmAccount](s.Actions[before:]))
	require.Empty(t, s.back("o2"))
	require.Equal(t, []sequence.CalmAccount{{Talking: false}, {Talking: true}}, only[sequence.CalmAccount](s.Actions[before:]))
}

func TestAFinishedLifeTakesNothingBack(t *testing.T) {
	for _, o := range []sequence.Outcome{sequence.WonOutcome, sequence.StopOutcome, sequence.NotQualified} {
		require.Equal(t, "lead_is_final", tell(t, "info_request", copyOf(t)).outcome(o).back("o"), o)
	}
}

func TestWhatAColleagueBeganMeanwhileStays(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).outcome(sequence.NoAnswer).let(sequence.ColleagueTalks{Lead: "lead-2"})
	require.Empty(t, s.back("o"))
	require.Equal(t, []string{"lead-2"}, s.Lead.Talking)
}
