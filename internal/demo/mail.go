// Package demo brings a development stack to life: it seeds leads, plays reps and
// prospects through the API and by mail, keeps the virtual clock, and tells what
// happens. It knows the product only from outside, by HTTP, mail and the records;
// nothing in the product knows it.
package demo

import (
	"context"
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
	pages *http.Server
	hear  atomic.Pointer[func(devmail.Message)]
	first atomic.Pointer[func()]
}

// OpenMail opens the mailbox in dir, takes mail at smtp and shows it at web.
func OpenMail(dir, smtp, web string) (*Mail, error) {
	m := &Mail{}
	var err error
	if m.Server, err = devmail.New(devmail.Options{Dir: dir, OnMessage: m.heard}); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", web)
	if err != nil {
		return nil, fmt.Errorf("show the mailbox: %w", err)
	}
	if err := m.Start(smtp); err != nil {
		l.Close()
		return nil, err
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

// Hear calls f for every message that arrives from now on.
func (m *Mail) Hear(f func(devmail.Message)) { m.hear.Store(&f) }

// First calls f when the next message arrives, once.
func (m *Mail) First(f func()) { m.first.Store(&f) }

// Close stops taking and showing mail.
func (m *Mail) Close(ctx context.Context) error {
	_ = m.pages.Shutdown(ctx)
	return m.Server.Close()
}
