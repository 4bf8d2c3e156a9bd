package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/intake"
	"github.com/rekindlehq/rekindle/sequence"
)

// PersonBody is how a person comes in.
type PersonBody struct {
	Name    string `json:"name,omitempty" maxLength:"200" doc:"Full name" example:"Ann Lee"`
	Email   string `json:"email,omitempty" maxLength:"254" doc:"Address; this or phone is required" example:"ann@acme.example"`
	Phone   string `json:"phone,omitempty" maxLength:"40" doc:"Number, E.164 or national with country" example:"+493012345678"`
	Account string `json:"account,omitempty" maxLength:"200" doc:"Name of their company" example:"Acme GmbH"`
	Title   string `json:"title,omitempty" maxLength:"200" doc:"Role at the account"`
	Zone    string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA time zone; found from the number where it is missing and clear" example:"Europe/Berlin"`
	Country string `json:"country,omitempty" maxLength:"2" doc:"ISO 3166 alpha-2" example:"DE"`
	Basis   string `json:"basis,omitempty" maxLength:"200" doc:"Legal basis and source of the data (GDPR)" example:"consent: eBook form"`
}

// person checks the body and gives its normal form. Faults name their fields.
func (b PersonBody) person() (door.Person, []Fault) {
	p, found := intake.Person(door.Person{
		Name: b.Name, Email: b.Email, Phone: b.Phone, Account: b.Account, Title: b.Title, Zone: b.Zone, Country: b.Country, Basis: b.Basis,
	})
	var faults []Fault
	for _, f := range found {
		faults = append(faults, Fault{"body." + f.Field, f.Message})
	}
	return p, faults
}

// address is the field by which the person is known.
func (b PersonBody) address() string {
	if b.Email != "" {
		return "body.email"
	}
	return "body.phone"
}

func clean(s string) string { return intake.Clean(s) }

func invalid(faults []Fault) *Problem {
	return problem(422, "not_valid", "the request is not valid", remedyOf(422), faults...)
}

// kindFault checks a kind of engagement against the playbook for new leads.
func (a *API) kindFault(field string, kind sequence.Kind) []Fault {
	return fault(field, intake.Kind(a.Door.Playbook(), kind))
}

func (a *API) occurredFault(at time.Time) []Fault {
	return fault("body.occurred_at", intake.Occurred(at, a.now()))
}

func fault(field, message string) []Fault {
	if message == "" {
		return nil
	}
	return []Fault{{field, message}}
}

var _ huma.StatusError = (*Problem)(nil)
