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
	Company   string // in signatures and texts
	Domain    string // right-hand side of Message-IDs
	PublicURL string // base of unsubscribe links
}

var _ activities.Ledger = (*Ledger)(nil)

// Reserve takes a touch for this attempt. See activities.Ledger.
func (g *Ledger) Reserve(ctx context.Context, lead string, at time.Time, email sequence.SendEmail) (r activities.Reservation, err error) {
	attempt := uuid.New()
	r = activities.Reservation{Lead: lead, Touch: email.Touch, Attempt: attempt.String()}
	ended := func(status sequence.SendStatus, detail string) {
		r.Ended = &sequence.TouchPerformed{Touch: email.Touch, Status: status, Detail: detail}
	}
	err = g.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		l, err := g.lead(ctx, q, lead)
		if err != nil {
			return err
		}
		p, err := recipient(ctx, q, l, email.To)
		if err != nil {
			return err
		}
		row, err := q.LedgerRow(ctx, db.LedgerRowParams{LeadID: l.ID, Touch: email.Touch})
		found := err == nil
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if found && row.State != "released" {
			status, detail := endOf(row)
			ended(status, detail)
			if row.State == "reserved" {
				return q.MarkUnknown(ctx, db.MarkUnknownParams{Detail: detail, LeadID: l.ID, Touch: email.Touch})
			}
			return nil
		}
		if stopped, err := Suppressed(ctx, q, p); err != nil || stopped {
			ended(sequence.Suppressed, "")
			return err
		}
		if text(p.Email) == "" {
			ended(sequence.NoAddress, "")
			return nil
		}
		var reason *db.Content
		if email.Reason == sequence.ReasonNew {
			c, err := q.UnseenContent(ctx, db.UnseenContentParams{At: at, Source: l.Source, LeadID: l.ID, PersonID: p.ID})
			if errors.Is(err, pgx.ErrNoRows) {
				ended(sequence.NoReason, "")
				return nil
			}
			if err != nil {
				return err
			}
			reason = &c
		}
		messageID := fmt.Sprintf("%s.%s@%s", email.Touch, l.ID, g.Domain)
		var n int64
		if found {
			n, err = q.TakeReleased(ctx, db.TakeReleasedParams{Attempt: attempt, At: at, ContentID: contentID(reason), LeadID: l.ID, Touch: email.Touch})
		} else {
			n, err = q.InsertLedger(ctx, db.InsertLedgerParams{
				LeadID: l.ID, Touch: email.Touch, PersonID: p.ID, MessageID: messageID,
				TextName: email.Text, ContentID: contentID(reason), Attempt: attempt, At: at,
			})
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("touch %s of lead %s is being reserved by another attempt", email.Touch, lead)
		}
		r.Letter, err = g.letter(ctx, q, l, p, email, reason, at)
		r.Letter.MessageID = messageID
		return err
	})
	return r, err
}

// endOf says how an earlier attempt at a touch ended. One that was reserved and
// never finished may have been sent: it counts as sent and is not tried again.
func endOf(row db.SendLedger) (sequence.SendStatus, string) {
	switch row.State {
	case "sent":
		return sequence.Sent, ""
	case "reserved":
		return sequence.Unknown, "an earlier attempt did not finish"
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

// HandOver sends while an opt-out of the recipient has to wait, and records the
// verdict. See activities.Ledger.
func (g *Ledger) HandOver(ctx context.Context, r activities.Reservation, at time.Time, send func(context.Context) activities.Verdict) (v activities.Verdict, err error) {
	lead, errLead := parseID("lead", r.Lead)
	attempt, errAttempt := parseID("attempt", r.Attempt)
	if err := errors.Join(errLead, errAttempt); err != nil {
		return v, err
	}
	err = g.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		if err := lockAddress(ctx, tx, r.Letter.To.Email, shared); err != nil {
			return err
		}
		stands, err := q.ReservationStands(ctx, db.ReservationStandsParams{LeadID: lead, Touch: r.Touch, Attempt: attempt})
		if err != nil {
			return err
		}
		if !stands {
			v = activities.Verdict{Status: sequence.Unknown, Detail: "another attempt took over"}
			return nil
		}
		stopped, err := q.Suppressed(ctx, db.SuppressedParams{
			Email: Hash(r.Letter.To.Email), Domain: Hash(Domain(r.Letter.To.Email)), Phone: []byte{},
		})
		if err != nil {
			return err
		}
		if stopped {
			v = activities.Verdict{Status: sequence.Suppressed}
		} else {
			v = send(ctx)
		}
		end := db.EndLedgerParams{LeadID: lead, Touch: r.Touch, Attempt: attempt, Detail: v.Detail}
		switch v.Status {
		case sequence.Sent:
			end.NewState, end.SentAt = "sent", &at
		case sequence.Unknown:
			end.NewState = "unknown"
		case sequence.Suppressed:
			end.NewState = "refused"
		case sequence.Deferred:
			end.NewState = "released"
		default:
			end.NewState, end.Detail = "failed", string(v.Status)+": "+v.Detail
		}
		_, err = q.EndLedger(context.WithoutCancel(ctx), end)
		return err
	})
	return v, err
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
	keys := []string{strings.ToLower(email)}
	if mode == shared {
		keys = append(keys, Domain(strings.ToLower(email)))
	}
	for _, key := range keys {
		if _, err := tx.Exec(ctx, string(mode), key); err != nil {
			return fmt.Errorf("wait for the address: %w", err)
		}
	}
	return nil
}

// SuppressPerson adds every address of a person to the suppression list and
// takes back what anybody was to do about them, in tx.
func SuppressPerson(ctx context.Context, tx pgx.Tx, q *db.Queries, p db.Person, via string, at time.Time) error {
	if err := lockAddress(ctx, tx, text(p.Email), exclusive); err != nil {
		return err
	}
	if err := q.CancelTasksOfPerson(ctx, db.CancelTasksOfPersonParams{At: &at, PersonID: p.ID}); err != nil {
		return err
	}
	for kind, value := range map[string]string{"email": text(p.Email), "phone": text(p.Phone)} {
		if value == "" {
			continue
		}
		err := q.InsertSuppression(ctx, db.InsertSuppressionParams{
			ID: uuid.New(), Kind: kind, ValueHash: Hash(value), Via: via, PersonID: &p.ID, CreatedAt: at,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
