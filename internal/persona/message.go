package persona

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// message is an answer before it is sent.
type message struct {
	from, to mail.Address
	subject  string
	original *original         // which it answers in a thread, nil for reports
	fields   map[string]string // further fields of the header
	body     part
}

// part is a MIME part; one with parts of its own is a multipart.
type part struct {
	kind   string // such as text/plain
	params map[string]string
	text   string
	parts  []part
}

func plain(text string) part { return part{kind: "text/plain", text: text} }

// deliver writes the message as it lies in the mailbox of its recipient: with the traces of its way (RFC 5321, 4.4).
func (m message) deliver(a Answer, id string) ([]byte, error) {
	var out bytes.Buffer
	host := "mx." + strings.TrimPrefix(domain(m.from.Address), "mx.")
	fmt.Fprintf(&out, "Return-Path: <%s>\r\n", a.From)
	fmt.Fprintf(&out, "Received: from %s (%s [192.0.2.25]) by rekindle.localhost\r\n\twith ESMTPS id %s for <%s>;\r\n\t%s\r\n",
		host, host, id[:12], a.To, a.At.Format(time.RFC1123Z))
	var h mail.Header
	for _, name := range sortedKeys(m.fields) {
		h.Set(name, m.fields[name])
	}
	m.body.describe(&h.Header, id)
	if o := m.original; o != nil && o.messageID != "" {
		h.SetMsgIDList("References", o.references)
		h.SetMsgIDList("In-Reply-To", []string{o.messageID})
	}
	h.SetMessageID(id + "@" + domain(m.from.Address))
	h.SetSubject(m.subject)
	h.SetDate(a.At)
	h.SetAddressList("To", []*mail.Address{&m.to})
	h.SetAddressList("From", []*mail.Address{&m.from})
	w, err := gomessage.CreateWriter(&out, h.Header)
	if err != nil {
		return nil, err
	}
	if err := m.body.write(w, id); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// describe sets the fields of a part. Boundaries follow from the message's id, so that a message is the same each time.
func (p part) describe(h *gomessage.Header, id string) {
	params := map[string]string{}
	for name, value := range p.params {
		params[name] = value
	}
	switch {
	case p.parts != nil:
		params["boundary"] = boundary(id, p.kind)
	case p.kind == "message/rfc822" || p.kind == "text/rfc822-headers":
		h.Set("Content-Transfer-Encoding", "8bit") // what is in there keeps its own encoding (RFC 2046, 5.2.1)
	case p.kind == "message/delivery-status" || p.kind == "message/feedback-report":
		h.Set("Content-Transfer-Encoding", "7bit")
	default:
		params["charset"] = "utf-8"
		h.Set("Content-Transfer-Encoding", "quoted-printable")
	}
	h.SetContentType(p.kind, params)
}

func boundary(id, kind string) string { return fmt.Sprintf("%s-%x", id, len(kind)) }

func (p part) write(w *gomessage.Writer, id string) error {
	for _, child := range p.parts {
		var h gomessage.Header
		child.describe(&h, id)
		inner, err := w.CreatePart(h)
		if err != nil {
			return err
		}
		if err := child.write(inner, id); err != nil {
			return err
		}
	}
	if p.parts == nil {
		if _, err := w.Write([]byte(crlf(p.text))); err != nil {
			return err
		}
	}
	return w.Close()
}
