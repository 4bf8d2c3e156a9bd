package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// The reasons for which a mailbox is parked.
const (
	ParkedLogin        = "login"          // the server refuses it
	ParkedDisconnected = "disconnected"   // the server cannot be reached
	ParkedLimit        = "provider_limit" // the provider takes no more for now
	ParkedBounces      = "bounces"
	ParkedComplaints   = "complaints"
	ParkedByHand       = "manual"
)

// What a mailbox may not exceed over the last week, from when it was last
// resumed (Gmail and Yahoo sender rules).
const (
	healthPeriod    = 7 * 24 * time.Hour
	healthSample    = 20 // sends below which bounces say nothing
	mostBounces     = 5  // in a hundred sends
	mostComplaints  = 1  // in a thousand sends
	recheckParked   = 24 * time.Hour
	failuresInARow  = 3
	overheardBefore = time.Hour // gaps reach back over midnight
)

// Mailboxes lists them by name. Secrets stay sealed unless seal opens them;
// an error of a mailbox whose secrets no key opens wraps mailbox.ErrSealed.
func (s *Store) Mailboxes(ctx context.Context, seal mailbox.Seal) ([]mailbox.Mailbox, error) {
	rows, err := s.MailboxRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the mailboxes: %w", err)
	}
	var all []mailbox.Mailbox
	for _, row := range rows {
		m, err := MailboxOf(row)
		if err != nil {
			return nil, err
		}
		if m.Connections, err = seal.Open(row.ID, row.Sealed); err != nil {
			return nil, fmt.Errorf("open mailbox %s: %w", row.Name, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// MailboxOf is a row without its secrets.
func MailboxOf(row db.Mailbox) (mailbox.Mailbox, error) {
	m := mailbox.Mailbox{
		ID: row.ID, Name: row.Name, Address: row.Address, Sender: row.Sender, User: row.UserID, Inquiries: row.Inquiries,
		Signature: row.Signature, PostalAddress: row.PostalAddress,
		Limits: mailbox.Limits{
			Daily: int(row.DailyLimit), Gap: time.Duration(row.GapSeconds) * time.Second,
			RampFrom: int(row.RampFrom), RampStep: int(row.RampStep),
		},
	}
	if row.RampSince != nil {
		m.Limits.RampSince = *row.RampSince
	}
	var ok bool
	if m.Limits.Zone, ok = sequence.LoadZone(row.Zone); !ok {
		return m, fmt.Errorf("mailbox %s: there is no time zone %q", row.Name, row.Zone)
	}
	if row.Hours != "" {
		if err := m.Limits.Hours.UnmarshalText([]byte(row.Hours)); err != nil {
			return m, fmt.Errorf("mailbox %s: %w", row.Name, err)
		}
	}
	return m, nil
}

// ParkMailbox stops a mailbox and tells the managers; false when it is parked
// already. Its leads wait with that reason and lose nothing.
func (s *Store) ParkMailbox(ctx context.Context, id uuid.UUID, reason, detail string, at time.Time) (parked bool, err error) {
	err = s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.LockMailbox(ctx, id)
		if err != nil {
			return err
		}
		n, err := q.ParkMailbox(ctx, db.ParkMailboxParams{ID: id, Reason: reason, Detail: detail, At: &at})
		if err != nil || n == 0 {
			return err
		}
		parked = true
		if err := q.LoseSlots(ctx, &id); err != nil {
			return err
		}
		return q.NotifyManagers(ctx, db.NotifyManagersParams{
			ID: derived("parked", id, at.UnixNano()), At: at,
			About: fmt.Sprintf("the mailbox %s is parked (%s): %s", row.Name, reason, detail),
		})
	})
	return parked, err
}

// ResumeMailbox lets a parked mailbox send again. The touches that wait for it get
// slots within its limits, the most valuable leads first; how many is returned.
func (s *Store) ResumeMailbox(ctx context.Context, id uuid.UUID, at time.Time) (waiting int, err error) {
	err = s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.LockMailbox(ctx, id)
		if err != nil {
			return err
		}
		if n, err := q.ResumeMailbox(ctx, db.ResumeMailboxParams{ID: id, At: &at}); err != nil || n == 0 {
			return err
		}
		m, err := MailboxOf(row)
		if err != nil {
			return err
		}
		book, _, err := openBook(ctx, q, m, db.Lead{}, "", at)
		if err != nil {
			return err
		}
		touches, err := q.WaitingForMailbox(ctx, &id)
		if err != nil {
			return err
		}
		slot := at
		for _, t := range touches {
			var ok bool
			if slot, ok = book.Next(slot); !ok {
				return fmt.Errorf("mailbox %s has no free slot within a year", row.Name)
			}
			book.Give(slot)
			if err := q.GiveSlot(ctx, db.GiveSlotParams{SlotAt: &slot, LeadID: t.LeadID, Touch: t.Touch}); err != nil {
				return err
			}
			if err := leave(ctx, q, []uuid.UUID{t.LeadID}, workflows.SlotSignal, sequence.SlotGiven{Touch: t.Touch, At: slot}); err != nil {
				return err
			}
		}
		waiting = len(touches)
		return nil
	})
	return waiting, err
}

// openBook reads the slots of a mailbox that are given out, but for the touch's
// own: all of them, and those that were used.
func openBook(ctx context.Context, q *db.Queries, m mailbox.Mailbox, l db.Lead, touch string, at time.Time) (all, used *mailbox.Book, err error) {
	since := m.Limits.DayOf(at).Add(-m.Limits.Gap - overheardBefore)
	slots, err := q.GivenSlots(ctx, db.GivenSlotsParams{MailboxID: &m.ID, Since: &since, LeadID: l.ID, Touch: touch, At: &at})
	if err != nil {
		return nil, nil, fmt.Errorf("read the slots of mailbox %s: %w", m.Name, err)
	}
	var given, taken []time.Time
	for _, s := range slots {
		given = append(given, s.At)
		if s.Used {
			taken = append(taken, s.At)
		}
	}
	return m.Limits.Book(given), m.Limits.Book(taken), nil
}

// CheckMailbox parks a mailbox whose mail bounces or is complained about too much.
func (s *Store) CheckMailbox(ctx context.Context, id uuid.UUID, at time.Time) error {
	row, err := s.MailboxRow(ctx, id)
	if err != nil || row.Parked != "" {
		return err
	}
	since := at.Add(-healthPeriod)
	if row.HealthySince != nil && row.HealthySince.After(since) {
		since = *row.HealthySince
	}
	h, err := s.MailboxHealth(ctx, db.MailboxHealthParams{MailboxID: &id, Since: &since})
	if err != nil {
		return err
	}
	switch {
	case h.Complaints > 0 && h.Complaints*1000 >= mostComplaints*h.Sends:
		_, err = s.ParkMailbox(ctx, id, ParkedComplaints, fmt.Sprintf("%d complaints about %d mails of the last week", h.Complaints, h.Sends), at)
	case h.Sends >= healthSample && h.Bounces*100 >= mostBounces*h.Sends:
		_, err = s.ParkMailbox(ctx, id, ParkedBounces, fmt.Sprintf("%d of %d mails of the last week bounced", h.Bounces, h.Sends), at)
	}
	return err
}

// mailboxFor is the mailbox a touch goes out from: the one that the playbook names,
// else the lead's own. Nil when there is none: then mail goes out from the owner's
// address through the house's server, without limits.
func mailboxFor(ctx context.Context, q *db.Queries, l db.Lead, by string, at time.Time) (*uuid.UUID, error) {
	var id uuid.UUID
	var err error
	if by != "" {
		id, err = q.MailboxNamed(ctx, by)
	} else {
		since := at.Add(-24 * time.Hour)
		id, err = q.MailboxFor(ctx, db.MailboxForParams{LeadID: l.ID, Since: &since})
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is none, which is no error
	}
	return &id, err
}
