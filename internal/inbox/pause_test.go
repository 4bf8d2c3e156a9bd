package inbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pauses double up to the longest, never all at the same instant, and never to nothing.
func TestPausesGrowAndAreSpread(t *testing.T) {
	w := &watch{timing: Timing{}.orDefault(), last: Unreachable}
	require.Zero(t, w.pause(), "all is well")
	for failures, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 8: 2 * time.Minute, 1000: 2 * time.Minute} {
		w.failures = failures
		different := map[time.Duration]bool{}
		for range 100 {
			p := w.pause()
			require.LessOrEqual(t, p, most)
			require.GreaterOrEqual(t, p, most/2)
			different[p] = true
		}
		require.Greater(t, len(different), 50)
	}
	w.failures, w.last = 1, NoLogin
	require.GreaterOrEqual(t, w.pause(), time.Minute, "a login that is refused waits longer")
}

func TestWhereAMailboxIsReadFrom(t *testing.T) {
	now := time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		p    Progress
		from time.Time
	}{
		"a new one, from its beginning":             {Progress{BeganAt: now.Add(-time.Hour)}, now.Add(-time.Hour)},
		"changed, from some days ago":               {Progress{Cursor: Cursor{Validity: 1}, BeganAt: now.Add(-90 * day), ConnectedAt: now}, now.Add(-14 * day)},
		"changed and young, from its beginning":     {Progress{Cursor: Cursor{Validity: 1}, BeganAt: now.Add(-3 * day), ConnectedAt: now}, now.Add(-3 * day)},
		"changed and away for long, from back then": {Progress{Cursor: Cursor{Validity: 1}, BeganAt: now.Add(-90 * day), ConnectedAt: now.Add(-30 * day)}, now.Add(-30 * day)},
	} {
		t.Run(name, func(t *testing.T) {
			c.p.Passed = 3
			require.Equal(t, Cursor{Validity: 9, OldBelow: 55, OldSince: c.from.Add(-skew), Passed: 3}, c.p.restart(9, 55, now, 14*day))
		})
	}
}
