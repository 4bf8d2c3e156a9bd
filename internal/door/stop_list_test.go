package door

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

// enrolled is a lead of somebody with an address and a number, either may be empty.
func (s *setting) enrolled(email, phone string) uuid.UUID {
	s.t.Helper()
	e := ada()
	e.Email, e.Phone = email, phone
	r, err := s.Enrol(s.t.Context(), e)
	require.NoError(s.t, err)
	return r.Lead
}

// signals are what a lead was told, in order.
func (s *setting) signals(lead uuid.UUID) (told []string) {
	s.t.Helper()
	s.relay()
	for _, h := range s.engine.heard() {
		if parts := strings.Fields(h); parts[1] == lead.String() && parts[0] != "start" {
			told = append(told, parts[0])
		}
	}
	return told
}

func (s *setting) reserve(lead uuid.UUID) activities.Reservation {
	s.t.Helper()
	ledger := &postgres.Ledger{Store: s.Store, Domain: "seller.example"}
	r, err := ledger.Reserve(s.t.Context(), lead.String(), s.Now(), sequence.SendEmail{Touch: "t1", Text: "warm/acknowledge"})
	require.NoError(s.t, err)
	return r
}

func TestAStoppedDomainStopsEveryLeadThereOnce(t *testing.T) {
	s := newSetting(t)
	ada, bo, cy := s.enrolled("ada@quill.example", "+15550100001"), s.enrolled("bo@quill.example", ""), s.enrolled("cy@sub.quill.example", "")
	for range 2 {
		require.NoError(t, s.StopDomain(t.Context(), "quill.example", "phone", "mo"))
	}
	require.Equal(t, []string{"opt_out"}, s.signals(ada))
	require.Equal(t, []string{"opt_out"}, s.signals(bo))
	require.Empty(t, s.signals(cy))
	require.Equal(t, sequence.Suppressed, s.reserve(bo).Ended.Status, "nothing is sent, whatever the workflow believes")
	require.Nil(t, s.reserve(cy).Ended)
	require.Equal(t, 1, count(s, "SELECT count(*) FROM suppressions"))
}

func TestAStoppedNumberStopsWhoeverIsKnownByNothingElse(t *testing.T) {
	s := newSetting(t)
	ada, alone := s.enrolled("ada@quill.example", "+15550100001"), s.enrolled("", "+15550100002")
	for _, number := range []string{"+15550100001", "+15550100002"} {
		require.NoError(t, s.StopNumber(t.Context(), number, "phone", "mo"))
	}
	require.Equal(t, []string{"address_failed"}, s.signals(ada))
	require.Equal(t, []string{"opt_out"}, s.signals(alone))
	require.Nil(t, s.reserve(ada).Ended, "mail goes on")
}

func TestAnAddressThatBouncedElsewhereIsClosedAndAStopSaysMore(t *testing.T) {
	s := newSetting(t)
	lead := s.enrolled("ada@quill.example", "+15550100001")
	entry := postgres.Suppression{Kind: postgres.KindEmail, Hash: postgres.Hash("ada@quill.example"), Via: postgres.ViaBounce}
	bring := func(want int, all ...postgres.Suppression) {
		t.Helper()
		added, err := s.Store.SuppressAll(t.Context(), all, "mo", s.Now())
		require.NoError(t, err)
		require.Equal(t, want, added)
	}
	bring(1, entry, entry)
	require.Equal(t, []string{"address_failed"}, s.signals(lead))
	bring(0, entry)
	stop := entry
	stop.Via = "import"
	bring(1, entry, stop)
	bring(0, entry, stop)
	require.Equal(t, []string{"address_failed", "opt_out"}, s.signals(lead))
}

func TestAStopOfADomainWaitsForAMailThatIsBeingHandedOver(t *testing.T) {
	s := newSetting(t)
	lead := s.enrolled("ada@quill.example", "")
	ledger := &postgres.Ledger{Store: s.Store, Domain: "seller.example"}
	r := s.reserve(lead)
	stopped := make(chan error, 1)
	v, err := ledger.HandOver(t.Context(), r, s.Now(), func(context.Context, activities.Begin) activities.Verdict {
		go func() { stopped <- s.StopDomain(t.Context(), "quill.example", "phone", "mo") }()
		for count(s, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 && len(stopped) == 0 {
		}
		require.Empty(t, stopped, "not acknowledged before the mail is through")
		return activities.Verdict{Status: sequence.Sent}
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, v.Status)
	require.NoError(t, <-stopped)
}
