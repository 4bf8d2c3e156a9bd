package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/door"
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
	route(api, operation(http.MethodPost, "/leads/{id}/addresses", "changeAddress", "Another address or number of the lead's person, in place of one that is gone", people...),
		func(ctx context.Context, in *struct {
			LeadPath
			Body AddressBody
		},
		) (*body[AddressChanged], error) {
			r, err := a.lead(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			p, faults := PersonBody{Email: in.Body.Email, Phone: in.Body.Phone, Country: r.Country}.person()
			if len(faults) > 0 {
				return nil, invalid(faults)
			}
			err = a.Door.ChangeAddress(ctx, r.PersonID, p.Email, p.Phone, callerOf(ctx).actor())
			if errors.Is(err, door.ErrAddressTaken) {
				return nil, problem(http.StatusConflict, "address_taken", err.Error(), "check the address, or look for that person's lead", Fault{"body.email", "is another person's"})
			}
			return reply(AddressChanged{"changed"}), err
		})
}
