package soak

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/workflows"
)

func TestThePaceFollowsTheMachine(t *testing.T) {
	for late, day := range map[float64]time.Duration{
		0: 800 * time.Millisecond, 5.9: 1573 * time.Millisecond, 12: 2 * time.Second, 24: 2 * time.Second, 48: 4800 * time.Millisecond, 1000: 5 * time.Second,
	} {
		require.InDelta(t, day, nextDay(2*time.Second, late), float64(time.Millisecond), "%v hours late", late)
	}
	require.Equal(t, shortest, nextDay(shortest, 0))
	require.Equal(t, longest, nextDay(longest, 1000))
}

func TestThingsAreDoneInTheirOrderAndNotWhileTimeStandsStill(t *testing.T) {
	begins := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	a := newAgenda(begins, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go a.run(ctx)
	var done []int
	var n atomic.Int32
	plan := func(i int, in time.Duration) func() bool {
		return a.At(begins.Add(in), func() {
			done = append(done, i)
			n.Add(1)
		})
	}
	plan(2, 2*time.Hour)
	plan(1, time.Hour)
	takenBack := plan(9, 90*time.Minute)
	require.True(t, takenBack())
	require.False(t, takenBack())
	late := plan(3, 10000*time.Hour)

	require.Equal(t, begins, a.Now())
	_, on := a.begin()
	require.False(t, on)
	a.goOn(workflows.Clock{Epoch: time.Now(), Base: begins, Speed: 3600 * 100})
	require.Eventually(t, func() bool { return n.Load() == 2 }, 10*time.Second, time.Millisecond)
	stood := a.stand()
	require.Equal(t, []int{1, 2}, done)
	require.Equal(t, stood, a.Now())
	require.True(t, late())
}

func TestAMessageIsKnownByItsID(t *testing.T) {
	require.Equal(t, "t1.x@y", messageID([]byte("From: a\r\nMessage-Id: <t1.x@y>\r\n\r\nMessage-ID: <no>")))
	require.Empty(t, messageID([]byte("From: a\r\n\r\nMessage-ID: <no>")))
}
