package bench

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that takes everything, keeps nothing, and notes when.
type sink struct {
	server *smtp.Server
	addr   string

	mu    sync.Mutex
	taken []delivery
}

// delivery is one message: when its first byte came and when it was taken.
type delivery struct {
	to           string
	began, ended time.Time
}

func newSink() (*sink, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{addr: l.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{sink: s}, nil }))
	s.server.Domain = "sink.localhost"
	go func() { _ = s.server.Serve(l) }() // ends with close
	return s, nil
}

func (s *sink) close() error {
	if err := s.server.Close(); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// since are the messages that came after the first n.
func (s *sink) since(n int) []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken[n:])
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}

// submission is one connection to the sink.
type submission struct {
	sink *sink
	to   string
}

func (*submission) Mail(string, *smtp.MailOptions) error { return nil }
func (*submission) Reset()                               {}
func (*submission) Logout() error                        { return nil }

func (s *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *submission) Data(r io.Reader) error {
	began := time.Now()
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.taken = append(s.sink.taken, delivery{s.to, began, time.Now()})
	return nil
}
