package received

import (
	"io"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// CalendarAnswer is an answer to an invitation (RFC 5546 sections 3.2.3, 3.2.7).
type CalendarAnswer struct {
	UID      string
	Answer   string // accepted, declined, tentative, delegated or counter
	Sequence int
	Attendee string    // address of who answers
	Start    time.Time // counter: the start that is proposed; zero when unknown
}

// answeredInvitation reads text/calendar with METHOD REPLY or COUNTER. It reads
// line by line, so that a damaged or truncated calendar still gives what it says.
func (m *Message) answeredInvitation(t *taken) bool {
	part := t.part("text/calendar", "application/ics")
	if part == nil {
		return false
	}
	e := readEvent(t.decoded(part.Content, part.Charset))
	method := e.method
	if method == "" {
		method = strings.ToUpper(part.ContentTypeParams["method"])
	}
	if method == "" {
		method = methodParameter(part.Header.Get("Content-Type"))
	}
	c := &CalendarAnswer{UID: clip(oneLine(e.uid), 500), Sequence: e.sequence}
	attendee, answer := e.answerOf(m.From.Email)
	c.Attendee = address("", attendee).Email
	switch method {
	case "COUNTER":
		c.Answer, c.Start = "counter", e.start
		if e.start.IsZero() {
			t.damage.note("calendar: the proposed start cannot be read")
		}
	case "REPLY":
		if c.Answer = answer; answer == "" {
			c.Answer = answerInSubject(m.Subject)
		}
	default:
		return false
	}
	if c.Answer == "" {
		t.damage.note("calendar: an answer that says neither yes nor no")
		return false
	}
	if c.Attendee == "" {
		c.Attendee = m.From.Email
	}
	m.is(Calendar, "part text/calendar", method+" "+c.Answer)
	m.Calendar = c
	return true
}

var methodIn = lazily(`(?i)\bmethod="?([a-z]+)`)

func methodParameter(contentType string) string {
	if found := methodIn().FindStringSubmatch(contentType); found != nil {
		return strings.ToUpper(found[1])
	}
	return ""
}

// event is what we read of a calendar: its first VEVENT.
type event struct {
	method, uid string
	sequence    int
	attendees   []attendee
	start       time.Time
}

type attendee struct{ email, partstat string }

func readEvent(calendar string) event {
	var e event
	lines := ics.NewCalendarStream(strings.NewReader(clip(readable(calendar), maxText)))
	inEvent, events := false, 0
	for range 10_000 {
		content, err := lines.ReadLine()
		if content != nil {
			if p, bad := ics.ParseProperty(*content); bad == nil && p != nil {
				switch name := strings.ToUpper(p.IANAToken); {
				case name == "BEGIN" && strings.EqualFold(p.Value, "VEVENT"):
					events++
					inEvent = events == 1
				case name == "END" && strings.EqualFold(p.Value, "VEVENT"):
					inEvent = false
				case name == "METHOD" && e.method == "":
					e.method = strings.ToUpper(strings.TrimSpace(p.Value))
				case inEvent:
					e.property(name, p)
				}
			}
		}
		if err != nil {
			if err != io.EOF {
				continue
			}
			break
		}
	}
	return e
}

func (e *event) property(name string, p *ics.BaseProperty) {
	switch name {
	case "UID":
		e.uid = p.Value
	case "SEQUENCE":
		e.sequence, _ = strconv.Atoi(strings.TrimSpace(p.Value))
		e.sequence = max(0, e.sequence)
	case "ATTENDEE":
		email := p.Value
		if len(email) > 7 && strings.EqualFold(email[:7], "mailto:") {
			email = email[7:]
		}
		e.attendees = append(e.attendees, attendee{email, strings.ToUpper(parameter(p, "PARTSTAT"))})
	case "DTSTART":
		e.start = calendarTime(p.Value, parameter(p, "TZID"))
	}
}

func parameter(p *ics.BaseProperty, name string) string {
	for key, values := range p.ICalParameters {
		if strings.EqualFold(key, name) {
			return strings.Trim(first(values), `" `)
		}
	}
	return ""
}

var answers = map[string]string{"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated"}

// answerOf is the answer of the sender, or of the first attendee who gives one.
func (e *event) answerOf(from string) (email, answer string) {
	for _, a := range e.attendees {
		if said := answers[a.partstat]; said != "" && (answer == "" || strings.EqualFold(a.email, from)) {
			email, answer = a.email, said
		}
	}
	if email == "" && len(e.attendees) > 0 {
		email = e.attendees[0].email
	}
	return email, answer
}

var subjectAnswers = []struct{ prefix, answer string }{
	{"accepted:", "accepted"},
	{"zugesagt:", "accepted"},
	{"angenommen:", "accepted"},
	{"accepté", "accepted"},
	{"aceptad", "accepted"},
	{"aceit", "accepted"},
	{"accettat", "accepted"},
	{"geaccepteerd:", "accepted"},
	{"declined:", "declined"},
	{"abgelehnt:", "declined"},
	{"abgesagt:", "declined"},
	{"refusé", "declined"},
	{"rechazad", "declined"},
	{"recusad", "declined"},
	{"rifiutat", "declined"},
	{"geweigerd:", "declined"},
	{"afgewezen:", "declined"},
	{"tentative", "tentative"},
	{"mit vorbehalt", "tentative"},
	{"vorläufig", "tentative"},
	{"provisoire", "tentative"},
	{"provisional", "tentative"},
	{"provisóri", "tentative"},
	{"provvisori", "tentative"},
	{"voorlopig", "tentative"},
}

func answerInSubject(subject string) string {
	subject = judged(subject)
	for _, s := range subjectAnswers {
		if strings.HasPrefix(subject, s.prefix) {
			return s.answer
		}
	}
	return ""
}

// calendarTime reads a DATE-TIME or DATE of RFC 5545. A local time whose zone
// is unknown is no instant: it gives the zero time.
func calendarTime(value, zone string) time.Time {
	value = strings.TrimSpace(value)
	if at, err := time.Parse("20060102T150405Z", value); err == nil {
		return at
	}
	if name, known := windowsZones[zone]; known {
		zone = name
	}
	where, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return time.Time{}
	}
	for _, form := range []string{"20060102T150405", "20060102T1504", "20060102"} {
		if at, err := time.ParseInLocation(form, value, where); err == nil {
			return at
		}
	}
	return time.Time{}
}

// windowsZones are the names that Outlook and Exchange use for the zones most
// of our readers live in, after Unicode CLDR's windowsZones.
var windowsZones = map[string]string{
	"W. Europe Standard Time": "Europe/Berlin", "Romance Standard Time": "Europe/Paris", "Central Europe Standard Time": "Europe/Budapest",
	"Central European Standard Time": "Europe/Warsaw", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"E. Europe Standard Time": "Europe/Chisinau", "FLE Standard Time": "Europe/Kiev", "GTB Standard Time": "Europe/Bucharest", "Turkey Standard Time": "Europe/Istanbul",
	"Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago", "Mountain Standard Time": "America/Denver",
	"US Mountain Standard Time": "America/Phoenix", "Pacific Standard Time": "America/Los_Angeles", "Atlantic Standard Time": "America/Halifax",
	"E. South America Standard Time": "America/Sao_Paulo", "SA Pacific Standard Time": "America/Bogota", "Argentina Standard Time": "America/Buenos_Aires",
	"Central Standard Time (Mexico)": "America/Mexico_City", "Pacific SA Standard Time": "America/Santiago",
	"India Standard Time": "Asia/Kolkata", "China Standard Time": "Asia/Shanghai", "Singapore Standard Time": "Asia/Singapore", "Tokyo Standard Time": "Asia/Tokyo",
	"Arabian Standard Time": "Asia/Dubai", "Israel Standard Time": "Asia/Jerusalem", "South Africa Standard Time": "Africa/Johannesburg",
	"AUS Eastern Standard Time": "Australia/Sydney", "New Zealand Standard Time": "Pacific/Auckland", "UTC": "UTC",
}
