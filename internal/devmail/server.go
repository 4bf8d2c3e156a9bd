// Package devmail is the development mailbox: an SMTP server that accepts every message and delivers none to the
// outside, an IMAP server where every address finds what was sent to it and what it sent, and the pages that show both.
//
// It knows SMTP, IMAP, MIME and files: one message is one .eml file with a small .json beside it. It must not know
// Rekindle's leads, its mail sender or its database, nor who answers and why: tests script its answers through the hooks
// in Options, and whoever plays the world hands in the world's mail with Deliver.
package devmail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	maxMessageBytes = 25 << 20
	closePatience   = time.Second
)

var (
	// ErrHangUpKept, from AtDataEnd, keeps the message and closes the connection without an answer: the sender cannot
	// know that it was taken.
	ErrHangUpKept = errors.New("hang up after keeping the message")

	// ErrHangUpLost, from AtDataEnd, drops the message and closes the connection without an answer.
	ErrHangUpLost = errors.New("hang up without keeping the message")

	// ErrNotFound is returned by Raw for an id that names no message.
	ErrNotFound = errors.New("no such message")
)

// Options are the mailbox's folder and the hooks through which tests play the world's mail servers. Every hook may be
// nil, runs on the connection's goroutine, and may be called from several at once.
type Options struct {
	Dir string // created when missing

	// OnMessage hears of each message that came by SMTP, after it was kept and before the sender is told so.
	OnMessage func(Message)

	// Decide answers each recipient: nil accepts, an *smtp.SMTPError is the answer, any other error answers 554.
	Decide func(from, to string) error

	// AtDataEnd decides after the whole message was received: nil keeps it; ErrHangUpKept and ErrHangUpLost break the
	// connection; an *smtp.SMTPError is the answer, and the message is not kept.
	AtDataEnd func(from string, to []string, raw []byte) error
}

// Server is a mailbox. Its pages work before Start and after Close; only the SMTP and IMAP sides start and stop.
type Server struct {
	opts  Options
	store *store
	imap  imapSide

	mu       sync.Mutex
	smtp     *smtp.Server
	listener net.Listener
	served   chan struct{}
}

// New opens the mailbox in the folder, with the messages of earlier runs.
func New(opts Options) (*Server, error) {
	store, err := openStore(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("open mailbox %s: %w", opts.Dir, err)
	}
	return &Server{opts: opts, store: store}, nil
}

// Start listens for SMTP on addr, such as 127.0.0.1:1025, and returns. Port 0 takes any free one; see Addr.
func (s *Server) Start(addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.smtp != nil {
		return fmt.Errorf("start mailbox on %s: it listens already", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("start mailbox on %s: %w", addr, err)
	}
	server := smtp.NewServer(s)
	server.Domain = "rekindle.localhost"
	server.MaxMessageBytes = maxMessageBytes
	server.EnableSMTPUTF8 = true
	server.ReadTimeout = 5 * time.Minute
	server.WriteTimeout = time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0) // it reports only peers that hang up
	served := make(chan struct{})
	s.smtp, s.listener, s.served = server, listener, served
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	return nil
}

// Addr is the address Start listens on, nil before.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Close stops listening, gives open SMTP connections a moment to finish, and keeps the messages. Closing twice is fine.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.closeSMTP(), s.closeIMAP()); err != nil {
		return fmt.Errorf("close mailbox: %w", err)
	}
	return nil
}

func (s *Server) closeSMTP() error {
	if s.smtp == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	err := s.smtp.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	if closeErr := s.listener.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	<-s.served
	s.smtp, s.listener = nil, nil
	return err
}

// Delivery is a message that the world sends, not by SMTP but from whoever plays the world.
type Delivery struct {
	From    string   // the envelope's; empty for reports (RFC 3464)
	To      []string // the envelope's
	Raw     []byte
	By      string // who wrote it, for the pages: a persona's name
	Answers string // the ID of the message it answers, for the pages
}

// Deliver keeps a message in the mailboxes of its recipients. OnMessage does not hear of it.
func (s *Server) Deliver(d Delivery) (Message, error) {
	m, err := s.take(Message{From: d.From, To: d.To, By: d.By, Answers: d.Answers}, d.Raw)
	if err != nil {
		return m, fmt.Errorf("deliver: %w", err)
	}
	return m, nil
}

// Messages returns the newest messages first, at most limit (0: all), whose recipients contain to (empty: any).
func (s *Server) Messages(to string, limit int) []Message {
	return s.store.list(func(m Message) bool { return m.sentTo(to) }, "", limit)
}

// Number tells the how-manieth message to an address the one with that id is, from 1, counting from when the mailbox was
// last emptied; 0 where it did not go there.
func (s *Server) Number(id, address string) int {
	return 1 + slices.IndexFunc(s.store.folder(mailboxOf(address), inbox), func(m Message) bool { return m.ID == id })
}

// Raw returns a message as it was received, or ErrNotFound.
func (s *Server) Raw(id string) ([]byte, error) { return s.store.raw(id) }

// Clear removes all messages, and ends the IMAP connections that read them.
func (s *Server) Clear() error {
	defer s.hangUpReaders("the development mailbox was emptied")
	return s.store.clear()
}
