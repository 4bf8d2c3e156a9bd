// Package calendar writes what calendars read (RFC 5545): the invitation to a
// call and its cancellation, as they go out by mail (RFC 5546), and the feed of a
// rep's calls. It knows no leads, no mail and no database.
//
// The lines are written here and not by the library that the tests read them
// with: that one puts backslashes into names, where RFC 5545 has none.
package calendar

import "time"

// CallLength is how long an agreed call stands in the calendars.
const CallLength = 30 * time.Minute

// Person is a name and an address.
type Person struct{ Name, Email string }

// Meeting is one state of a meeting that somebody is invited to.
type Meeting struct {
	UID       string
	Seq       int // SEQUENCE: higher in every later state
	At        time.Time
	Stamp     time.Time // when this state was made
	Summary   string
	Organizer Person
	SentBy    string // address of whoever writes for the organizer; empty: they write themself
	Attendee  Person
}

// Request invites to the meeting, or moves it (RFC 5546, 3.2.2).
func Request(m Meeting) string {
	return m.object("REQUEST", "CONFIRMED", param{"CUTYPE", "INDIVIDUAL"}, param{"ROLE", "REQ-PARTICIPANT"},
		param{"PARTSTAT", "NEEDS-ACTION"}, param{"RSVP", "TRUE"})
}

// Cancel calls the meeting off (RFC 5546, 3.2.5).
func Cancel(m Meeting) string {
	return m.object("CANCEL", "CANCELLED", param{"CUTYPE", "INDIVIDUAL"}, param{"ROLE", "REQ-PARTICIPANT"})
}

func (m Meeting) object(method, status string, attendee ...param) string {
	var w lines
	w.begin("VCALENDAR")
	w.head(method)
	w.begin("VEVENT")
	w.event(m.UID, m.Seq, m.At, m.Stamp)
	w.text("SUMMARY", m.Summary)
	organizer := []param{{"CN", m.Organizer.Name}}
	if m.SentBy != "" && m.SentBy != m.Organizer.Email {
		organizer = append(organizer, param{"SENT-BY", "mailto:" + m.SentBy})
	}
	w.line("ORGANIZER", "mailto:"+m.Organizer.Email, organizer...)
	w.line("ATTENDEE", "mailto:"+m.Attendee.Email, append(attendee, param{"CN", m.Attendee.Name})...)
	w.line("STATUS", status)
	w.end("VEVENT")
	w.end("VCALENDAR")
	return w.String()
}
