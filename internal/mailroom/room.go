// Package mailroom keeps the mailboxes: it makes and changes them, tends those
// that are parked, and takes in what arrives in them. It knows the records, the
// door and what received mail can be; it must not know IMAP, HTTP or Temporal.
package mailroom

import (
	"context"
	"time"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// Room is everything that handling mailboxes needs.
type Room struct {
	Store *postgres.Store
	Door  *door.Door
	Seal  mailbox.Seal
	Now   func() time.Time // on the leads' clock
	// Probe logs in to a mailbox's submission server and sends nothing.
	Probe func(ctx context.Context, smtp string) error
}
