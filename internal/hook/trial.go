package hook

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/internal/intake"
)

// Trial is what would be taken from a body, if it came now. Nobody is looked up, and
// nothing is kept.
type Trial struct {
	Event   string              `json:"event,omitempty" doc:"As the service calls it"`
	People  []map[string]string `json:"people" doc:"Whom it would be about: what is taken of each, by the fields of a mapping"`
	Call    *TrialCall          `json:"call,omitempty" doc:"The booked call that it is about"`
	LeftOut []string            `json:"left_out,omitempty" doc:"What cannot be read and is not needed"`
	Ignored string              `json:"ignored,omitempty" doc:"Why nothing would come of it"`
	Reason  string              `json:"reason,omitempty" doc:"Why it would fail"`
	Remedy  string              `json:"remedy,omitempty" doc:"How to mend it"`
	Values  []Value             `json:"values" doc:"What a mapping can name in it, up to 500"`
}

// TrialCall is what happened to a booked call.
type TrialCall struct {
	What Happening `json:"what" enum:"booked,moved,cancelled,no_show"`
	At   time.Time `json:"at,omitzero"`
}

// Value is one thing in a body, and its path.
type Value struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// mostValues are shown of a body, each with as many characters as short leaves.
const mostValues = 500

const remedyOfTrial = "correct the mapping; values lists what it can name, and what is there"

// Try reads a body as if it had come now.
func Try(kind string, m Mapping, body []byte, now time.Time) Trial {
	r, err := Read(kind, m, body)
	t := Trial{Event: r.Event, People: []map[string]string{}, LeftOut: r.LeftOut, Ignored: r.Ignored, Values: []Value{}}
	for _, path := range slices.Sorted(maps.Keys(r.Values)) {
		if len(t.Values) < mostValues {
			t.Values = append(t.Values, Value{path, short(r.Values[path])})
		}
	}
	var wrong Unreadable
	if errors.As(err, &wrong) {
		t.Reason, t.Remedy = wrong.Reason, wrong.Remedy
		if wrong.Remedy == remedyOfMapping {
			t.Remedy = remedyOfTrial
		}
	}
	if err != nil || r.Ignored != "" {
		return t
	}
	if b := r.Booking; b != nil {
		t.Call = &TrialCall{b.What, b.At}
		t.People = append(t.People, taken(Engaged{Person: b.Person, Detail: b.Detail}))
	}
	for _, e := range r.Engaged {
		t.People = append(t.People, taken(e))
		if says := intake.Occurred(e.At, now); says != "" {
			t.Reason, t.Remedy = "occurred_at: "+says, remedyOfTrial
		}
	}
	return t
}

// taken is what is known of somebody, by the fields of a mapping.
func taken(e Engaged) map[string]string {
	p := e.Person
	all := map[string]string{
		"email": p.Email, "phone": p.Phone, "name": p.Name, "account": p.Account, "title": p.Title,
		"country": p.Country, "time_zone": p.Zone, "basis": p.Basis, "detail": e.Detail, "external_id": e.ExternalID,
	}
	if !e.At.IsZero() {
		all["occurred_at"] = e.At.UTC().Format(time.RFC3339)
	}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}
