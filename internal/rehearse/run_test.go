package rehearse_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

var readDefault = sync.OnceValues(playbooks.Default)

func defaultPlaybook(t *testing.T) *sequence.Playbook {
	pb, err := readDefault()
	require.NoError(t, err)
	return pb
}

// evidence finds the line that shows an event, and when it happened in Berlin.
func evidence(t *testing.T, told rehearse.Rehearsal, of string) (rehearse.Line, string) {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, l := range told.Lines {
		if l.Entry != nil && strings.Contains(l.Entry.Detail+strings.Join(l.Entry.Evidence, " "), of) {
			return l, l.At.In(berlin).Format("2006-01-02 15:04")
		}
	}
	t.Fatalf("nothing shows %s", of)
	return rehearse.Line{}, ""
}

func TestEveryKindOfMomentComesWhenItIsSaid(t *testing.T) {
	const visit = "engagement: site_visit }\n"
	for _, c := range []struct{ story, lines, at string }{
		{"a day, at the hour of the beginning", "- { day: 4, " + visit, "2026-03-05 10:00"},
		{"a day and its time", "- { day: 15 14:30, " + visit, "2026-03-16 14:30"},
		{"the wall clock stays when the clocks change", "- { day: 31, " + visit, "2026-04-01 10:00"},
		{"a month", "- { month: 2, " + visit, "2026-04-02 10:00"},
		{"a day of a month", "- { month: 2 day 3 08:15, " + visit, "2026-04-04 08:15"},
		{"a date", "- { date: 2026-03-20 09:00, " + visit, "2026-03-20 09:00"},
		{"a date without a time", "- { date: 2026-03-20, " + visit, "2026-03-20 10:00"},
		{"at once after the line above", "- { day: 4, news: n1 }\n  - { " + visit, "2026-03-05 10:00"},
		{"a while after the line above", "- { day: 4, news: n1 }\n  - { after: 90 minutes, " + visit, "2026-03-05 11:30"},
		{"days after it, at a time", "- { day: 4, news: n1 }\n  - { after: 1 day 08:00, " + visit, "2026-03-06 08:00"},
		{"a quarter of an hour after the agreed call", "- { day: 2, outcome: call_scheduled, next: day 4 14:00 }\n  - { at: call, " + visit, "2026-03-05 14:15"},
		{"longer after it", "- { day: 2, outcome: call_scheduled, next: day 4 14:00 }\n  - { at: call, after: 1 hour, " + visit, "2026-03-05 15:00"},
		{"in a stage", "- { day: 2, outcome: not_now }\n  - { at: cold, " + visit, "2026-03-03 10:00"},
		{"days after a stage was entered", "- { day: 2, outcome: not_now }\n  - { at: cold/value, after: 2 days, " + visit, "2026-03-05 10:00"},
		{"after so many touches", "- { after: touch 2, " + visit, "2026-03-02 10:10"},
		{"after a text was sent", "- { after: email warm/acknowledge, " + visit, "2026-03-02 10:00"},
	} {
		t.Run(c.story, func(t *testing.T) {
			told := play(t, head+"  "+c.lines)
			require.Empty(t, told.Unmet)
			_, at := evidence(t, told, "site_visit")
			require.Equal(t, c.at, at)
		})
	}
}

func TestALineThatHappensSeveralTimesKeepsItsDistance(t *testing.T) {
	told := play(t, head+"  - { day: 3, outcome: no_answer, times: 3, every: 2 hours }\n")
	var hours []int
	for _, l := range told.Lines {
		if l.Entry != nil && strings.HasPrefix(l.Entry.Detail, "outcome:no_answer") && l.At.UTC().Day() == 4 {
			hours = append(hours, l.At.UTC().Hour())
		}
	}
	require.Equal(t, []int{9, 11, 13}, hours)
}

func TestARefusalIsTold(t *testing.T) {
	told := play(t, head+"  - { day: 2, outcome: no_show }\n")
	require.Empty(t, told.Unmet, "a refusal nobody ruled out is part of the story")
	require.Contains(t, told.Text(false), "refused        outcome no_show: no call is scheduled that the lead could have missed; record no_answer instead")
}

func TestAnExpectationThatIsNotMetIsNamed(t *testing.T) {
	for expect, met := range map[string]bool{
		"refused": false, "no_call_scheduled": false, "warm": true, "warm/inbound": true, "cold": false,
	} {
		told := play(t, head+"  - { day: 2, engagement: site_visit, expect: "+expect+" }\n")
		require.Equalf(t, met, len(told.Unmet) == 0, "expect: %s", expect)
	}
}

func TestAMomentThatNeverComesIsNamed(t *testing.T) {
	told := play(t, head+"  - { at: call, outcome: no_show }\n")
	require.Equal(t, []string{"happens[0]: this never happened: no call was agreed"}, told.Unmet)
}

func TestALineWhoseMomentHasGoneByComesLate(t *testing.T) {
	told := play(t, head+"  - { day: 10, engagement: site_visit }\n  - { day: 4, reply: true }\n")
	require.Len(t, told.Unmet, 1)
	require.Contains(t, told.Unmet[0], "comes late")
}

func TestTheOwnerDoesWhatTheScriptSays(t *testing.T) {
	for rep, calls := range map[string]bool{"{ calls: none }": false, "{ calls: no_answer }": true} {
		told := play(t, head+"  - { rep: "+rep+" }\n")
		require.Equal(t, calls, strings.Contains(told.Text(false), "outcome:no_answer"), rep)
	}
}

func TestMailTroubleMeetsTheNextEmailOnly(t *testing.T) {
	told := play(t, head+"  - { day: 2, mail: deferred }\n")
	text := told.Text(false)
	require.Equal(t, 1, strings.Count(text, "could not be handed over"))
	require.Contains(t, text, "email warm/idea sent")
}

func TestARehearsalIsReadableByPrograms(t *testing.T) {
	told := play(t, head+"  - { chapter: One }\n  - { day: 2, outcome: no_show }\n")
	raw, err := json.Marshal(told)
	require.NoError(t, err)
	var back struct {
		Lines []struct {
			Chapter string
			Refusal *sequence.Refusal
		}
		Rules  []string
		Stands struct{ Waiting string }
	}
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, "One", back.Lines[0].Chapter)
	require.NotEmpty(t, back.Stands.Waiting)
	require.Contains(t, back.Rules, "R01")
}

func TestTheSameScriptTellsTheSameStory(t *testing.T) {
	script := head + "  - { day: 4, out_of_office: true }\n  - { at: cold, diagnosis: too_slow }\n"
	require.Equal(t, play(t, script).Text(true), play(t, script).Text(true))
}
