package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// HandOver sends while an opt-out of the recipient has to wait, and records the
// verdict. See activities.Ledger.
func (g *Ledger) HandOver(ctx context.Context, r activities.Reservation, at time.Time, send func(context.Context, activities.Begin) activities.Verdict) (v activities.Verdict, err error) {
	lead, errLead := parseID("lead", r.Lead)
	attempt, errAttempt := parseID("attempt", r.Attempt)
	if err := errors.Join(errLead, errAttempt); err != nil {
		return v, err
	}
	at = g.now(at)
	err = g.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		if err := lockAddress(ctx, tx, r.Letter.To.Email, shared); err != nil {
			return err
		}
		row, err := q.LedgerRowUnlocked(ctx, db.LedgerRowUnlockedParams{LeadID: lead, Touch: r.Touch})
		if err != nil {
			return err
		}
		if row.State != "reserved" || row.Attempt != attempt {
			return errTakenOver
		}
		stopped, err := mailStopped(ctx, q, row.PersonID, r.Letter.To.Email)
		if err != nil {
			return err
		}
		if stopped {
			v = activities.Verdict{Status: sequence.Suppressed}
		} else {
			v = send(ctx, func(ctx context.Context) error { return g.begin(ctx, tx, row, at) })
		}
		n, err := q.EndLedger(context.WithoutCancel(ctx), ending(row, v, at))
		if err == nil && n == 0 {
			err = errTakenOver
		}
		return err
	})
	if err != nil || r.Letter.Mailbox == "" {
		return v, err
	}
	return g.mailboxSaid(context.WithoutCancel(ctx), r, v, at)
}

// errTakenOver: the touch is another attempt's now, which this one sees by trying
// again.
var errTakenOver = errors.New("another attempt took over")

// begin notes that the message of an attempt goes out. Only while nobody has taken
// the touch over it can, and once it has, nobody does: that is what makes it one
// send, whoever is alive. It is committed at once, beside the transaction that holds
// the address, on a connection that no such transaction takes. That transaction must
// outlive it: had its connection been lost before, somebody may have said stop since.
func (g *Ledger) begin(ctx context.Context, holding pgx.Tx, row db.SendLedger, at time.Time) error {
	if err := holds(ctx, holding); err != nil {
		return err
	}
	n, err := db.New(g.aside).BeginSend(ctx, db.BeginSendParams{At: &at, LeadID: row.LeadID, Touch: row.Touch, Attempt: row.Attempt})
	if err != nil {
		return fmt.Errorf("note that touch %s of lead %s goes out: %w", row.Touch, row.LeadID, err)
	}
	if n == 0 {
		return errTakenOver
	}
	return holds(ctx, holding)
}

// holds reports whether a transaction and what it has locked are still there.
func holds(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("hold the address: %w", err)
	}
	return nil
}

// ending is how a verdict stands in the ledger. A touch that the server did not
// take gives its slot back.
func ending(row db.SendLedger, v activities.Verdict, at time.Time) db.EndLedgerParams {
	end := db.EndLedgerParams{LeadID: row.LeadID, Touch: row.Touch, Attempt: row.Attempt, Detail: v.Detail, SlotAt: row.SlotAt, Subject: v.Subject, Body: v.Body}
	switch v.Status {
	case sequence.Sent:
		end.NewState, end.SentAt = "sent", &at
	case sequence.Unknown:
		end.NewState = "unknown"
	case sequence.Suppressed:
		end.NewState, end.SlotAt = "refused", nil
	case sequence.Deferred:
		end.NewState, end.SlotAt = "released", nil
	default:
		end.NewState, end.Detail = "failed", string(v.Status)+": "+v.Detail
	}
	return end
}

// mailboxSaid draws from a verdict what it says of the mailbox: one that the server
// refuses is parked at once, one that cannot be reached after a few times, one
// whose mail bounces too much by its rate.
func (g *Ledger) mailboxSaid(ctx context.Context, r activities.Reservation, v activities.Verdict, at time.Time) (activities.Verdict, error) {
	id, err := parseID("mailbox", r.Letter.Mailbox)
	if err != nil {
		return v, err
	}
	switch v.Trouble {
	case activities.NoTrouble:
		if err := g.MailboxWorks(ctx, id); err != nil {
			return v, err
		}
		if v.Status == sequence.NoAddress {
			return v, g.CheckMailbox(ctx, id, at)
		}
		return v, nil
	case activities.Unreachable:
		if n, err := g.MailboxFailed(ctx, id); err != nil || n < failuresInARow {
			return v, err
		}
		return g.park(ctx, v, id, ParkedDisconnected, at)
	case activities.LoginRefused:
		return g.park(ctx, v, id, ParkedLogin, at)
	case activities.OverLimit:
		return g.park(ctx, v, id, ParkedLimit, at)
	}
	return v, fmt.Errorf("no such trouble with a mailbox: %q", v.Trouble)
}

func (g *Ledger) park(ctx context.Context, v activities.Verdict, id uuid.UUID, reason string, at time.Time) (activities.Verdict, error) {
	if _, err := g.ParkMailbox(ctx, id, reason, v.Detail, at); err != nil {
		return v, err
	}
	if v.Status == sequence.Deferred {
		v.Why, v.RetryAt = sequence.MailboxParked, at.Add(recheckParked)
	}
	return v, nil
}

type lockMode string

const (
	shared    lockMode = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 7))"
	exclusive lockMode = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7))"
)

// lockAddress holds a mail address, and for senders its domain, against a stop
// until the transaction ends.
func lockAddress(ctx context.Context, tx pgx.Tx, email string, mode lockMode) error {
	if email == "" {
		return nil
	}
	keys := []string{email} // before the domain, as everywhere, so that nobody waits in a circle
	if mode == shared {
		keys = append(keys, Domain(email))
	}
	locks := &pgx.Batch{}
	for _, key := range keys {
		locks.Queue(string(mode), hex.EncodeToString(Hash(key)))
	}
	if err := tx.SendBatch(ctx, locks).Close(); err != nil {
		return fmt.Errorf("wait for the address: %w", err)
	}
	return nil
}
