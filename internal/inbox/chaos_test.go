package inbox_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
)

// Workers come, die and are stopped, lines break, and mail keeps coming: each
// message is taken in, and the cursor ends at the last.
func TestNothingIsLostWhateverDies(t *testing.T) {
	s := newSetting(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	start := func() (end func()) {
		w := s.watcher()
		w.Timing.Lease, w.Timing.Renew = 60*time.Millisecond, 20*time.Millisecond
		life := &mortal{Watches: postgres.Watches{Store: s.store}}
		w.Watches = life
		stop := s.run(w)
		return func() {
			life.dead.Store(chance.IntN(2) == 0)
			stop()
		}
	}
	workers := []func(){start(), start()}
	s.eventually(func() bool { return s.row().held }, "one of them holds the mailbox")
	want := map[string]bool{}
	for n := range 200 {
		s.deliver("INBOX", letter(n), time.Now())
		want[letter(n)] = true
		switch chance.IntN(8) {
		case 0:
			s.hangUp()
		case 1:
			i := chance.IntN(len(workers))
			workers[i]()
			workers[i] = start()
		case 2:
			seen := s.taken.times()
			s.eventually(func() bool { return s.taken.times() > seen || s.row().uid == n+1 }, "somebody reads")
		}
	}
	s.eventually(func() bool { return s.row().uid == len(want) }, "the cursor is at the last")
	got := map[string]bool{}
	for _, raw := range s.taken.distinct() {
		got[raw] = true
	}
	require.Equal(t, want, got)
	t.Logf("%d messages, taken %d times, %d logins", len(want), s.taken.times(), s.logins.Load())
}
