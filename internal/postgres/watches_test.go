package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// newMailbox is one without anything behind it.
func (s *setting) newMailbox(name string) uuid.UUID {
	s.t.Helper()
	id := uuid.New()
	_, err := s.Pool.Exec(s.t.Context(), `INSERT INTO mailboxes (id, name, address, zone, daily_limit, gap_seconds, sealed, created_at)
		VALUES ($1, $2, $2 || '@seller.example', 'UTC', 10, 0, '', now())`, id, name)
	require.NoError(s.t, err)
	return id
}

// lapse ends a lease as time would.
func (s *setting) lapse(mailbox uuid.UUID) {
	s.t.Helper()
	_, err := s.Pool.Exec(s.t.Context(), `UPDATE inbox_watches SET held_until = now() WHERE mailbox_id = $1`, mailbox)
	require.NoError(s.t, err)
}

func TestAMailboxIsHeldByOneUntilItLetsGoOrItsLeaseEnds(t *testing.T) {
	s := newSetting(t)
	w, box, a, b, c := postgres.Watches{Store: s.Store}, s.newMailbox("sales"), uuid.New(), uuid.New(), uuid.New()
	hold := func(holder uuid.UUID) bool {
		_, held, err := w.Hold(t.Context(), box, holder, time.Hour)
		require.NoError(t, err)
		return held
	}
	require.True(t, hold(a))
	require.False(t, hold(b))
	require.NoError(t, w.Release(t.Context(), box, b), "that it does not hold")
	require.False(t, hold(b))
	require.NoError(t, w.Release(t.Context(), box, a))
	require.True(t, hold(b))
	s.lapse(box)
	require.NoError(t, w.Renew(t.Context(), box, b, time.Hour), "late, but nobody else came")
	require.False(t, hold(c))
	s.lapse(box)
	require.True(t, hold(c))

	_, held, err := w.Hold(t.Context(), uuid.New(), a, time.Hour)
	require.NoError(t, err)
	require.False(t, held, "a mailbox that is gone")
}

func TestOfManyWhoAskAtOnceOneHoldsTheMailbox(t *testing.T) {
	s := newSetting(t)
	w, box := postgres.Watches{Store: s.Store}, s.newMailbox("sales")
	for range 3 { // the first time there is no row yet
		held := make(chan bool, 10)
		var all sync.WaitGroup
		for range cap(held) {
			all.Go(func() {
				_, ok, err := w.Hold(t.Context(), box, uuid.New(), time.Hour)
				held <- ok && err == nil
			})
		}
		all.Wait()
		close(held)
		n := 0
		for ok := range held {
			if ok {
				n++
			}
		}
		require.Equal(t, 1, n)
		s.lapse(box)
	}
}

// Whoever lost its hold can do nothing any more, even after the next one let go.
func TestAHolderThatLostItsHoldMovesNothing(t *testing.T) {
	s := newSetting(t)
	w, box, a, b := postgres.Watches{Store: s.Store}, s.newMailbox("sales"), uuid.New(), uuid.New()
	_, _, err := w.Hold(t.Context(), box, a, time.Hour)
	require.NoError(t, err)
	require.NoError(t, w.Advance(t.Context(), box, a, inbox.Cursor{Validity: 7, UID: 3}))
	s.lapse(box)
	p, held, err := w.Hold(t.Context(), box, b, time.Hour)
	require.NoError(t, err)
	require.True(t, held)
	require.EqualValues(t, 3, p.UID)
	require.NoError(t, w.Advance(t.Context(), box, b, inbox.Cursor{Validity: 7, UID: 5}))

	lost := func() {
		require.ErrorIs(t, w.Renew(t.Context(), box, a, time.Hour), inbox.ErrLost)
		require.ErrorIs(t, w.Advance(t.Context(), box, a, inbox.Cursor{Validity: 7, UID: 4}), inbox.ErrLost, "back")
		require.ErrorIs(t, w.Advance(t.Context(), box, a, inbox.Cursor{Validity: 7, UID: 9}), inbox.ErrLost, "forward")
		require.ErrorIs(t, w.Advance(t.Context(), box, a, inbox.Cursor{Validity: 8}), inbox.ErrLost, "elsewhere")
		require.ErrorIs(t, w.Connected(t.Context(), box, a), inbox.ErrLost)
		require.ErrorIs(t, w.Trouble(t.Context(), box, a, inbox.NoLogin), inbox.ErrLost)
		require.EqualValues(t, 5, scan[int](s, `SELECT uid FROM inbox_watches WHERE uid_validity = 7 AND error = '' AND connected_at IS NULL`))
	}
	lost()
	require.NoError(t, w.Release(t.Context(), box, b))
	lost()
}

func TestTheCursorAndTheStateOfAMailboxAreKept(t *testing.T) {
	s := newSetting(t)
	w, box, a := postgres.Watches{Store: s.Store}, s.newMailbox("sales"), uuid.New()
	fresh, _, err := w.Hold(t.Context(), box, a, time.Hour)
	require.NoError(t, err)
	require.Zero(t, fresh.Cursor)
	require.WithinDuration(t, time.Now(), fresh.BeganAt, time.Minute)
	require.Zero(t, fresh.ConnectedAt)

	to := inbox.Cursor{Validity: 1<<32 - 1, UID: 1<<32 - 2, OldBelow: 1<<32 - 1, OldSince: now, Passed: 2}
	require.NoError(t, w.Advance(t.Context(), box, a, to))
	back := to
	back.UID--
	require.ErrorIs(t, w.Advance(t.Context(), box, a, back), inbox.ErrLost, "never back")
	require.NoError(t, w.Trouble(t.Context(), box, a, inbox.NoLogin))
	require.Equal(t, "login", scan[string](s, `SELECT error FROM inbox_watches`))
	require.NoError(t, w.Connected(t.Context(), box, a))
	require.Empty(t, scan[string](s, `SELECT error FROM inbox_watches`))

	require.NoError(t, w.Release(t.Context(), box, a))
	got, _, err := w.Hold(t.Context(), box, uuid.New(), time.Hour)
	require.NoError(t, err)
	require.Equal(t, fresh.BeganAt, got.BeganAt)
	require.WithinDuration(t, time.Now(), got.ConnectedAt, time.Minute)
	got.OldSince = got.OldSince.UTC()
	require.Equal(t, to, got.Cursor)
}
