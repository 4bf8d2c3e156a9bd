package sequence_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// A greeting before New Year, and a favour that is asked once (R70, R71).

// sentOn are the local days on which a text went out.
func (s *story) sentOn(text string) []string {
	var days []string
	for _, e := range s.Timeline {
		if e.What == sequence.TouchMade && e.Detail == "email "+text+" sent" {
			days = append(days, e.At.In(sequence.PlaceOf(s.Lead, s.Playbook).Zone).Format("2006-01-02 Mon"))
		}
	}
	return days
}

func TestEveryLeadIsGreetedOnceOnTheLastOpenDaysBeforeEveryNewYear(t *testing.T) {
	for zone, country := range map[string]string{"Europe/Berlin": "DE", "America/New_York": "US"} {
		days := map[string]bool{}
		for i := range 20 {
			lead := sequence.Lead{ID: fmt.Sprintf("lead-%d", i), Zone: zone, Country: country}
			s := tellOf(t, lead, "crm_dormant", copyOf(t)).outcome(sequence.NotNow).days(2 * 365)
			greeted := s.sentOn("check_in/greeting")
			require.Len(t, greeted, 2, "two years, two greetings: %s", lead.ID)
			require.Contains(t, []string{"2026-12-28 Mon", "2026-12-29 Tue", "2026-12-30 Wed", "2026-12-31 Thu"}, greeted[0], country)
			require.Contains(t, []string{"2027-12-27 Mon", "2027-12-28 Tue", "2027-12-29 Wed", "2027-12-30 Thu", "2027-12-31 Fri"}, greeted[1], country)
			days[greeted[0]] = true
		}
		require.Greater(t, len(days), 2, "not everybody on the same day")
	}
}

func TestWhoLivesWhereNoNewYearIsKnownGetsNoGreeting(t *testing.T) {
	s := tellOf(t, sequence.Lead{ID: "lead-1", Zone: "Europe/Berlin"}, "crm_dormant", copyOf(t)).outcome(sequence.NotNow).days(2 * 365)
	require.Empty(t, s.sentOn("check_in/greeting"))
	require.Len(t, s.sentOn("check_in/quarterly"), 7, "and a check-in every quarter all the same")
}

func TestACheckInKeepsOffHolidays(t *testing.T) {
	germany := placeIn(t, "Europe/Berlin", "DE")
	s := tell(t, "crm_dormant", copyOf(t)).outcome(sequence.NotNow).days(5 * 365)
	made := 0
	for _, e := range s.Timeline {
		if e.What == sequence.TouchMade {
			made++
			require.True(t, germany.Open(e.At, s.Playbook.Windows.Email), "%s", e.At)
		}
	}
	require.GreaterOrEqual(t, made, 20, "four a year")
}

func TestAReferralIsAskedForOnceInALife(t *testing.T) {
	s := tell(t, "crm_dormant", copyOf(t)).outcome(sequence.NotNow).days(365)
	require.Len(t, s.sentOn("check_in/referral"), 1)
	s.let(sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: s.Now}).outcome(sequence.NotNow)
	s.diligent(100, in(sequence.CheckIn)).outcome(sequence.NotNow).days(2 * 365)
	require.Len(t, s.sentOn("check_in/referral"), 1, "a second time in check-in, and it is not asked again")
}

func TestWhoNeverTalkedOrSaidAHardNoIsAskedForNoReferral(t *testing.T) {
	silent := tell(t, "crm_dormant", copyOf(t)).diligent(100, in(sequence.CheckIn)).days(2 * 365)
	require.Empty(t, silent.sentOn("check_in/referral"))
	no := sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.NotInterested, Reason: true, DecisionMaker: true}
	hard := tell(t, "crm_dormant", copyOf(t)).let(no).let(no).days(365)
	require.Equal(t, sequence.CheckIn, hard.Lead.Stage)
	require.Empty(t, hard.sentOn("check_in/referral"))
}
