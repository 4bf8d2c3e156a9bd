package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"iter"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// now is the time on the lead's clock.
var now = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

// begin lets every message out.
func begin(context.Context) error { return nil }

// office is a post office with the world's mail server behind it.
type office struct {
	mail.Post
	t      *testing.T
	server *devmail.Server
}

func newOffice(t *testing.T, hooks devmail.Options) *office {
	t.Helper()
	hooks.Dir = t.TempDir()
	server, err := devmail.New(hooks)
	require.NoError(t, err)
	require.NoError(t, server.Start("127.0.0.1:0"))
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return &office{Post: newPost(t, server.Addr().String()), t: t, server: server}
}

func newPost(t *testing.T, address string) mail.Post {
	t.Helper()
	submission, err := mail.ParseServer("smtp://" + address)
	require.NoError(t, err)
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	library := new(playbooks.Library)
	library.Add(playbook)
	return mail.Post{Server: submission, Playbook: library.Get, PostalAddress: "1 Market Street, Springfield"}
}

func letter(t *testing.T) activities.Letter {
	t.Helper()
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	return activities.Letter{
		Playbook: playbook.ID, Text: "warm/acknowledge", MessageID: "t1.0190f5fe@seller.example", At: now,
		To: activities.Person{Name: "Ada Quill", Email: "ada@quill.example"}, Owner: activities.Person{Name: "Robin Underwood", Email: "robin@seller.example"},
		Company: "Seller", Fields: map[string]string{"FirstName": "Ada", "Source": "info_request", "AskedOn": "1 March"},
		Zone: "America/New_York", OptOutURL: "https://seller.example/unsubscribe/abc",
	}
}

func invitation(t *testing.T, seq int) activities.Letter {
	t.Helper()
	l := letter(t)
	l.Text = "scheduled_call/invitation"
	l.Call = &sequence.CallSlot{UID: "lead-1-call-7", Seq: seq, At: now.Add(time.Duration(24+seq) * time.Hour)}
	return l
}

// send writes and sends a letter.
func (o *office) send(l activities.Letter) activities.Verdict {
	o.t.Helper()
	m, err := o.Write(l)
	require.NoError(o.t, err)
	require.Equal(o.t, l.MessageID, m.ID())
	v := o.Send(o.t.Context(), m, begin)
	require.NotEmpty(o.t, v.Subject, "the ledger keeps under which subject it went out")
	require.NotEmpty(o.t, v.Body)
	v.Subject, v.Body = "", ""
	return v
}

// received is the newest message as the server has it, raw and read.
func (o *office) received() (raw []byte, read *enmime.Envelope) {
	o.t.Helper()
	kept := o.server.Messages("", 1)
	require.Len(o.t, kept, 1)
	raw, err := o.server.Raw(kept[0].ID)
	require.NoError(o.t, err)
	read, err = enmime.ReadEnvelope(bytes.NewReader(raw))
	require.NoError(o.t, err)
	require.Empty(o.t, read.Errors)
	return raw, read
}

// headers lists the names of the header's fields as they stand in the message.
func headers(t *testing.T, raw []byte) (names []string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	for name, values := range m.Header {
		require.Len(t, values, 1, "%s stands there once", name)
		names = append(names, name)
	}
	return names
}

func TestAMailTheServerTakesIsSent(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	require.Equal(t, activities.Verdict{Status: sequence.Sent}, o.send(letter(t)))
	kept := o.server.Messages("", 0)
	require.Len(t, kept, 1)
	require.Equal(t, "robin@seller.example", kept[0].From)
	require.Equal(t, []string{"ada@quill.example"}, kept[0].To)
}

func TestTheServersAnswerDecidesWhatBecomesOfAMail(t *testing.T) {
	answer := func(code, a, b, c int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: "about <ada@quill.example>"}
	}
	atRecipient := func(err error) devmail.Options {
		return devmail.Options{Decide: func(_, _ string) error { return err }}
	}
	atEnd := func(err error) devmail.Options {
		return devmail.Options{AtDataEnd: func(string, []string, []byte) error { return err }}
	}
	for _, c := range []struct {
		name    string
		hooks   devmail.Options
		verdict activities.Verdict
		kept    int
	}{
		{"the address does not exist", atRecipient(answer(550, 5, 1, 1)), activities.Verdict{Status: sequence.NoAddress, Detail: "the mail server said 550 5.1.1"}, 0},
		{"the address is refused by policy", atRecipient(answer(550, 5, 7, 1)), activities.Verdict{Status: sequence.Failed, Detail: "the mail server said 550 5.7.1"}, 0},
		{"greylisted", atRecipient(answer(450, 4, 2, 0)), activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 450 4.2.0", RetryAt: now.Add(15 * time.Minute)}, 0},
		{"no room now", atEnd(answer(452, 4, 3, 1)), activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 452 4.3.1", RetryAt: now.Add(15 * time.Minute)}, 0},
		{"refused for what it says", atEnd(answer(554, 5, 6, 0)), activities.Verdict{Status: sequence.Failed, Detail: "the mail server said 554 5.6.0"}, 0},
		{"it hung up having kept it", atEnd(devmail.ErrHangUpKept), activities.Verdict{Status: sequence.Unknown, Detail: "the connection was lost before the server's answer"}, 1},
		{"it hung up having lost it", atEnd(devmail.ErrHangUpLost), activities.Verdict{Status: sequence.Unknown, Detail: "the connection was lost before the server's answer"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, c.hooks)
			require.Equal(t, c.verdict, o.send(letter(t)))
			require.Len(t, o.server.Messages("", 0), c.kept)
		})
	}
}

func TestAMailForAServerThatIsAwayIsTriedLater(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	require.NoError(t, o.server.Close())
	v := o.send(letter(t))
	require.Equal(t, sequence.Deferred, v.Status)
	require.Equal(t, now.Add(15*time.Minute), v.RetryAt, "on the lead's clock")
	require.NotContains(t, v.Detail, "127.0.0.1")
}

// script is a server that says its lines, one a command, and then hangs up.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		commands := bufio.NewReader(conn)
		for i, line := range lines {
			if i > 0 {
				if _, err := commands.ReadString('\n'); err != nil {
					return
				}
			}
			if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
				return
			}
		}
		_, _ = commands.ReadString('\n')
	}()
	return listener.Addr().String()
}

func TestAConnectionLostBeforeTheMailWentOutMeansLaterAndNotUnknown(t *testing.T) {
	for name, lines := range map[string][]string{
		"at the greeting":  {"421 4.3.2 shutting down"},
		"at the hello":     {"220 hello"},
		"at the sender":    {"220 hello", "250 hello"},
		"at the recipient": {"220 hello", "250 hello", "250 sender"},
		"at the data":      {"220 hello", "250 hello", "250 sender", "250 recipient"},
	} {
		t.Run(name, func(t *testing.T) {
			post := newPost(t, script(t, lines...))
			m, err := post.Write(letter(t))
			require.NoError(t, err)
			v := post.Send(t.Context(), m, begin)
			require.Equal(t, sequence.Deferred, v.Status, v.Detail)
		})
	}
}

func TestNothingGoesOutUnlessItIsNotedFirst(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	m, err := o.Write(letter(t))
	require.NoError(t, err)
	v := o.Send(t.Context(), m, func(context.Context) error { return errors.New("the database is away") })
	require.Equal(t, sequence.Deferred, v.Status)
	require.Equal(t, "it could not be noted that the mail goes out", v.Detail)
	require.Empty(t, o.server.Messages("", 0))
}

func TestAMailHasTheHeadersThatItNeedsAndNoneThatTellsTheSoftware(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	o.send(letter(t))
	raw, read := o.received()
	require.ElementsMatch(t, []string{
		"Date", "From", "To", "Subject", "Message-Id", "Mime-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post",
	}, headers(t, raw))
	require.Equal(t, "<t1.0190f5fe@seller.example>", read.GetHeader("Message-ID"))
	require.Equal(t, "<https://seller.example/unsubscribe/abc>", read.GetHeader("List-Unsubscribe"))
	require.Equal(t, "List-Unsubscribe=One-Click", read.GetHeader("List-Unsubscribe-Post"))
	require.Equal(t, `"Robin Underwood" <robin@seller.example>`, read.GetHeader("From"))
	require.Equal(t, `"Ada Quill" <ada@quill.example>`, read.GetHeader("To"))
	require.Equal(t, "Thank you, from Robin at Seller", read.GetHeader("Subject"))
	date, err := read.Date()
	require.NoError(t, err)
	require.True(t, now.Equal(date))
}

func TestTheSameTouchWrittenAgainHasTheSameMessageID(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	o.send(letter(t))
	o.send(letter(t))
	kept := o.server.Messages("", 0)
	require.Len(t, kept, 2)
	require.Equal(t, kept[0].MessageID, kept[1].MessageID)
}

func TestAMailSaysTheSameInPlainTextAndInHTML(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	l := letter(t)
	l.Text, l.Company = "scheduled_call/invitation", "Seller & <Sons>"
	l.Call = &sequence.CallSlot{UID: "u", At: now.Add(24 * time.Hour)}
	l.CallAt = l.Call.At
	o.send(l)
	_, read := o.received()
	require.Equal(t, "multipart/alternative", read.Root.FirstChild.ContentType)
	require.Contains(t, read.Text, "Hello Ada,")
	require.Contains(t, read.HTML, "<p>Hello Ada,</p>")
	require.Contains(t, read.HTML, "<strong>Tuesday, 3 March at 09:30 EST</strong>", "in the lead's zone")
	for _, part := range []string{read.Text, read.HTML} {
		require.Contains(t, part, "1 Market Street, Springfield")
		require.Contains(t, part, "https://seller.example/unsubscribe/abc")
	}
	require.Contains(t, read.Text, "Seller & <Sons>")
	require.Contains(t, read.HTML, "Seller &amp; &lt;Sons&gt;")
}

func TestNothingInANameOrTitleBecomesAHeaderOrMarkup(t *testing.T) {
	const evil = "Ada\r\nBcc: spy@evil.example\r\n\r\n<script>alert(1)</script>"
	o := newOffice(t, devmail.Options{})
	l := invitation(t, 0)
	l.To.Name, l.Owner.Name, l.Company = evil, evil, evil
	l.Fields["FirstName"], l.Fields["Account"] = evil, evil
	l.Reason = &activities.Content{Title: evil, Summary: evil, URL: "https://seller.example"}
	require.Equal(t, sequence.Sent, o.send(l).Status)
	raw, read := o.received()
	require.NotContains(t, headers(t, raw), "Bcc")
	require.Equal(t, []string{"ada@quill.example"}, o.server.Messages("", 1)[0].To)
	require.NotContains(t, read.HTML, "<script>")
	parsed, err := ics.ParseCalendar(strings.NewReader(calendar(t, read)))
	require.NoError(t, err)
	require.Len(t, parsed.Events(), 1)
	require.NotContains(t, calendar(t, read), "\nBcc:")

	l = letter(t) // whose subject names the company
	l.Company = evil
	o.send(l)
	raw, read = o.received()
	require.NotContains(t, headers(t, raw), "Bcc")
	require.Contains(t, read.GetHeader("Subject"), "Ada Bcc: spy@evil.example")
}

func TestNamesOutsideASCIIAreEncodedAndQuotesSurvive(t *testing.T) {
	for _, name := range []string{"Jürgen Müller-Lüdenscheidt", "李小龍", "Ada \"Addie\" Quill", `Ada \ Quill`, "O'Neil, Ada", "Ada <Quill>", "Quill; Ada: the second"} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, devmail.Options{})
			l := letter(t)
			l.To.Name, l.Owner.Name, l.Company = name, name, "Gebrüder Grün"
			l.Call = &sequence.CallSlot{UID: "u", At: now.Add(24 * time.Hour)}
			l.CallAt = l.Call.At
			require.Equal(t, sequence.Sent, o.send(l).Status)
			raw, read := o.received()
			head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
			for _, b := range head {
				require.Less(t, b, byte(128), "a header is ASCII (RFC 2047)")
			}
			for _, field := range []string{"From", "To"} {
				list, err := read.AddressList(field)
				require.NoError(t, err)
				require.Len(t, list, 1)
				require.Equal(t, name, list[0].Name, field)
			}
			require.Contains(t, read.GetHeader("Subject"), "Gebrüder Grün")
			invited, err := ics.ParseCalendar(strings.NewReader(calendar(t, read)))
			require.NoError(t, err)
			attendees := invited.Events()[0].Attendees()
			require.Len(t, attendees, 1)
			require.Equal(t, []string{strings.NewReplacer(`"`, "'", `\`, "/").Replace(name)}, attendees[0].ICalParameters["CN"])
		})
	}
}

func TestAnAddressThatIsNoneIsRefusedWithoutRepeatingIt(t *testing.T) {
	post := newPost(t, "127.0.0.1:25")
	for _, address := range []string{"", "ada", "ada@quill.example, spy@evil.example", "ada@quill.example\r\nBcc: spy@evil.example"} {
		l := letter(t)
		l.To.Email = address
		_, err := post.Write(l)
		require.EqualError(t, err, "the recipient's address is not valid", address)
	}
}

func TestATextThatDoesNotExistIsRefused(t *testing.T) {
	post := newPost(t, "127.0.0.1:25")
	l := letter(t)
	l.Text = "warm/poem"
	_, err := post.Write(l)
	require.ErrorContains(t, err, `"warm/poem"`)
	l.Playbook = "default-000000000000"
	_, err = post.Write(l)
	require.ErrorContains(t, err, "default-000000000000 is not loaded")
}

// alternatives are the forms in which a mail with a file says the same.
func alternatives(t *testing.T, read *enmime.Envelope) iter.Seq[*enmime.Part] {
	t.Helper()
	require.Equal(t, "multipart/mixed", read.Root.ContentType)
	require.Equal(t, "multipart/alternative", read.Root.FirstChild.ContentType)
	return func(yield func(*enmime.Part) bool) {
		for part := read.Root.FirstChild.FirstChild; part != nil && yield(part); part = part.NextSibling {
		}
	}
}

// calendar is the one part of a mail that a calendar reads.
func calendar(t *testing.T, read *enmime.Envelope) string {
	t.Helper()
	var found []*enmime.Part
	for part := range alternatives(t, read) {
		if part.ContentType == "text/calendar" {
			found = append(found, part)
		}
	}
	require.Len(t, found, 1)
	require.Nil(t, found[0].NextSibling, "the last alternative is the richest (RFC 2046)")
	kind, params, err := mime.ParseMediaType(found[0].Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "text/calendar", kind)
	object := string(found[0].Content)
	require.Contains(t, object, "\r\nMETHOD:"+params["method"]+"\r\n", "it says the same (RFC 6047)")
	require.Equal(t, "UTF-8", params["charset"])
	require.Len(t, read.Attachments, 1)
	require.Equal(t, "invite.ics", read.Attachments[0].FileName)
	require.Equal(t, "application/ics", read.Attachments[0].ContentType)
	require.Equal(t, object, string(read.Attachments[0].Content))
	return object
}

func TestAnInvitationStandsInTheCalendarAndMovesThere(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	var events []*ics.VEvent
	for seq := range 2 {
		require.Equal(t, sequence.Sent, o.send(invitation(t, seq)).Status)
		_, read := o.received()
		body := calendar(t, read)
		require.Contains(t, body, "METHOD:REQUEST\r\n")
		parsed, err := ics.ParseCalendar(strings.NewReader(body))
		require.NoError(t, err)
		require.Len(t, parsed.Events(), 1)
		events = append(events, parsed.Events()[0])
	}
	value := func(e *ics.VEvent, p ics.ComponentProperty) string {
		require.NotNil(t, e.GetProperty(p), p)
		return e.GetProperty(p).Value
	}
	first, moved := events[0], events[1]
	require.Equal(t, "lead-1-call-7", first.Id())
	require.Equal(t, first.Id(), moved.Id(), "the same event")
	require.Equal(t, "0", value(first, ics.ComponentPropertySequence))
	require.Equal(t, "1", value(moved, ics.ComponentPropertySequence), "a newer version of it")
	begins, err := moved.GetStartAt()
	require.NoError(t, err)
	require.True(t, now.Add(25*time.Hour).Equal(begins))
	ends, err := moved.GetEndAt()
	require.NoError(t, err)
	require.Equal(t, mail.CallLength, ends.Sub(begins))
	require.Equal(t, "mailto:robin@seller.example", value(first, ics.ComponentPropertyOrganizer))
	require.Equal(t, "mailto:ada@quill.example", value(first, ics.ComponentPropertyAttendee))
	require.Equal(t, "Call with Robin Underwood, Seller", ics.FromText(value(first, ics.ComponentPropertySummary)))
}

func TestACancellationTakesTheCallOutOfTheCalendar(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	l := letter(t)
	l.Text = "scheduled_call/cancelled"
	l.Cancel = &sequence.CallSlot{UID: "lead-1-call-7", Seq: 2, At: now.Add(24 * time.Hour)}
	l.CallAt = l.Cancel.At
	l.Organizer = &activities.Person{Name: "Kim Overton", Email: "kim@seller.example"}
	require.Equal(t, sequence.Sent, o.send(l).Status)
	_, read := o.received()
	require.Contains(t, read.GetHeader("Subject"), "is called off")
	require.NotEmpty(t, read.GetHeader("List-Unsubscribe"))
	body := calendar(t, read)
	parsed, err := ics.ParseCalendar(strings.NewReader(body))
	require.NoError(t, err)
	require.Contains(t, body, "METHOD:CANCEL\r\n")
	require.Len(t, parsed.Events(), 1)
	event := parsed.Events()[0]
	require.Equal(t, "lead-1-call-7", event.Id())
	require.Equal(t, "2", event.GetProperty(ics.ComponentPropertySequence).Value)
	require.Equal(t, "CANCELLED", event.GetProperty(ics.ComponentPropertyStatus).Value)
	organizer := event.GetProperty(ics.ComponentPropertyOrganizer)
	require.Equal(t, "mailto:kim@seller.example", organizer.Value, "only the organizer can call it off")
	require.Equal(t, []string{"mailto:robin@seller.example"}, organizer.ICalParameters["SENT-BY"])
	require.Equal(t, "ada@quill.example", event.Attendees()[0].Email())
	for line := range strings.SplitSeq(body, "\r\n") {
		require.LessOrEqual(t, len(line), 75)
		require.NotContains(t, line, "\n")
	}
}

func TestTheServersAddressSaysHowToReachIt(t *testing.T) {
	for _, good := range []string{"smtp://127.0.0.1:1025", "smtp://u:p@mail.example", "smtps://u:p@mail.example:465", "smtp://localhost", "smtp://[::1]:25"} {
		_, err := mail.ParseServer(good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"", "mail.example:587", "http://mail.example", "smtp://", "smtp://u:s3cret@:25", "smtp://u:s3cret@host:port"} {
		_, err := mail.ParseServer(bad)
		require.ErrorContains(t, err, "SMTP_URL", bad)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
