package received

import (
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// line is one line of a body, and whose it is as far as the HTML tells.
type line struct {
	text string
	kind lineKind
}

type lineKind int

const (
	written   lineKind = iota // as far as we know
	quoted                    // inside a quotation
	signature                 // inside what a mail program marks as the signature
)

// body is what a message says.
type body struct {
	lines []line
	full  string
	html  string
}

// body gathers the readable text: of alternatives the plain one if it says
// anything, of a report its part for people, of anything else all texts that
// are no attachments. Messages enclosed in the message are not its text.
func (t *taken) body() body {
	var b body
	t.gather(t.root, &b)
	b.full = clip(joined(b.lines), maxText)
	return b
}

func (t *taken) gather(p *enmime.Part, b *body) {
	if p == nil {
		return
	}
	switch {
	case p.ContentType == "multipart/alternative" && p.FirstChild != nil:
		t.gatherBest(p, b)
	case p.ContentType == "multipart/report" && p.FirstChild != nil:
		t.gather(p.FirstChild, b)
	case p.FirstChild != nil:
		for c := p.FirstChild; c != nil; c = c.NextSibling {
			t.gather(c, b)
		}
	case p.Disposition == "attachment" && p != t.root:
	case p.ContentType == "text/html":
		html := t.text(p)
		if b.html == "" {
			b.html = clip(strings.ToValidUTF8(html, "\uFFFD"), maxText)
		}
		b.lines = append(b.lines, htmlLines(html)...)
	case p.ContentType == "text/plain" || p.ContentType == "" || p == t.root && speaks(p.ContentType):
		b.lines = append(b.lines, plainLines(t.text(p))...)
	}
}

// speaks tells the types of a whole message that can be read as text: a damaged
// multipart still holds words, a picture or a calendar holds none.
func speaks(kind string) bool {
	top, _, _ := strings.Cut(kind, "/")
	return kind != "text/calendar" && (top == "text" || top == "multipart" || top == "message" || top == kind)
}

// gatherBest reads both alternatives, so that the HTML is kept for showing.
func (t *taken) gatherBest(p *enmime.Part, b *body) {
	var plain, rich body
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		if c.ContentType == "text/plain" || c.ContentType == "" {
			t.gather(c, &plain)
		} else {
			t.gather(c, &rich)
		}
	}
	if b.html == "" {
		b.html = rich.html
	}
	if says := joined(plain.lines); strings.TrimSpace(says) == "" || rich.html != "" && placeholder().MatchString(says) {
		b.lines = append(b.lines, rich.lines...)
		return
	}
	b.lines = append(b.lines, plain.lines...)
}

// placeholder is the plain text of programs that can only do HTML.
var placeholder = lazily(`(?is)^\s*.{0,80}(does not|doesn't|cannot|can't|unable to|not able to|nicht).{0,30}(support|display|view|show|render|darstellen|anzeigen).{0,30}html.{0,100}$`)

func (t *taken) text(p *enmime.Part) string {
	text := t.decoded(p.Content, p.Charset)
	if len(text) > maxText {
		t.damage.note("the text is too long and was cut off")
		text = clip(text, maxText)
	}
	return text
}

func plainLines(text string) []line {
	var lines []line
	for l := range strings.SplitSeq(readable(text), "\n") {
		lines = append(lines, line{text: strings.TrimRight(l, "\t")})
	}
	return lines
}

// joined is the lines as a text, with quoted ones marked and blank lines at
// both ends dropped.
func joined(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		if l.kind == quoted {
			b.WriteString("> ")
		}
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	return strings.TrimRight(strings.TrimLeft(b.String(), "\n"), "\n \t")
}
