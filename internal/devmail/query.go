package devmail

import (
	"html/template"
	"net/http"
	"net/url"
)

// query is which messages a list shows: those of one folder of a mailbox, or those whose recipients contain a text.
type query struct {
	To, Mailbox, Folder string
}

func asked(r *http.Request) query {
	q := query{To: r.FormValue("to"), Mailbox: r.FormValue("mailbox"), Folder: inbox}
	if r.FormValue("folder") == sent {
		q.Folder = sent
	}
	return q
}

func (q query) wants(m Message) bool {
	if q.Mailbox != "" && !m.in(mailboxOf(q.Mailbox), q.Folder) {
		return false
	}
	return m.sentTo(q.To)
}

// address is that of the page with what came before a message.
func (q query) address(before string) template.URL {
	v := url.Values{"to": {q.To}, "before": {before}}
	if q.Mailbox != "" {
		v.Set("mailbox", q.Mailbox)
		v.Set("folder", q.Folder)
	}
	return template.URL("?" + v.Encode()) //nolint:gosec // encoded above
}
