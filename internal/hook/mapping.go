package hook

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/intake"
)

// Mapping says from which fields of a body what is known comes; several are joined by a
// blank. A field is named by its path, with a point between the names and lists counted
// from 0: data.contact.email, items.0.name.
type Mapping map[string][]string

// fields are what can be said of somebody, and how long it may be.
var fields = map[string]int{
	"email": 254, "phone": 40, "name": 200, "account": 200, "title": 200, "country": 2, "time_zone": 64, "basis": 200,
	"detail": 500, "occurred_at": 64, "external_id": 200,
}

// Fields are the names of what a mapping can say, in their order.
func Fields() []string { return slices.Sorted(maps.Keys(fields)) }

// Faults say what is wrong with a mapping.
func (m Mapping) Faults() (says []string) {
	for _, field := range slices.Sorted(maps.Keys(m)) {
		if _, ok := fields[field]; !ok {
			says = append(says, "has "+quoted(field)+", which is none of "+strings.Join(Fields(), ", "))
		}
		if len(m[field]) == 0 || len(m[field]) > 10 || slices.Contains(m[field], "") {
			says = append(says, "names no field, or too many, for "+quoted(field))
		}
	}
	return says
}

func quoted(s string) string { return `"` + intake.Clean(s) + `"` }

// ways are the fields of a service in which something usually is: the first that is
// there counts.
type ways map[string][][]string

// said is what a body says, by the mapping where it names a field, else as usual.
func said(values map[string]string, m Mapping, usual ways) map[string]string {
	found := map[string]string{}
	for field, most := range fields {
		tries := usual[field]
		if paths, ok := m[field]; ok {
			tries = [][]string{paths}
		}
		for _, paths := range tries {
			if text := joined(values, paths, most); text != "" {
				found[field] = text
				break
			}
		}
	}
	return found
}

func joined(values map[string]string, paths []string, most int) string {
	var parts []string
	for _, path := range paths {
		if v := intake.Clean(values[path]); v != "" {
			parts = append(parts, v)
		}
	}
	text := strings.Join(parts, " ")
	if runes := []rune(text); len(runes) > most && most >= 200 && most != 254 { // prose is cut, an address never
		text = string(runes[:most])
	}
	return text
}

// Engaged is something that somebody did.
type Engaged struct {
	Person     door.Person
	Detail     string
	At         time.Time // zero: when it came
	ExternalID string    // in the service; empty: the delivery's
}

// engaged checks what is said of somebody. Whoever is known by an address is not turned
// away for a number, a country or a zone that nobody can read: it is left out, and said.
func engaged(says map[string]string) (e Engaged, leftOut []string, err error) {
	in := door.Person{
		Name: says["name"], Email: says["email"], Phone: says["phone"], Account: says["account"], Title: says["title"],
		Country: says["country"], Zone: says["time_zone"], Basis: says["basis"],
	}
	p, faults := intake.Person(in)
	for _, f := range faults {
		switch {
		case f.Field == "phone" && in.Email != "":
			in.Phone = ""
		case f.Field == "country":
			in.Country = ""
		case f.Field == "time_zone":
			in.Zone = ""
		default:
			return e, nil, Unreadable{f.Field + ": " + f.Message, remedyOfMapping}
		}
		leftOut = append(leftOut, f.Field+" "+f.Message)
	}
	if len(leftOut) > 0 {
		if p, faults = intake.Person(in); len(faults) > 0 {
			return e, nil, Unreadable{faults[0].Field + ": " + faults[0].Message, remedyOfMapping}
		}
	}
	if len(p.Email) > fields["email"] {
		return e, nil, Unreadable{"email: is longer than any address", remedyOfMapping}
	}
	e = Engaged{Person: p, Detail: says["detail"], ExternalID: says["external_id"]}
	if text := says["occurred_at"]; text != "" {
		if e.At, err = time.Parse(time.RFC3339, text); err != nil {
			e.At, err = time.Time{}, nil
			leftOut = append(leftOut, "occurred_at is not a time such as 2026-11-24T08:00:00Z")
		}
	}
	return e, leftOut, err
}

const remedyOfMapping = "look at what came, correct the mapping of the source, and process it again"
