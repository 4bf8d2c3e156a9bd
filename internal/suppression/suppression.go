// Package suppression reads and writes the suppression list as CSV, and brings what
// people write down into the form in which it is hashed. It knows addresses,
// domains and numbers; it must not know leads, HTTP or SQL.
package suppression

import (
	"net/mail"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"

	"github.com/rekindlehq/rekindle/internal/postgres"
)

// Imported is how an entry came whose list does not say it.
const Imported = "import"

var (
	viaForm    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// Normal is a value in the form in which it is hashed; says tells what is wrong
// with one that has none.
func Normal(kind, value string) (normal, says string) {
	value = strings.TrimSpace(value)
	switch kind {
	case postgres.KindEmail:
		a, err := mail.ParseAddress(value)
		if err != nil || a.Name != "" || len(value) > 254 || strings.ContainsAny(value, "<>()\r\n") || !domainForm.MatchString(ascii(postgres.Domain(a.Address))) {
			return "", "is not an email address; write it as ann@acme.example"
		}
		return strings.ToLower(a.Address), ""
	case postgres.KindDomain:
		domain := strings.ToLower(strings.TrimPrefix(value, "@"))
		if len(domain) > 253 || !domainForm.MatchString(ascii(domain)) {
			return "", "is not a domain; write it as acme.example"
		}
		return domain, ""
	case postgres.KindPhone:
		number, err := phonenumbers.Parse(value, "")
		if err != nil || !phonenumbers.IsPossibleNumber(number) {
			return "", "is not a phone number; write it with its country, as +493012345678"
		}
		return phonenumbers.Format(number, phonenumbers.E164), ""
	}
	return "", "is of no kind that there is; write email, domain or phone"
}

// ascii is a domain as the DNS has it (RFC 5891).
func ascii(domain string) string {
	a, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return ""
	}
	return a
}
