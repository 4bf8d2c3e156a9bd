package persona

import (
	"net/mail"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// calendarReply answers an invitation as calendar programs do (RFC 5546, 3.2.3 and 3.2.7; RFC 6047).
func (s scene) calendarReply() *message {
	t, i := tongues[s.Language], s.original.invitation
	me := s.me()
	method, status := ics.MethodReply, ics.ParticipationStatusAccepted
	start, end := i.start, i.end
	text := t.invited[s.does] + i.summary
	switch s.does {
	case Decline:
		status = ics.ParticipationStatusDeclined
	case Counter:
		method, status = ics.MethodCounter, ics.ParticipationStatusTentative
		start = nextWorkingDay(start)
		end = start.Add(i.end.Sub(i.start))
		text = t.another + "\n" + t.on(start, 0) + ", " + start.Format("15:04 MST")
	}
	calendar := ics.NewCalendar()
	calendar.SetProductId("-//Example//Calendar//EN")
	calendar.SetMethod(method)
	event := calendar.AddEvent(i.uid)
	event.SetSequence(i.sequence)
	event.SetDtStampTime(s.at)
	event.SetStartAt(start)
	event.SetEndAt(end)
	event.SetSummary(i.summary)
	event.SetOrganizer("mailto:" + i.organizer)
	event.AddAttendee("mailto:"+me.Address, status, ics.WithCN(strings.ReplaceAll(me.Name, `"`, "'")))
	if s.does == Counter {
		event.AddComment(t.another)
	}
	return &message{
		from: me, to: mail.Address{Address: i.organizer}, original: &s.original, subject: t.invited[s.does] + i.summary,
		body: part{kind: "multipart/alternative", parts: []part{
			plain(text + "\n"),
			{kind: "text/calendar", params: map[string]string{"method": string(method)}, text: calendar.Serialize()},
		}},
	}
}

// nextWorkingDay is the same time on it.
func nextWorkingDay(at time.Time) time.Time {
	at = at.AddDate(0, 0, 1)
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}
