package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/intake"
)

// Report is what a webhook says.
type Report struct {
	Event    string // as the service calls it
	ID       string // of the delivery, where the service gives one in the body
	Subject  string // the booking it is about
	Replaces string // the booking in whose place it stands
	Engaged  []Engaged
	Booking  *Booking
	LeftOut  []string          // what could not be read, and was not needed
	Values   map[string]string // what a mapping can name
	Ignored  string            // why nothing comes of it; empty: something does
}

// Happening is what happened to a booking.
type Happening string

// What happens to bookings.
const (
	Booked    Happening = "booked"
	Moved     Happening = "moved"
	Cancelled Happening = "cancelled"
	NoShow    Happening = "no_show"
)

// Booking is what happened to a booked call.
type Booking struct {
	What      Happening
	Person    door.Person
	Detail    string
	At        time.Time // of the call
	Organizer string    // address of the rep
}

// Unreadable is returned by Read: nothing can be made of the body as it is.
type Unreadable struct{ Reason, Remedy string }

func (u Unreadable) Error() string { return u.Reason }

// Read says what the body of a service means. Errors: Unreadable.
func Read(kind string, m Mapping, body []byte) (Report, error) {
	v, err := decoded(body)
	if err != nil {
		return Report{}, Unreadable{"the body is not one JSON value", "have the service send JSON; its own template may be broken"}
	}
	var r Report
	switch kind {
	case Generic:
		r, err = readGeneric(v, m)
	case Typeform:
		r, err = readTypeform(body, m)
	case Cal:
		r, err = readCal(body)
	case HubSpot:
		r, err = readHubSpot(v, body, m)
	}
	r.Event, r.Subject, r.Replaces = short(r.Event), short(r.Subject), short(r.Replaces)
	return r, err
}

// short is a name of the service as it is kept.
func short(s string) string {
	s = intake.Clean(s)
	return string([]rune(s)[:min(200, len([]rune(s)))])
}

func decoded(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // a phone number stays as it was typed
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func unknownForm(service string) error {
	return Unreadable{"the body is not what " + service + " documents", "let the service send its own payload, without a template; or use a generic source"}
}

// flat gives every text, number and truth of a value by its path.
func flat(v any) map[string]string {
	values := map[string]string{}
	var walk func(path []string, v any)
	walk = func(path []string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(append(path[:len(path):len(path)], name), inner)
			}
		case []any:
			for n, inner := range v {
				walk(append(path[:len(path):len(path)], strconv.Itoa(n)), inner)
			}
		case string:
			values[strings.Join(path, ".")] = v
		case json.Number:
			values[strings.Join(path, ".")] = v.String()
		case bool:
			values[strings.Join(path, ".")] = strconv.FormatBool(v)
		}
	}
	if shallow(v, 32) {
		walk(nil, v)
	}
	return values
}

// shallow reports whether a value is nested no deeper than that: the paths of a deep one
// would take more room than it.
func shallow(v any, depth int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if depth == 0 || !shallow(inner, depth-1) {
				return false
			}
		}
	case []any:
		for _, inner := range v {
			if depth == 0 || !shallow(inner, depth-1) {
				return false
			}
		}
	}
	return true
}

// readGeneric reads any JSON by the mapping of its source.
func readGeneric(v any, m Mapping) (Report, error) {
	values := flat(v)
	r := Report{Event: values["type"], Values: values} // where Standard Webhooks has the name of an event
	e, leftOut, err := engaged(said(values, m, nil))
	r.Engaged, r.LeftOut = []Engaged{e}, leftOut
	return r, err
}
