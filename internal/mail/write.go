// Package mail writes email touches and hands them to an SMTP server. It knows
// MIME and SMTP; it must not know leads, stages or the database.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/yuin/goldmark"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/calendar"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// CallLength is how long a scheduled call stands in the calendars.
const CallLength = calendar.CallLength

// Post writes letters with the texts of the playbooks and sends them by SMTP.
type Post struct {
	Server Server // the house's, for mailboxes without one of their own
	// Connections are a mailbox's own server and keys; nil where there are no mailboxes.
	Connections   func(ctx context.Context, mailbox string) (mailbox.Connections, error)
	Playbook      func(id string) (*sequence.Playbook, bool)
	PostalAddress string // of the sender, required in commercial mail (CAN-SPAM)
}

var _ activities.Mailer = Post{}

// message is a mail as it goes over the line: the same bytes at every attempt.
type message struct {
	id       string
	at       time.Time
	from, to string // of the envelope
	thread   string // subject of its thread
	body     string // markdown, without signature and frame
	raw      []byte

	connections mailbox.Connections // of the mailbox
	closed      error               // why they cannot be read
}

func (m message) ID() string { return m.id }

// Write makes the message from its text: plain and HTML from one markdown
// source, a stable Message-ID (RFC 5322), one-click unsubscribe (RFC 8058), and
// the invitation or cancellation where there is one (RFC 6047).
func (p Post) Write(l activities.Letter) (activities.Message, error) {
	pb, ok := p.Playbook(l.Playbook)
	if !ok {
		return nil, fmt.Errorf("playbook %s is not loaded", l.Playbook)
	}
	l = withIdentity(l, p.PostalAddress)
	subject, body, err := playbooks.Render(pb, l.Text, fields(l, pb))
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from, err := address(l.From)
	if err != nil {
		return nil, fmt.Errorf("the sender's address is not valid")
	}
	to, err := address(l.To)
	if err != nil {
		return nil, fmt.Errorf("the recipient's address is not valid")
	}
	m.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, from)
	m.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetDateWithValue(l.At)
	thread := subject
	if before := references(l.References); len(before) > 0 {
		thread = cmp.Or(l.Thread, subject)
		subject = "Re: " + thread
		m.SetGenHeader(gomail.HeaderInReplyTo, before[len(before)-1])
		m.SetGenHeader(gomail.HeaderReferences, strings.Join(before, " "))
	}
	m.Subject(subject)
	m.SetGenHeader("List-Unsubscribe", "<"+l.OptOutURL+">")
	m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	plain := body + "\n\n-- \n" + l.Signature + "\n" + l.PostalAddress + "\n\nNo more mail from us: " + l.OptOutURL + "\n"
	m.SetBodyString(gomail.TypeTextPlain, plain)
	html, err := p.html(body, l)
	if err != nil {
		return nil, err
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	if err := enclose(m, l); err != nil {
		return nil, err
	}
	out := message{id: l.MessageID, at: l.At, from: from.Address, to: to.Address, thread: thread, body: body}
	if l.Mailbox != "" && p.Connections != nil {
		out.connections, out.closed = p.Connections(context.Background(), l.Mailbox)
	}
	out.raw, err = seal(m, out.connections.DKIM)
	return out, err
}

// withIdentity fills in how mail is signed where the mailbox does not say.
func withIdentity(l activities.Letter, postal string) activities.Letter {
	if l.From.Email == "" {
		l.From = l.Owner
	}
	l.Signature = cmp.Or(strings.TrimSpace(l.Signature), l.Owner.Name+", "+l.Company)
	l.PostalAddress = cmp.Or(l.PostalAddress, postal)
	return l
}

// references are the ids of a thread as headers have them; those that could end
// the header are left out.
func references(ids []string) []string {
	var all []string
	for _, id := range ids {
		if id != "" && !strings.ContainsAny(id, "<> \r\n\t") {
			all = append(all, "<"+id+">")
		}
	}
	return all
}

// seal renders the message once and for all, and signs it where its mailbox has
// a key (RFC 6376).
func seal(m *gomail.Msg, key *mailbox.DKIM) ([]byte, error) {
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("render the message: %w", err)
	}
	if key == nil {
		return raw.Bytes(), nil
	}
	return sign(raw.Bytes(), *key)
}

// address takes any name; the address itself must be one, and one only.
func address(p activities.Person) (*mail.Address, error) {
	a, err := mail.ParseAddress("<" + p.Email + ">")
	if err != nil {
		return nil, err
	}
	a.Name = oneLine(p.Name)
	return a, nil
}

// oneLine leaves nothing of a name that could begin a line of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func fields(l activities.Letter, pb *sequence.Playbook) playbooks.Fields {
	f := playbooks.Fields{
		FirstName: l.Fields["FirstName"], Account: l.Fields["Account"], AskedOn: l.Fields["AskedOn"],
		Asked:       pb.Sources[sequence.Kind(l.Fields["Source"])].Opener,
		LastSpokeOn: l.Fields["LastSpokeOn"], Owner: firstWord(l.Owner.Name), Company: l.Company,
		Primary: l.Fields["Primary"], Stakeholders: l.Fields["Stakeholders"],
	}
	if f.Asked == "" {
		f.Asked = "were in touch with us"
	}
	if at := l.CallAt; !at.IsZero() {
		zone, ok := sequence.LoadZone(l.Zone)
		if !ok {
			zone, _ = sequence.LoadZone(pb.Zone)
		}
		f.CallAt = at.In(zone).Format("Monday, 2 January at 15:04 MST")
		if abbreviation, _ := at.In(zone).Zone(); strings.ContainsAny(abbreviation, "+-") { // a zone without a name of its own
			f.CallAt = at.In(zone).Format("Monday, 2 January at 15:04") + " UTC" + abbreviation
		}
	}
	if r := l.Reason; r != nil {
		f.Reason = &playbooks.Reason{Title: r.Title, Summary: r.Summary, URL: r.URL}
	}
	return f
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

var frame = template.Must(template.New("mail").Parse(`<!doctype html>
<html><body style="font-family:sans-serif;line-height:1.5;max-width:36em">
{{.Body}}
<p>-- {{range .Signature}}<br>{{.}}{{end}}</p>
<p style="font-size:smaller;color:#555">{{.Postal}}<br><a href="{{.OptOut}}">No more mail from us</a></p>
</body></html>
`))

func (p Post) html(body string, l activities.Letter) (string, error) {
	inner, err := markdown(body)
	if err != nil {
		return "", err
	}
	var whole bytes.Buffer
	err = frame.Execute(&whole, map[string]any{"Body": inner, "Signature": strings.Split(l.Signature, "\n"), "Postal": l.PostalAddress, "OptOut": l.OptOutURL})
	return whole.String(), err
}

func markdown(text string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(text), &out); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // goldmark leaves out raw HTML
}
