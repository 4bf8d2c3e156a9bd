package inbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/stretchr/testify/require"
)

const (
	user     = "annabel"
	password = "s3same"
)

// mailServer is an IMAP server with one user that tests can disturb.
type mailServer struct {
	t       *testing.T
	address string // host:port
	user    *imapmemserver.User

	logins, idles, selects atomic.Int32 // how often
	idling                 atomic.Int32 // sessions in IDLE now

	refuse   atomic.Pointer[imap.Error] // what a login is answered; nil: as it is
	withhold atomic.Uint32              // the UID of a message that is not given out
	hollow   atomic.Bool                // gives messages out as if they were empty
	whole    atomic.Bool                // gives whole messages to who asks for a part
	sentMark atomic.Pointer[string]     // the folder that is marked as that of sent mail

	mu    sync.Mutex
	conns map[*imapserver.Conn]bool
}

func newMailServer(t *testing.T, tlsConfig *tls.Config, implicit bool) *mailServer {
	t.Helper()
	s := &mailServer{t: t, user: imapmemserver.NewUser(user, password), conns: map[*imapserver.Conn]bool{}}
	require.NoError(t, s.user.Create("INBOX", nil))
	users := imapmemserver.New()
	users.AddUser(s.user)
	server := imapserver.New(&imapserver.Options{
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}},
		InsecureAuth: tlsConfig == nil,
		TLSConfig:    tlsConfig,
		Logger:       log.New(io.Discard, "", 0),
		NewSession: func(c *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.conns[c] = true
			return &session{Session: users.NewSession(), server: s, conn: c}, nil, nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, tlsConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// url is the server's address as a mailbox has it.
func (s *mailServer) url() string { return "imap://" + user + ":" + password + "@" + s.address }

// deliver puts a message into a folder, with the time at which it was received.
func (s *mailServer) deliver(folder, raw string, at time.Time) {
	s.t.Helper()
	_, err := s.user.Append(folder, literal{bytes.NewReader([]byte(raw))}, &imap.AppendOptions{Time: at})
	require.NoError(s.t, err)
}

// hangUp closes all connections.
func (s *mailServer) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.NetConn().Close()
	}
}

// seen counts messages that are marked as read.
func (s *mailServer) seen(folder string) int {
	s.t.Helper()
	status, err := s.user.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	require.NoError(s.t, err)
	return int(*status.NumMessages) - int(*status.NumUnseen)
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// session disturbs what the server says.
type session struct {
	imapserver.Session
	server *mailServer
	conn   *imapserver.Conn
}

func (s *session) Close() error {
	s.server.mu.Lock()
	delete(s.server.conns, s.conn)
	s.server.mu.Unlock()
	return s.Session.Close()
}

func (s *session) Login(user, password string) error {
	s.server.logins.Add(1)
	if err := s.server.refuse.Load(); err != nil {
		return err
	}
	return s.Session.Login(user, password)
}

func (s *session) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	s.server.selects.Add(1)
	return s.Session.Select(folder, options)
}

// Idle tells of what came between the last command and this one too, as servers
// do and the one for tests does not.
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.server.idles.Add(1)
	s.server.idling.Add(1)
	defer s.server.idling.Add(-1)
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-stop:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}

func (s *session) Fetch(w *imapserver.FetchWriter, which imap.NumSet, options *imap.FetchOptions) error {
	uids, _ := which.(imap.UIDSet)
	if uid := s.server.withhold.Load(); len(options.BodySection) > 0 && uids.Contains(imap.UID(uid)) {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "the message for annabel@seller.example is damaged"}
	}
	for _, section := range options.BodySection {
		switch {
		case s.server.whole.Load():
			section.Partial = nil
		case s.server.hollow.Load():
			section.Partial.Offset = 1 << 20
		}
	}
	return s.Session.Fetch(w, which, options)
}

func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if mark := s.server.sentMark.Load(); mark != nil && options.ReturnSpecialUse {
		return w.WriteList(&imap.ListData{Mailbox: *mark, Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrSent}})
	}
	return s.Session.List(w, ref, patterns, options)
}

// line is a connection on which tests can change or hold back what passes.
type line struct {
	net.Conn
	in, out func([]byte) []byte
	dead    <-chan struct{} // once closed nothing comes any more, and nobody says so
	closed  chan struct{}
	once    sync.Once
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	select {
	case <-l.dead:
		<-l.closed
		return 0, net.ErrClosed
	default:
	}
	if l.in != nil {
		copy(b, l.in(b[:n]))
	}
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	if l.out != nil {
		return l.Conn.Write(l.out(bytes.Clone(b)))
	}
	return l.Conn.Write(b)
}

func (l *line) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}

// dial makes a Dialer's Dial that puts such a line in between, wherever to.
func dial(address string, change func(*line)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l := &line{Conn: conn, closed: make(chan struct{})}
		change(l)
		return l, nil
	}
}

// replace makes one word into another of the same length.
func replace(word, other string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(word), []byte(other)) }
}
