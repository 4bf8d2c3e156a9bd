package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/devmail"
)

// point is a moment of a submission at which the mail server can hold a mail.
type point string

const (
	atSender    point = "MAIL FROM"
	atRecipient point = "RCPT TO"
	atData      point = "DATA"
	atLastDot   point = "the final dot" // all of the message but that
	afterDot    point = "after the final dot, not kept"
	afterKept   point = "after the final dot, kept"
)

// sink is a mail server that holds a mail at a point, by the address of its sender
// or recipient, until everybody is let go. devmail takes the mail; a gate before it
// sees the commands for which devmail has no hook.
type sink struct {
	*testing.T
	*devmail.Server
	gate  net.Listener
	let   chan struct{}
	letGo func()

	mu     sync.Mutex
	holds  map[string]point
	breaks map[string]error  // what AtDataEnd answers
	before map[string]func() // what is done before the answer to the message
	held   map[string]bool
}

func newSink(t *testing.T) *sink {
	s := &sink{T: t, let: make(chan struct{}), holds: map[string]point{}, breaks: map[string]error{}, before: map[string]func(){}, held: map[string]bool{}}
	s.letGo = sync.OnceFunc(func() { close(s.let) })
	var err error
	s.Server, err = devmail.New(devmail.Options{
		Dir: t.TempDir(),
		Decide: func(_, to string) error {
			s.hold(to, atRecipient)
			return nil
		},
		AtDataEnd: func(_ string, to []string, _ []byte) error {
			s.hold(to[0], afterDot)
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.breaks[to[0]]
		},
		OnMessage: func(m devmail.Message) {
			s.mu.Lock()
			do := s.before[m.To[0]]
			s.mu.Unlock()
			if do != nil {
				do()
			}
			s.hold(m.To[0], afterKept)
		},
	})
	require.NoError(t, err)
	require.NoError(t, s.Start("127.0.0.1:0"))
	s.gate, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() {
		s.letGo()
		_ = s.gate.Close()
		require.NoError(t, s.Close())
	})
	go s.admit()
	return s
}

// hold stops a mail where it is to be held, unless everybody has been let go
// already; it reports whether it did.
func (s *sink) hold(who string, at point) bool {
	select {
	case <-s.let:
		return false
	default:
	}
	s.mu.Lock()
	holds := s.holds[who] == at
	s.held[who] = s.held[who] || holds
	s.mu.Unlock()
	if holds {
		<-s.let
	}
	return holds
}

func (s *sink) holding(who string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[who]
}

func (s *sink) admit() {
	for {
		client, err := s.gate.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", s.Addr().String())
		if err != nil {
			client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(client, server)
			client.Close()
		}()
		go func() {
			s.pass(client, server)
			client.Close()
			server.Close()
		}()
	}
}

// pass hands a client's lines on; where one is held, the client has died when it
// goes on, and its connection ends.
func (s *sink) pass(client io.Reader, server io.Writer) {
	var to string
	message := false
	for lines := bufio.NewReader(client); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.TrimSpace(line))
		held := false
		switch {
		case message:
			message = word != "."
			held = !message && s.hold(to, atLastDot)
		case strings.HasPrefix(word, "MAIL FROM:"):
			held = s.hold(address(line), atSender)
		case strings.HasPrefix(word, "RCPT TO:"):
			to = address(line)
		case word == "DATA":
			message, held = true, s.hold(to, atData)
		}
		if held {
			return
		}
		if _, err := io.WriteString(server, line); err != nil {
			return
		}
	}
}

// address is what stands between < and >.
func address(line string) string {
	_, after, _ := strings.Cut(line, "<")
	before, _, _ := strings.Cut(after, ">")
	return before
}
