package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Watches keeps how far each mailbox was read and who reads it. Leases run by the
// database's clock, so the workers' own need not agree.
type Watches struct{ Store *Store }

var _ inbox.Watches = Watches{}

// Hold implements inbox.Watches. A mailbox that is gone cannot be held.
func (w Watches) Hold(ctx context.Context, mailbox, holder uuid.UUID, lease time.Duration) (inbox.Progress, bool, error) {
	row, err := w.Store.HoldWatch(ctx, db.HoldWatchParams{Holder: holder, LeaseSeconds: lease.Seconds(), MailboxID: mailbox})
	if errors.Is(err, pgx.ErrNoRows) {
		return inbox.Progress{}, false, nil
	}
	if err != nil {
		return inbox.Progress{}, false, Translate(err)
	}
	return inbox.Progress{
		Cursor: inbox.Cursor{
			Validity: uint32(row.UidValidity), UID: uint32(row.Uid),
			OldBelow: uint32(row.OldBelow), OldSince: instant(row.OldSince), Passed: int(row.Passed),
		},
		BeganAt:     row.BeganAt,
		ConnectedAt: instant(row.ConnectedAt),
	}, true, nil
}

// Renew implements inbox.Watches.
func (w Watches) Renew(ctx context.Context, mailbox, holder uuid.UUID, lease time.Duration) error {
	return still(w.Store.RenewWatch(ctx, db.RenewWatchParams{LeaseSeconds: lease.Seconds(), MailboxID: mailbox, Holder: holder}))
}

// Advance implements inbox.Watches.
func (w Watches) Advance(ctx context.Context, mailbox, holder uuid.UUID, to inbox.Cursor) error {
	row := db.AdvanceWatchParams{
		UidValidity: int64(to.Validity), Uid: int64(to.UID), OldBelow: int64(to.OldBelow), Passed: int32(to.Passed),
		MailboxID: mailbox, Holder: holder,
	}
	if !to.OldSince.IsZero() {
		row.OldSince = &to.OldSince
	}
	return still(w.Store.AdvanceWatch(ctx, row))
}

// Connected implements inbox.Watches.
func (w Watches) Connected(ctx context.Context, mailbox, holder uuid.UUID) error {
	return still(w.Store.WatchConnected(ctx, db.WatchConnectedParams{MailboxID: mailbox, Holder: holder}))
}

// Trouble implements inbox.Watches.
func (w Watches) Trouble(ctx context.Context, mailbox, holder uuid.UUID, why inbox.Trouble) error {
	return still(w.Store.WatchTroubled(ctx, db.WatchTroubledParams{Error: string(why), MailboxID: mailbox, Holder: holder}))
}

// Release implements inbox.Watches.
func (w Watches) Release(ctx context.Context, mailbox, holder uuid.UUID) error {
	return Translate(w.Store.ReleaseWatch(ctx, db.ReleaseWatchParams{MailboxID: mailbox, Holder: holder}))
}

// still is ErrLost when no row was the holder's.
func still(rows int64, err error) error {
	if err == nil && rows == 0 {
		return inbox.ErrLost
	}
	return Translate(err)
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
