package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestNothingBeginsAfterAStopThatCameWhenTheConnectionHoldingTheAddressWasLost(t *testing.T) {
	s, m := newSetting(t), new(mail)
	_, err := s.HandOver(t.Context(), s.reserve(email("t1")), now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		s.killed("idle in transaction")
		require.NoError(t, s.suppress(ctx, s.person), "nobody holds the address any more")
		return m.send(ctx, begin)
	})
	require.Error(t, err)
	require.Zero(t, m.sent)
	status, err := s.attempt(t.Context(), email("t1"), m)
	require.NoError(t, err)
	require.Equal(t, sequence.Suppressed, status)
	require.Nil(t, s.row("t1").BegunAt)
}

// plans writes down which touch is before the lead.
func (s *setting) plans(touch string) {
	s.t.Helper()
	_, err := s.Pool.Exec(s.t.Context(), `UPDATE leads SET state = jsonb_build_object('next', jsonb_build_object('touch', $2::text)) WHERE id = $1`, s.lead, touch)
	require.NoError(s.t, err)
}

// begins begins to send and loses the worker.
func (s *setting) begins(touch string) {
	s.t.Helper()
	_, err := s.HandOver(s.t.Context(), s.reserve(email(touch)), now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		require.NoError(s.t, begin(ctx))
		s.killed("idle in transaction")
		return activities.Verdict{Status: sequence.Sent}
	})
	require.Error(s.t, err)
}

func (s *setting) told() int {
	s.t.Helper()
	return scan[int](s, "SELECT count(*) FROM dispatches WHERE message = $1 AND payload->'event'->>'touch' = 't1'", workflows.AbandonedSignal)
}

func TestASendWhoseTurnWasLostWithItsWorkerBecomesUnknownAndItsLeadIsToldOnce(t *testing.T) {
	s := newSetting(t)
	s.plans("t1")
	s.begins("t1")
	for range 2 {
		require.NoError(t, s.EndAbandoned(t.Context(), now))
		require.Equal(t, "unknown", s.row("t1").State)
		require.Equal(t, 1, s.told())
	}
}

func TestTheOwnerIsToldOfASendThatWasAbandonedInALifeThatIsOver(t *testing.T) {
	s := newSetting(t)
	s.begins("t1")
	_, err := s.Pool.Exec(t.Context(), "UPDATE leads SET stage = 'do_not_contact' WHERE id = $1", s.lead)
	require.NoError(t, err)
	require.NoError(t, s.EndAbandoned(t.Context(), now))
	require.Equal(t, "unknown", s.row("t1").State)
	require.Zero(t, s.told())
	require.Equal(t, 1, scan[int](s, "SELECT count(*) FROM notifications WHERE lead_id = $1 AND user_id = $2", s.lead, s.rep.ID))
}

func TestAReservationThatWasAbandonedBeforeItBeganGivesBackWhatItHeld(t *testing.T) {
	s := newSetting(t)
	s.reserve(email("t1"))
	s.plans("t1")
	require.NoError(t, s.EndAbandoned(t.Context(), now))
	require.Equal(t, "reserved", s.row("t1").State, "it is to be sent")

	s.plans("t2")
	require.NoError(t, s.EndAbandoned(t.Context(), now))
	require.Equal(t, "released", s.row("t1").State)
	require.Zero(t, s.told())
}

func TestALiveAttemptIsNotAbandoned(t *testing.T) {
	s, m := newSetting(t), new(mail)
	s.plans("t2")
	v, err := s.HandOver(t.Context(), s.reserve(email("t1")), now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		v := m.send(ctx, begin)
		require.NoError(t, s.EndAbandoned(ctx, now))
		require.Equal(t, "reserved", s.row("t1").State)
		return v
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, v.Status)
	require.Zero(t, s.told())
}

func TestWhatWentOutInATurnThatWasLostIsFoundByTheNextOne(t *testing.T) {
	s := newSetting(t)
	_, err := s.attempt(t.Context(), email("t1"), new(mail))
	require.NoError(t, err)
	before, after := now.Add(-time.Hour), now.Add(time.Hour)
	real := now
	save := func(since time.Time, made ...string) []sequence.SendAbandoned {
		real = real.Add(time.Minute)
		turn := activities.Save{Lead: s.state(sequence.Warm, 4), Since: since, Real: real}
		for n, touch := range made {
			turn.Entries = append(turn.Entries, sequence.Entry{N: n + 1, At: now, What: sequence.TouchMade, Touch: touch})
		}
		lost, err := s.SaveLead(t.Context(), now, turn)
		require.NoError(t, err)
		return lost
	}
	found := []sequence.SendAbandoned{{Touch: "t1", Sent: true}}
	require.Equal(t, found, save(before))
	require.Empty(t, save(time.Time{}), "a worker of a release before does not ask")
	require.Empty(t, save(after), "that is not of a turn that was lost")
	require.Equal(t, found, save(before, "t9"))
	require.Empty(t, save(before, "t1"), "this turn tells of it")
	require.Empty(t, save(before), "it is told of")
}

func TestALeadHearsOnceOfASendThatWasAbandoned(t *testing.T) {
	s := newSetting(t)
	s.begins("t1")
	require.NoError(t, s.EndAbandoned(t.Context(), now)) // and there is a message about it
	lost := func(stage sequence.Stage, n int) []sequence.SendAbandoned {
		all, err := s.SaveLead(t.Context(), now, activities.Save{Lead: s.state(stage, n), Since: now.Add(-time.Hour), Real: now.Add(time.Duration(n) * time.Minute)})
		require.NoError(t, err)
		return all
	}
	require.Empty(t, lost(sequence.Warm, 4), "it hears of it by the message")
	require.Equal(t, []sequence.SendAbandoned{{Touch: "t1"}}, lost(sequence.DoNotContact, 5), "nothing is said to a life that is over")
}

func TestAnUnknownSendOfALifeThatIsOverStandsInItsTimeline(t *testing.T) {
	s := newSetting(t)
	s.begins("t1")
	_, err := s.Pool.Exec(t.Context(), "UPDATE leads SET stage = 'do_not_contact' WHERE id = $1", s.lead)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, s.EndAbandoned(t.Context(), now))
	}
	require.Equal(t, 1, scan[int](s, "SELECT count(*) FROM audit WHERE lead_id = $1 AND what = 'touch_made' AND entry->>'touch' = 't1' AND (entry->>'n')::int = n", s.lead))
}
