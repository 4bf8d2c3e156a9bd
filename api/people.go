package api

import (
	"net/mail"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/nyaruka/phonenumbers"

	"github.com/rekindlehq/rekindle/internal/door"
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
	var faults []Fault
	fault := func(field, message string) { faults = append(faults, Fault{"body." + field, message}) }
	p := door.Person{
		Name: clean(b.Name), Account: clean(b.Account), Title: clean(b.Title), Basis: clean(b.Basis),
		Country: strings.ToUpper(b.Country), Zone: b.Zone,
	}
	if b.Email == "" && b.Phone == "" {
		fault("email", "an email address or a phone number is required")
	}
	if b.Email != "" {
		address, err := mail.ParseAddress(b.Email)
		switch {
		case err != nil || address.Name != "" || strings.ContainsAny(b.Email, "<>\r\n") || !strings.Contains(domainOf(b.Email), "."):
			fault("email", "is not an email address; write it as ann@acme.example")
		default:
			p.Email = strings.ToLower(address.Address)
		}
	}
	if p.Country != "" && !twoLetters(p.Country) {
		fault("country", "is not an ISO 3166 country code; write two letters such as DE")
		p.Country = ""
	}
	if p.Zone != "" {
		if _, ok := sequence.LoadZone(p.Zone); !ok {
			fault("time_zone", "is not an IANA time zone; write it as Europe/Berlin")
		}
	}
	if b.Phone != "" {
		number, err := phonenumbers.Parse(b.Phone, p.Country)
		if err != nil || !phonenumbers.IsPossibleNumber(number) {
			fault("phone", "is not a phone number; write it as +493012345678, or give the country")
			return p, faults
		}
		p.Phone = phonenumbers.Format(number, phonenumbers.E164)
		if p.Country == "" {
			p.Country = knownRegion(phonenumbers.GetRegionCodeForNumber(number))
		}
		if zones, err := phonenumbers.GetTimezonesForNumber(number); p.Zone == "" && err == nil && len(zones) == 1 {
			if _, ok := sequence.LoadZone(zones[0]); ok {
				p.Zone = zones[0]
			}
		}
	}
	return p, faults
}

func knownRegion(region string) string {
	if twoLetters(region) && region != "ZZ" {
		return region
	}
	return ""
}

func twoLetters(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func domainOf(email string) string { return email[strings.LastIndex(email, "@")+1:] }

// clean takes control characters out, so that no value can start a new header.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
}

func invalid(faults []Fault) error {
	return problem(422, "not_valid", "the request is not valid", remedyOf(422), faults...)
}

// kindFault checks an engagement kind against the playbook for new leads.
func (a *API) kindFault(kind sequence.Kind) []Fault {
	if _, ok := a.Door.Playbook.Sources[kind]; ok {
		return nil
	}
	return []Fault{{"body.kind", "the playbook knows no engagement kind \"" + string(kind) + "\"; it knows " + strings.Join(a.kinds(), ", ")}}
}

var _ huma.StatusError = (*Problem)(nil)
