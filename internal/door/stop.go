package door

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// Stop ends all contact with a person, for every lead of theirs (R72). When it
// returns nil, no send begins any more that the mail server did not already
// have. Temporal is not needed for that: the suppression list alone forbids it.
func (d *Door) Stop(ctx context.Context, person uuid.UUID, via, by string) error {
	return d.StopAnd(ctx, person, via, by, func(*db.Queries) (bool, error) { return true, nil })
}

// StopAnd stops a person and writes down what belongs to it, or nothing of either:
// where also says no, there is nothing to stop.
func (d *Door) StopAnd(ctx context.Context, person uuid.UUID, via, by string, also func(*db.Queries) (bool, error)) error {
	now := d.Now()
	var messages []db.Dispatch
	err := d.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		messages = nil
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", postgres.StopWaits.Milliseconds())); err != nil {
			return err
		}
		p, err := q.Person(ctx, person)
		if err != nil {
			return err
		}
		if stop, err := also(q); err != nil || !stop {
			return err
		}
		if err := postgres.SuppressPerson(ctx, tx, q, p, via, now); err != nil {
			return err
		}
		living, err := q.LivingLead(ctx, person)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		m, err := tell(ctx, q, living.ID, workflows.OptOutSignal, sequence.OptedOut{By: sequence.By{Actor: by}, ID: id.String(), Via: via})
		messages = append(messages, m)
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" {
		return fmt.Errorf("stop person %s: %w: %w", person, postgres.ErrHandingOver, err)
	}
	if err != nil {
		return err
	}
	d.handNow(ctx, messages)
	return nil
}

// StopAddress ends all contact with an address, whether we know whose it is or
// not.
func (d *Door) StopAddress(ctx context.Context, email, via, by string) error {
	email = strings.ToLower(email)
	p, err := d.Store.PersonByEmail(ctx, &email)
	if err == nil {
		return d.Stop(ctx, p.ID, via, by)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return d.Store.InsertSuppression(ctx, db.InsertSuppressionParams{
		ID: uuid.New(), Kind: "email", ValueHash: postgres.Hash(email), Via: via, CreatedAt: d.Now(),
	})
}

// StopDomain ends all contact with every address of a domain.
func (d *Door) StopDomain(ctx context.Context, domain, via, by string) error {
	return d.suppress(ctx, postgres.KindDomain, domain, via, by)
}

// StopNumber ends every call to a number, and all contact with whoever is known by
// nothing else: people share numbers.
func (d *Door) StopNumber(ctx context.Context, number, via, by string) error {
	return d.suppress(ctx, postgres.KindPhone, number, via, by)
}

func (d *Door) suppress(ctx context.Context, kind, value, via, by string) error {
	_, err := d.Store.SuppressAll(ctx, []postgres.Suppression{{Kind: kind, Hash: postgres.Hash(value), Via: via}}, by, d.Now())
	return err
}

// Reply is an answer by mail, by a human or by a machine.
type Reply struct {
	ID        uuid.UUID // the same one counts once; made when nil
	Lead      uuid.UUID // whose mail is answered; the person's own when nil
	Person    uuid.UUID
	Body      string
	Automatic bool      // out of office: pauses, is no engagement (R84)
	Until     time.Time // of an automatic reply that names a date
}

// TakeReply passes an answer on to the lead it belongs to; uuid.Nil when the
// person has none.
func (d *Door) TakeReply(ctx context.Context, r Reply) (lead uuid.UUID, err error) {
	if r.ID == uuid.Nil {
		r.ID = uuid.New()
	}
	var messages []db.Dispatch
	err = d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		messages = nil
		if lead, err = d.leadAnswered(ctx, q, r); err != nil || lead == uuid.Nil {
			return err
		}
		n, err := q.InsertReply(ctx, db.InsertReplyParams{ID: r.ID, LeadID: lead, PersonID: r.Person, Body: r.Body, ReceivedAt: d.Now()})
		if err != nil || n == 0 {
			return err
		}
		l, err := q.Lead(ctx, lead)
		if err != nil {
			return err
		}
		var m db.Dispatch
		if r.Automatic {
			m, err = tell(ctx, q, lead, workflows.AutoReplySignal, sequence.AutoReplyReceived{ID: r.ID.String(), Until: r.Until})
		} else {
			event := sequence.ReplyReceived{ID: r.ID.String()}
			if l.PersonID != r.Person {
				event.From = r.Person.String()
			}
			m, err = tell(ctx, q, lead, workflows.ReplySignal, event)
		}
		messages = append(messages, m)
		return err
	})
	if err != nil {
		return lead, err
	}
	d.handNow(ctx, messages)
	return lead, nil
}

// leadAnswered is the lead whose mail is answered while it lives, else that of the
// person who answers.
func (d *Door) leadAnswered(ctx context.Context, q *db.Queries, r Reply) (uuid.UUID, error) {
	if r.Lead != uuid.Nil {
		l, err := q.Lead(ctx, r.Lead)
		if err != nil || l.Final == nil || !*l.Final {
			return r.Lead, err
		}
	}
	return d.livingLead(ctx, q, r.Person)
}

// AddressGone closes the address of a person that the mail of a lead bounced from:
// no mail goes there any more, for any lead. The same id counts once.
func (d *Door) AddressGone(ctx context.Context, id, lead, person uuid.UUID) error {
	now := d.Now()
	var messages []db.Dispatch
	err := d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		messages = nil
		p, err := q.Person(ctx, person)
		if err != nil || p.Email == nil {
			return err
		}
		err = q.InsertSuppression(ctx, db.InsertSuppressionParams{
			ID: uuid.New(), Kind: "email", ValueHash: postgres.Hash(*p.Email), Via: "bounce", PersonID: &person, CreatedAt: now,
		})
		if err != nil {
			return err
		}
		l, err := q.Lead(ctx, lead)
		if err != nil || l.PersonID != person {
			return err // a stakeholder's: the lead learns of it when it would write there again
		}
		m, err := tell(ctx, q, lead, workflows.AddressFailedSignal, sequence.AddressFailed{ID: id.String(), Channel: sequence.ByEmail})
		messages = append(messages, m)
		return err
	})
	if err != nil {
		return err
	}
	d.handNow(ctx, messages)
	return nil
}
