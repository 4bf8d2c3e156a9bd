package persona

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"
)

const (
	rep      = "rita@rekindle.example"
	prospect = "jorge.diaz@acme.example"
)

// monday is when letters come in these tests.
var monday = time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)

const offer = "From: Rita Rep <rita@rekindle.example>\r\n" +
	"To: =?utf-8?q?Jorge_D=C3=ADaz?= <jorge.diaz@acme.example>\r\n" +
	"Subject: Your =?utf-8?q?gr=C3=B6=C3=9Feres?= plan\r\n" +
	"Date: Mon, 02 Mar 2026 09:30:00 +0000\r\n" +
	"Message-ID: <touch-2@rekindle.example>\r\n" +
	"References: <touch-1@rekindle.example>\r\n" +
	"List-Unsubscribe: <mailto:off@rekindle.example>, <http://127.0.0.1:1/unsubscribe/t0ken>\r\n" +
	"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Shall we talk about Größe?\r\n\r\nRita\r\n"

const invite = "From: Rita Rep <rita@rekindle.example>\r\n" +
	"To: Jorge <jorge.diaz@acme.example>\r\n" +
	"Subject: Our call\r\nMessage-ID: <touch-3@rekindle.example>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nSee you.\r\n" +
	"--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" +
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:call-7\r\nSEQUENCE:%d\r\n" +
	"DTSTAMP:20260302T090000Z\r\nDTSTART:20260306T150000Z\r\nDTEND:20260306T153000Z\r\nSUMMARY:Call with Rita\r\n" +
	"ORGANIZER;CN=Rita:mailto:rita@rekindle.example\r\nATTENDEE:mailto:jorge.diaz@acme.example\r\n" +
	"END:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"

func invitationOf(sequence int) string { return fmt.Sprintf(invite, sequence) }

func letterOf(raw string, n int) Letter {
	return Letter{ID: "l1", From: "bounces+2@rekindle.example", To: prospect, N: n, At: monday, Raw: []byte(raw)}
}

func cast(persona Name, language Language) World {
	return World{Seed: 7, Cast: map[string]Role{prospect: {persona, language}}}
}

// theAnswer is the one that a world gives to one of its first eight letters.
func theAnswer(t *testing.T, w World, raw string, does Reaction) Answer {
	t.Helper()
	for n := 1; n <= 8; n++ {
		answers, err := w.Answers(letterOf(raw, n))
		require.NoError(t, err)
		for _, a := range answers {
			if a.Does == does {
				return a
			}
		}
	}
	t.Fatalf("nobody answers with %s", does)
	return Answer{}
}

// read parses an answer strictly: nothing in it may need mending.
func read(t *testing.T, a Answer) *enmime.Envelope {
	t.Helper()
	require.NotContains(t, strings.ReplaceAll(string(a.Raw), "\r\n", ""), "\n", "lines end with CR and LF")
	e, err := enmime.ReadEnvelope(bytes.NewReader(a.Raw))
	require.NoError(t, err)
	for _, flaw := range e.Errors {
		require.Fail(t, flaw.Error())
	}
	e.Text = strings.ReplaceAll(e.Text, "\r\n", "\n")
	e.HTML = strings.ReplaceAll(e.HTML, "\r\n", "\n")
	return e
}

func TestEveryPersonaIsPlayedSomewhereAndMostPeopleOnlyRead(t *testing.T) {
	count := map[Name]int{}
	languages := map[Language]int{}
	const people = 3000
	for i := range people {
		role := World{Seed: 1}.Role(fmt.Sprintf("p%d@acme.example", i))
		count[role.Persona]++
		languages[role.Language]++
	}
	for _, name := range Names() {
		require.Greater(t, count[name], people/60, name)
	}
	require.Greater(t, count[Reader], people*2/5)
	for _, language := range Languages() {
		require.InDelta(t, people/7, languages[language], people/20, language)
	}
}

func TestTheSameSeedAndAddressAnswerTheSameAndOthersDiffer(t *testing.T) {
	for _, name := range Names() {
		for n := 1; n <= 8; n++ {
			w := World{Seed: 7, Cast: map[string]Role{prospect: {Persona: name}}}
			first, err := w.Answers(letterOf(offer, n))
			require.NoError(t, err)
			again, err := w.Answers(letterOf(offer, n))
			require.NoError(t, err)
			require.Equal(t, first, again)
		}
	}
	ids, times := map[string]bool{}, map[time.Time]bool{}
	for seed := range uint64(20) {
		w := cast(Keen, English)
		w.Seed = seed
		a := theAnswer(t, w, offer, Interested)
		ids[read(t, a).GetHeader("Message-Id")] = true
		times[a.At] = true
	}
	require.Len(t, ids, 20)
	require.Greater(t, len(times), 10)
	require.NotEqual(t, World{Seed: 1}.Role("a@x.example"), World{Seed: 5}.Role("a@x.example"))
}

func TestPeopleAtHomeAreNotPlayed(t *testing.T) {
	w := cast(Keen, English)
	l := letterOf(offer, 2)
	l.From = "boss@acme.example"
	answers, err := w.Answers(l)
	require.NoError(t, err)
	require.Empty(t, answers, "a colleague writes")
	w.Home = []string{"ACME.example"}
	answers, err = w.Answers(letterOf(offer, 2))
	require.NoError(t, err)
	require.Empty(t, answers)
}

func TestAutomaticMailIsNeverAnswered(t *testing.T) {
	mark := func(field string) Letter { return letterOf(field+"\r\n"+offer, 2) }
	from := func(sender string) Letter {
		l := letterOf(offer, 2)
		l.From = sender
		return l
	}
	report := letterOf(strings.Replace(offer, "text/plain; charset=utf-8", "multipart/report; boundary=x; report-type=delivery-status", 1), 2)
	for name, l := range map[string]Letter{
		"without a sender":  from(""),
		"of a daemon":       from("MAILER-DAEMON@mx.rekindle.example"),
		"an auto-reply":     mark("Auto-Submitted: auto-replied; owner-email=\"x@y.example\""),
		"machine-generated": mark("Auto-Submitted: auto-generated"),
		"bulk":              mark("Precedence: bulk"),
		"a report":          report,
	} {
		for _, persona := range Names() {
			for n := 1; n <= 10; n++ {
				l.N = n
				answers, err := cast(persona, English).Answers(l)
				require.NoError(t, err)
				require.Empty(t, answers, "%s: %s", name, persona)
			}
		}
	}
	answers, err := cast(Away, English).Answers(mark("Auto-Submitted: no"))
	require.NoError(t, err)
	require.Len(t, answers, 1, "a person says so of their own mail")
	for _, field := range []string{"X-Auto-Response-Suppress: OOF, DR", "X-Auto-Response-Suppress: All", "List-Id: <news.rekindle.example>"} {
		answers, err = cast(Away, English).Answers(mark(field))
		require.NoError(t, err)
		require.Empty(t, answers, field)
		answers, err = cast(Keen, English).Answers(mark(field))
		require.NoError(t, err)
		require.Len(t, answers, 1, "people may answer all the same")
	}
}

func TestNoAnswerIsAnsweredInItsTurn(t *testing.T) {
	mirror := map[string]Role{rep: {Away, English}, "bounces+2@rekindle.example": {Away, English}}
	for _, c := range []struct {
		persona Name
		does    Reaction
	}{{Away, OutOfOffice}, {Bouncer, Bounce}, {Slow, Delay}, {Complainer, Complaint}} {
		a := theAnswer(t, cast(c.persona, German), offer, c.does)
		answers, err := World{Cast: mirror}.Answers(Letter{From: a.From, To: a.To, N: 2, At: a.At, Raw: a.Raw})
		require.NoError(t, err)
		require.Empty(t, answers, c.does)
	}
}

func TestAnswersCarryTheTracesOfTheirWay(t *testing.T) {
	for persona, does := range map[Name]Reaction{Keen: Interested, Away: OutOfOffice, Bouncer: Bounce, Complainer: Complaint} {
		a := theAnswer(t, cast(persona, French), offer, does)
		require.True(t, bytes.HasPrefix(a.Raw, []byte("Return-Path: <"+a.From+">\r\n")), does)
		e := read(t, a)
		require.Contains(t, e.GetHeader("Received"), "acme.example", does)
		id := e.GetHeader("Message-Id")
		require.Regexp(t, `^<[0-9a-f]{24}@.*acme\.example>$`, id)
		date, err := mail.ParseDate(e.GetHeader("Date"))
		require.NoError(t, err)
		require.True(t, date.Equal(a.At))
		require.True(t, a.At.After(monday))
	}
}
