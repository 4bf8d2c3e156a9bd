package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// Ledger is the send ledger in Postgres.
type Ledger struct {
	*Store
	Company   string           // in signatures and texts
	Domain    string           // right-hand side of Message-IDs of mail without a mailbox
	PublicURL string           // base of unsubscribe links
	Now       func() time.Time // real time in production; nil: the leads' virtual clock
}

var _ activities.Ledger = (*Ledger)(nil)

// staleAfter is how old a job may be: one that was held up longer, say because the
// database was away, is planned again rather than sent at any hour.
const staleAfter = 15 * time.Minute

// now is the time of a job: that of its lead's clock, or later when it was held up.
func (g *Ledger) now(at time.Time) time.Time {
	if g.Now == nil {
		return at
	}
	if now := g.Now(); now.After(at) {
		return now
	}
	return at
}

// booking is one attempt to reserve a touch.
type booking struct {
	g       *Ledger
	q       *db.Queries
	l       db.Lead
	p       db.Person
	email   sequence.SendEmail
	at      time.Time
	mailbox *db.Mailbox // nil: the house's server
	r       *activities.Reservation
}

func (b *booking) end(status sequence.SendStatus, detail string) {
	b.r.Ended = &sequence.TouchPerformed{Touch: b.email.Touch, Status: status, Detail: detail}
}

func (b *booking) putOff(why string, until time.Time, detail string) {
	b.end(sequence.Deferred, detail)
	b.r.Ended.Why, b.r.Ended.RetryAt = why, until
}

// Reserve takes a touch for this attempt. See activities.Ledger.
func (g *Ledger) Reserve(ctx context.Context, lead string, at time.Time, email sequence.SendEmail) (r activities.Reservation, err error) {
	r = activities.Reservation{Lead: lead, Touch: email.Touch, Attempt: uuid.NewString()}
	err = g.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		r.Ended = nil
		l, err := g.lead(ctx, q, lead)
		if err != nil {
			return err
		}
		p, err := recipient(ctx, q, l, email.To)
		if err != nil {
			return err
		}
		b := booking{g: g, q: q, l: l, p: p, email: email, at: g.now(at), r: &r}
		if b.at.Sub(at) > staleAfter {
			b.putOff("", b.at, "it was held up")
		}
		return b.reserve(ctx)
	})
	return r, err
}

func (b *booking) reserve(ctx context.Context) error {
	if err := b.lockMailbox(ctx); err != nil {
		return err
	}
	row, err := b.q.LedgerRow(ctx, db.LedgerRowParams{LeadID: b.l.ID, Touch: b.email.Touch})
	found := err == nil
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if found && row.State == "reserved" && row.BegunAt == nil { // nothing of it went out, and nothing will
		row.State = "released"
		if err := b.q.TakeBack(ctx, db.TakeBackParams{LeadID: b.l.ID, Touch: b.email.Touch}); err != nil {
			return err
		}
	}
	if found && row.State != "released" {
		status, detail := endOf(row)
		b.end(status, detail)
		if row.State == "reserved" {
			return b.q.MarkUnknown(ctx, db.MarkUnknownParams{Detail: detail, LeadID: b.l.ID, Touch: b.email.Touch})
		}
		return nil
	}
	if b.r.Ended != nil { // it may not go out any more, at this hour
		return nil
	}
	stopped, err := mailStopped(ctx, b.q, b.p.ID, text(b.p.Email))
	if err != nil {
		return err
	}
	if stopped {
		return b.stopped(ctx)
	}
	if text(b.p.Email) == "" {
		b.end(sequence.NoAddress, "")
		return nil
	}
	if held, err := b.unheard(ctx); err != nil || held {
		return err
	}
	reason, ok, err := b.reason(ctx)
	if err != nil || !ok {
		return err
	}
	if ok, err := b.slot(ctx, row); err != nil || !ok {
		return err
	}
	return b.take(ctx, found, reason)
}

// unheard puts a touch off while something that came in has yet to reach the lead:
// after an outage an answer counts before whatever is late. A cancellation goes out
// whatever they say.
func (b *booking) unheard(ctx context.Context) (bool, error) {
	if b.email.Cancel != nil {
		return false, nil
	}
	waits, err := b.q.NewsWaits(ctx, db.NewsWaitsParams{LeadID: b.l.ID, Address: text(b.p.Email)})
	if err == nil && waits {
		b.putOff(sequence.NewsWaits, b.at, "")
	}
	return waits, err
}

// stopped ends a touch to somebody who said stop, or whose address bounced.
func (b *booking) stopped(ctx context.Context) error {
	said, err := Stopped(ctx, b.q, b.p)
	if err != nil {
		return err
	}
	if said {
		b.end(sequence.Suppressed, "")
	} else {
		b.end(sequence.NoAddress, "mail to this address bounced")
	}
	return nil
}

// reason chooses what is new for the recipient, where the touch must bring
// something (R03).
func (b *booking) reason(ctx context.Context) (*db.Content, bool, error) {
	if b.email.Reason != sequence.ReasonNew {
		return nil, true, nil
	}
	c, err := b.q.UnseenContent(ctx, db.UnseenContentParams{At: b.at, Source: b.l.Source, LeadID: b.l.ID, PersonID: b.p.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		b.end(sequence.NoReason, "")
		return nil, false, nil
	}
	return &c, err == nil, err
}

// lockMailbox chooses the mailbox and holds it, so that any number of workers keep
// to its limits together. It comes before every other lock.
func (b *booking) lockMailbox(ctx context.Context) error {
	chosen, err := mailboxFor(ctx, b.q, b.l, b.email.By, b.at)
	if err != nil || chosen == nil {
		return err
	}
	locked, err := b.q.LockMailbox(ctx, *chosen)
	b.mailbox = &locked
	return err
}

// slot finds out whether the mailbox may send now. If not, the touch gets the next
// free slot, or waits for the mailbox to be resumed.
func (b *booking) slot(ctx context.Context, row db.SendLedger) (bool, error) {
	if b.mailbox == nil {
		if b.email.By != "" {
			b.end(sequence.Failed, "there is no mailbox called "+b.email.By)
		}
		return b.email.By == "", nil
	}
	if b.email.By == "" {
		if err := b.q.SetMailbox(ctx, db.SetMailboxParams{MailboxID: &b.mailbox.ID, LeadID: b.l.ID}); err != nil {
			return false, err
		}
	}
	if b.mailbox.Parked != "" {
		b.putOff(sequence.MailboxParked, b.at.Add(recheckParked), b.mailbox.Parked)
		return false, b.wait(ctx, nil)
	}
	own := row.SlotAt
	if row.MailboxID == nil || *row.MailboxID != b.mailbox.ID {
		own = nil // it was another mailbox's
	}
	if own != nil && b.at.Before(*own) {
		b.putOff(sequence.MailboxFull, *own, "")
		return false, nil
	}
	m, err := MailboxOf(*b.mailbox)
	if err != nil {
		return false, err
	}
	all, used, err := openBook(ctx, b.q, m, b.l, b.email.Touch, b.at)
	if err != nil {
		return false, err
	}
	book := all
	if own != nil && b.at.Sub(*own) <= m.Limits.Gap {
		book = used // its turn has come: only what went out stands before it
	}
	next, ok := book.Next(b.at)
	switch {
	case !ok:
		b.end(sequence.Failed, "the mailbox "+m.Name+" has no free slot within a year")
		return false, nil
	case next.After(b.at):
		next = next.Add(m.Limits.Gap / 10) // wakers come a little late; the gap is kept all the same
		b.putOff(sequence.MailboxFull, next, "")
		return false, b.wait(ctx, &next)
	}
	return true, nil
}

// wait writes down for which slot a touch waits; without one, for the mailbox.
func (b *booking) wait(ctx context.Context, slot *time.Time) error {
	_, err := b.q.PutSlot(ctx, db.PutSlotParams{
		LeadID: b.l.ID, Touch: b.email.Touch, PersonID: b.p.ID, MessageID: b.messageID(), TextName: b.email.Text,
		Attempt: uuid.New(), At: b.at, MailboxID: &b.mailbox.ID, SlotAt: slot,
	})
	return err
}

// messageID is derived from the touch, so that whatever is sent twice can be told
// to be the same (RFC 5322, 3.6.4).
func (b *booking) messageID() string {
	domain := b.g.Domain
	if b.mailbox != nil {
		domain = Domain(b.mailbox.Address)
	}
	return fmt.Sprintf("%s.%s@%s", b.email.Touch, b.l.ID, domain)
}

// take writes the row and gathers the letter.
func (b *booking) take(ctx context.Context, found bool, reason *db.Content) error {
	attempt, err := uuid.Parse(b.r.Attempt)
	if err != nil {
		return fmt.Errorf("read the attempt: %w", err)
	}
	id := b.messageID()
	var mailboxID *uuid.UUID
	var slot *time.Time
	if b.mailbox != nil {
		mailboxID, slot = &b.mailbox.ID, &b.at
	}
	var n int64
	if found {
		n, err = b.q.TakeReleased(ctx, db.TakeReleasedParams{
			Attempt: attempt, At: b.at, ContentID: contentID(reason), LeadID: b.l.ID, Touch: b.email.Touch, MailboxID: mailboxID, SlotAt: slot, MessageID: id,
		})
	} else {
		n, err = b.q.InsertLedger(ctx, db.InsertLedgerParams{
			LeadID: b.l.ID, Touch: b.email.Touch, PersonID: b.p.ID, MessageID: id, TextName: b.email.Text,
			ContentID: contentID(reason), Attempt: attempt, At: b.at, MailboxID: mailboxID, SlotAt: slot,
		})
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("touch %s of lead %s is being reserved by another attempt", b.email.Touch, b.l.ID)
	}
	if b.r.Letter, err = b.letter(ctx, reason); err != nil {
		return err
	}
	b.r.Letter.MessageID = id
	if !found && len(b.r.Letter.References) == 0 {
		return nil // the row says so already
	}
	return b.q.SetThread(ctx, db.SetThreadParams{LeadID: b.l.ID, Touch: b.email.Touch, Refs: strings.Join(b.r.Letter.References, " ")})
}

// endOf says how an earlier attempt at a touch ended. One that had begun to send
// and never finished may have been sent: it counts as sent and is not tried again.
func endOf(row db.SendLedger) (sequence.SendStatus, string) {
	switch row.State {
	case "sent":
		return sequence.Sent, ""
	case "reserved":
		return sequence.Unknown, "an earlier attempt began to send and did not finish"
	case "unknown":
		return sequence.Unknown, row.Detail
	case "refused":
		return sequence.Suppressed, row.Detail
	}
	status, detail, _ := strings.Cut(row.Detail, ": ")
	if sequence.SendStatus(status) == sequence.NoAddress {
		return sequence.NoAddress, detail
	}
	return sequence.Failed, detail
}

func contentID(c *db.Content) *uuid.UUID {
	if c == nil {
		return nil
	}
	return &c.ID
}
