package door

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// ErrAddressTaken: the address is another person's. By ChangeAddress.
var ErrAddressTaken = errors.New("this address belongs to somebody else")

// another reports whether an address or number is given that is not the one there is.
func another(was *string, is string) bool { return is != "" && (was == nil || *was != is) }

// Ways are the channels that ChangeAddress would open, anew or for the first time.
// Errors are the same.
func (d *Door) Ways(ctx context.Context, person uuid.UUID, email, phone string) (found []sequence.Channel, err error) {
	p, err := d.Store.Person(ctx, person)
	if err != nil {
		return nil, err
	}
	if p.ErasedAt != nil {
		return nil, ErrErased
	}
	if email = strings.ToLower(email); another(p.Email, email) {
		if _, err := d.Store.PersonByEmail(ctx, &email); err == nil {
			return nil, ErrAddressTaken
		} else if !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
		found = append(found, sequence.ByEmail)
	}
	if another(p.Phone, phone) {
		found = append(found, sequence.ByCall)
	}
	return found, nil
}

// ChangeAddress gives a person another address or number, in place of one that is
// gone; empty leaves it as it is. The former one is kept as a hash: whoever said
// stop under it stays stopped.
func (d *Door) ChangeAddress(ctx context.Context, person uuid.UUID, email, phone, by string) error {
	var messages []db.Dispatch
	now := d.Now()
	err := d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		messages = nil
		p, err := q.PersonToChange(ctx, person)
		if err != nil {
			return err
		}
		if p.ErasedAt != nil {
			return ErrErased
		}
		row := db.SetAddressesParams{ID: person, Email: p.Email, Phone: p.Phone}
		var found []sequence.Channel
		for _, c := range []struct {
			kind    string
			channel sequence.Channel
			is      string
			at      **string
		}{
			{"email", sequence.ByEmail, strings.ToLower(email), &row.Email},
			{"phone", sequence.ByCall, phone, &row.Phone},
		} {
			was := *c.at
			if !another(was, c.is) {
				continue
			}
			if was != nil {
				err := q.KeepFormer(ctx, db.KeepFormerParams{PersonID: person, Kind: c.kind, ValueHash: postgres.Hash(*was), Until: now})
				if err != nil {
					return err
				}
			}
			*c.at = &c.is
			found = append(found, c.channel)
		}
		if len(found) == 0 {
			return nil
		}
		if err := q.SetAddresses(ctx, row); err != nil {
			return err
		}
		lead, err := d.livingLead(ctx, q, person)
		if err != nil || lead == uuid.Nil {
			return err
		}
		for _, channel := range found {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			m, err := tell(ctx, q, lead, workflows.AddressFoundSignal, sequence.AddressFound{By: sequence.By{Actor: by}, ID: id.String(), Channel: channel})
			if err != nil {
				return err
			}
			messages = append(messages, m)
		}
		return nil
	})
	if errors.Is(err, postgres.ErrTaken) {
		return ErrAddressTaken
	}
	if err != nil {
		return err
	}
	d.handNow(ctx, messages)
	return nil
}
