package received

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits within which a message is considered. What lies beyond is cut off
// and noted as damage.
const (
	maxMessage    = 25 << 20 // bytes, what large mail servers accept
	maxMultiparts = 20       // multipart parts in one message, so its depth too
	maxParts      = 500
	maxText       = 1 << 20  // bytes of readable text
	maxLines      = 10_000   // lines among which the person's own are looked for
	maxJudged     = 64 << 10 // bytes of text in which phrases are looked for
	maxIDs        = 100      // references of one message
	maxAddresses  = 200      // addresses of one header
	maxHeader     = 64 << 10 // bytes of one header value
	maxDamage     = 20
)

// damage collects what is wrong with a message, each thing once.
type damage struct{ list []string }

func (d *damage) note(what string) {
	if len(d.list) >= maxDamage {
		return
	}
	for _, known := range d.list {
		if known == what {
			return
		}
	}
	d.list = append(d.list, what)
}

// readable makes s valid UTF-8 without control characters other than line feed
// and tab; CRLF becomes a line feed. Invisible direction marks go too: they
// make a text read differently from what it says.
func readable(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r) || invisible(r):
			return -1
		}
		return r
	}, s)
}

// invisible tells the zero-width and direction characters that hide or turn
// text; the joiner stays, since scripts and emoji need it.
func invisible(r rune) bool {
	return r == '\u200B' || r == '\u200E' || r == '\u200F' || r == '\u2060' || r == '\uFEFF' || r == '\u00AD' ||
		r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// oneLine is readable on a single line, with runs of white space as one space.
func oneLine(s string) string { return strings.Join(strings.Fields(readable(s)), " ") }

// clip cuts s to at most n bytes without splitting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// shorten is what evidence quotes: one line of at most 120 bytes.
func shorten(s string) string {
	s = oneLine(clip(s, 1000))
	if len(s) <= 120 {
		return s
	}
	return clip(s, 117) + "…"
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// judged is the start of a text in which phrases are looked for: lower case,
// with plain quotes, hyphens and spaces.
func judged(s string) string { return plainMarks.Replace(strings.ToLower(clip(s, maxJudged))) }

var plainMarks = strings.NewReplacer(
	"’", "'", "‘", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`,
	"‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-",
	"\u00A0", " ", "\u202F", " ", "\u2007", " ", "\u2009", " ", "\t", " ",
)
