package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// While one at an account talks, the others are left alone (R34); what reopens a
// case (R53), and a new owner (R83).

func (s *story) talks(lead string) *story { return s.let(sequence.ColleagueTalks{Lead: lead}) }

func (s *story) over(lead string) *story {
	return s.let(sequence.ColleagueTalks{Lead: lead, Over: true})
}

func (s *story) paused() sequence.PauseReason {
	if s.Lead.Pause == nil {
		return ""
	}
	return s.Lead.Pause.Reason
}

func calm(t *testing.T, way sequence.Calm) *story {
	pb := copyOf(t)
	pb.AccountCalm = way
	return tell(t, "info_request", pb).days(1)
}

func TestALeadWaitsUntilTheLastOfTwoColleaguesHasTalked(t *testing.T) {
	s := calm(t, sequence.CalmPause).talks("lead-2").talks("lead-3").talks("lead-2")
	require.Equal(t, sequence.PausedColleague, s.paused())
	require.Equal(t, sequence.PausedColleague, s.over("lead-2").paused())
	require.Empty(t, s.days(30).emails()[1:], "nothing but the first mail went out")
	require.Empty(t, s.over("lead-3").paused())
	require.True(t, s.Lead.Next.At.After(s.Now), "it goes on in its window")
}

func TestALeadThatIsStoppedWaitsForSomebodyToResumeIt(t *testing.T) {
	s := calm(t, sequence.CalmStop).talks("lead-2").talks("lead-3").over("lead-2").over("lead-3")
	require.Equal(t, sequence.PausedColleague, s.paused())
	require.Empty(t, s.let(sequence.Resumed{By: rep}).paused())
}

func TestNothingHappensWhereThePlaybookWantsNothing(t *testing.T) {
	for _, way := range []sequence.Calm{sequence.CalmNothing, ""} {
		s := calm(t, way).talks("lead-2").talks("lead-3")
		require.Empty(t, s.paused())
		s.agreed(sequence.CallScheduled, thursday)
		require.Empty(t, only[sequence.CalmAccount](s.Actions), "and the others hear nothing")
	}
}

func TestTheOthersHearOfTheBeginningAndTheEndOfAConversation(t *testing.T) {
	s := calm(t, sequence.CalmPause).agreed(sequence.CallScheduled, thursday)
	require.Equal(t, []sequence.CalmAccount{{Talking: true}}, only[sequence.CalmAccount](s.Actions))
	require.Empty(t, s.talks("lead-2").paused(), "who talks with us is not paused")
	s.at(thursday.Add(day)).outcome(sequence.NotNow)
	require.Equal(t, []sequence.CalmAccount{{Talking: true}, {Talking: false}}, only[sequence.CalmAccount](s.Actions))
	require.Equal(t, sequence.PausedColleague, s.paused(), "now it waits for the colleague in turn")
}

func TestALeadAloneAtNoAccountDisturbsNobody(t *testing.T) {
	s := tellOf(t, sequence.Lead{ID: "lead-1", Zone: "Europe/Berlin"}, "info_request", copyOf(t)).agreed(sequence.CallScheduled, thursday)
	require.Empty(t, only[sequence.CalmAccount](s.Actions))
}

// coldFor is a qualified case that has been cold for so many months and days.
func coldFor(t *testing.T, months, days int) *story {
	s := tell(t, "info_request", copyOf(t)).outcome(sequence.NotNow)
	return s.at(s.Now.In(placeIn(t, "Europe/Berlin", "DE").Zone).AddDate(0, months, days))
}

func TestAWitnessReopensACaseThatWasColdForAMonth(t *testing.T) {
	witness := sequence.StakeholderNamed{By: rep, ID: "p2"}
	s := coldFor(t, 1, 0).let(witness)
	require.Equal(t, sequence.FreshEyes, s.Lead.Because.Rule)
	require.Equal(t, sequence.TellPrimary, s.Lead.Play, "the primary is told first, here too")
	require.Equal(t, sequence.Cold, coldFor(t, 1, -1).let(witness).Lead.Stage)
	unqualified := tell(t, "ebook_download", copyOf(t)).diligent(100, in(sequence.Cold)).days(35).let(witness)
	require.Equal(t, sequence.Cold, unqualified.Lead.Stage, "only the qualified are reopened")
}

func TestNewsReopensARestingCaseOverSomeDaysAndOnlyOnce(t *testing.T) {
	news := sequence.NewsPublished{ID: "n1"}
	s := coldFor(t, 1, 0).let(news)
	require.Equal(t, sequence.Revival, s.Lead.Stage)
	before := len(s.Timeline)
	require.Len(t, s.let(news).Timeline, before, "a second item changes nothing more")
	require.Equal(t, sequence.Cold, coldFor(t, 1, 0).let(sequence.Paused{By: rep, Reason: sequence.PausedByHand}).let(news).Lead.Stage, "a pause goes before")
	asked := copyOf(t)
	asked.FreshEyes.AnotherOwner = true
	other := tell(t, "info_request", asked).outcome(sequence.NotNow).days(35).let(news)
	require.Contains(t, other.told(), sequence.FreshEyes, "the manager may give it to another owner")
}

func TestNewsWaitsForATouchThatIsStillToCome(t *testing.T) {
	pb := copyOf(t)
	after(sequence.Cold, sequence.Value, 1, 8, sequence.Weeks)(pb)
	s := tell(t, "info_request", pb).outcome(sequence.NotNow).days(40).let(sequence.NewsPublished{ID: "n1"})
	require.Equal(t, sequence.Cold, s.Lead.Stage, "the next mail brings it")
}

func TestANewOwnerIntroducesThemselfBeforeTheNextTouchAndOnce(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).days(1)
	planned := s.Lead.Next.Step
	s.let(sequence.Reassigned{By: rep, Owner: "owner-2"})
	require.Equal(t, []sequence.MoveTasks{{Owner: "owner-2"}}, only[sequence.MoveTasks](s.Actions))
	s.days(1)
	require.Equal(t, planned, s.Lead.Next.Step, "it goes on where it was")
	s.days(60)
	require.Len(t, sends(s.Life, "owner/introduction"), 1)
	require.Len(t, sends(s.Life, "warm/idea"), 1)
}

func TestTheIntroductionOfTwoOwnersInADayIsOne(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).wait(22 * time.Hour)
	s.let(sequence.Paused{By: rep, Reason: sequence.PausedByHand})
	s.let(sequence.Reassigned{By: rep, Owner: "owner-2"}).let(sequence.Reassigned{By: rep, Owner: "owner-3"})
	s.let(sequence.Resumed{By: rep}).days(30)
	require.Len(t, sends(s.Life, "owner/introduction"), 1)
	require.Len(t, sends(s.Life, "warm/idea"), 1)
}
