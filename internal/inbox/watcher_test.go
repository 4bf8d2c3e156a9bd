package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

func TestAServerThatCanIdleTellsOfNewMail(t *testing.T) {
	s := newSetting(t)
	s.run(s.watcher())
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	at := time.Now().Add(-time.Second).Truncate(time.Second)
	s.deliver("INBOX", letter(1), at)
	s.has(letter(1))
	s.eventually(func() bool { return s.idles.Load() >= 2 && s.idling.Load() == 1 }, "it idles again")
	s.deliver("INBOX", letter(2), time.Now())
	s.has(letter(1), letter(2))

	require.Equal(t, s.box.ID, s.taken.all[0].Mailbox)
	require.True(t, at.Equal(s.taken.all[0].ReceivedAt))
	require.Zero(t, s.seen("INBOX"))
	s.eventually(func() bool { return s.row() == row{uid: 2, held: true, connected: true} }, "the cursor is kept")
	require.EqualValues(t, 1, s.logins.Load())
}

func TestWhatAServerDoesNotTellIsFoundByTheSafetyPoll(t *testing.T) {
	s := newSetting(t)
	w := s.watcher()
	w.Timing.Idle = 50 * time.Millisecond
	w.Dialer.Dial = dial(s.address, func(l *line) { l.in = replace("1 EXISTS", "0 RECENT") })
	s.run(w)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))
}

func TestAServerWithoutIdleIsPolled(t *testing.T) {
	for name, change := range map[string]func(*line){
		"because it cannot": func(l *line) { l.in = replace(" IDLE", " IDLX") },
		"because it refuses, though it says that it can": func(l *line) { l.out = replace(" IDLE\r\n", " IDLX\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting(t)
			w := s.watcher()
			w.Dialer.Dial = dial(s.address, change)
			s.run(w)
			s.started()
			for n := range 3 {
				looks := s.selects.Load()
				s.eventually(func() bool { return s.selects.Load() > looks+1 }, "it looks again")
				s.deliver("INBOX", letter(n), time.Now())
			}
			s.has(letter(0), letter(1), letter(2))
			require.Zero(t, s.idles.Load())
			require.EqualValues(t, 1, s.logins.Load())
		})
	}
}

func TestAConnectionThatBreaksIsMadeAgainAndNothingIsLost(t *testing.T) {
	s := newSetting(t)
	s.run(s.watcher())
	var all []string
	for n := range 5 {
		s.eventually(func() bool { return s.idling.Load() == 1 && s.row().connected }, "it idles")
		logins := s.logins.Load()
		s.hangUp()
		s.deliver("INBOX", letter(n), time.Now())
		all = append(all, letter(n))
		s.has(all...)
		s.eventually(func() bool { return s.logins.Load() > logins }, "it connects again")
	}
	require.Equal(t, 5, s.taken.times(), "nothing twice either")
}

// A firewall that forgot a connection answers nothing, not even that it is gone.
func TestAConnectionThatDiedSilentlyIsNoticed(t *testing.T) {
	s := newSetting(t)
	w := s.watcher()
	w.Timing.Idle, w.Dialer.Answer = 100*time.Millisecond, 100*time.Millisecond
	die := make(chan struct{})
	var first atomic.Bool
	w.Dialer.Dial = dial(s.address, func(l *line) {
		if first.CompareAndSwap(false, true) {
			l.dead = die
		}
	})
	s.run(w)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	close(die)
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))
	require.EqualValues(t, 2, s.logins.Load())
}

func TestNewChangedAndRemovedMailboxesAreNoticed(t *testing.T) {
	s := newSetting(t)
	other := newMailServer(t, nil, false)
	s.list(mailbox.Mailbox{ID: s.box.ID}) // without IMAP
	s.run(s.watcher())
	s.list(s.box)
	s.started()
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))

	moved := s.box
	moved.Connections.IMAP = other.url()
	other.deliver("INBOX", letter(2), time.Now())
	s.list(moved)
	s.eventually(func() bool { return other.idling.Load() == 1 && s.idling.Load() == 0 }, "it is read where it is now")
	other.deliver("INBOX", letter(3), time.Now())
	s.eventually(func() bool { d := s.taken.distinct(); return d[len(d)-1] == letter(3) }, "and what comes there is taken in")

	s.list()
	s.eventually(func() bool { return other.idling.Load() == 0 && !s.row().held }, "it is let go")
	s.list(moved)
	s.eventually(func() bool { return other.idling.Load() == 1 }, "it is back")
}

func TestStoppingLetsGoAtOnce(t *testing.T) {
	s := newSetting(t)
	stop := s.run(s.watcher())
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	stop()
	require.False(t, s.row().held)
	s.eventually(func() bool { return s.idling.Load() == 0 }, "it hangs up")
}

// While one worker reads, the other does not even log in. The first is killed in
// the middle of it all, after a message was taken and before the cursor moved.
func TestAnotherWorkerTakesOverFromOneThatDies(t *testing.T) {
	s := newSetting(t)
	first := s.watcher()
	life := &mortal{Watches: postgres.Watches{Store: s.store}}
	first.Watches = life
	kill := s.run(first)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "the first reads")
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))

	second, heard := s.watcher(), &taken{}
	second.Taker = heard
	s.run(second)
	looked := s.renewals(3)
	s.eventually(looked, "several leases are renewed")
	require.EqualValues(t, 1, s.logins.Load(), "the second only waits")

	s.taken.failing(func(inbox.Incoming) error { life.dead.Store(true); return nil })
	s.deliver("INBOX", letter(2), time.Now())
	s.has(letter(1), letter(2))
	kill()
	dead := time.Now()
	s.deliver("INBOX", letter(3), time.Now())

	s.eventually(func() bool { return len(heard.distinct()) == 2 }, "the second goes on")
	require.Equal(t, []string{letter(2), letter(3)}, heard.distinct(), "the second message twice, for the Taker to tell; no other")
	require.Less(t, time.Since(dead), 10*time.Second)
	s.eventually(func() bool { return s.row().uid == 3 }, "the cursor moves on")
}

// The server is well, the way to it from one worker is not.
func TestAnotherWorkerTriesAServerThatOneDoesNotReach(t *testing.T) {
	s := newSetting(t)
	cut := s.watcher()
	tries := make(chan struct{}, 1000)
	cut.Dialer.Dial = func(context.Context, string, string) (net.Conn, error) {
		tries <- struct{}{}
		return nil, errors.New("no route to host")
	}
	s.run(cut)
	<-tries
	s.eventually(func() bool { return s.row().trouble == "unreachable" }, "the trouble is shown")
	s.run(s.watcher())
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))
	s.started()
}

// renewals tells when a lease was renewed so many times.
func (s *setting) renewals(n int) func() bool {
	var last time.Time
	return func() bool {
		var until time.Time
		require.NoError(s.t, s.store.Pool.QueryRow(s.t.Context(), `SELECT held_until FROM inbox_watches`).Scan(&until))
		if until.After(last) {
			last = until
			n--
		}
		return n < 0
	}
}

// A worker that lost its mailbox stops in the middle of what it does.
func TestALostLeaseEndsTheTakingAtOnce(t *testing.T) {
	s := newSetting(t)
	s.deliver("INBOX", letter(1), time.Now())
	w := s.watcher()
	stopped := make(chan error, 1)
	w.Taker = taker(func(ctx context.Context, _ inbox.Incoming) error {
		_, err := s.store.Pool.Exec(context.WithoutCancel(ctx), `UPDATE inbox_watches SET holder = gen_random_uuid(), held_until = now() + interval '1 hour'`)
		if err != nil {
			return err
		}
		<-ctx.Done()
		stopped <- context.Cause(ctx)
		return nil
	})
	s.run(w)
	require.ErrorIs(t, <-stopped, context.Canceled)
	s.eventually(func() bool { return s.idling.Load() == 0 }, "it hangs up")
	require.Zero(t, s.row().uid, "the cursor did not move")
}

type taker func(context.Context, inbox.Incoming) error

func (t taker) Take(ctx context.Context, m inbox.Incoming) error { return t(ctx, m) }

// When the database is away for longer than the lease, nobody may read: another
// worker that still reaches it may have the mailbox.
func TestALeaseThatCannotBeRenewedEnds(t *testing.T) {
	s := newSetting(t)
	w := s.watcher()
	life := &mortal{Watches: postgres.Watches{Store: s.store}}
	w.Watches = life
	s.run(w)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	life.dead.Store(true)
	s.eventually(func() bool { return s.idling.Load() == 0 }, "it hangs up")
	life.dead.Store(false)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it reads again when it can")
}

func TestNothingOfAMailboxIsLogged(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })

	s := newSetting(t)
	s.list(mailbox.Mailbox{ID: s.box.ID, Connections: mailbox.Connections{IMAP: "imap://" + user + ":wr0ng@" + s.address}})
	stop := s.run(s.watcher())
	s.eventually(func() bool { return s.row().trouble == "login" }, "the login is refused")
	s.list(mailbox.Mailbox{ID: s.box.ID, Connections: mailbox.Connections{IMAP: "imap://" + user + ":s3s%me@" + s.address}})
	s.eventually(func() bool { return s.row().trouble == "address" }, "the address is not valid")
	s.taken.failing(func(inbox.Incoming) error { panic(errors.New("ada@quill.example")) })
	s.deliver("INBOX", letter(1), time.Now())
	s.list(s.box)
	s.eventually(func() bool { return s.row().passed == 1 }, "the message is passed over")
	stop()
	require.NotEmpty(t, out.String())
	for _, secret := range []string{user, password, "wr0ng", "s3s%me", "ada@", "Letter"} {
		require.NotContains(t, out.String(), secret)
	}
}
