package sequence_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

var update = flag.Bool("update", false, "write the golden timelines anew")

// golden compares a life with the one that was read and found good.
func golden(t *testing.T, name string, told string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(told), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "go test ./sequence -update writes it")
	require.Equal(t, string(want), told, "the timeline has changed; read it line by line, then -update")
}

// story is a life with a heading before each chapter.
type story struct {
	*simulate.Life
	t    *testing.T
	told strings.Builder
	from int
}

func tell(t *testing.T, kind sequence.Kind) *story {
	return &story{Life: born(t, kind), t: t}
}

// chapter lives until an instant and tells what happened, under a heading.
func (s *story) chapter(heading string, until time.Time) {
	s.t.Helper()
	require.NoError(s.t, s.Until(until))
	fmt.Fprintf(&s.told, "## %s\n\n", heading)
	place := sequence.PlaceOf(s.Lead, s.Playbook)
	for _, e := range s.Timeline[s.from:] {
		fmt.Fprintln(&s.told, simulate.Line(e, place.Zone))
	}
	s.from = len(s.Timeline)
	s.told.WriteString("\n")
}

func (s *story) happens(ev sequence.Event) {
	s.t.Helper()
	require.NoError(s.t, s.Let(ev))
}

func (s *story) outcome(o sequence.Outcome, next time.Time) {
	s.t.Helper()
	s.happens(sequence.OutcomeRecorded{By: rep, ID: fmt.Sprintf("o%d", len(s.Timeline)), Outcome: o, NextAt: next, WhyNone: next.IsZero(), Reason: true})
}

// diligently has the owner make each call and do each manual task within hours,
// until an instant; the calls end as said.
func (s *story) diligently(until time.Time, o sequence.Outcome) {
	s.t.Helper()
	for answered := len(s.Actions); ; {
		at, ok := s.Lead.Deadline()
		if !ok || at.After(until) {
			return
		}
		require.NoError(s.t, s.Until(at))
		for ; answered < len(s.Actions); answered++ {
			task, ok := s.Actions[answered].(sequence.CreateTask)
			switch {
			case !ok || s.Lead.Stage.Final():
			case task.Kind == sequence.TaskCall:
				s.Now = s.Now.Add(10 * time.Minute)
				s.outcome(o, time.Time{})
			case task.Kind == sequence.TaskManual:
				s.Now = s.Now.Add(20 * time.Minute)
				s.happens(sequence.TaskDone{By: rep, ID: task.Touch, Kind: task.Kind, Touch: task.Touch})
			}
		}
	}
}

func (s *story) in(stage sequence.Stage, play sequence.Play) {
	s.t.Helper()
	require.Equal(s.t, string(stage)+"/"+string(play), string(s.Lead.Stage)+"/"+string(s.Lead.Play))
}

func berlin(t *testing.T, at string) time.Time {
	return clock(t, placeIn(t, "Europe/Berlin", "DE"), at)
}

func TestASilentLifeOfTwoYears(t *testing.T) {
	s := tell(t, "info_request")
	s.diligently(berlin(t, "2026-04-20 00:00"), sequence.NoAnswer)
	s.chapter("They asked for information and never answered: the owner persists", berlin(t, "2026-04-20 00:00"))
	s.in(sequence.Cold, sequence.Rest)
	s.diligently(berlin(t, "2026-07-20 00:00"), sequence.NoAnswer)
	s.chapter("Cold: one honest message, something that helps, and peace", berlin(t, "2026-07-20 00:00"))
	s.in(sequence.Revival, sequence.Reopen)
	s.diligently(berlin(t, "2026-10-15 00:00"), sequence.NoAnswer)
	s.chapter("Revival, the question whether to close the file, and the last message", berlin(t, "2026-10-15 00:00"))
	s.in(sequence.CheckIn, sequence.Quarterly)
	s.chapter("A check-in every quarter", berlin(t, "2028-03-02 00:00"))
	s.in(sequence.CheckIn, sequence.Quarterly)
	golden(t, "silent_life", s.told.String())
}

func TestALifeThatEndsInAWin(t *testing.T) {
	s := tell(t, "webinar_attended")
	require.NoError(t, s.Until(berlin(t, "2026-03-02 10:10")))
	s.outcome(sequence.CallScheduled, berlin(t, "2026-03-05 14:30"))
	s.happens(sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: s.Now})
	s.chapter("A webinar, a first call, and a second one agreed", berlin(t, "2026-03-05 14:45"))
	s.in(sequence.ScheduledCall, sequence.Booked)
	s.outcome(sequence.MissedByLead, time.Time{})
	s.chapter("They did not come: offered again, kindly", berlin(t, "2026-03-06 10:00"))
	s.outcome(sequence.CallScheduled, berlin(t, "2026-03-09 15:00"))
	s.chapter("A new time, and again nobody came", berlin(t, "2026-03-09 15:15"))
	s.outcome(sequence.MissedByLead, time.Time{})
	s.chapter("Offered a second time", berlin(t, "2026-03-10 09:45"))
	s.outcome(sequence.Interested, time.Time{})
	s.chapter("They call back: interested, but no time to agree one. Then silence", berlin(t, "2026-03-25 11:00"))
	s.in(sequence.ScheduledCall, sequence.FindOthers)
	s.happens(sequence.StakeholderNamed{By: rep, ID: "p2"})
	s.happens(sequence.StakeholderNamed{By: rep, ID: "p3"})
	s.chapter("Two others are named; the primary is told first", berlin(t, "2026-04-01 12:00"))
	s.in(sequence.MultiStakeholder, sequence.Outreach)
	s.outcome(sequence.PrimaryObject, berlin(t, "2026-04-08 10:00"))
	s.chapter("The primary objects: too early, talk to me first", berlin(t, "2026-04-08 11:00"))
	s.happens(sequence.ProposalSent{By: rep, ID: "q1", ExpiresAt: berlin(t, "2026-05-08 00:00")})
	s.outcome(sequence.CallScheduled, berlin(t, "2026-04-15 10:00"))
	s.chapter("A good talk, a proposal, and one more call", berlin(t, "2026-04-15 10:40"))
	s.outcome(sequence.WonOutcome, time.Time{})
	s.chapter("They buy", berlin(t, "2027-04-15 00:00"))
	s.in(sequence.Won, "")
	golden(t, "won_life", s.told.String())
}

func TestALifeThatEndsWithAStop(t *testing.T) {
	s := tell(t, "ebook_download")
	require.NoError(t, s.Until(berlin(t, "2026-03-02 10:10")))
	s.outcome(sequence.Voicemail, time.Time{})
	s.happens(sequence.AutoReplyReceived{ID: "r1", Until: berlin(t, "2026-03-16 00:00")})
	s.chapter("Out of office for two weeks", berlin(t, "2026-03-17 09:00"))
	s.happens(sequence.Snoozed{By: sequence.By{Actor: sequence.ActorLead}, Until: berlin(t, "2026-04-01 00:00")})
	s.chapter("Not this month, they say by the link in the mail", berlin(t, "2026-04-01 09:00"))
	s.diligently(berlin(t, "2026-06-01 00:00"), sequence.Voicemail)
	s.chapter("Back again: voicemail after voicemail, until the channel changes", berlin(t, "2026-06-01 10:00"))
	s.in(sequence.Cold, sequence.Rest)
	s.happens(sequence.Diagnosed{By: rep, ID: "d1", Diagnosis: sequence.TooFast})
	s.happens(sequence.ProposalSent{By: rep, ID: "q1"})
	s.chapter("The owner's diagnosis: we were too fast", berlin(t, "2026-10-01 10:30"))
	s.in(sequence.Revival, sequence.Reopen)
	s.outcome(sequence.NonCommittal, time.Time{})
	s.chapter("Revived, and neither yes nor no: should we close your file?", berlin(t, "2026-10-28 12:00"))
	s.in(sequence.BreakUp, sequence.Farewell)
	s.chapter("The last message, and silence", berlin(t, "2027-03-01 11:00"))
	s.in(sequence.CheckIn, sequence.Quarterly)
	s.happens(sequence.EngagementRecorded{ID: "e2", Kind: "booth_visit", At: s.Now})
	s.chapter("A sign of life at a booth", berlin(t, "2027-03-03 18:00"))
	s.in(sequence.Warm, sequence.Inbound)
	s.happens(sequence.OptedOut{ID: "x1", Via: "reply"})
	s.chapter("They say stop", berlin(t, "2029-03-01 00:00"))
	s.in(sequence.DoNotContact, "")
	golden(t, "stopped_life", s.told.String())
}
