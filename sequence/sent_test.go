package sequence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

func TestOfAMailThatMayHaveGoneOutTheOwnerIsToldAndTheLeadGoesOn(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	require.Empty(t, s.told())
	s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: m.Touch, Status: sequence.Unknown, Detail: "the connection was lost"}
	}
	made := len(s.emails())
	s.diligent(9, func(sequence.Lead) bool { return len(s.emails()) == made+1 })
	require.Len(t, s.emails(), made+1, "it counts as sent")
	require.Equal(t, []sequence.Rule{sequence.ByHand}, s.told())
	require.NotNil(t, s.Lead.Next)
	require.Nil(t, s.Lead.Blocked)
}

func TestASendThatWasAbandonedCountsAsSentAndIsNotMadeAgain(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	planned, touches := *s.Lead.Next, s.Lead.Touches
	require.NoError(t, s.Let(sequence.SendAbandoned{Touch: "t99"}))
	require.Equal(t, touches+1, s.Lead.Touches)
	require.Equal(t, []sequence.Rule{sequence.ByHand}, s.told())
	require.Equal(t, planned, *s.Lead.Next, "the life went another way, and goes on there")

	require.NoError(t, s.Let(sequence.SendAbandoned{Touch: planned.Touch}))
	require.Equal(t, touches+2, s.Lead.Touches)
	require.Equal(t, planned.Step+1, s.Lead.Next.Step)
}

func TestASendOfATurnThatWasLostCountsAlsoWhenTheLifeIsOver(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	touches := s.Lead.Touches
	require.NoError(t, s.Let(sequence.OptedOut{ID: "o1", Via: "link"}))
	told := len(s.told())
	require.NoError(t, s.Let(sequence.SendAbandoned{Touch: "t99", Sent: true}))
	require.Equal(t, sequence.DoNotContact, s.Lead.Stage)
	require.Equal(t, touches+1, s.Lead.Touches)
	require.Len(t, s.told(), told, "nobody has to look at what is known")
}

func TestACancellationThatWentOutInATurnThatWasLostIsTold(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	touches, lines := s.Lead.Touches, s.Lead.EntrySeq
	require.NoError(t, s.Let(sequence.SendAbandoned{Touch: "t99-cancelled"}))
	require.Equal(t, lines+1, s.Lead.EntrySeq)
	require.Equal(t, touches, s.Lead.Touches, "it counts as no touch")
	require.Empty(t, s.told())
}

func TestASendThatIsBeingMadeAgainIsNotAbandoned(t *testing.T) {
	s := tell(t, "info_request", copyOf(t))
	lead := s.Lead
	lead.InFlight = []string{lead.Next.Touch}
	after, actions, err := sequence.Decide(lead, sequence.SendAbandoned{Touch: lead.Next.Touch}, s.Now, s.Playbook)
	require.NoError(t, err)
	require.Empty(t, actions)
	require.Equal(t, lead, after)
}
