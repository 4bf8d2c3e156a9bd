package devmail

import (
	"bytes"
	"io"
	"net/mail"
	"slices"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/microcosm-cc/bluemonday"
)

// letter is a message read for showing.
type letter struct {
	Headers     []header
	Text        string
	HTML        string // as sent; sanitise before showing
	Attachments []attachment
	Problems    []string
	Broken      bool // could not be read at all; only the raw message can be shown
}

type header struct {
	Name, Value string
	Chief       bool // shown at once; the others only on demand
}

type attachment struct {
	Name, Type string
	Bytes      int
	Text       string // for text parts, such as an invitation
}

// headline reads what the list shows, as far as the message lets itself be read.
func headline(raw []byte) (author, subject, messageID string) {
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", "", ""
	}
	if from, err := read.Header.AddressList("From"); err == nil {
		author = from[0].Address
	}
	return author, enmime.DecodeRFC2047(read.Header.Get("Subject")), read.Header.Get("Message-Id")
}

func readLetter(raw []byte) letter {
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return letter{Broken: true, Problems: []string{err.Error()}}
	}
	l := letter{Headers: headers(raw, envelope), Text: envelope.Text, HTML: envelope.HTML}
	for _, parts := range [][]*enmime.Part{envelope.Attachments, envelope.Inlines, envelope.OtherParts} {
		for _, part := range parts {
			l.Attachments = append(l.Attachments, readAttachment(part))
		}
	}
	for _, problem := range envelope.Errors {
		if problem.Name == enmime.ErrorPlainTextFromHTML {
			l.Text = "" // made up by the reader, not sent
			continue
		}
		l.Problems = append(l.Problems, problem.Error())
	}
	l.Broken = len(l.Headers) == 0
	return l
}

// headers keeps the order of the message; enmime gives the decoded values but forgets the order.
func headers(raw []byte, envelope *enmime.Envelope) []header {
	chief := []string{"From", "To", "Cc", "Reply-To", "Subject", "Date"}
	head := "\n" + strings.ToLower(string(raw[:headEnd(raw)]))
	keys := envelope.GetHeaderKeys()
	slices.SortStableFunc(keys, func(a, b string) int {
		return strings.Index(head, "\n"+strings.ToLower(a)+":") - strings.Index(head, "\n"+strings.ToLower(b)+":")
	})
	var found []header
	for _, key := range keys {
		for _, value := range envelope.GetHeaderValues(key) {
			found = append(found, header{Name: key, Value: value, Chief: slices.Contains(chief, key)})
		}
	}
	return found
}

func headEnd(raw []byte) int {
	for _, blankLine := range []string{"\r\n\r\n", "\n\n"} {
		if end := bytes.Index(raw, []byte(blankLine)); end >= 0 {
			return end
		}
	}
	return len(raw)
}

func readAttachment(part *enmime.Part) attachment {
	a := attachment{Name: part.FileName, Type: part.ContentType, Bytes: len(part.Content)}
	if a.Name == "" {
		a.Name = "(no name)"
	}
	if strings.HasPrefix(part.ContentType, "text/") || strings.HasPrefix(part.ContentType, "message/") {
		a.Text = string(part.Content)
	}
	return a
}

// sanitise leaves what a mail program would show: no scripts, no forms, no styles beyond harmless ones. Links open
// outside the frame.
func sanitise(out io.Writer, html string) error {
	policy := bluemonday.UGCPolicy()
	policy.AllowAttrs("align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing", "role").Globally()
	policy.AllowStyles("color", "background-color", "font-family", "font-size", "font-style", "font-weight", "line-height",
		"text-align", "text-decoration", "padding", "margin", "border", "border-radius", "width", "max-width", "display").Globally()
	policy.AllowDataURIImages()
	policy.AddTargetBlankToFullyQualifiedLinks(true)
	return policy.SanitizeReaderToWriter(strings.NewReader(html), out)
}
