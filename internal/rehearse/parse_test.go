package rehearse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/rehearse"
)

const head = `lead: { source: info_request, zone: Europe/Berlin, country: DE }
begins: 2026-03-02 10:00
until: 2 months
happens:
`

func TestAFaultIsShownWithItsPlaceAndARemedy(t *testing.T) {
	for _, c := range []struct{ story, line, place, says string }{
		{"an unknown key", "- { day: 4, outcomes: won }", "[5:13]", "outcomes"},
		{"an unknown outcome", "- { day: 4, outcome: sold }", "[5:22]", "call_scheduled"},
		{"two things at once", "- { day: 4, reply: true, stop: link }", "[5:5]", "a line for each"},
		{"nothing", "- { day: 4 }", "[5:5]", "say what"},
		{"two moments", "- { day: 4, month: 2, reply: true }", "[5:5]", "give one of"},
		{"no day", "- { day: soon, reply: true }", "[5:10]", `write "day 4"`},
		{"day 0", "- { day: 0, reply: true }", "[5:10]", "day 1 is the day"},
		{"no time of day", "- { day: 4 29:00, reply: true }", "[5:10]", "09:30"},
		{"no month", "- { month: June, reply: true }", "[5:12]", "month 1 is the first"},
		{"no date", "- { date: tomorrow, reply: true }", "[5:11]", "2026-05-04"},
		{"no stage", "- { at: lukewarm, reply: true }", "[5:9]", "neither a stage nor the call"},
		{"no play of that stage", "- { at: cold/inbound, reply: true }", "[5:9]", "cold/value"},
		{"no length", "- { after: a while, reply: true }", "[5:12]", "2 days"},
		{"working time", "- { after: 2 working days, reply: true }", "[5:12]", "2 days"},
		{"no touch", "- { after: touch five, reply: true }", "[5:12]", "touch 5"},
		{"no next time", "- { outcome: call_scheduled, next: later }", "[5:36]", "3 days"},
		{"a next time without an outcome", "- { reply: true, next: 3 days }", "[5:24]", "together with outcome"},
		{"a permission without a channel", "- { permission: { every: 2 months } }", "[5:19]", "channel"},
		{"no such mail trouble", "- { mail: eaten }", "[5:11]", "deferred"},
		{"no such habit", "- { rep: { calls: always } }", "[5:19]", "no_answer"},
		{"no such channel", "- { bounce: fax }", "[5:13]", "email"},
		{"no such task", "- { done: lunch }", "[5:11]", "manual"},
		{"a text for a number", "- { times: often, reply: true }", "[5:12]", ""},
	} {
		t.Run(c.story, func(t *testing.T) {
			_, err := rehearse.Parse([]byte(head + c.line + "\n"))
			require.ErrorContains(t, err, c.place)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestAFaultInTheHeadIsShownWithItsPlaceAndARemedy(t *testing.T) {
	for _, c := range []struct{ story, script, place, says string }{
		{"no source", "lead: { zone: Europe/Berlin }\nbegins: 2026-03-02\nuntil: 2 months\n", "[1:9]", "source: info_request"},
		{"no such zone", "lead: { source: x, zone: Berlin }\nbegins: 2026-03-02\nuntil: 2 months\n", "[1:26]", "Europe/Berlin"},
		{"no beginning", "lead: { source: x }\nuntil: 2 months\n", "[1:1]", "2026-03-02 10:00"},
		{"no end", "lead: { source: x }\nbegins: 2026-03-02\nuntil: the end\n", "[3:8]", "14 months"},
		{"no such habit", "lead: { source: x }\nbegins: 2026-03-02\nuntil: 2 months\nrep: { tasks: some }\n", "[4:15]", "done, none"},
		{"eleven stakeholders", "lead: { source: x, stakeholders: 11 }\nbegins: 2026-03-02\nuntil: 2 months\n", "[1:34]", "0 to 10"},
	} {
		t.Run(c.story, func(t *testing.T) {
			_, err := rehearse.Parse([]byte(c.script))
			require.ErrorContains(t, err, c.place)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestEveryFaultIsShownAtOnce(t *testing.T) {
	_, err := rehearse.Parse([]byte(head + "  - { day: soon, reply: true }\n  - { outcome: sold }\n"))
	require.ErrorContains(t, err, "[5:12]")
	require.ErrorContains(t, err, "[6:16]")
}
