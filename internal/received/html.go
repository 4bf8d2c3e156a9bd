package received

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlLines reads HTML as lines of text, and remembers what mail programs mark
// as quoted or as a signature. It reads tokens, not a tree: its cost is linear
// and no depth of nesting can harm it.
func htmlLines(source string) []line {
	r := &htmlReader{}
	tokens := html.NewTokenizer(strings.NewReader(source))
	for len(r.lines) < maxText/10 {
		switch tokens.Next() {
		case html.ErrorToken:
			r.newLine()
			return r.tidy()
		case html.TextToken:
			if r.hidden == 0 {
				r.write(string(tokens.Text()))
			}
		case html.StartTagToken:
			r.open(tokens.Token())
		case html.SelfClosingTagToken:
			r.breakAt(tokens.Token().DataAtom)
		case html.EndTagToken:
			r.close(tokens.Token().DataAtom)
		}
	}
	return r.tidy()
}

type htmlReader struct {
	lines  []line
	text   strings.Builder
	hidden int // inside so many elements that are not shown
	kind   lineKind
	inside atom.Atom // the element that made the lines quoted or a signature
	depth  int       // and how many of its own kind are open inside it
}

func (r *htmlReader) open(t html.Token) {
	r.breakAt(t.DataAtom)
	switch {
	case unseen(t.DataAtom):
		r.hidden++
	case r.kind != written:
		if t.DataAtom == r.inside {
			r.depth++
		}
	default:
		if kind := marked(t); kind != written {
			r.newLine()
			r.kind, r.inside, r.depth = kind, t.DataAtom, 1
		}
	}
}

func (r *htmlReader) close(a atom.Atom) {
	r.breakAt(a)
	if unseen(a) {
		r.hidden = max(0, r.hidden-1)
		return
	}
	if r.kind != written && a == r.inside {
		if r.depth--; r.depth == 0 {
			r.newLine()
			r.kind = written
		}
	}
}

func unseen(a atom.Atom) bool {
	return a == atom.Script || a == atom.Style || a == atom.Title || a == atom.Noscript || a == atom.Template
}

// breakAt ends the line where a browser would.
func (r *htmlReader) breakAt(a atom.Atom) {
	switch a {
	case atom.Br:
		r.newLine()
	case atom.P, atom.Div, atom.Li, atom.Tr, atom.Table, atom.Ul, atom.Ol, atom.Blockquote, atom.Pre,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Body, atom.Section, atom.Article:
		if strings.TrimSpace(r.text.String()) != "" {
			r.newLine()
		}
		if a == atom.P || a == atom.Hr {
			r.blank()
		}
	case atom.Td, atom.Th:
		r.text.WriteByte(' ')
	}
}

func (r *htmlReader) write(s string) { r.text.WriteString(readable(s)) }

func (r *htmlReader) newLine() {
	r.lines = append(r.lines, line{strings.Join(strings.Fields(r.text.String()), " "), r.kind})
	r.text.Reset()
}

func (r *htmlReader) blank() {
	if n := len(r.lines); n > 0 && r.lines[n-1].text != "" {
		r.lines = append(r.lines, line{"", r.kind})
	}
}

// tidy leaves at most one blank line in a row.
func (r *htmlReader) tidy() []line {
	var out []line
	for _, l := range r.lines {
		if l.text == "" && (len(out) == 0 || out[len(out)-1].text == "") {
			continue
		}
		out = append(out, l)
	}
	return out
}

// marked tells the elements that mail programs put around the message that is
// answered, and around the signature.
func marked(t html.Token) lineKind {
	if t.DataAtom == atom.Blockquote {
		return quoted
	}
	for _, a := range t.Attr {
		value := strings.ToLower(a.Val)
		switch a.Key {
		case "class":
			for class := range strings.FieldsSeq(value) {
				if kind, known := marks[class]; known {
					return kind
				}
			}
		case "id", "data-smartmail", "name":
			if kind, known := marks[value]; known {
				return kind
			}
		}
	}
	return written
}

var marks = map[string]lineKind{
	"gmail_quote": quoted, "gmail_quote_container": quoted, "gmail_extra": quoted, "yahoo_quoted": quoted,
	"moz-cite-prefix": quoted, "moz-forward-container": quoted, "protonmail_quote": quoted, "zmail_extra": quoted,
	"mail-editor-reference-message-container": quoted, "gmail_attr": quoted,
	"gmail_signature": signature, "signature": signature, "applemailsignature": signature, "moz-signature": signature,
	"ms-outlook-mobile-signature": signature, "protonmail_signature_block": signature, "_signature": signature,
}
