package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// quick is Timing for tests. Idle is long, so that what is heard was told.
var quick = inbox.Timing{
	List: 10 * time.Millisecond, Lease: time.Second, Renew: 100 * time.Millisecond, Poll: 20 * time.Millisecond, Idle: time.Minute,
	Retry: 2 * time.Millisecond, RetryMost: 20 * time.Millisecond, RetryLogin: 5 * time.Millisecond, RetryLoginMost: 20 * time.Millisecond,
	GiveUp: 30 * time.Millisecond,
}

// setting is a database and a mailbox on a mail server.
type setting struct {
	*mailServer
	t     *testing.T
	store *postgres.Store
	box   mailbox.Mailbox
	taken *taken

	mu    sync.Mutex
	boxes []mailbox.Mailbox
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 10)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	s := &setting{mailServer: newMailServer(t, nil, false), t: t, store: store, taken: &taken{}}
	s.box = s.newMailbox("sales", s.url())
	s.list(s.box)
	return s
}

func (s *setting) newMailbox(name, imap string) mailbox.Mailbox {
	s.t.Helper()
	id := uuid.New()
	_, err := s.store.Pool.Exec(s.t.Context(), `INSERT INTO mailboxes (id, name, address, zone, daily_limit, gap_seconds, sealed, created_at)
		VALUES ($1, $2, $2 || '@seller.example', 'UTC', 10, 0, '', now())`, id, name)
	require.NoError(s.t, err)
	return mailbox.Mailbox{ID: id, Name: name, Connections: mailbox.Connections{IMAP: imap}}
}

// list makes these all the mailboxes there are.
func (s *setting) list(boxes ...mailbox.Mailbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes = boxes
}

func (s *setting) watcher() *inbox.Watcher {
	return &inbox.Watcher{
		Taker: s.taken, Watches: postgres.Watches{Store: s.store}, Timing: quick,
		Mailboxes: func(context.Context) ([]mailbox.Mailbox, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return slices.Clone(s.boxes), nil
		},
	}
}

// run runs a watcher until the test ends or stop is called, which waits for it.
func (s *setting) run(w *inbox.Watcher) (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.Run(ctx) }()
	stop = func() { cancel(); <-ended }
	s.t.Cleanup(stop)
	return stop
}

// eventually waits for what a real server brings about.
func (s *setting) eventually(is func() bool, what string) {
	s.t.Helper()
	require.Eventually(s.t, is, 20*time.Second, 2*time.Millisecond, what)
}

// has waits until exactly these messages were taken in, in this order.
func (s *setting) has(raws ...string) {
	s.t.Helper()
	s.eventually(func() bool { return slices.Equal(s.taken.distinct(), raws) }, "the messages are taken in")
}

// started waits until the mailbox was read to its end, so that what comes is new.
func (s *setting) started() {
	s.t.Helper()
	s.eventually(func() bool { return s.row().connected }, "the mailbox is read")
}

type row struct {
	uid       int
	held      bool
	connected bool
	passed    int
	trouble   string
}

func (s *setting) row() (r row) {
	s.t.Helper()
	rows, err := s.store.Pool.Query(s.t.Context(), `SELECT uid, holder IS NOT NULL, connected_at IS NOT NULL AND error = '', passed, error FROM inbox_watches WHERE mailbox_id = $1`, s.box.ID)
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		require.NoError(s.t, rows.Scan(&r.uid, &r.held, &r.connected, &r.passed, &r.trouble))
	}
	return r
}

// taken is a Taker with a memory.
type taken struct {
	mu   sync.Mutex
	all  []inbox.Incoming
	fail func(inbox.Incoming) error // nil: it never fails
}

func (k *taken) Take(_ context.Context, m inbox.Incoming) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		if err := k.fail(m); err != nil {
			return err
		}
	}
	k.all = append(k.all, m)
	return nil
}

func (k *taken) failing(how func(inbox.Incoming) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = how
}

// distinct is what was taken, each once, as one who is idempotent has it.
func (k *taken) distinct() (raws []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.all {
		if !slices.Contains(raws, string(m.Raw)) {
			raws = append(raws, string(m.Raw))
		}
	}
	return raws
}

func (k *taken) times() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.all)
}

// mortal is Watches that a worker reaches no more once it is dead.
type mortal struct {
	inbox.Watches
	dead atomic.Bool
}

var errDead = errors.New("the process is gone")

func (m *mortal) Renew(ctx context.Context, mailbox, holder uuid.UUID, lease time.Duration) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Watches.Renew(ctx, mailbox, holder, lease)
}

func (m *mortal) Advance(ctx context.Context, mailbox, holder uuid.UUID, to inbox.Cursor) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Watches.Advance(ctx, mailbox, holder, to)
}

func (m *mortal) Release(ctx context.Context, mailbox, holder uuid.UUID) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Watches.Release(ctx, mailbox, holder)
}

// letter is the nth message.
func letter(n int) string {
	return fmt.Sprintf("From: Ada <ada@quill.example>\r\nMessage-ID: <%d@quill.example>\r\nSubject: Letter %d\r\n\r\nHello %d\r\n", n, n, n)
}
