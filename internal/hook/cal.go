package hook

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The events of Cal.com that mean something here.
const (
	calBooked    = "BOOKING_CREATED"
	calMoved     = "BOOKING_RESCHEDULED"
	calCancelled = "BOOKING_CANCELLED"
	calRejected  = "BOOKING_REJECTED"
	calNoShow    = "BOOKING_NO_SHOW_UPDATED"
)

// Endings are the events after which a booking is no more.
var Endings = []string{calCancelled, calRejected}

// cal is a booking as Cal.com documents it.
type cal struct {
	Event   string `json:"triggerEvent"`
	Payload struct {
		UID         string      `json:"uid"`
		BookingUID  string      `json:"bookingUid"` // where it is about a no-show
		Replaces    string      `json:"rescheduleUid"`
		Start       time.Time   `json:"startTime"`
		Type        string      `json:"type"`
		EventTitle  string      `json:"eventTitle"`
		CancelledBy string      `json:"cancelledBy"`
		Organizer   calPerson   `json:"organizer"`
		Attendees   []calPerson `json:"attendees"`
	} `json:"payload"`
}

type calPerson struct {
	Name   string `json:"name"`
	Email  string `json:"email"`
	Phone  string `json:"phoneNumber"`
	Zone   string `json:"timeZone"`
	NoShow bool   `json:"noShow"`
}

func readCal(body []byte) (Report, error) {
	var in cal
	if err := json.Unmarshal(body, &in); err != nil || in.Event == "" {
		return Report{Event: in.Event}, unknownForm("Cal.com")
	}
	p := in.Payload
	r := Report{Event: in.Event, Subject: p.UID, Replaces: p.Replaces}
	what, ok := map[string]Happening{calBooked: Booked, calMoved: Moved, calCancelled: Cancelled, calNoShow: NoShow}[in.Event]
	if !ok {
		r.Ignored = "nothing comes of this event"
		return r, nil
	}
	if what == NoShow {
		r.Subject = p.BookingUID
		p.Attendees = slices.DeleteFunc(p.Attendees, func(a calPerson) bool { return !a.NoShow })
		if len(p.Attendees) == 0 {
			r.Ignored = "nobody was marked as absent; what was recorded before is taken back on the lead's page"
			return r, nil
		}
	}
	if what == Cancelled && p.CancelledBy != "" && strings.EqualFold(p.CancelledBy, p.Organizer.Email) {
		r.Ignored = "the organiser called it off, who knows what comes next: record that as the outcome"
		return r, nil
	}
	if r.Subject == "" || len(p.Attendees) == 0 || p.Start.IsZero() && what != NoShow {
		return r, unknownForm("Cal.com")
	}
	booker := p.Attendees[0] // the others are guests
	if _, ok := sequence.LoadZone(booker.Zone); !ok {
		booker.Zone = ""
	}
	says := map[string]string{"email": booker.Email, "name": booker.Name, "phone": booker.Phone, "time_zone": booker.Zone, "detail": p.EventTitle}
	if p.EventTitle == "" {
		says["detail"] = p.Type
	}
	paths, values := Mapping{}, map[string]string{}
	for field, text := range says {
		paths[field], values[field] = []string{field}, text
	}
	e, leftOut, err := engaged(said(values, paths, nil))
	r.Booking = &Booking{What: what, Person: e.Person, Detail: e.Detail, At: p.Start.UTC(), Organizer: strings.ToLower(p.Organizer.Email)}
	r.LeftOut = leftOut
	return r, err
}
