package soak

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

// sink takes mail, shows it to the people, and keeps nothing but a count by
// Message-ID.
type sink struct {
	server *smtp.Server
	at     net.Listener
	people atomic.Pointer[people] // who read it; nil: nobody yet

	mu    sync.Mutex
	taken map[string]int
}

func openSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("take mail: %w", err)
	}
	s := &sink{at: l, taken: map[string]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	s.server.Domain, s.server.AllowInsecureAuth = "soak.example", true
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

func (s *sink) address() string { return s.at.Addr().String() }

func (s *sink) Close() error { return s.server.Close() }

// note counts a message and gives how often it came before.
func (s *sink) note(raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[messageID(raw)]++
}

// counts are the messages taken, and how many of them came more than once.
func (s *sink) counts() (messages, twice int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.taken {
		messages += n
		if n > 1 {
			twice++
		}
	}
	return messages, twice
}

// messageID reads the field of that name (RFC 5322, 3.6.4).
func messageID(raw []byte) string {
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Message-ID") {
			return strings.Trim(value, " <>")
		}
	}
	return ""
}

// session is one connection to the sink.
type session struct {
	*sink
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if p := s.people.Load(); p != nil {
		if err := p.player.Refuse(s.from, to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.note(raw)
	if p := s.people.Load(); p != nil {
		p.read(s.from, s.to, raw)
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
