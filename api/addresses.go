package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// AddressBody is another way to reach the lead's person.
type AddressBody struct {
	Email string `json:"email,omitempty" maxLength:"254" doc:"In place of the address there is; stays if left out"`
	Phone string `json:"phone,omitempty" maxLength:"40" doc:"In place of the number there is, E.164; stays if left out"`
}

// AddressChanged says that the person can be reached there from now on.
type AddressChanged struct {
	Status string `json:"status" enum:"changed"`
}

// addresses lets a rep write down where somebody can be reached now. Who said stop
// under the former address stays stopped.
func (a *API) addresses(api huma.API) {
	change := operation(http.MethodPost, "/leads/{id}/addresses", "changeAddress", "Another address or number of the lead's person, in place of one that is gone", people...)
	route(api, change, func(ctx context.Context, in *changed) (*body[AddressChanged], error) {
		r, p, err := a.changed(ctx, in)
		if err == nil {
			err = a.Door.ChangeAddress(ctx, r.PersonID, p.Email, p.Phone, callerOf(ctx).actor())
		}
		return reply(AddressChanged{"changed"}), taken(err)
	})
	route(api, beside(change), func(ctx context.Context, in *changed) (*body[Preview], error) {
		r, p, err := a.changed(ctx, in)
		if err != nil {
			return nil, err
		}
		found, err := a.Door.Ways(ctx, r.PersonID, p.Email, p.Phone)
		if err != nil {
			return nil, taken(err)
		}
		var s supposed
		for _, c := range found {
			if !sequence.Stage(r.Stage).Final() {
				s.events = append(s.events, sequence.AddressFound{By: by(ctx), ID: uuid.Nil.String(), Channel: c})
			}
		}
		return a.preview(ctx, r, s)
	})
}

type changed struct {
	LeadPath
	Body AddressBody
}

func (a *API) changed(ctx context.Context, in *changed) (db.LeadViewRow, door.Person, error) {
	r, err := a.lead(ctx, in.ID)
	if err != nil {
		return r, door.Person{}, err
	}
	p, faults := PersonBody{Email: in.Body.Email, Phone: in.Body.Phone, Country: r.Country}.person()
	if len(faults) > 0 {
		err = invalid(faults)
	}
	return r, p, err
}

func taken(err error) error {
	if errors.Is(err, door.ErrAddressTaken) {
		return problem(http.StatusConflict, "address_taken", err.Error(), "check the address, or look for that person's lead", Fault{"body.email", "is another person's"})
	}
	return err
}
