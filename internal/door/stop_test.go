package door

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestAPersonWhoSaidStopIsNotEnrolledAndWhatTheyDoIsOnlyRecorded(t *testing.T) {
	s := newSetting(t)
	s.enrol()
	require.NoError(t, s.Stop(t.Context(), s.person().ID, "link", ""))
	told := s.engine.heard()

	_, err := s.Enrol(t.Context(), ada())
	require.ErrorIs(t, err, ErrStopped)
	r, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	require.Equal(t, Suppressed, r.Status)
	require.Equal(t, uuid.Nil, r.Lead)
	require.Equal(t, 1, count(s, "SELECT count(*) FROM engagements WHERE id = $1", r.Engagement))
	require.Equal(t, told, s.engine.heard())
}

func TestAStopIsKeptWhileTemporalIsAwayAndToldLater(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	s.engine.be(true)
	require.NoError(t, s.Stop(t.Context(), s.person().ID, "link", ""))

	ledger := &postgres.Ledger{Store: s.Store, Domain: "seller.example"}
	r, err := ledger.Reserve(t.Context(), lead.String(), s.Now(), sequence.SendEmail{Touch: "t1", Text: "warm/acknowledge"})
	require.NoError(t, err)
	require.Equal(t, sequence.Suppressed, r.Ended.Status, "nothing is sent, whatever the workflow believes")

	s.engine.be(false)
	s.relay()
	require.Len(t, s.engine.heard(), 2)
	require.Contains(t, s.engine.heard()[1], "opt_out "+lead.String())
}

func TestAStopWaitsForAMailThatIsBeingHandedOver(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	ledger := &postgres.Ledger{Store: s.Store, Domain: "seller.example"}
	r, err := ledger.Reserve(t.Context(), lead.String(), s.Now(), sequence.SendEmail{Touch: "t1", Text: "warm/acknowledge"})
	require.NoError(t, err)
	stopped := make(chan error, 1)
	v, err := ledger.HandOver(t.Context(), r, s.Now(), func(ctx context.Context, begin activities.Begin) activities.Verdict {
		require.NoError(t, begin(ctx))
		go func() { stopped <- s.Stop(t.Context(), s.person().ID, "link", "") }()
		for count(s, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 && len(stopped) == 0 {
		}
		require.Empty(t, stopped, "not acknowledged before the mail is through")
		return activities.Verdict{Status: sequence.Sent}
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, v.Status)
	require.NoError(t, <-stopped)
}
