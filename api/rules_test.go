package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// shortScript is a lead that says stop in the second week.
const shortScript = `title: They ask and say stop
lead: { source: ebook_download, zone: Europe/Berlin, country: DE }
begins: 2026-03-02 10:00
until: 2 weeks
happens:
  - { day: 10, stop: link }
`

func TestARehearsalIsPlayedAndNothingIsKept(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	a := w.post(api.Rep, "/v1/rehearsals", `{"script":`+quoted(shortScript)+`}`).is(http.StatusOK)
	require.Contains(t, string(a.body), "do_not_contact")
	require.Contains(t, string(a.body), "warm/acknowledge")
	w.unchanged(before)
}

func TestARehearsalOfAPublishedVersionFollowsThatVersion(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	script := quoted(shortScript)
	a := w.post(api.Rep, "/v1/rehearsals", `{"script":`+script+`,"playbook":"`+id+`"}`).is(http.StatusOK)
	require.Equal(t, id, a.text("playbook"))
	require.Equal(t, "2026-03-06", day(a, "email warm/idea sent"), "two working days later than")
	require.Equal(t, "2026-03-04", day(w.post(api.Rep, "/v1/rehearsals", `{"script":`+script+`}`).is(http.StatusOK), "email warm/idea sent"))
	w.post(api.Rep, "/v1/rehearsals", `{"script":`+script+`,"playbook":"none"}`).problem(http.StatusNotFound, "unknown_playbook")
}

// day is when a line of a rehearsal happened.
func day(a answer, detail string) string {
	a.Helper()
	for i := range a.list("lines") {
		if a.at(fmt.Sprintf("lines.%d.entry.detail", i)) == detail {
			return a.text(fmt.Sprintf("lines.%d.at", i))[:len(time.DateOnly)]
		}
	}
	a.Fatalf("%s did not happen: %s", detail, a.body)
	return ""
}

func TestAScriptThatCannotBePlayedNamesItsLine(t *testing.T) {
	w := newWorld(t)
	p := w.post(api.Rep, "/v1/rehearsals", `{"script":"title: x\nlead: { sorce: ebook_download }\n"}`).problem(422, "not_valid", "body.script")
	require.Contains(t, p.Errors[0].Message, "sorce")
	require.Regexp(t, `\b2\b`, p.Errors[0].Message)
}

func TestEveryRuleIsListedWithItsTitle(t *testing.T) {
	w := newWorld(t)
	a := w.get(api.Integration, "/v1/rules").is(http.StatusOK)
	require.Len(t, a.list("rules"), len(sequence.Catalogue()))
	require.NotEmpty(t, a.list("rules"))
	require.Contains(t, string(a.body), sequence.StopMeansStop.Title())
}
