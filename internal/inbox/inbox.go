// Package inbox watches mailboxes over IMAP (RFC 9051, 3501) and hands each
// message that came in to a Taker: one worker per mailbox at a time, each message
// at least once, from where the last worker stopped. It also finds and keeps
// copies in a mailbox's folder of sent mail. It knows connections, leases and
// UIDs; it must not know what a message says, the leads or the database.
package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// ErrLost: another holds the mailbox now, or nobody. Returned by Watches to a
// holder that is none any more; it stops at once.
var ErrLost = errors.New("the mailbox is watched by another")

// Incoming is a message as the server has it.
type Incoming struct {
	Mailbox    uuid.UUID
	Raw        []byte    // from the first header on; the first 25 MB of a larger one
	ReceivedAt time.Time // by the mail server's clock (INTERNALDATE)
}

// Taker takes in one message that was received: stores, classifies, acts. The
// same message may come twice, also at the same time, and must have one effect.
//
// An error means that it could not be stored now: the mailbox waits, and the same
// message comes again. So Take stores a message before it looks into it, and what
// goes wrong after that is no error. A panic counts as one, but not for ever:
// after a while the message is passed over.
type Taker interface {
	Take(ctx context.Context, m Incoming) error
}

// Watches keeps how far each mailbox was read and who reads it. A holder is new
// each time that a mailbox is taken up, so one that lost its hold can never move
// the cursor again, whatever it missed in between.
type Watches interface {
	// Hold takes the mailbox up for as long as lease, unless another holds it
	// (false).
	Hold(ctx context.Context, mailbox, holder uuid.UUID, lease time.Duration) (Progress, bool, error)
	// Renew holds it for as long as lease from now. ErrLost.
	Renew(ctx context.Context, mailbox, holder uuid.UUID, lease time.Duration) error
	// Advance moves the cursor, never back within the same validity. ErrLost.
	Advance(ctx context.Context, mailbox, holder uuid.UUID, to Cursor) error
	// Connected notes that the mailbox was read to its end just now, without
	// trouble. ErrLost.
	Connected(ctx context.Context, mailbox, holder uuid.UUID) error
	// Trouble notes why it cannot be read. ErrLost.
	Trouble(ctx context.Context, mailbox, holder uuid.UUID, why Trouble) error
	// Release lets go of it, so that another need not wait for the lease to end.
	// Nothing happens when it was lost.
	Release(ctx context.Context, mailbox, holder uuid.UUID) error
}

// Cursor is how far a mailbox has been read.
type Cursor struct {
	Validity uint32 // UIDVALIDITY: UIDs mean something within one only; 0: not read yet
	UID      uint32 // the last one taken

	// Below OldBelow only what came in since OldSince is taken; it was there before
	// these UIDs were known. From there on everything is.
	OldBelow uint32
	OldSince time.Time

	Passed int // messages that could not be taken and were passed over, ever
}

// Progress is a cursor and what is known about the time before it.
type Progress struct {
	Cursor
	BeganAt     time.Time // when the mailbox was first held; mail from before is not ours
	ConnectedAt time.Time // when it was last read to its end; zero: never
}

// skew is by how much a mail server's clock may be late.
const skew = 10 * time.Minute

// restart is where to read from in a mailbox with this validity, whose next UID
// is next. A new mailbox is read from when it was first held. One whose UIDs
// changed is read again for as long as reread, or from when it was last read:
// what was taken before is known to the Taker.
func (p Progress) restart(validity, next uint32, now time.Time, reread time.Duration) Cursor {
	since := p.BeganAt
	if p.Validity != 0 {
		again := now.Add(-reread)
		if !p.ConnectedAt.IsZero() && p.ConnectedAt.Before(again) {
			again = p.ConnectedAt
		}
		if again.After(since) {
			since = again
		}
	}
	return Cursor{Validity: validity, OldBelow: next, OldSince: since.Add(-skew), Passed: p.Passed}
}
