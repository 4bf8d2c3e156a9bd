package calendar_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/internal/calendar"
)

var at = time.Date(2026, 3, 5, 15, 0, 0, 0, time.FixedZone("", 3600))

func meeting() calendar.Meeting {
	return calendar.Meeting{
		UID: "lead-1-call-7", Seq: 2, At: at, Stamp: at.AddDate(0, 0, -2), Summary: "Call with Robin Underwood, Seller",
		Organizer: calendar.Person{Name: "Robin Underwood", Email: "robin@seller.example"},
		Attendee:  calendar.Person{Name: "O'Neil, Ada", Email: "ada@quill.example"},
	}
}

// unfolded are the lines of an object whose form is that of RFC 5545, 3.1.
func unfolded(t require.TestingT, object string) []string {
	require.True(t, strings.HasSuffix(object, "\r\n"))
	require.NotContains(t, strings.ReplaceAll(object, "\r\n", ""), "\n")
	require.NotContains(t, strings.ReplaceAll(object, "\r\n", ""), "\r")
	for line := range strings.SplitSeq(object, "\r\n") {
		require.LessOrEqual(t, len(line), 75, line)
		require.True(t, utf8.ValidString(line), "a character is cut: %q", line)
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(object, "\r\n ", ""), "\r\n"), "\r\n")
}

func TestAnInvitationHasWhatRFC5546AsksFor(t *testing.T) {
	require.Equal(t, []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rekindle//EN", "CALSCALE:GREGORIAN", "METHOD:REQUEST",
		"BEGIN:VEVENT", "UID:lead-1-call-7", "SEQUENCE:2", "DTSTAMP:20260303T140000Z", "DTSTART:20260305T140000Z", "DTEND:20260305T143000Z",
		`SUMMARY:Call with Robin Underwood\, Seller`, "ORGANIZER;CN=Robin Underwood:mailto:robin@seller.example",
		`ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="O'Neil, Ada":mailto:ada@quill.example`,
		"STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR",
	}, unfolded(t, calendar.Request(meeting())))
}

func TestACancellationIsOfTheSameMeetingByItsOrganizer(t *testing.T) {
	m := meeting()
	m.SentBy = "kim@seller.example"
	off := unfolded(t, calendar.Cancel(m))
	require.Contains(t, off, "METHOD:CANCEL")
	require.Contains(t, off, "STATUS:CANCELLED")
	require.Contains(t, off, "UID:lead-1-call-7")
	require.Contains(t, off, `ORGANIZER;CN=Robin Underwood;SENT-BY="mailto:kim@seller.example":mailto:robin@seller.example`)
	require.Contains(t, off, `ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;CN="O'Neil, Ada":mailto:ada@quill.example`)
	require.NotContains(t, strings.Join(off, "\n"), "RSVP", "there is nothing to answer")

	m.SentBy = m.Organizer.Email
	require.NotContains(t, calendar.Cancel(m), "SENT-BY")
}

func TestAFeedInvitesNobodyAndSaysHowOftenToLookAgain(t *testing.T) {
	feed := unfolded(t, calendar.Feed("Calls; Robin's", []calendar.Entry{
		{UID: "a", Seq: 1, At: at, Stamp: at, Summary: "Call", Description: "Two\nlines", Tentative: true}, {UID: "b", At: at, Stamp: at, Summary: "Call"},
	}))
	for _, line := range []string{
		"METHOD:PUBLISH", `NAME:Calls\; Robin's`, `X-WR-CALNAME:Calls\; Robin's`, "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M",
		`DESCRIPTION:Two\nlines`, "STATUS:TENTATIVE", "STATUS:CONFIRMED",
	} {
		require.Contains(t, feed, line)
	}
	require.NotContains(t, strings.Join(feed, "\n"), "mailto:")
	require.Equal(t, "BEGIN:VCALENDAR", unfolded(t, calendar.Feed("Nobody's", nil))[0])
}

// Whatever stands in a name or a title: one event, lines that are in form, and the
// text as it was.
func TestNothingInATextBreaksTheObject(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("aß李😀 ,;:\\\"'\n")), 0, 200, -1))
		m := meeting()
		m.Summary, m.Attendee.Name = words.Draw(rt, "summary"), words.Draw(rt, "name")
		object := calendar.Request(m)
		read, err := ics.ParseCalendar(strings.NewReader(object))
		require.NoError(rt, err)
		require.Len(rt, read.Events(), 1)
		require.Equal(rt, "lead-1-call-7", read.Events()[0].Id())
		require.Len(rt, unfolded(rt, object), 17)
		require.Len(rt, read.Events()[0].Attendees(), 1)
		require.Equal(rt, "ada@quill.example", read.Events()[0].Attendees()[0].Email())
	})
}

func TestATextComesOutAsItWentIn(t *testing.T) {
	for _, text := range []string{"Gebrüder Grün, Söhne; und \\ Co", strings.Repeat("李小龍 ", 40), "one\ntwo"} {
		m := meeting()
		m.Summary = text
		read, err := ics.ParseCalendar(strings.NewReader(calendar.Request(m)))
		require.NoError(t, err)
		require.Equal(t, text, ics.FromText(read.Events()[0].GetProperty(ics.ComponentPropertySummary).Value))
	}
}
