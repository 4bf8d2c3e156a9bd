// Package intake checks what is said about somebody who comes in, whichever door they
// come through, and gives it its normal form. It knows how addresses, numbers, zones
// and countries are written; it must not know the records or HTTP.
package intake

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/sequence"
)

// Fault is one field at fault, by its name in the API.
type Fault struct{ Field, Message string }

// Person checks somebody and gives their normal form.
func Person(in door.Person) (door.Person, []Fault) {
	var faults []Fault
	fault := func(field, message string) { faults = append(faults, Fault{field, message}) }
	p := door.Person{
		Name: Clean(in.Name), Account: Clean(in.Account), Title: Clean(in.Title), Basis: Clean(in.Basis),
		Country: strings.ToUpper(in.Country), Zone: in.Zone,
	}
	if in.Email == "" && in.Phone == "" {
		fault("email", "an email address or a phone number is required")
	}
	if in.Email != "" {
		address, err := mail.ParseAddress(in.Email)
		switch {
		case err != nil || address.Name != "" || strings.ContainsAny(in.Email, "<>\r\n") || !isDomain(domainOf(address.Address)):
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
	if in.Phone != "" && !number(in.Phone, &p) {
		fault("phone", "is not a phone number; write it as +493012345678, or give the country")
	}
	return p, faults
}

// number reads a phone number, and from it the country and the zone where they are
// missing and clear.
func number(phone string, p *door.Person) bool {
	n, err := phonenumbers.Parse(phone, p.Country)
	if err != nil {
		return false
	}
	p.Phone = phonenumbers.Format(n, phonenumbers.E164)
	if !phonenumbers.IsPossibleNumber(n) || len(p.Phone) < len("+123456") || len(p.Phone) > len("+123456789012345") {
		return false
	}
	if p.Country == "" {
		p.Country, _ = country(phonenumbers.GetRegionCodeForNumber(n))
	}
	if zones, err := phonenumbers.GetTimezonesForNumber(n); p.Zone == "" && err == nil && len(zones) == 1 {
		if _, ok := sequence.LoadZone(zones[0]); ok {
			p.Zone = zones[0]
		}
	}
	return true
}

// Kind checks a kind of engagement against the playbook for new leads; "" is good.
func Kind(pb *sequence.Playbook, kind sequence.Kind) string {
	if _, ok := pb.Sources[kind]; ok {
		return ""
	}
	var known []string
	for _, k := range slices.Sorted(maps.Keys(pb.Sources)) {
		known = append(known, string(k))
	}
	return fmt.Sprintf("the playbook knows no engagement kind %q; it knows %s", kind, strings.Join(known, ", "))
}

// Occurred checks when something happened; "" is good, and the zero time is now.
func Occurred(at, now time.Time) string {
	switch {
	case at.After(now.Add(5 * time.Minute)):
		return "is in the future; leave it out for now"
	case !at.IsZero() && at.Year() < 2000:
		return "is too long ago to be true; check the year"
	}
	return ""
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

// Clean takes control characters out, so that no value can start a new header.
func Clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
}
