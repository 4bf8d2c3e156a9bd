package calendar

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxLine is how long a line may be, in bytes and without its end (RFC 5545, 3.1).
const maxLine = 75

// lines is an iCalendar object that is being written.
type lines struct{ strings.Builder }

type param struct{ name, value string }

func (w *lines) begin(component string) { w.line("BEGIN", component) }
func (w *lines) end(component string)   { w.line("END", component) }

// head is what every object begins with.
func (w *lines) head(method string) {
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Rekindle//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", method)
}

// event is what every event has. Times are UTC, so no time zone goes with them.
func (w *lines) event(uid string, seq int, at, stamp time.Time) {
	w.text("UID", uid)
	w.line("SEQUENCE", strconv.Itoa(seq))
	w.line("DTSTAMP", instant(stamp))
	w.line("DTSTART", instant(at))
	w.line("DTEND", instant(at.Add(CallLength)))
}

func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// text writes a property whose value is text (3.3.11).
func (w *lines) text(name, value string) { w.line(name, escaped.Replace(plain(value))) }

var escaped = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// line writes a property, folded between characters (3.1).
func (w *lines) line(name, value string, params ...param) {
	for _, p := range params {
		if p.value != "" {
			name += ";" + p.name + "=" + quoted(p.value)
		}
	}
	rest, room := name+":"+value, maxLine
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		w.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], maxLine-1
	}
	w.WriteString(rest + "\r\n")
}

// quoted is the value of a parameter. There is no way to write a quotation mark
// in it (3.2), and some programs take a backslash for one.
func quoted(value string) string {
	value = unquotable.Replace(strings.Join(strings.Fields(plain(value)), " "))
	if strings.ContainsAny(value, ",;:") {
		return `"` + value + `"`
	}
	return value
}

var unquotable = strings.NewReplacer(`"`, "'", `\`, "/")

// plain leaves out what may stand in no value: control characters, and bytes that
// are no UTF-8.
func plain(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(value, "\r\n", "\n"), ""))
}
