// Package sink is a mail server that can be killed at any instant and still knows
// which mails it took: each is on disk before its sender hears of it. It knows SMTP
// and its own files; it must not know who sends or why.
package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// Gone is what an address begins with that does not exist.
const Gone = "gone."

// How long the sink takes over a mail, which is about how long mail servers do, and
// while it drags.
const (
	takesUpTo = 200 * time.Millisecond
	dragsFor  = 3 * time.Second
)

// Serve takes mail at an address until ctx ends. Its book and its mood are in dir.
func Serve(ctx context.Context, dir, address string) error {
	book, err := openBook(dir)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{dir: dir, book: book, conn: c}, nil
	}))
	server.Domain, server.MaxMessageBytes, server.EnableSMTPUTF8, server.EnableDSN = "sink.example", 4<<20, true, true
	server.ReadTimeout, server.WriteTimeout = 2*time.Minute, time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0)
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return fmt.Errorf("take mail: %w", err)
	}
	return nil
}

// session is one connection.
type session struct {
	dir      string
	book     *book
	conn     *smtp.Conn
	from, to string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, Gone) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	if mood(s.dir) == Defers {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come again later"}
	}
	s.to = to
	return nil
}

// errHungUp ends a session without an answer.
var errHungUp = errors.New("hung up")

func (s *session) Data(r io.Reader) error {
	m := Mail{DataAt: time.Now(), From: s.from, To: s.to, Answer: "250"}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if m.MessageID, m.Link, err = read(raw); err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the message cannot be read"}
	}
	time.Sleep(rand.N(takesUpTo))
	does := mood(s.dir)
	switch does {
	case Drags:
		time.Sleep(dragsFor)
	case Refuses:
		m.Answer = "554"
	case Loses, Keeps:
		m.Answer = "none"
	case Takes, Defers:
	}
	m.Kept, m.EndAt = does != Refuses && does != Loses, time.Now()
	if err := s.book.add(m); err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the disk does not take it"}
	}
	switch m.Answer {
	case "554":
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not this one"}
	case "none":
		return errors.Join(errHungUp, s.conn.Conn().Close())
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

// read finds out what the book wants of a message.
func read(raw []byte) (id, link string, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", err
	}
	for part := range strings.SplitSeq(m.Header.Get("List-Unsubscribe"), ",") {
		if part = strings.Trim(strings.TrimSpace(part), "<>"); strings.HasPrefix(part, "http") {
			link = part
		}
	}
	return strings.Trim(m.Header.Get("Message-ID"), "<> "), link, nil
}
