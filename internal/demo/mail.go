// Package demo brings a development stack to life: it seeds leads, plays reps and
// prospects through the API and by mail, keeps the virtual clock, and tells what
// happens. It knows the product only from outside, by HTTP, mail and the records;
// nothing in the product knows it.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rekindlehq/rekindle/internal/devmail"
)

// Mail is the development mailbox with its pages.
type Mail struct {
	*devmail.Server
	pages  *http.Server
	hear   atomic.Pointer[func(devmail.Message)]
	refuse atomic.Pointer[func(from, to string) error]
	first  atomic.Pointer[func()]
}

// MailAddresses are where the mailbox takes mail, where it can be read by IMAP, and where its pages are.
type MailAddresses struct {
	SMTP, IMAP, Web string
}

// OpenMail opens the mailbox in dir at the addresses.
func OpenMail(dir string, at MailAddresses) (*Mail, error) {
	m := &Mail{}
	var err error
	if m.Server, err = devmail.New(devmail.Options{Dir: dir, OnMessage: m.heard, Decide: m.decide}); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", at.Web)
	if err != nil {
		return nil, fmt.Errorf("show the mailbox: %w", err)
	}
	if err := errors.Join(m.Start(at.SMTP), m.StartIMAP(at.IMAP)); err != nil {
		return nil, errors.Join(err, m.Server.Close(), l.Close())
	}
	m.pages = &http.Server{Handler: m.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.pages.Serve(l) }() // ends with Close
	return m, nil
}

func (m *Mail) heard(message devmail.Message) {
	if first := m.first.Swap(nil); first != nil {
		(*first)()
	}
	if hear := m.hear.Load(); hear != nil {
		go (*hear)(message) // the sender does not wait for the prospect to read
	}
}

func (m *Mail) decide(from, to string) error {
	if refuse := m.refuse.Load(); refuse != nil {
		return (*refuse)(from, to)
	}
	return nil
}

// Refuse lets f decide from now on which recipients are refused; see devmail.Options.
func (m *Mail) Refuse(f func(from, to string) error) { m.refuse.Store(&f) }

// Hear calls f for every message that arrives from now on.
func (m *Mail) Hear(f func(devmail.Message)) { m.hear.Store(&f) }

// First calls f when the next message arrives, once.
func (m *Mail) First(f func()) { m.first.Store(&f) }

// Close stops taking and showing mail.
func (m *Mail) Close(ctx context.Context) error {
	_ = m.pages.Shutdown(ctx)
	return m.Server.Close()
}
