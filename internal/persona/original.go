package persona

import (
	"bytes"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/jhillyerd/enmime/v2"
)

// original is a letter as its recipient sees it.
type original struct {
	letter      Letter
	messageID   string   // without brackets
	references  []string // without brackets, its own Message-ID last
	from        mail.Address
	to          mail.Address // with the name that the sender knows
	replyTo     string
	subject     string
	text        string
	oneClick    string      // URL, empty where the letter offers none (RFC 8058)
	invitation  *invitation // nil where there is none
	automatic   bool        // by its headers or sender: never answered
	noAutoReply bool        // asks machines not to answer
}

func readOriginal(l Letter) (original, error) {
	e, err := enmime.ReadEnvelope(bytes.NewReader(l.Raw))
	if err != nil {
		return original{}, err
	}
	o := original{
		letter: l, subject: oneLine(e.GetHeader("Subject")), text: strings.ReplaceAll(e.Text, "\r\n", "\n"),
		messageID: strings.Trim(e.GetHeader("Message-Id"), "<> "),
		from:      mail.Address{Address: l.From}, to: mail.Address{Address: l.To},
	}
	for _, id := range strings.Fields(e.GetHeader("References")) {
		o.references = append(o.references, strings.Trim(id, "<>"))
	}
	if o.messageID != "" {
		o.references = append(o.references, o.messageID)
	}
	if from, err := e.AddressList("From"); err == nil {
		o.from = *from[0]
	}
	o.replyTo = o.from.Address
	if to, err := e.AddressList("Reply-To"); err == nil {
		o.replyTo = to[0].Address
	}
	if to, err := e.AddressList("To"); err == nil {
		if i := slices.IndexFunc(to, func(a *mail.Address) bool { return strings.EqualFold(a.Address, l.To) }); i >= 0 {
			o.to.Name = oneLine(to[i].Name)
		}
	}
	o.oneClick = oneClick(e)
	o.invitation = readInvitation(e.Root)
	o.automatic = isAutomatic(l, e)
	suppress := strings.ToLower(e.GetHeader("X-Auto-Response-Suppress"))
	o.noAutoReply = e.GetHeader("List-Id") != "" || strings.Contains(suppress, "all") || strings.Contains(suppress, "oof")
	return o, nil
}

// isAutomatic knows mail that a machine wrote, or that asks not to be answered, by RFC 3834, 2. A List-Unsubscribe
// field alone does not make it so: people and their machines do answer such mail.
func isAutomatic(l Letter, e *enmime.Envelope) bool {
	submitted, _, _ := strings.Cut(strings.ToLower(e.GetHeader("Auto-Submitted")), ";")
	submitted = strings.TrimSpace(submitted)
	local, _, _ := strings.Cut(strings.ToLower(l.From), "@")
	contentType := ""
	if e.Root != nil {
		contentType = e.Root.ContentType
	}
	return l.From == "" || submitted != "" && submitted != "no" ||
		slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, strings.ToLower(strings.TrimSpace(e.GetHeader("Precedence")))) ||
		slices.Contains([]string{"mailer-daemon", "postmaster"}, local) || contentType == "multipart/report"
}

// oneClick finds the URL that RFC 8058 lets one post to.
func oneClick(e *enmime.Envelope) string {
	if !strings.EqualFold(strings.TrimSpace(e.GetHeader("List-Unsubscribe-Post")), "List-Unsubscribe=One-Click") {
		return ""
	}
	for field := range strings.SplitSeq(e.GetHeader("List-Unsubscribe"), ",") {
		url := strings.Trim(strings.TrimSpace(field), "<>")
		if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
			return url
		}
	}
	return ""
}

// invitation is a request to meet (RFC 5546, 3.2.2).
type invitation struct {
	uid, summary string
	sequence     int
	organizer    string // address
	start, end   time.Time
}

func readInvitation(root *enmime.Part) *invitation {
	if root == nil {
		return nil
	}
	part := root.BreadthMatchFirst(func(p *enmime.Part) bool { return p.ContentType == "text/calendar" })
	if part == nil {
		return nil
	}
	calendar, err := ics.ParseCalendar(bytes.NewReader(part.Content))
	if err != nil || len(calendar.Events()) == 0 {
		return nil
	}
	isRequest := slices.ContainsFunc(calendar.CalendarProperties, func(p ics.CalendarProperty) bool {
		return p.IANAToken == string(ics.PropertyMethod) && strings.EqualFold(p.Value, string(ics.MethodRequest))
	})
	event := calendar.Events()[0]
	organizer := event.GetProperty(ics.ComponentPropertyOrganizer)
	start, err := event.GetStartAt()
	if !isRequest || organizer == nil || err != nil {
		return nil
	}
	i := &invitation{uid: event.Id(), start: start, organizer: mailto(organizer.Value)}
	if i.end, err = event.GetEndAt(); err != nil {
		i.end = start.Add(time.Hour)
	}
	if p := event.GetProperty(ics.ComponentPropertySequence); p != nil {
		i.sequence, _ = strconv.Atoi(p.Value) // absent is 0, and so is nonsense
	}
	if p := event.GetProperty(ics.ComponentPropertySummary); p != nil {
		i.summary = oneLine(p.Value)
	}
	return i
}

func mailto(uri string) string {
	if len(uri) > len("mailto:") && strings.EqualFold(uri[:len("mailto:")], "mailto:") {
		return uri[len("mailto:"):]
	}
	return uri
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
