package received

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzRead(f *testing.F) {
	for _, s := range samples(f, "corpus") {
		f.Add(s.raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := read(raw, corpusNow)
		requireClean(t, m)
		require.Equal(t, m, read(raw, corpusNow), "the same bytes give the same answer")
	})
}

// texts feeds the texts of a class to a fuzz test.
func texts(f *testing.F, class Class) {
	for _, s := range samples(f, "corpus") {
		if s.class == class {
			m := read(s.raw, corpusNow)
			f.Add(m.Full)
		}
	}
}

func FuzzBackOn(f *testing.F) {
	texts(f, OutOfOffice)
	date := time.Date(2026, 12, 14, 9, 30, 0, 0, time.FixedZone("", 3600))
	f.Fuzz(func(t *testing.T, text string) {
		day := backOn(readable(text), date, corpusNow)
		if day.IsZero() {
			return
		}
		require.True(t, day.After(date))
		require.True(t, day.Before(date.AddDate(1, 0, 2)))
		hour, minute, second := day.Clock()
		require.Zero(t, hour+minute+second)
		require.Equal(t, date.Location(), day.Location())
	})
}

func FuzzOptOut(f *testing.F) {
	texts(f, OptOut)
	texts(f, Human)
	f.Fuzz(func(t *testing.T, text string) {
		says := optOut("Re: x", readable(text))
		require.True(t, utf8.ValidString(says))
		require.Empty(t, optOut("Re: x", ownText(plainLines(">"+strings.ReplaceAll(readable(text), "\n", "\n> ")))), "quoted text is nobody's wish")
	})
}

func FuzzBounceText(f *testing.F) {
	texts(f, Bounced)
	f.Fuzz(func(t *testing.T, text string) {
		b := bounceText(readable(text))
		b.tidy()
		require.Contains(t, []BounceKind{Permanent, Temporary, Delayed}, b.Kind)
		require.Regexp(t, `^$|^[245]\.\d{1,3}\.\d{1,3}$`, b.Status)
		require.LessOrEqual(t, len(b.Diagnostic), 500)
		if b.AddressGone() {
			require.Equal(t, Permanent, b.Kind)
		}
	})
}

func FuzzFields(f *testing.F) {
	f.Add("Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example.com\nAction: failed\nStatus: 5.1.1\n")
	f.Fuzz(func(t *testing.T, fields string) {
		for _, group := range fieldGroups([]byte(fields)) {
			if b := bounceFields(group); b != nil {
				require.NotZero(t, rank[b.Kind])
			}
		}
	})
}

func FuzzCalendar(f *testing.F) {
	for _, s := range samples(f, "corpus") {
		if s.class == Calendar {
			f.Add(string(s.raw))
		}
	}
	f.Add("BEGIN:VEVENT\nDTSTART;TZID=../../etc:20261219T140000\nATTENDEE;PARTSTAT=\"A\":mailto:")
	f.Fuzz(func(t *testing.T, calendar string) {
		e := readEvent(calendar)
		require.GreaterOrEqual(t, e.sequence, 0)
		_, answer := e.answerOf("a@b.example.com")
		require.Contains(t, []string{"", "accepted", "declined", "tentative", "delegated"}, answer)
	})
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>a<blockquote>b<blockquote>c</blockquote>d</blockquote>e<style>f")
	f.Fuzz(func(t *testing.T, source string) {
		lines := htmlLines(strings.ToValidUTF8(source, "?"))
		own := ownText(lines)
		require.True(t, utf8.ValidString(own))
		require.LessOrEqual(t, len(strings.Fields(own)), len(strings.Fields(joined(lines))))
	})
}
