package sequence_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// Invitations and their cancellations (R21).

// invitedFor is a lead who was invited to a call on Thursday.
func invitedFor(t *testing.T, pb *sequence.Playbook) *story {
	s := tell(t, "info_request", pb).wait(time.Hour).agreed(sequence.CallScheduled, thursday).wait(time.Hour)
	require.Len(t, sends(s.Life, "scheduled_call/invitation"), 1)
	return s
}

// mails are those with a text that were handed out.
func (s *story) mails(text string) []sequence.SendEmail {
	return slices.DeleteFunc(only[sequence.SendEmail](s.Actions), func(m sequence.SendEmail) bool { return m.Text != text })
}

func (s *story) cancellations() []sequence.SendEmail { return s.mails("scheduled_call/cancelled") }

func TestACallThatFallsAwayIsCalledOffOnceUnderItsUID(t *testing.T) {
	for name, ev := range map[string]sequence.Event{
		"they bought":             sequence.DealWon{By: rep, ID: "w1"},
		"there is nothing to do":  sequence.LeadDisqualified{By: rep, Reason: "not_a_fit"},
		"a no for now":            sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NotNow},
		"interest without a time": sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.Interested, WhyNone: true},
		"another person decides":  sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NotTheOne},
		"they want peace":         sequence.Snoozed{By: rep, Until: thursday.AddDate(0, 1, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			s := invitedFor(t, copyOf(t))
			call, touches := *s.Lead.Call, s.Lead.Touches
			off := s.let(ev).cancellations()
			require.Len(t, off, 1)
			require.Equal(t, sequence.Invitation{CallSlot: sequence.CallSlot{UID: call.UID, Seq: call.Seq + 1, At: call.At}, By: "owner-1"}, *off[0].Cancel)
			require.Equal(t, call.At, off[0].CallAt)
			require.Regexp(t, `^t\d+-cancelled$`, off[0].Touch)
			require.Contains(t, s.emails(), sequence.BothCalendars)
			require.Empty(t, s.Lead.Invited)
			talked := 0
			if o, ok := ev.(sequence.OutcomeRecorded); ok && o.Outcome.Conversation() {
				talked = 1
			}
			require.Equal(t, touches+talked, s.Lead.Touches, "it asks for no answer and counts as no touch")
			require.Len(t, s.days(60).cancellations(), 1, "never twice")
		})
	}
}

func TestACallThatMovesIsNotCalledOff(t *testing.T) {
	s := invitedFor(t, copyOf(t))
	was := *s.Lead.Call
	s.agreed(sequence.CallScheduled, thursday.AddDate(0, 0, 1)).wait(time.Hour)
	require.Equal(t, was.UID, s.Lead.Call.UID)
	require.Equal(t, was.Seq+1, s.Lead.Call.Seq)
	invited := s.mails("scheduled_call/invitation")
	require.Len(t, invited, 2)
	require.Equal(t, *s.Lead.Call, *invited[1].Invite)
	require.Len(t, s.Lead.Invited, 1, "the new time stands in place of the old one")
	require.Empty(t, s.cancellations())

	off := s.let(sequence.DealWon{By: rep, ID: "w1"}).cancellations()
	require.Equal(t, was.Seq+2, off[0].Cancel.Seq)
}

func TestNothingIsCalledOffThatStandsInNoCalendar(t *testing.T) {
	never := func(t *testing.T) *story {
		s := tell(t, "info_request", copyOf(t)).wait(time.Hour)
		s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
			return sequence.TouchPerformed{Touch: m.Touch, Status: sequence.Deferred, RetryAt: thursday}
		}
		return s.agreed(sequence.CallScheduled, thursday)
	}
	over := func(t *testing.T) *story { return invitedFor(t, copyOf(t)).at(thursday.Add(time.Hour)) }
	stopped := func(t *testing.T) *story {
		return invitedFor(t, copyOf(t)).let(sequence.OptedOut{ID: "x", Via: "link"})
	}
	for name, in := range map[string]func(*testing.T) *story{"the invitation never went out": never, "the call is over": over, "they said stop": stopped} {
		t.Run(name, func(t *testing.T) {
			s := in(t)
			s.Mail = nil
			require.Empty(t, s.let(sequence.DealWon{By: rep, ID: "w1"}).days(30).cancellations())
			require.Empty(t, s.Lead.Invited)
		})
	}
}

func TestAStopByTheRepCallsNothingOff(t *testing.T) {
	require.Empty(t, invitedFor(t, copyOf(t)).outcome(sequence.StopOutcome).cancellations())
}

// The mail server has the invitation when the win comes: it is called off once it
// is known that it went out, and not if it did not.
func TestAnInvitationOnItsWayIsCalledOffWhenItHasArrived(t *testing.T) {
	for status, want := range map[sequence.SendStatus]int{sequence.Sent: 1, sequence.Unknown: 1, sequence.Cancelled: 0, sequence.Failed: 0} {
		s := tell(t, "info_request", copyOf(t)).wait(time.Hour)
		var touch string
		s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
			touch = m.Touch
			return sequence.TouchPerformed{Touch: "t0", Status: sequence.Cancelled} // nothing is known of it yet
		}
		s.agreed(sequence.CallScheduled, thursday).wait(time.Minute).let(sequence.DealWon{By: rep, ID: "w1"})
		require.Empty(t, s.cancellations())
		s.Mail = nil
		s.let(sequence.TouchPerformed{Touch: touch, Status: status})
		require.Len(t, s.cancellations(), want, status)
		require.Empty(t, s.Lead.Invited)
	}
}

func TestACancellationThatIsNotTakenIsTriedAgainBeforeTheCall(t *testing.T) {
	s := invitedFor(t, copyOf(t))
	s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: m.Touch, Status: sequence.Deferred, RetryAt: s.Now.Add(time.Minute)}
	}
	s.let(sequence.Paused{By: rep, Reason: sequence.PausedByHand}).outcome(sequence.NotNow)
	at, ok := s.Lead.Deadline()
	require.True(t, ok, "a pause does not hold it")
	require.Equal(t, s.Now.Add(15*time.Minute), at)
	require.Equal(t, "cannot_be_undone", s.back("o"))
	s.Mail = nil
	s.at(at)
	off := s.cancellations()
	require.Len(t, off, 2)
	require.Equal(t, off[0], off[1], "the same touch again")
	require.Empty(t, s.Lead.Invited)
}

func TestWhatNoMailCanCallOffTheOwnerIsAskedToSay(t *testing.T) {
	ends := func(s *story) *story { return s.let(sequence.DealWon{By: rep, ID: "w1"}) }
	fails := func(status sequence.SendStatus) func(*story) {
		return func(s *story) {
			s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
				return sequence.TouchPerformed{Touch: m.Touch, Status: status}
			}
		}
	}
	for name, but := range map[string]func(*story){
		"the address is gone":         func(s *story) { s.let(sequence.AddressFailed{ID: "b1", Channel: sequence.ByEmail}) },
		"the playbook has no text":    func(s *story) { s.Playbook.Cancellation = "" },
		"the mail server has no idea": fails(sequence.NoAddress),
		"the mail cannot be written":  fails(sequence.Failed),
		"nothing wakes it any more":   fails(sequence.Deferred),
	} {
		t.Run(name, func(t *testing.T) {
			s := invitedFor(t, copyOf(t))
			but(s)
			require.Contains(t, ends(s).told(), sequence.BothCalendars)
			require.Empty(t, s.Lead.Invited)
		})
	}
	require.NotContains(t, ends(invitedFor(t, copyOf(t))).told(), sequence.BothCalendars)
}

func TestWhoWasInvitedIsToldAndNotWhoTookTheirPlace(t *testing.T) {
	s := invitedFor(t, copyOf(t)).let(sequence.StakeholderNamed{By: rep, ID: "s1"})
	was := *s.Lead.Call
	s.let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.CallScheduled, With: "s1", NextAt: thursday.Add(time.Hour)}).wait(time.Hour)
	require.NotEqual(t, was.UID, s.Lead.Call.UID, "another meeting")
	off, invited := s.cancellations(), s.mails("scheduled_call/invitation")
	require.Len(t, off, 1)
	require.Equal(t, []string{was.UID, ""}, []string{off[0].Cancel.UID, off[0].To})
	require.Equal(t, "s1", invited[1].To)
}

func TestANewOwnerInvitesAnewAndTheOldInvitationIsCalledOffByItsOrganizer(t *testing.T) {
	s := invitedFor(t, copyOf(t)).let(sequence.Reassigned{By: sequence.By{Actor: "manager-1"}, Owner: "owner-2"})
	was := *s.Lead.Call
	require.Empty(t, s.cancellations(), "the call stands")
	s.agreed(sequence.CallScheduled, thursday.Add(time.Hour))
	require.NotEqual(t, was.UID, s.Lead.Call.UID)
	require.Equal(t, "owner-1", s.cancellations()[0].Cancel.By)
}

func TestAnOutcomeThatIsTakenBackLeavesTheInvitationWhereItStands(t *testing.T) {
	s := invitedFor(t, copyOf(t))
	stands := s.Lead.Invited
	require.Empty(t, s.let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NoAnswer}).back("o2"))
	require.Equal(t, stands, s.Lead.Invited)
	require.Equal(t, "cannot_be_undone", s.outcome(sequence.NotNow).back("o"), "the cancellation went out")
}

// The call is off while its new time is on its way: they get one cancellation,
// after the invitation.
func TestACallIsCalledOffOnceWhileItsNewTimeIsOnTheWay(t *testing.T) {
	for status, seq := range map[sequence.SendStatus]int{sequence.Sent: 2, sequence.Deferred: 1} {
		s := invitedFor(t, copyOf(t))
		var touch string
		s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
			touch = m.Touch
			return sequence.TouchPerformed{Touch: "t0", Status: sequence.Cancelled} // nothing is known of it yet
		}
		s.agreed(sequence.CallScheduled, thursday.Add(time.Hour)).wait(time.Minute).let(sequence.DealWon{By: rep, ID: "w1"})
		require.Empty(t, s.cancellations())
		s.Mail = nil
		s.let(sequence.TouchPerformed{Touch: touch, Status: status})
		off := s.cancellations()
		require.Len(t, off, 1)
		require.Equal(t, seq, off[0].Cancel.Seq)
	}
}
