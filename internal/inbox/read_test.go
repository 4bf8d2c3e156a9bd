package inbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
)

// A mailbox with years of mail begins with what comes after it was made known,
// even when it could not be reached at first.
func TestANewMailboxBeginsWhenItWasMadeKnown(t *testing.T) {
	s := newSetting(t)
	now := time.Now()
	for n := range 3 {
		s.deliver("INBOX", letter(n), now.AddDate(-n, 0, -1))
	}
	s.deliver("INBOX", letter(3), now.Add(-time.Hour))
	s.refuse.Store(&imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeUnavailable, Text: "later"})
	s.run(s.watcher())
	s.eventually(func() bool { return s.row().trouble == "server" }, "it is known and not reached")
	s.deliver("INBOX", letter(4), time.Now())
	s.refuse.Store(nil)
	s.has(letter(4))
	s.deliver("INBOX", letter(5), now.AddDate(-1, 0, 0)) // by a clock that is wrong, or moved there by hand
	s.has(letter(4), letter(5))
}

func TestMessagesAreReadInTheOrderInWhichTheyCame(t *testing.T) {
	s := newSetting(t)
	var want []string
	for n := range 30 {
		s.deliver("INBOX", letter(n), time.Now().Add(-time.Duration(n)*time.Second))
		want = append(want, letter(n))
	}
	s.run(s.watcher())
	s.has(want...)
	s.eventually(func() bool { return s.row().uid == 30 }, "the cursor is at the last")
	require.Equal(t, 30, s.taken.times())
}

// After UIDVALIDITY changed, what came lately is read again; what is older than
// that, or than our beginning, is not.
func TestAFolderWhoseUIDsChangedIsReadAgain(t *testing.T) {
	s := newSetting(t)
	w := s.watcher()
	w.Timing.Reread = 24 * time.Hour
	stop := s.run(w)
	s.started()
	stop()
	_, err := s.store.Pool.Exec(t.Context(), `UPDATE inbox_watches SET began_at = now() - interval '3 days'`)
	require.NoError(t, err)

	s.run(w)
	s.eventually(func() bool { return s.idling.Load() == 1 }, "it idles")
	s.deliver("INBOX", letter(1), time.Now())
	s.has(letter(1))
	require.NoError(t, s.user.Delete("INBOX"))
	require.NoError(t, s.user.Create("INBOX", nil))
	s.deliver("INBOX", letter(2), time.Now())                    // while it was away
	s.deliver("INBOX", letter(3), time.Now().AddDate(0, 0, -30)) // before our beginning
	s.deliver("INBOX", letter(1), time.Now())                    // taken already
	s.deliver("INBOX", letter(4), time.Now().AddDate(0, 0, -2))  // longer ago than what is read again
	s.deliver("INBOX", letter(5), time.Now().Add(-time.Hour))
	s.hangUp()
	s.has(letter(1), letter(2), letter(5))
	s.eventually(func() bool { return s.row().uid == 5 }, "the cursor is in the new numbers")
	s.deliver("INBOX", letter(6), time.Now())
	s.has(letter(1), letter(2), letter(5), letter(6))
}

// One who was away for longer reads again from when it was here last.
func TestWhatCameWhileNobodyReadIsReadAgainHoweverLongAgo(t *testing.T) {
	s := newSetting(t)
	w := s.watcher()
	w.Timing.Reread = time.Hour
	stop := s.run(w)
	s.started()
	stop()
	_, err := s.store.Pool.Exec(t.Context(), `UPDATE inbox_watches SET began_at = now() - interval '90 days', connected_at = now() - interval '30 days'`)
	require.NoError(t, err)
	require.NoError(t, s.user.Delete("INBOX"))
	require.NoError(t, s.user.Create("INBOX", nil))
	s.deliver("INBOX", letter(1), time.Now().AddDate(0, 0, -20))
	s.deliver("INBOX", letter(2), time.Now().AddDate(0, 0, -40))
	s.run(w)
	s.has(letter(1))
}

func TestOfAHugeMessageTheBeginningIsRead(t *testing.T) {
	for name, whole := range map[string]bool{"the server gives a part": false, "the server gives all of it": true} {
		t.Run(name, func(t *testing.T) {
			s := newSetting(t)
			s.whole.Store(whole)
			w := s.watcher()
			w.Largest = 64 << 10
			huge := letter(1) + strings.Repeat("0123456789abcde\n", 1<<18) // 4 MB
			exact := letter(2) + strings.Repeat("x", w.Largest-len(letter(2)))
			for _, raw := range []string{huge, exact, letter(3)} {
				s.deliver("INBOX", raw, time.Now())
			}
			s.run(w)
			s.has(huge[:w.Largest], exact, letter(3))
			require.EqualValues(t, 1, s.logins.Load())
		})
	}
}

func TestAMessageThatIsGoneIsSkipped(t *testing.T) {
	s := newSetting(t)
	stop := s.run(s.watcher())
	s.started()
	stop()
	w := s.watcher()
	w.Dialer.Dial = dial(s.address, func(l *line) { l.in = replace("* SEARCH 1 2\r\n", "* SEARCH 1 9\r\n") })
	s.deliver("INBOX", letter(1), time.Now())
	s.deliver("INBOX", letter(2), time.Now())
	s.run(w)
	s.eventually(func() bool { return s.row().uid == 9 }, "the mailbox goes on")
	s.has(letter(1))
	require.Zero(t, s.row().passed)
}

func TestAnEmptyMessageIsAMessage(t *testing.T) {
	s := newSetting(t)
	s.hollow.Store(true)
	s.deliver("INBOX", letter(1), time.Now())
	s.run(s.watcher())
	s.has("")
}

// While it cannot be stored, the mailbox waits: nothing is passed over.
func TestAMessageThatCannotBeStoredIsTriedUntilItIs(t *testing.T) {
	s := newSetting(t)
	tried := 0
	s.taken.failing(func(m inbox.Incoming) error {
		if tried++; tried <= 10 && string(m.Raw) == letter(2) {
			return errors.New("the database is away")
		}
		return nil
	})
	for n := range 3 {
		s.deliver("INBOX", letter(n+1), time.Now())
	}
	s.run(s.watcher())
	s.eventually(func() bool { return s.row().trouble == "taking" }, "the trouble is shown")
	s.has(letter(1), letter(2), letter(3))
	s.started()
	require.Equal(t, row{uid: 3, held: true, connected: true}, s.row())
	require.Equal(t, 3, s.taken.times())
}

func TestAMessageThatCrashesItsTakerDoesNotBlockTheOthersForEver(t *testing.T) {
	s := newSetting(t)
	tried := 0
	s.taken.failing(func(m inbox.Incoming) error {
		if string(m.Raw) == letter(1) {
			tried++
			panic("a message that nobody expected")
		}
		return nil
	})
	s.deliver("INBOX", letter(1), time.Now())
	s.deliver("INBOX", letter(2), time.Now())
	s.run(s.watcher())
	s.has(letter(2))
	s.started()
	require.Equal(t, row{uid: 2, held: true, connected: true, passed: 1}, s.row())
	require.GreaterOrEqual(t, tried, 5)
}

// One that the server does not give out waits until another is there that it does
// give out: before that, it may be the server.
func TestAMessageThatTheServerWithholdsDoesNotBlockTheOthersForEver(t *testing.T) {
	s := newSetting(t)
	s.withhold.Store(1)
	s.deliver("INBOX", letter(1), time.Now())
	s.run(s.watcher())
	s.eventually(func() bool { return s.row().trouble == "server" && s.logins.Load() > 15 }, "it is tried often")
	require.Zero(t, s.row().passed)
	s.deliver("INBOX", letter(2), time.Now())
	s.has(letter(2))
	s.started()
	require.Equal(t, row{uid: 2, held: true, connected: true, passed: 1}, s.row())
}
