package sequence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// Where more effort makes no sense (R60, R61, R63), to the minute and the cent,
// and where it goes on all the same.

// ended reports the rule by which a lead came into the break-up; empty when it
// is not there.
func (s *story) ended() sequence.Rule {
	if s.Lead.Stage != sequence.BreakUp {
		return ""
	}
	return s.Lead.Because.Rule
}

func (s *story) noAnswers(n int) *story {
	for range n {
		s.outcome(sequence.NoAnswer)
	}
	return s
}

func TestAnExpiredProposalEndsWithTheCallsThatWereNotReturnedSinceIt(t *testing.T) {
	expires := afternoon(monday, 1)
	over := expires.AddDate(0, 0, 28)
	proposed := func() *story {
		return tell(t, "crm_dormant", copyOf(t)).noAnswers(5).let(sequence.ProposalSent{By: rep, ID: "q1", ExpiresAt: expires})
	}
	require.Empty(t, proposed().at(over).noAnswers(1).ended(), "calls before the proposal do not count")
	require.Equal(t, sequence.ExpiredProposal, proposed().days(2).noAnswers(1).at(over).noAnswers(1).ended())
	require.Empty(t, proposed().days(2).noAnswers(1).outcome(sequence.Interested).days(8).noAnswers(1).ended(), "an answer begins the count anew")
	open := tell(t, "crm_dormant", copyOf(t)).let(sequence.ProposalSent{By: rep, ID: "q1"}).noAnswers(2).at(over).noAnswers(2)
	require.Empty(t, open.ended(), "a proposal without an end does not expire")
	off := copyOf(t)
	off.Expired.Calls = 0
	s := tell(t, "crm_dormant", off).let(sequence.ProposalSent{By: rep, ID: "q1", ExpiresAt: expires})
	require.Empty(t, s.at(over).noAnswers(9).ended(), "left out, the rule is off")
}

func TestWeeksOfCallsCountInARowAndUntilAnAnswer(t *testing.T) {
	week := func(s *story, calls ...int) *story {
		for i, n := range calls {
			if i > 0 {
				s.days(7)
			}
			s.noAnswers(n)
		}
		return s
	}
	begin := func() *story { return tell(t, "crm_dormant", copyOf(t)) }
	require.Equal(t, sequence.TriedHard, week(begin(), 10, 10, 10, 10).ended(), "with the fortieth call")
	require.Empty(t, week(begin(), 10, 10, 10, 9).ended(), "not with the one before it")
	require.Empty(t, week(begin(), 10, 10, 0, 10).ended(), "a week without calls breaks the row")
	require.Empty(t, week(begin(), 40, 0, 0, 10).ended(), "a zealous week does not stand for four")
	answered := week(begin(), 10, 10, 10).outcome(sequence.NotNow)
	require.Empty(t, week(answered.days(7), 10).ended(), "an answer begins the count anew")
}

func TestTriedHardCountsWeeksFromMonday(t *testing.T) {
	sunday := tell(t, "crm_dormant", copyOf(t)).days(6).noAnswers(10).days(1).noAnswers(10)
	require.Equal(t, []int{10, 10}, sunday.Lead.Tried.Calls)
	saturday := tell(t, "crm_dormant", copyOf(t)).days(5).noAnswers(5).days(1).noAnswers(5)
	require.Equal(t, []int{10}, saturday.Lead.Tried.Calls)
}

func TestEffortEndsALifeWhenItCostsMoreThanItsShare(t *testing.T) {
	worth := func(cents int64) *story {
		return tell(t, "crm_dormant", copyOf(t)).let(sequence.AmountEstimated{By: rep, Amount: cents})
	}
	require.Empty(t, worth(800_00).noAnswers(2).ended(), "four of the cost, four of the share: it may be spent")
	require.Equal(t, sequence.EffortTooHigh, worth(799_00).noAnswers(2).ended(), "a cent less, and it is too much")
	require.Empty(t, worth(80_000_00).noAnswers(9).ended(), "bigger opportunities earn more effort")
	require.Empty(t, tell(t, "crm_dormant", copyOf(t)).noAnswers(9).ended(), "the typical amount ends nothing")
	off := copyOf(t)
	off.Effort.Share = 0
	require.Empty(t, tell(t, "crm_dormant", off).let(sequence.AmountEstimated{By: rep, Amount: 1}).noAnswers(9).ended(), "left out, the rule is off")
}

func TestASignOfLifeEarnsNewEffort(t *testing.T) {
	s := tell(t, "crm_dormant", copyOf(t)).let(sequence.AmountEstimated{By: rep, Amount: 1000_00}).noAnswers(2)
	require.Equal(t, 6, s.Lead.Spent)
	s.let(sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: s.Now})
	require.Zero(t, s.Lead.Spent)
	require.Equal(t, 6, s.Lead.Effort, "what it cost so far is remembered")
}

func TestNobodyGivesUpBeforeTheMinimumOrBeforeAnAgreedCall(t *testing.T) {
	for story, s := range map[string]*story{
		"warm, before the minimum": tell(t, "info_request", copyOf(t)),
		"a call is agreed":         tell(t, "crm_dormant", copyOf(t)).agreed(sequence.CallScheduled, thursday),
		"others are asked":         tell(t, "crm_dormant", copyOf(t)).let(sequence.StakeholderNamed{By: rep, ID: "p2"}).outcome(sequence.NotTheOne),
	} {
		stage := s.Lead.Stage
		s.let(sequence.AmountEstimated{By: rep, Amount: 100}).noAnswers(3)
		require.Equal(t, stage, s.Lead.Stage, story)
	}
}

func TestInColdTheMessageGoesFirst(t *testing.T) {
	s := tell(t, "crm_dormant", copyOf(t)).outcome(sequence.Interested).outcome(sequence.NotNow).let(sequence.AmountEstimated{By: rep, Amount: 1_00})
	require.Equal(t, sequence.Cold, s.days(9).Lead.Stage)
	require.Len(t, sends(s.Life, "cold/value"), 1)
	require.Equal(t, sequence.EffortTooHigh, s.days(25).ended(), "then it is enough")
	require.Empty(t, sends(s.Life, "cold/help"))
}

func TestTheAttemptThatReachesNobodyCostsLessThanATalk(t *testing.T) {
	s := tell(t, "crm_dormant", copyOf(t))
	require.Equal(t, 3, s.outcome(sequence.Voicemail).Lead.Effort)
	require.Equal(t, 3+10, s.outcome(sequence.Interested).Lead.Effort)
	require.Equal(t, 3+10+5, s.let(sequence.TaskDone{By: rep, ID: "k", Kind: sequence.TaskManual}).Lead.Effort)
}
