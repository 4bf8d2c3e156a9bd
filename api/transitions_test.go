package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestAFinishedLeadTakesNoMoreDecisions(t *testing.T) {
	for name, end := range map[string]struct{ path, body string }{
		"won":            {"/win", `{}`},
		"disqualified":   {"/disqualify", `{"reason":"not_a_fit"}`},
		"do_not_contact": {"/opt-out", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			kim := w.user("Kim", "rep")
			lead := w.lead("ann")
			call := w.open(lead, sequence.TaskCall)
			w.post(api.Rep, lead+end.path, end.body).is(http.StatusOK)
			require.Equal(t, name, w.get(api.Rep, lead).text("stage"))
			before := w.records()
			for path, body := range map[string]string{
				"/outcomes": `{"outcome":"no_answer"}`, "/snooze": `{"until":"2026-04-01T10:00:00Z"}`, "/pause": `{}`, "/resume": `{}`,
				"/reassign": `{"owner_id":"` + kim.String() + `"}`, "/win": `{"amount":1}`, "/disqualify": `{"reason":"other"}`,
				"/stakeholders": `{"email":"cy@acme.example"}`, "/proposals": `{"amount":1}`, "/permissions": `{"channel":"email"}`,
				"/diagnosis": `{"diagnosis":"timing"}`,
			} {
				p := w.post(api.Admin, lead+path, body).problem(http.StatusConflict, "lead_is_final")
				require.Contains(t, p.Detail, name)
			}
			w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"no_answer"}}`).problem(http.StatusConflict, "task_closed")
			w.unchanged(before)
			w.post(api.Rep, lead+"/opt-out", `{}`).is(http.StatusOK) // a stop is always heard
		})
	}
}

// impossible are decisions that this lead cannot take now, each with what stands
// in the way.
var impossible = []struct {
	name, path, body string
	status           int
	code             string
	fields           []string
}{
	{"a missed call where none was agreed", "L/outcomes", `{"outcome":"no_show"}`, 422, "no_call_scheduled", []string{"body.outcome"}},
	{"a missed call that is still to come", "B/outcomes", `{"outcome":"no_show"}`, 422, "call_not_yet", []string{"body.outcome"}},
	{"an objection where nobody else is contacted", "L/outcomes", `{"outcome":"objection"}`, 422, "no_outreach", []string{"body.outcome"}},
	{"resuming what is not paused", "L/resume", `{}`, 409, "not_paused", nil},
	{"giving it to its owner", "L/reassign", `{"owner_id":"ROBIN"}`, 422, "same_owner", []string{"body.owner_id"}},
	{"giving it to nobody", "L/reassign", `{"owner_id":"NOBODY"}`, 422, "unknown_owner", []string{"body.owner_id"}},
	{"giving it to somebody who has left", "L/reassign", `{"owner_id":"GONE"}`, 422, "unknown_owner", []string{"body.owner_id"}},
	{"enrolling for somebody who has left", "/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","owner_id":"GONE"}`, 422, "unknown_owner", []string{"body.owner_id"}},
	{"interest without a next step", "L/outcomes", `{"outcome":"interested"}`, 422, "next_step_missing", []string{"body.next_step"}},
	{"a reason why there is none that says nothing", "L/outcomes", `{"outcome":"interested","next_step":{"why_none":" \n"}}`, 422, "next_step_missing", []string{"body.next_step"}},
	{"neither yes nor no without a next step", "L/outcomes", `{"outcome":"non_committal"}`, 422, "next_step_missing", []string{"body.next_step"}},
	{"an agreed call without its time", "L/outcomes", `{"outcome":"call_scheduled"}`, 422, "next_step_missing", []string{"body.next_step.at"}},
	{"information without a next call", "L/outcomes", `{"outcome":"send_information","next_step":{"why_none":"they read first"}}`, 422, "next_step_missing", []string{"body.next_step.at"}},
	{"a no without its reason", "L/outcomes", `{"outcome":"not_interested"}`, 422, "reason_missing", []string{"body.reason"}},
	{"not qualified without a reason", "L/outcomes", `{"outcome":"not_qualified","reason":"  "}`, 422, "reason_missing", []string{"body.reason"}},
	{"a call at night", "L/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"2026-03-10T20:30:00Z"}}`, 422, "outside_calling_hours", []string{"body.next_step.at"}},
	{"a call before dawn", "T/complete", `{"outcome":{"outcome":"call_scheduled","next_step":{"at":"2026-03-10T06:59:00Z"}}}`, 422, "outside_calling_hours", []string{"body.outcome.next_step.at"}},
	{"a stakeholder who is the lead", "L/stakeholders", `{"email":"ANN@acme.example"}`, 422, "not_valid", []string{"body.email"}},
	{"completing a call without its outcome", "T/complete", `{"note":"done"}`, 422, "not_valid", []string{"body.outcome"}},
	{"completing a call with a diagnosis", "T/complete", `{"diagnosis":"timing"}`, 422, "not_valid", []string{"body.outcome"}},
	{"a diagnosis of a warm lead", "L/diagnosis", `{"diagnosis":"timing"}`, 409, "not_cold", nil},
	{"enrolling a person twice", "/v1/leads", `{"email":"Ann@ACME.example","source":"webinar_attended"}`, 409, "already_enrolled", []string{"body.email"}},
	{"a reply from nobody", "/v1/replies", `{"email":"nobody@acme.example"}`, 404, "nobody", []string{"body.email"}},
	{"a reply from one who has no lead", "/v1/replies", `{"email":"gone@acme.example"}`, 404, "nobody", []string{"body.email"}},
}

func TestADecisionThatCannotBeIsRefusedWithItsRemedy(t *testing.T) {
	w := newWorld(t)
	lead, booked, finished := w.lead("ann"), w.lead("bea"), w.lead("gone")
	gone := w.user("Gone", "rep")
	w.exec(`UPDATE users SET active = false WHERE id = $1`, gone)
	w.postf(api.Rep, booked+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(48*time.Hour)).is(http.StatusOK)
	w.post(api.Rep, finished+"/win", `{}`).is(http.StatusOK)
	fill := strings.NewReplacer("L/", lead+"/", "B/", booked+"/", "T/", w.open(lead, sequence.TaskCall)+"/",
		"ROBIN", w.robin.String(), "NOBODY", uuid.NewString(), "GONE", gone.String())
	before := w.records()
	for _, c := range impossible {
		t.Run(c.name, func(t *testing.T) {
			a := w.send(request{method: http.MethodPost, path: fill.Replace(c.path), key: w.keys[api.Admin], once: uuid.NewString(), body: fill.Replace(c.body)})
			a.TB = t
			a.problem(c.status, c.code, c.fields...)
		})
	}
	w.unchanged(before)
}

func TestTheEleventhStakeholderIsRefusedAndNotKept(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	for i := range 10 {
		w.postf(api.Rep, lead+"/stakeholders", `{"email":"s%d@acme.example"}`, i).is(http.StatusOK)
	}
	w.post(api.Rep, lead+"/stakeholders", `{"email":"s10@acme.example"}`).problem(http.StatusConflict, "too_many_stakeholders")
	w.post(api.Rep, lead+"/stakeholders", `{"email":"s3@acme.example"}`).is(http.StatusOK) // is one of the ten
	require.Equal(t, 10, w.number(`SELECT count(*) FROM stakeholders`))
	require.Len(t, w.stateOf(lead).Others, 10)
}

func TestAClosedTaskIsNotCompletedAgain(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	call := w.open(lead, sequence.TaskCall)
	w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"no_answer"}}`).is(http.StatusOK)
	before := w.records()
	p := w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"no_answer"}}`).problem(http.StatusConflict, "task_closed")
	require.Contains(t, p.Detail, "done: no_answer")
	w.unchanged(before)
}

func TestNobodyCanBeEnrolledWithoutARep(t *testing.T) {
	w := newWorld(t)
	w.exec(`UPDATE users SET active = false WHERE role = 'rep'`)
	before := w.records()
	w.post(api.Manager, "/v1/leads", `{"email":"bo@acme.example","source":"ebook_download"}`).problem(http.StatusConflict, "no_rep")
	w.post(api.Integration, "/v1/engagements", `{"email":"bo@acme.example","kind":"ebook_download"}`).problem(http.StatusConflict, "no_rep")
	w.unchanged(before)
}
