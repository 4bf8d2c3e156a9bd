package mail

import (
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/calendar"
	"github.com/rekindlehq/rekindle/sequence"
)

// enclose puts the invitation, or the cancellation, into a mail: as an alternative
// that calendars act on (RFC 6047; the method stands in both places), and as a
// file for mail programs that show no such part.
func enclose(m *gomail.Msg, l activities.Letter) error {
	method, object := "REQUEST", ""
	switch {
	case l.Call != nil:
		object = calendar.Request(meeting(l, *l.Call))
	case l.Cancel != nil:
		method, object = "CANCEL", calendar.Cancel(meeting(l, *l.Cancel))
	default:
		return nil
	}
	m.AddAlternativeString(gomail.ContentType("text/calendar; method="+method), object)
	err := m.AttachReader("invite.ics", strings.NewReader(object), gomail.WithFileContentType("application/ics"))
	if err != nil {
		return fmt.Errorf("attach the invitation: %w", err)
	}
	return nil
}

func meeting(l activities.Letter, call sequence.CallSlot) calendar.Meeting {
	organizer := l.Owner
	if l.Organizer != nil {
		organizer = *l.Organizer
	}
	return calendar.Meeting{
		UID: call.UID, Seq: call.Seq, At: call.At, Stamp: l.At, Summary: oneLine("Call with " + organizer.Name + ", " + l.Company),
		Organizer: calendar.Person(organizer), SentBy: l.Owner.Email, Attendee: calendar.Person(l.To),
	}
}
