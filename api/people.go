package api

import (
	"net/mail"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"

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
		case err != nil || address.Name != "" || strings.ContainsAny(b.Email, "<>\r\n") || !isDomain(domainOf(address.Address)):
			fault("email", "is not an email address; write it as ann@acme.example")
		default:
			p.Email = strings.ToLower(address.Address)
		}
	}
	if p.Country != "" {
		var ok bool
		if p.Country, ok = country(p.Country); !ok {
			fault("country", "is not an ISO 3166 country code; write two letters such as DE")
		}
	}
	if p.Zone != "" {
		if _, ok := sequence.LoadZone(p.Zone); !ok {
			fault("time_zone", "is not an IANA time zone; write it as Europe/Berlin")
		}
	}
	if b.Phone != "" {
		number, err := phonenumbers.Parse(b.Phone, p.Country)
		if err == nil {
			p.Phone = phonenumbers.Format(number, phonenumbers.E164)
		}
		if err != nil || !phonenumbers.IsPossibleNumber(number) || len(p.Phone) < len("+123456") || len(p.Phone) > len("+123456789012345") {
			fault("phone", "is not a phone number; write it as +493012345678, or give the country")
			return p, faults
		}
		if p.Country == "" {
			p.Country, _ = country(phonenumbers.GetRegionCodeForNumber(number))
		}
		if zones, err := phonenumbers.GetTimezonesForNumber(number); p.Zone == "" && err == nil && len(zones) == 1 {
			if _, ok := sequence.LoadZone(zones[0]); ok {
				p.Zone = zones[0]
			}
		}
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

// country is the code as ISO 3166 has it today ("UK" becomes "GB"); empty and
// false when there is no such country.
func country(code string) (string, bool) {
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || !region.IsCountry() {
		return "", false
	}
	return region.Canonicalize().String(), true
}

// isDomain tells a domain that mail can be sent to from a bare host name and from
// an address in brackets.
func isDomain(s string) bool { return strings.Contains(s, ".") && !strings.ContainsAny(s, "[]") }

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

func invalid(faults []Fault) *Problem {
	return problem(422, "not_valid", "the request is not valid", remedyOf(422), faults...)
}

// kindFault checks a kind of engagement against the playbook for new leads.
func (a *API) kindFault(field string, kind sequence.Kind) []Fault {
	if _, ok := a.Door.Playbook().Sources[kind]; ok {
		return nil
	}
	return []Fault{{field, "the playbook knows no engagement kind \"" + string(kind) + "\"; it knows " + strings.Join(a.kinds(), ", ")}}
}

var _ huma.StatusError = (*Problem)(nil)
