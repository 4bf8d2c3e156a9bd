package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/rights"
	"github.com/rekindlehq/rekindle/internal/suppression"
)

// Origin says why a lead's person is kept: where they come from and on which basis.
type Origin struct {
	PersonID uuid.UUID   `json:"person_id"`
	Since    time.Time   `json:"since" doc:"Known since"`
	Basis    string      `json:"basis,omitempty" doc:"Legal basis and source, as it was stated first"`
	Erased   bool        `json:"erased,omitempty"`
	Grounds  []KnownFrom `json:"grounds" doc:"Each time that somebody brought them in, the oldest first; up to a hundred"`
}

// KnownFrom is one source of what is known about a person.
type KnownFrom struct {
	Source   string     `json:"source" doc:"Kind of engagement"`
	Detail   string     `json:"detail,omitempty"`
	Basis    string     `json:"basis,omitempty" doc:"As it was stated with it"`
	By       string     `json:"reported_by,omitempty" doc:"Id of the user or key"`
	Reporter string     `json:"reporter,omitempty" doc:"Its name"`
	At       time.Time  `json:"at"`
	Lead     *uuid.UUID `json:"lead_id,omitempty"`
}

// KnownPerson is somebody we know.
type KnownPerson struct {
	ID    uuid.UUID         `json:"person_id"`
	Name  string            `json:"name,omitempty"`
	Email *string           `json:"email,omitempty"`
	Phone *string           `json:"phone,omitempty"`
	Basis string            `json:"basis,omitempty"`
	Since time.Time         `json:"since"`
	Leads []rights.Standing `json:"leads" doc:"Their own, and those in which they are named"`
}

// KnownPeople are those who have an address or number.
type KnownPeople struct {
	People []KnownPerson `json:"people"`
}

// PersonPath is embedded where a route is below a person.
type PersonPath struct {
	ID uuid.UUID `path:"id" doc:"Id of the person"`
}

// ErasureBody asks to forget somebody.
type ErasureBody struct {
	Ground string `json:"ground,omitempty" enum:"request,consent_withdrawn,objection,no_longer_needed,unlawful" default:"request" doc:"Why (GDPR, article 17)"`
}

type exported struct {
	Disposition string `header:"Content-Disposition"`
	Body        rights.Document
}

func (a *API) personsRights() rights.Rights { return rights.Rights{Store: a.Store, Door: a.Door} }

// rights registers what a person may ask of us, and why they are here.
func (a *API) rights(api huma.API) {
	route(api, operation(http.MethodGet, "/leads/{id}/origin", "readOrigin", "Where a lead comes from, and on which basis it is kept", people...), a.origin)
	route(api, operation(http.MethodGet, "/people", "findPeople", "Who has an address or a number, leads and others", managers...), a.findPeople)
	route(api, operation(http.MethodGet, "/people/{id}/export", "exportPerson", "Everything that is known about a person, for them to have (GDPR, articles 15 and 20); that it was asked for is written down", managers...),
		func(ctx context.Context, in *PersonPath) (*exported, error) {
			d, err := a.personsRights().Export(ctx, in.ID, callerOf(ctx).actor())
			return &exported{fmt.Sprintf(`attachment; filename="person-%s.json"`, in.ID), d}, err
		})
	route(api, operation(http.MethodGet, "/people/{id}/erasure", "readErasure", "What erasing a person would remove, or how far it is", managers...),
		func(ctx context.Context, in *PersonPath) (*body[rights.Erasure], error) {
			e, err := a.personsRights().Erasure(ctx, in.ID)
			return reply(e), err
		})
	route(api, operation(http.MethodPost, "/people/{id}/erasure", "erasePerson",
		"Stop all contact with a person at once and forget everything about them but the hashes that keep it so; it cannot be undone", managers...),
		func(ctx context.Context, in *struct {
			PersonPath
			Body ErasureBody
		},
		) (*body[rights.Erasure], error) {
			e, err := a.personsRights().Erase(ctx, in.ID, in.Body.Ground, callerOf(ctx).actor())
			return reply(e), err
		})
}

func (a *API) origin(ctx context.Context, in *LeadPath) (*body[Origin], error) {
	r, err := a.lead(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := a.Store.Person(ctx, r.PersonID)
	if err != nil {
		return nil, fmt.Errorf("read person %s: %w", r.PersonID, postgres.Translate(err))
	}
	rows, err := a.Store.GroundsOf(ctx, r.PersonID)
	o := Origin{PersonID: p.ID, Since: p.CreatedAt, Basis: p.Basis, Erased: p.ErasedAt != nil, Grounds: []KnownFrom{}}
	for _, g := range rows {
		o.Grounds = append(o.Grounds, KnownFrom{g.Kind, g.Detail, g.Basis, g.ReportedBy, g.Reporter, g.OccurredAt, g.LeadID})
	}
	return reply(o), postgres.Translate(err)
}

func (a *API) findPeople(ctx context.Context, in *struct {
	Address string `query:"address" required:"true" minLength:"3" maxLength:"254" doc:"Of mail, or a number with its country" example:"ann@acme.example"`
},
) (*body[KnownPeople], error) {
	kind := postgres.KindPhone
	if strings.Contains(in.Address, "@") {
		kind = postgres.KindEmail
	}
	address, says := suppression.Normal(kind, in.Address)
	if says != "" {
		return nil, invalid([]Fault{{"query.address", says}})
	}
	rows, err := a.Store.PeopleOfAddress(ctx, address)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	all := KnownPeople{People: []KnownPerson{}}
	for _, p := range rows {
		leads, err := a.personsRights().Standing(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		all.People = append(all.People, KnownPerson{p.ID, p.Name, p.Email, p.Phone, p.Basis, p.CreatedAt, leads})
	}
	return reply(all), nil
}
