package door

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// ErrSelf: the lead was named as a stakeholder of their own decision.
var ErrSelf = errors.New("the lead cannot be their own stakeholder")

// KnownStakeholder is who NameStakeholder would write down, if they are known;
// uuid.Nil for somebody new. Errors are the same.
func (d *Door) KnownStakeholder(ctx context.Context, lead uuid.UUID, in Person) (uuid.UUID, error) {
	p, err := known(ctx, d.Store.Queries, in)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return uuid.Nil, nil
	case err == nil && p.ID == lead:
		return uuid.Nil, ErrSelf
	}
	return p.ID, err
}

// NameStakeholder writes down another person at a lead's account; the same
// person named again is the same stakeholder, and not new.
func (d *Door) NameStakeholder(ctx context.Context, lead uuid.UUID, account *uuid.UUID, in Person, by string) (id uuid.UUID, isNew bool, err error) {
	err = d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		p, err := d.person(ctx, q, in)
		if err != nil {
			return err
		}
		l, err := q.Lead(ctx, lead)
		if err != nil {
			return err
		}
		if l.PersonID == p.ID {
			return ErrSelf
		}
		id = p.ID
		if account != nil && p.AccountID == nil {
			err := q.CompletePerson(ctx, db.CompletePersonParams{AccountID: account, ID: p.ID})
			if err != nil {
				return err
			}
		}
		n, err := q.InsertStakeholder(ctx, db.InsertStakeholderParams{LeadID: lead, PersonID: p.ID, NamedAt: d.Now(), NamedBy: by})
		isNew = n > 0
		return err
	})
	return id, isNew, err
}
