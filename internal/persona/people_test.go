package persona

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"
)

func TestPeopleAnswerInTheThreadInTheirLanguageWithTheOriginalQuoted(t *testing.T) {
	replies := map[Name]Reaction{Keen: Interested, Inquirer: Question, Later: NotNow, Collector: SendInfo, Remover: RemoveMe}
	for persona, does := range replies {
		said := map[string]bool{}
		for _, language := range Languages() {
			a := theAnswer(t, cast(persona, language), offer, does)
			require.Equal(t, prospect, a.From)
			require.Equal(t, rep, a.To, "people answer the author, not the envelope's sender")
			e := read(t, a)
			require.Equal(t, "<touch-2@rekindle.example>", e.GetHeader("In-Reply-To"))
			require.Equal(t, "<touch-1@rekindle.example> <touch-2@rekindle.example>", e.GetHeader("References"))
			require.Empty(t, e.GetHeader("Auto-Submitted"))
			require.Contains(t, e.GetHeader("From"), "Jorge Díaz")
			require.Contains(t, e.GetHeader("Subject"), "Your größeres plan")
			require.Contains(t, e.Text, "Shall we talk about Größe?", "the original is quoted")
			require.Contains(t, e.Text, "\n-- \n", "a signature")
			require.Contains(t, oneLine(e.Text), oneLine(tongues[language].says[does]))
			said[tongues[language].says[does]] = true
		}
		require.Len(t, said, len(Languages()), "%s says it in every language in other words", does)
	}
}

func TestMailProgramsQuoteEachInTheirWay(t *testing.T) {
	quotes := map[dialect]bool{}
	for i := range 30 {
		w := cast(Keen, German)
		w.Seed = uint64(i)
		e := read(t, theAnswer(t, w, offer, Interested))
		switch {
		case strings.Contains(e.Text, "-----Ursprüngliche Nachricht-----"):
			require.Equal(t, "AW: Your größeres plan", e.GetHeader("Subject"))
			require.Contains(t, e.Text, "Von: Rita Rep <rita@rekindle.example>")
			quotes[outlook] = true
		case e.HTML != "":
			require.Contains(t, e.HTML, `<blockquote class="gmail_quote">Shall we talk about Größe?`)
			require.Contains(t, e.HTML, "&lt;rita@rekindle.example&gt;")
			require.Contains(t, e.Text, "> Shall we talk")
			quotes[webmail] = true
		default:
			require.Contains(t, e.Text, "Am 2. März 2026 um 09:30 schrieb Rita Rep <rita@rekindle.example>:\n> Shall we talk")
			quotes[classic] = true
		}
	}
	require.Len(t, quotes, int(dialects))
}

func TestAnswersGoToReplyTo(t *testing.T) {
	a := theAnswer(t, cast(Keen, English), "Reply-To: desk@rekindle.example\r\n"+offer, Interested)
	require.Equal(t, "desk@rekindle.example", a.To)
}

func TestPrefixesOfAnswersDoNotPileUp(t *testing.T) {
	for subject, want := range map[string]string{"Re: AW: R: plan": "plan", "plan: the second": "plan: the second", "": "", "Re:": ""} {
		require.Equal(t, want, original{subject: subject}.plainSubject())
	}
}

func TestOutOfOfficeNamesTheDayOfReturnInEveryLanguage(t *testing.T) {
	for _, language := range Languages() {
		forms := map[string]bool{}
		for seed := range uint64(20) {
			w := cast(Away, language)
			w.Seed = seed
			a := theAnswer(t, w, offer, OutOfOffice)
			require.Empty(t, a.From)
			require.Equal(t, "bounces+2@rekindle.example", a.To, "machines answer the envelope's sender")
			e := read(t, a)
			require.Equal(t, "auto-replied", e.GetHeader("Auto-Submitted"))
			require.Equal(t, "<touch-2@rekindle.example>", e.GetHeader("In-Reply-To"))
			require.Equal(t, tongues[language].awaySubject+"Your größeres plan", e.GetHeader("Subject"))
			o, err := readOriginal(letterOf(offer, 2))
			require.NoError(t, err)
			s := scene{World: w, Role: w.Role(prospect), original: o, at: a.At}
			back := s.back()
			require.True(t, back.After(a.At.AddDate(0, 0, 2)) && back.Before(a.At.AddDate(0, 0, 18)))
			require.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, back.Weekday())
			for style := range 3 {
				if strings.Contains(e.Text, tongues[language].on(back, style)) {
					forms[fmt.Sprint(style)] = true
				}
			}
		}
		require.Len(t, forms, 3, "%s: the date is written long, in numbers and without its year", language)
	}
}

func TestDatesAreWrittenAsTheLanguageDoes(t *testing.T) {
	first := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for language, want := range map[Language][3]string{
		English: {"1 March 2026", "March 1, 2026", "March 1"}, German: {"1. März 2026", "01.03.2026", "1. März"},
		French: {"1er mars 2026", "01/03/2026", "1er mars"}, Spanish: {"1 de marzo de 2026", "01/03/2026", "1 de marzo"},
		Portuguese: {"1 de março de 2026", "01/03/2026", "1 de março"}, Italian: {"1º marzo 2026", "01/03/2026", "1º marzo"},
		Dutch: {"1 maart 2026", "01-03-2026", "1 maart"},
	} {
		for style, text := range want {
			require.Equal(t, text, tongues[language].on(first, style))
		}
	}
}

// calendarOf is the calendar of an answer.
func calendarOf(t *testing.T, a Answer) (event *ics.VEvent, method string) {
	t.Helper()
	e := read(t, a)
	part := e.Root.BreadthMatchFirst(func(p *enmime.Part) bool { return p.ContentType == "text/calendar" })
	require.NotNil(t, part)
	calendar, err := ics.ParseCalendar(bytes.NewReader(part.Content))
	require.NoError(t, err)
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Contains(t, string(part.Content), "METHOD:"+params["method"]+"\r\n")
	require.Len(t, calendar.Events(), 1)
	return calendar.Events()[0], params["method"]
}

func TestInvitationsAreAnsweredWithTheSameUID(t *testing.T) {
	for _, c := range []struct {
		persona  Name
		sequence int
		does     Reaction
		method   string
		status   string
		start    time.Time
	}{
		{Keen, 0, Accept, "REPLY", "ACCEPTED", time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)},
		{Later, 1, Decline, "REPLY", "DECLINED", time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)},
		{Decliner, 0, Decline, "REPLY", "DECLINED", time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)},
		{Rescheduler, 0, Counter, "COUNTER", "TENTATIVE", time.Date(2026, 3, 9, 15, 0, 0, 0, time.UTC)}, // a Friday's next working day
		{Rescheduler, 1, Accept, "REPLY", "ACCEPTED", time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)},
	} {
		for n := 1; n <= 4; n++ {
			answers, err := cast(c.persona, Dutch).Answers(letterOf(invitationOf(c.sequence), n))
			require.NoError(t, err)
			require.Len(t, answers, 1, "an invitation is answered as such, whatever else one would have written")
			a := answers[0]
			require.Equal(t, c.does, a.Does)
			require.Equal(t, rep, a.To)
			event, method := calendarOf(t, a)
			require.Equal(t, c.method, method)
			require.Equal(t, "call-7", event.Id())
			require.Equal(t, fmt.Sprint(c.sequence), event.GetProperty(ics.ComponentPropertySequence).Value)
			require.Len(t, event.Attendees(), 1)
			require.Equal(t, "mailto:"+prospect, event.Attendees()[0].Value)
			require.Equal(t, []string{c.status}, event.Attendees()[0].ICalParameters["PARTSTAT"])
			start, err := event.GetStartAt()
			require.NoError(t, err)
			require.True(t, start.Equal(c.start), start)
			require.Equal(t, "<touch-3@rekindle.example>", read(t, a).GetHeader("In-Reply-To"))
		}
	}
}

func TestAnInvitationTakenBackIsNotAnswered(t *testing.T) {
	answers, err := cast(Decliner, English).Answers(letterOf(strings.ReplaceAll(invitationOf(0), "METHOD:REQUEST", "METHOD:CANCEL"), 1))
	require.NoError(t, err)
	require.Empty(t, answers)
}
