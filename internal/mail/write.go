// Package mail writes email touches and hands them to an SMTP server. It knows
// MIME and SMTP; it must not know leads, stages or the database.
package mail

import (
	"bytes"
	"fmt"
	"html/template"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/yuin/goldmark"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/calendar"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// CallLength is how long a scheduled call stands in the calendars.
const CallLength = calendar.CallLength

// Post writes letters with the texts of the playbooks and sends them by SMTP.
type Post struct {
	Server        Server
	Playbook      func(id string) (*sequence.Playbook, bool)
	PostalAddress string // of the sender, required in commercial mail (CAN-SPAM)
}

var _ activities.Mailer = Post{}

type message struct {
	*gomail.Msg
	id string
	at time.Time
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
	subject, body, err := playbooks.Render(pb, l.Text, fields(l, pb))
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from, err := address(l.Owner)
	if err != nil {
		return nil, fmt.Errorf("the owner's address is not valid")
	}
	to, err := address(l.To)
	if err != nil {
		return nil, fmt.Errorf("the recipient's address is not valid")
	}
	m.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, from)
	m.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetDateWithValue(l.At)
	m.Subject(subject)
	m.SetGenHeader("List-Unsubscribe", "<"+l.OptOutURL+">")
	m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	plain := body + "\n\n-- \n" + l.Owner.Name + ", " + l.Company + "\n" + p.PostalAddress +
		"\n\nNo more mail from us: " + l.OptOutURL + "\n"
	m.SetBodyString(gomail.TypeTextPlain, plain)
	html, err := p.html(body, l)
	if err != nil {
		return nil, err
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	if err := enclose(m, l); err != nil {
		return nil, err
	}
	return message{m, l.MessageID, l.At}, nil
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
<p>-- <br>{{.Owner}}, {{.Company}}</p>
<p style="font-size:smaller;color:#555">{{.Postal}}<br><a href="{{.OptOut}}">No more mail from us</a></p>
</body></html>
`))

func (p Post) html(body string, l activities.Letter) (string, error) {
	var inner, whole bytes.Buffer
	if err := goldmark.Convert([]byte(body), &inner); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	err := frame.Execute(&whole, map[string]any{
		"Body":  template.HTML(inner.String()), //nolint:gosec // goldmark leaves out raw HTML
		"Owner": l.Owner.Name, "Company": l.Company, "Postal": p.PostalAddress, "OptOut": l.OptOutURL,
	})
	return whole.String(), err
}
