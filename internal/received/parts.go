package received

import (
	"bytes"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
)

// taken is a message taken apart: its header and its parts in order.
type taken struct {
	header textproto.MIMEHeader
	root   *enmime.Part
	damage damage
}

// takeApart never fails: a message that cannot be read as MIME is read as one
// plain text. What exceeds the limits is cut off before the part that does.
func takeApart(raw []byte) *taken {
	t := &taken{}
	raw = withoutMboxLine(raw)
	if len(raw) > maxMessage {
		t.damage.note("too large: only the first 25 MB were read")
		raw = raw[:maxMessage]
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		t.damage.note("contains NUL bytes")
		raw = bytes.ReplaceAll(raw, []byte{0}, nil)
	}
	for cuts := 0; ; cuts++ {
		limit := &limiter{raw: raw, seen: map[string]bool{}}
		root, err := parserWithin(limit).ReadParts(bytes.NewReader(raw))
		if limit.cutAt > 0 && cuts < 3 {
			t.damage.note(limit.why)
			raw = raw[:limit.cutAt]
			continue
		}
		if err != nil {
			t.damage.note("structure unreadable, shown as plain text")
			root = asText(raw)
		}
		t.root, t.header = root, root.Header
		t.noteErrors()
		return t
	}
}

// withoutMboxLine drops the separator that mbox files and some gateways put
// before a message, and blank lines before its header.
func withoutMboxLine(raw []byte) []byte {
	raw = bytes.TrimLeft(raw, "\r\n")
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
	first, rest, more := bytes.Cut(raw, []byte("\n"))
	if more && (bytes.HasPrefix(first, []byte("From ")) || bytes.HasPrefix(first, []byte(">From "))) {
		return rest
	}
	return raw
}

func parserWithin(l *limiter) *enmime.Parser {
	return enmime.NewParser(
		enmime.SkipMalformedParts(true),
		enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.MaxStoredPartErrors(maxDamage),
		enmime.DisableCharacterDetection(true),
		enmime.MinCharsetDetectRunes(1<<30), // the declared one or our own repair, never a guess
		enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
		enmime.SetCustomParseMediaType(l.mediaType),
	)
}

// limiter watches the parser meet one multipart after another, and finds where
// to cut the message so that it stays within the limits.
type limiter struct {
	raw               []byte
	seen              map[string]bool
	multiparts, parts int
	cutAt             int
	why               string
}

func (l *limiter) mediaType(value string) (string, map[string]string, []string, error) {
	kind, params, invalid, err := mediatype.ParseWithOptions(value, mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(value)), ";")
		if kind == "" {
			return "", nil, nil, err
		}
		params = map[string]string{}
	}
	leaveCharset(kind, params)
	boundary := params["boundary"]
	if boundary == "" || l.seen[boundary] {
		return kind, params, invalid, nil
	}
	l.seen[boundary] = true // a boundary used again cannot nest: the outer part ends at it
	l.multiparts++
	delimiter := []byte("\n--" + boundary)
	l.parts += bytes.Count(l.raw, delimiter)
	switch {
	case l.multiparts > maxMultiparts:
		l.cut(bytes.Index(l.raw, delimiter), fmt.Sprintf("nested too deep: parts beyond %d levels were left out", maxMultiparts))
	case l.parts > maxParts:
		l.cut(nth(l.raw, delimiter, maxParts), fmt.Sprintf("too many parts: those after the first %d were left out", maxParts))
	case len(boundary) <= 1000: // a longer one would stall the parser; RFC 2046 allows 70
		return kind, params, invalid, nil
	}
	delete(params, "boundary")
	delete(l.seen, boundary)
	return kind, params, invalid, nil
}

func (l *limiter) cut(at int, why string) {
	if at > 0 && (l.cutAt == 0 || at < l.cutAt) {
		l.cutAt, l.why = at, why
	}
}

// nth is the offset of the n-th sep in s, or of its last one.
func nth(s, sep []byte, n int) int {
	at := 0
	for range n {
		next := bytes.Index(s[at+1:], sep)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return at
}

// asText reads a message that no parser takes: a header as far as there is
// one, and everything after it as text.
func asText(raw []byte) *enmime.Part {
	p := enmime.NewPart("text/plain")
	header, content, found := bytes.Cut(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	if !found {
		content = header
	}
	p.Content = content
	for line := range strings.Lines(string(clipBytes(header, maxHeader))) {
		if name, value, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(name, " \t") {
			p.Header.Add(name, strings.TrimSpace(value))
		}
	}
	return p
}

func clipBytes(b []byte, n int) []byte { return b[:min(n, len(b))] }

// noteErrors puts what the parser complained of into words.
func (t *taken) noteErrors() {
	for _, p := range t.parts() {
		for _, e := range p.Errors {
			switch e.Name {
			case enmime.ErrorMissingBoundary:
				t.damage.note("truncated: a part does not end")
			case enmime.ErrorMalformedBase64:
				t.damage.note("a part is damaged in its base64 encoding")
			case enmime.ErrorCharsetConversion:
				if !strings.HasPrefix(p.Charset, unconverted) {
					t.damage.note("wrong charset: the declared one is unknown")
				}
			case enmime.ErrorContentEncoding:
				t.damage.note("a part is in an unknown transfer encoding")
			case enmime.ErrorMalformedHeader:
				t.damage.note("a header line is malformed")
			case enmime.ErrorMalformedChildPart:
				t.damage.note("a part is malformed and was read as far as possible")
			}
		}
	}
}

// parts lists all parts in order of appearance, the root first.
func (t *taken) parts() []*enmime.Part {
	return t.root.DepthMatchAll(func(*enmime.Part) bool { return true })
}

// part is the first one of any of these types, nil when there is none.
func (t *taken) part(types ...string) *enmime.Part {
	for _, p := range t.parts() {
		for _, kind := range types {
			if p.ContentType == kind {
				return p
			}
		}
	}
	return nil
}
