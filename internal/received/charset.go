package received

import (
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

// unconverted starts the name under which the parser is told of a charset that
// it shall leave alone, because senders confuse just these with each other: we
// look at the bytes instead.
const unconverted = "unconverted:"

var confused = map[string]bool{
	"": true, "utf-8": true, "utf8": true, "us-ascii": true, "ascii": true, "ansi": true, "default_charset": true,
	"iso-8859-1": true, "iso8859-1": true, "latin1": true, "windows-1252": true, "cp1252": true,
}

func leaveCharset(kind string, params map[string]string) {
	declared := strings.ToLower(strings.TrimSpace(params["charset"]))
	if strings.HasPrefix(kind, "text/") && confused[declared] {
		params["charset"] = unconverted + declared
	}
}

// decoded is the text of a part in UTF-8. Bytes that are valid UTF-8 are UTF-8,
// whatever was declared; others are Windows-1252, the superset of ISO 8859-1.
func (t *taken) decoded(content []byte, declared string) string {
	declared, ours := strings.CutPrefix(declared, unconverted)
	if utf8.Valid(content) {
		if ours && strings.Contains(declared, "1") && !ascii(content) {
			t.damage.note("wrong charset: declared " + clip(oneLine(declared), 40) + ", read as utf-8")
		}
		return string(content)
	}
	if ours && (strings.HasPrefix(declared, "utf") || strings.HasSuffix(declared, "ascii")) {
		t.damage.note("wrong charset: declared " + declared + ", read as windows-1252")
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(content)
	if err != nil {
		return strings.ToValidUTF8(string(content), "\uFFFD")
	}
	return string(text)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

var words = mime.WordDecoder{CharsetReader: func(name string, r io.Reader) (io.Reader, error) {
	return charset.NewReaderLabel(name, r)
}}

// decodeWords is a header value with its encoded words (RFC 2047) read, on one
// line; what cannot be decoded stays as it is.
func (t *taken) decodeWords(value string) string {
	if len(value) > maxHeader {
		t.damage.note("a header is too long and was cut off")
		value = clip(value, maxHeader)
	}
	if !utf8.ValidString(value) {
		value = t.decoded([]byte(value), unconverted)
		t.damage.note("a header is not encoded")
	}
	if text, err := words.DecodeHeader(value); err == nil {
		value = text
	} else {
		t.damage.note("a header is wrongly encoded")
	}
	return oneLine(value)
}
