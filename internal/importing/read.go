package importing

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/intake"
	"github.com/rekindlehq/rekindle/sequence"
)

// longest is how many characters each field may have, as in the API.
var longest = map[Field]int{
	Name: 200, FirstName: 100, LastName: 99, Email: 254, Phone: 40, Account: 200, Title: 200, Zone: 64, Country: 100,
	Basis: 200, Source: 64, Detail: 500, OccurredAt: 64, Owner: 254, Amount: 64,
}

// reader reads rows by a plan.
type reader struct {
	Plan
	header   []string
	owners   map[string]uuid.UUID // users by their address
	playbook *sequence.Playbook
	now      time.Time
}

func (i Imports) reader(ctx context.Context, header []string, p Plan) (reader, error) {
	r := reader{Plan: p, header: header, owners: map[string]uuid.UUID{}, playbook: i.Door.Playbook(), now: i.Door.Now()}
	users, err := i.Store.Users(ctx)
	if err != nil {
		return r, fmt.Errorf("list the users: %w", err)
	}
	for _, u := range users {
		r.owners[strings.ToLower(u.Email)] = u.ID
	}
	return r, nil
}

// says is what a row tells, by field; what holds for all stands where it tells
// nothing.
func (r reader) says(row csvfile.Row) map[Field]string {
	says := map[Field]string{}
	for f, value := range r.Fixed {
		says[f] = strings.TrimSpace(value)
	}
	for i, f := range r.Columns {
		if cell := strings.TrimSpace(row.Cells[i]); f != "" && cell != "" {
			says[f] = cell
		}
	}
	return says
}

// read gives what the door takes, or what is wrong with the row.
func (r reader) read(row csvfile.Row) (e door.Enrolment, faults []Fault) {
	if row.Fault != "" {
		return e, []Fault{{Message: row.Fault}}
	}
	says := r.says(row)
	fault := func(f Field, message string) {
		if message != "" {
			faults = append(faults, Fault{r.column(f), message})
		}
	}
	for _, f := range Fields {
		if utf8.RuneCountInString(says[f]) > longest[f] {
			fault(f, fmt.Sprintf("is longer than %d characters; shorten it", longest[f]))
		}
	}
	if len(faults) > 0 {
		return e, faults
	}
	p, wrong := intake.Person(door.Person{
		Name: fullName(says), Email: bareAddress(says[Email]), Phone: says[Phone], Account: says[Account], Title: says[Title],
		Zone: says[Zone], Country: countryCode(says[Country]), Basis: says[Basis],
	})
	for _, w := range wrong {
		fault(Field(w.Field), w.Message)
	}
	e.Person = p
	e.Kind, e.Detail = sequence.Kind(strings.ReplaceAll(strings.Join(strings.FieldsFunc(strings.ToLower(says[Source]), notWord), "_"), "__", "_")), intake.Clean(says[Detail])
	fault(Source, intake.Kind(r.playbook, e.Kind))
	if s := says[OccurredAt]; s != "" {
		zone, ok := sequence.LoadZone(p.Zone)
		if !ok || p.Zone == "" {
			zone = time.UTC
		}
		if e.At, ok = instant(s, r.Dates, zone); !ok {
			fault(OccurredAt, "is no date; write it as 2026-03-31 or 2026-03-31 14:30")
		}
		fault(OccurredAt, intake.Occurred(e.At, r.now))
	}
	if s := says[Owner]; s != "" {
		id, ok := r.owners[strings.ToLower(s)]
		if !ok {
			fault(Owner, "is the address of no user; write the address with which the rep signs in, or leave it empty")
		}
		e.Owner = &id
	}
	if s := says[Amount]; s != "" {
		amount, ok := cents(s)
		if !ok {
			fault(Amount, "is no amount; write it as 12000 or 12000.50")
		}
		e.Amount = &amount
	}
	return e, faults
}

// preview is how a row is read, for a person to check.
func (r reader) preview(row csvfile.Row) Reading {
	e, faults := r.read(row)
	v := Reading{Line: row.Line, Says: map[Field]string{}, Faults: faults}
	if len(faults) > 0 {
		if row.Fault == "" {
			v.Says = r.says(row)
		}
		return v
	}
	for f, value := range map[Field]string{
		Name: e.Name, Email: e.Email, Phone: e.Phone, Account: e.Account, Title: e.Title, Zone: e.Zone, Country: e.Country, Basis: e.Basis,
		Source: string(e.Kind), Detail: e.Detail,
	} {
		if value != "" {
			v.Says[f] = value
		}
	}
	if !e.At.IsZero() {
		v.Says[OccurredAt] = e.At.Format("2006-01-02 15:04 MST")
	}
	if e.Amount != nil {
		v.Says[Amount] = fmt.Sprintf("%.2f", float64(*e.Amount)/100)
	}
	for address, id := range r.owners {
		if e.Owner != nil && id == *e.Owner {
			v.Says[Owner] = address
		}
	}
	return v
}

// column is where a field stands: the title of its column, or its name.
func (r reader) column(f Field) string {
	if f == Name && !slices.Contains(r.Columns, Name) {
		f = LastName
	}
	if i := slices.Index(r.Columns, f); i >= 0 && r.header[i] != "" {
		return r.header[i]
	} else if i >= 0 {
		return fmt.Sprintf("column %d", i+1)
	}
	return string(f)
}

func fullName(says map[Field]string) string {
	if says[Name] != "" {
		return says[Name]
	}
	return strings.TrimSpace(says[FirstName] + " " + says[LastName])
}

// bareAddress takes the name away that programs write beside an address.
func bareAddress(s string) string {
	if a, err := mail.ParseAddress(s); err == nil && strings.HasSuffix(s, ">") {
		return a.Address
	}
	return s
}

func notWord(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '/' }

// countries are the names of countries in the languages that lists come in.
var countries = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for _, in := range []display.Namer{display.Regions(language.English), display.Regions(language.German), display.Regions(language.French), display.Regions(language.Spanish)} {
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string([]rune{a, b})
				if region, err := language.ParseRegion(code); err == nil && region.IsCountry() && region.Canonicalize() == region && in.Name(region) != "" {
					names[strings.ToLower(in.Name(region))] = code
				}
			}
		}
	}
	names["usa"], names["uk"], names["england"] = "US", "GB", "GB"
	return names
})

// countryCode is the code of a country that is called by its name.
func countryCode(s string) string {
	if len(s) == 2 {
		return s
	}
	if code, ok := countries()[strings.ToLower(s)]; ok {
		return code
	}
	return s
}
