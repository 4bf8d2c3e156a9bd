package received

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const plainHeader = "From: dana@acme.example.com\nTo: rita@sales.example.org\nSubject: hi\nDate: Mon, 14 Dec 2026 09:30:00 +0100\n"

func nested(levels int) string {
	var b strings.Builder
	b.WriteString(plainHeader)
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"b%05d\"\n\n--b%05d\n", i, i)
		if i == 0 {
			b.WriteString("Content-Type: text/plain\n\nWords at the top.\n--b00000\n")
		}
	}
	b.WriteString("Content-Type: text/plain\n\nWords at the bottom.\n")
	return b.String()
}

// Messages that are made to hurt are kept, shown and survived: in time, with
// clean fields, and with their damage noted.
func TestHostileMessagesAreSurvived(t *testing.T) {
	mixed := plainHeader + "Content-Type: multipart/mixed; boundary=b\n\n"
	cases := map[string]struct {
		raw    string
		damage string
		class  Class
		has    string // part of Full
	}{
		"nothing at all":                {"", "Date is missing", Human, ""},
		"only blank lines":              {"\r\n\r\n\r\n", "Date is missing", Human, ""},
		"larger than servers accept":    {plainHeader + "\nWords first.\n" + strings.Repeat("x y z ", 5<<20), "too large", Human, "Words first."},
		"a long text":                   {plainHeader + "\nWords first.\n" + strings.Repeat("word ", 1<<20), "too long", Human, "Words first."},
		"one line without end":          {plainHeader + "\n" + strings.Repeat("a", 3<<20), "too long", Human, "aaa"},
		"a header of a megabyte":        {"Subject: " + strings.Repeat("s", 1<<20) + "\n" + plainHeader + "\nWords.\n", "header is too long", Human, "Words."},
		"a header line without end":     {"X-Long: " + strings.Repeat("s", 4<<20), "Date is missing", Human, ""},
		"ten thousand references":       {plainHeader + "References: " + strings.Repeat("<a@b.example.com>\n ", 10_000) + "\n\nWords.\n", "", Human, "Words."},
		"ten thousand recipients":       {plainHeader + "Cc: " + strings.Repeat("a@b.example.com, ", 10_000) + "z@b.example.com\n\nWords.\n", "header is too long", Human, "Words."},
		"a hundred thousand headers":    {strings.Repeat("Received: from a by b\n", 100_000) + plainHeader + "\nWords.\n", "", Human, "Words."},
		"nested ten thousand deep":      {nested(10_000), "nested too deep", Human, "Words at the top."},
		"nested as deep as it may":      {nested(15), "truncated", Human, "Words at the bottom."},
		"a hundred thousand parts":      {mixed + "--b\n\nWords.\n" + strings.Repeat("--b\n\n\n", 100_000), "too many parts", Human, "Words."},
		"a boundary of a megabyte":      {plainHeader + "Content-Type: multipart/mixed; boundary=" + strings.Repeat("b", 1<<20) + "\n\nWords.\n", "", Human, "Words."},
		"html nested without end":       {plainHeader + "Content-Type: text/html\n\n" + strings.Repeat("<div><blockquote>", 50_000) + "Words.", "", Human, "Words."},
		"html of open brackets":         {plainHeader + "Content-Type: text/html\n\nWords." + strings.Repeat("<", 1<<20), "", Human, "Words."},
		"html of line breaks":           {plainHeader + "Content-Type: text/html\n\nWords." + strings.Repeat("<br>a", 300_000), "", Human, "Words."},
		"an unclosed quote in a header": {plainHeader + "Cc: \"" + strings.Repeat("(", 50_000) + "\n\nWords.\n", "Cc is malformed", Human, "Words."},
		"nested comments":               {plainHeader + "Cc: a@b.example.com " + strings.Repeat("(", 30_000) + "\n\nWords.\n", "Cc is malformed", Human, "Words."},
		"encoded words without end":     {"Subject: " + strings.Repeat("=?utf-8?q?a?= ", 10_000) + "\n" + plainHeader + "\nWords.\n", "", Human, "Words."},
		"quotes in quotes":              {plainHeader + "\nWords.\n" + strings.Repeat(strings.Repeat(">", 500)+" a\n", 1000), "", Human, "Words."},
		"text full of dates":            {plainHeader + "Auto-Submitted: auto-replied\n\nI am away until " + strings.Repeat("3.4.2027 - 5 January to ", 20_000), "", OutOfOffice, "away"},
		"a picture and nothing else":    {plainHeader + "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n", "", Human, ""},
		"a calendar without end": {
			plainHeader + "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:u\nATTENDEE;PARTSTAT=ACCEPTED:mailto:d@acme.example.com\n" + strings.Repeat("X-A;B=\"C:D\n", 100_000), "", Calendar, "",
		},
		"a report of ten thousand recipients": {
			plainHeader + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nWords.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" +
				strings.Repeat("Final-Recipient: rfc822; a@b.example.com\nAction: failed\nStatus: 5.1.1\n\n", 10_000) + "--b--\n", "", Bounced, "Words.",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			m := read([]byte(c.raw), corpusNow)
			require.Less(t, time.Since(began), time.Minute)
			requireClean(t, m)
			require.Equal(t, c.class, m.Class)
			require.Contains(t, m.Full, c.has)
			require.Contains(t, strings.Join(m.Damage, "; "), c.damage)
			require.LessOrEqual(t, len(m.References), maxIDs)
			require.LessOrEqual(t, len(m.Cc), maxAddresses)
		})
	}
}

// A message that was cut anywhere is still read.
func TestAMessageCutAnywhereIsRead(t *testing.T) {
	for _, s := range samples(t, "corpus") {
		for cut := 0; cut < len(s.raw); cut += 1 + len(s.raw)/5 {
			requireClean(t, read(s.raw[:cut], corpusNow))
			requireClean(t, read(bytes.ReplaceAll(s.raw[cut:], []byte("e"), []byte("\xff")), corpusNow))
		}
	}
}

func requireClean(t *testing.T, m Message) {
	t.Helper()
	single := []string{m.MessageID, m.From.Name, m.From.Email, m.ReturnPath, m.Subject}
	single = append(append(append(single, m.InReplyTo...), m.References...), m.Damage...)
	for _, a := range append(m.To, m.Cc...) {
		single = append(single, a.Name, a.Email)
	}
	for _, e := range m.Evidence {
		single = append(single, e.Where, e.Says)
	}
	if b := m.Bounce; b != nil {
		single = append(single, b.Recipient, b.Status, b.Diagnostic, b.OriginalID, b.OriginalTo, string(b.Kind))
	}
	if c := m.Complaint; c != nil {
		single = append(single, c.FeedbackType, c.OriginalID, c.OriginalTo)
	}
	if c := m.Calendar; c != nil {
		single = append(single, c.UID, c.Answer, c.Attendee)
	}
	for _, s := range single {
		require.True(t, utf8.ValidString(s))
		require.NotContains(t, s, "\n")
		require.Equal(t, -1, strings.IndexFunc(s, unicode.IsControl), "%q", s)
	}
	for _, s := range []string{m.Text, m.Full} {
		require.True(t, utf8.ValidString(s))
		require.Equal(t, -1, strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }))
	}
	require.True(t, utf8.ValidString(m.HTML))
	require.LessOrEqual(t, len(m.Full), maxText)
	require.Equal(t, m.Class == Bounced, m.Bounce != nil)
	require.Equal(t, m.Class == Complained, m.Complaint != nil)
	require.Equal(t, m.Class == Calendar, m.Calendar != nil)
	require.True(t, m.BackOn.IsZero() || m.Class == OutOfOffice)
	require.NotEmpty(t, m.Class)
	require.NotEmpty(t, m.Evidence)
}

// Read and what it rests on say the same; only the safety net is between them.
func TestReadSaysWhatIsRead(t *testing.T) {
	for _, s := range samples(t, "corpus") {
		require.Equal(t, read(s.raw, corpusNow), Read(s.raw, corpusNow))
	}
}
