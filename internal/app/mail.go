package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// reconcileEvery is how often unknown sends are looked for in the Sent folders.
const reconcileEvery = time.Minute

// Room keeps the mailboxes.
func (a *App) Room() mailroom.Room {
	return mailroom.Room{Store: a.Store, Door: a.Door, Seal: a.seal, Now: a.Door.Now, Probe: a.probe}
}

func (a *App) probe(ctx context.Context, smtp string) error {
	server := a.server
	if smtp != "" {
		var err error
		if server, err = mail.ParseServer(smtp); err != nil {
			return err
		}
		server = server.Trusting(a.config.Roots)
	}
	return server.Probe(ctx)
}

// post writes and sends mail.
func (a *App) post() mail.Post {
	return mail.Post{Server: a.server, Connections: a.Room().Connections, Playbook: a.Library.Get, PostalAddress: a.config.PostalAddress}
}

// WatchMail reads the inboxes that no other worker reads, and tends the mailboxes,
// until ctx ends. Without a key to their secrets nothing is watched.
func (a *App) WatchMail(ctx context.Context) {
	if a.config.SecretKey == "" {
		return
	}
	dialer := inbox.Dialer{TLS: a.trusted()}
	watcher := &inbox.Watcher{
		Taker: taker{a}, Watches: postgres.Watches{Store: a.Store}, Dialer: dialer,
		Mailboxes: func(ctx context.Context) ([]mailbox.Mailbox, error) { return a.Store.Mailboxes(ctx, a.seal) },
	}
	go a.tend(ctx, dialer)
	watcher.Run(ctx)
}

func (a *App) tend(ctx context.Context, dialer inbox.Dialer) {
	ticker := time.NewTicker(reconcileEvery)
	defer ticker.Stop()
	for {
		room := a.Room()
		before := a.Door.Now().Add(-time.Minute)
		if err := errors.Join(room.Tend(ctx), room.GoOn(ctx, before), room.Reconcile(ctx, SentFolders(dialer))); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "tending the mailboxes failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// taker brings what the watcher reads into the room.
type taker struct{ *App }

// Take implements inbox.Taker. On a virtual clock mail arrives at its time.
func (t taker) Take(ctx context.Context, m inbox.Incoming) error {
	at := m.ReceivedAt
	if now := t.Door.Now(); t.config.Clock != nil || at.IsZero() || at.After(now) {
		at = now
	}
	if _, err := t.Room().Take(ctx, m.Mailbox, m.Raw, at); err != nil {
		return fmt.Errorf("take in a message: %w", err)
	}
	return nil
}

// trusted is whom the certificates of inboxes are trusted by; nil: the system's.
func (a *App) trusted() *tls.Config {
	if a.config.Roots == nil {
		return nil
	}
	return &tls.Config{RootCAs: a.config.Roots, MinVersion: tls.VersionTLS12}
}

// SentFolders opens the folders where providers file what they sent; a mailbox
// without one holds nothing.
func SentFolders(d inbox.Dialer) func(ctx context.Context, imap string) (mailroom.SentFolder, error) {
	return func(ctx context.Context, imap string) (mailroom.SentFolder, error) {
		folder, err := d.Sent(ctx, imap)
		if errors.Is(err, inbox.ErrNoSentFolder) {
			return noFolder{}, nil
		}
		return folder, err
	}
}

type noFolder struct{}

func (noFolder) Find([]string) ([]string, error) { return nil, nil }
func (noFolder) Close()                          {}
