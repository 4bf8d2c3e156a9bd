package received

import (
	"bufio"
	"bytes"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// Bounce is what a delivery report says (RFC 3464, or free text).
type Bounce struct {
	Kind       BounceKind
	Recipient  string // the address it is about; the one we wrote to where the report names both
	Status     string // enhanced status code of RFC 3463, like 5.1.1; empty when none is stated
	Diagnostic string // what the receiving server said
	OriginalID string // Message-ID of our message, without <>
	OriginalTo string // To of our message, where the report encloses it
}

// BounceKind says what became of our message.
type BounceKind string

const (
	Permanent BounceKind = "permanent" // not delivered, trying again would not help
	Temporary BounceKind = "temporary" // not delivered, given up after a passing failure
	Delayed   BounceKind = "delayed"   // not delivered yet, the server still tries
)

// bounced tells delivery reports. A report in the form of RFC 6522 is one by
// its form; a text is one when it comes from a mail system and says so.
func (m *Message) bounced(t *taken) bool {
	if bounce := t.deliveryReport(); bounce != nil {
		m.is(Bounced, "part message/delivery-status", strings.Join([]string{string(bounce.Kind), bounce.Status, bounce.Diagnostic}, " "))
		m.Bounce = bounce
	} else if where, says := m.textBounce(t); says != "" {
		m.is(Bounced, where, says)
		m.Bounce = bounceText(m.Full)
		m.Bounce.kindFromSubject(m.Subject)
		if failed := likeAddresses(t.header.Get("X-Failed-Recipients")); len(failed) > 0 {
			m.Bounce.Recipient = failed[0].Email
		}
	} else {
		return false
	}
	m.Bounce.tidy()
	id, to := t.original()
	m.Bounce.OriginalTo = to
	if m.Bounce.OriginalID = id; id == "" {
		m.Bounce.OriginalID = idInText(m.Full, m.MessageID)
	}
	if m.Bounce.OriginalID == "" {
		m.Bounce.OriginalID = first(append(m.InReplyTo, m.References...))
	}
	if m.Bounce.Recipient == "" {
		m.Bounce.Recipient = to
	}
	return true
}

// tidy bounds what comes from outside.
func (b *Bounce) tidy() {
	b.Diagnostic = clip(oneLine(b.Diagnostic), 500)
	b.Recipient = address("", b.Recipient).Email
}

// deliveryReport reads message/delivery-status, nil when there is none that
// tells of a failure or delay. Reports of success are left to automatic.
func (t *taken) deliveryReport() *Bounce {
	part := t.part("message/delivery-status", "message/global-delivery-status")
	if part == nil || !t.isReport() {
		return nil
	}
	var worst *Bounce
	for _, group := range fieldGroups(part.Content) {
		b := bounceFields(group)
		if b != nil && (worst == nil || rank[b.Kind] > rank[worst.Kind]) {
			worst = b
		}
	}
	return worst
}

var rank = map[BounceKind]int{Delayed: 1, Temporary: 2, Permanent: 3}

// isReport keeps a person who encloses a report from being taken for one.
func (t *taken) isReport() bool {
	return t.root.ContentType == "multipart/report" || t.fromMailSystem() || t.root.ContentType == "message/delivery-status"
}

// fieldGroups reads groups of header fields separated by blank lines, as far as
// they can be read.
func fieldGroups(content []byte) []textproto.MIMEHeader {
	var groups []textproto.MIMEHeader
	content = bytes.ReplaceAll(clipBytes(content, maxText), []byte("\r\n"), []byte("\n"))
	for _, block := range blankLine().Split(string(content), maxParts) {
		block = noFields().ReplaceAllString(block, "")
		group, _ := enmime.ReadHeader(bufio.NewReader(strings.NewReader(block+"\n\n")), noErrors{})
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

var blankLine = lazily(`\n[ \t]*\n`)

// noFields are lines before the first field that are none.
var noFields = lazily(`^(?:[^:\n]*(?:\n|$))+`)

type noErrors struct{}

func (noErrors) AddError(string, string, ...any)   {}
func (noErrors) AddWarning(string, string, ...any) {}

// bounceFields reads the fields of one recipient (RFC 3464 section 2.3).
func bounceFields(f textproto.MIMEHeader) *Bounce {
	action := strings.ToLower(firstWord(f.Get("Action")))
	final, original := typed(f.Get("Final-Recipient")), typed(f.Get("Original-Recipient"))
	diagnostic := typed(f.Get("Diagnostic-Code"))
	status := statusCode(f.Get("Status"))
	if action == "" && status == "" && diagnostic == "" || action == "" && final == "" && original == "" {
		return nil // the fields of the message, or none
	}
	if said := statusCode(diagnostic); said != "" && (status == "" || vague(status) && said[0] == status[0]) {
		status = said
	}
	b := &Bounce{Status: status, Diagnostic: diagnostic, Recipient: original}
	if !strings.Contains(b.Recipient, "@") {
		b.Recipient = final
	}
	switch {
	case action == "delayed":
		b.Kind = Delayed
	case action == "delivered" || action == "relayed" || action == "expanded":
		return nil
	case action == "" && strings.HasPrefix(status, "2"):
		return nil
	case strings.HasPrefix(status, "4") || status == "" && replyCode(diagnostic) == '4':
		b.Kind = Temporary
	default:
		b.Kind = Permanent
	}
	return b
}

func firstWord(s string) string { return first(strings.Fields(readable(s))) }

// typed is a field value without its type, as in "rfc822; jo@example.com".
func typed(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.ContainsAny(kind, "@ ") {
		value = rest
	}
	return strings.Trim(oneLine(value), "<> ")
}

// vague tells status codes that name no reason, like 5.0.0.
func vague(status string) bool { return strings.HasSuffix(status, ".0.0") }

// original finds the enclosed message, or its header, and reads from it the
// Message-ID and To.
func (t *taken) original() (id, to string) {
	for _, p := range t.parts() {
		switch p.ContentType {
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822":
		default:
			continue
		}
		content := bytes.TrimLeft(clipBytes(p.Content, maxHeader), "\r\n \t")
		header, _ := enmime.ReadHeader(bufio.NewReader(bytes.NewReader(content)), noErrors{})
		inner := &taken{header: header}
		if id == "" {
			id = first(messageIDs(header.Get("Message-Id"), 1))
		}
		if list := inner.addresses("To"); to == "" && len(list) > 0 {
			to = list[0].Email
		}
	}
	return id, to
}

var quotedID = lazily(`(?im)^[>\s]*message-id:\s*<?([^<>\s]{3,500}@[^<>\s]{1,255})>?`)

// idInText finds the Message-ID of the message that a text quotes.
func idInText(text, own string) string {
	for _, found := range quotedID().FindAllStringSubmatch(clip(text, 4*maxJudged), 10) {
		if found[1] != own {
			return found[1]
		}
	}
	return ""
}
