package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestAnOutcomeChangesTheStageAndSaysWhatIsNextAndWhy(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	a := w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","discussed":"Wants a demo","next_step":{"at":"%s"}}`, w.in(50*time.Hour)).is(http.StatusOK)
	require.Equal(t, "warm", a.text("from_stage"))
	require.Equal(t, "scheduled_call", a.text("stage"))
	require.Equal(t, "booked", a.text("play"))
	require.Contains(t, a.text("next_step"), "scheduled_call/")
	require.NotEmpty(t, a.text("next_at"))
	require.Equal(t, "R21", a.text("explanation.because.0.rule"))
	require.Contains(t, a.text("explanation.because.0.evidence.0"), "outcome:call_scheduled:")

	require.Equal(t, "scheduled_call", w.get(api.Rep, lead).text("stage"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM outcomes WHERE outcome = 'call_scheduled' AND discussed = 'Wants a demo' AND by_user = $1`, w.robin))
	due := w.get(api.Rep, w.open(lead, sequence.TaskCall)).is(http.StatusOK)
	require.Equal(t, w.in(50*time.Hour), due.text("due_at"), "the agreed call stands in the queue")
}

func TestALeadThatIsSnoozedPausedAndResumedSaysSo(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	a := w.post(api.Rep, lead+"/snooze", `{"until":"2026-04-01T10:00:00Z"}`).is(http.StatusOK)
	require.Equal(t, "2026-04-01T10:00:00Z", a.text("next_at"))
	require.Equal(t, "the time the lead asked for", a.text("next_step"))
	require.Equal(t, "snoozed", w.get(api.Rep, lead).text("blocked"))

	a = w.post(api.Rep, lead+"/pause", `{}`).is(http.StatusOK)
	require.Equal(t, "somebody to resume it", a.text("next_step"))
	require.Equal(t, "manual", w.get(api.Rep, lead).text("blocked"))
	w.post(api.Rep, lead+"/pause", `{"reason":"owner_on_leave","until":"2026-03-20T08:00:00Z"}`).is(http.StatusOK)
	require.Equal(t, "owner_on_leave", w.get(api.Rep, lead).text("blocked"))

	w.post(api.Rep, lead+"/resume", `{}`).is(http.StatusOK)
	require.Nil(t, w.get(api.Rep, lead).at("blocked"))
	require.Nil(t, w.stateOf(lead).Pause)
}

func TestAReassignedLeadTakesItsOpenTasksAlong(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	call := w.open(lead, sequence.TaskCall)
	kim := w.user("Kim", "rep")
	w.postf(api.Manager, lead+"/reassign", `{"owner_id":"%s"}`, kim).is(http.StatusOK)

	require.Empty(t, w.get(api.Rep, "/v1/queue").is(http.StatusOK).list("tasks"), "Robin has nothing to do")
	w.key(api.Rep, &kim)
	queue := w.get(api.Rep, "/v1/queue").is(http.StatusOK)
	require.Len(t, queue.list("tasks"), 1)
	require.Equal(t, idOf(call), queue.text("tasks.0.id"))
	require.Equal(t, "Kim", w.get(api.Rep, lead).text("owner"))
	require.Equal(t, kim.String(), w.stateOf(lead).Owner)
}

func TestAWinAndADisqualificationEndTheLife(t *testing.T) {
	w := newWorld(t)
	won, lost := w.lead("ann"), w.lead("bo")
	a := w.post(api.Rep, won+"/win", `{"amount":700000}`).is(http.StatusOK)
	require.Equal(t, "won", a.text("stage"))
	require.Contains(t, a.text("next_step"), "this life is over")
	require.EqualValues(t, 700000, w.get(api.Rep, won).at("amount"))

	a = w.post(api.Rep, lost+"/disqualify", `{"reason":"competitor"}`).is(http.StatusOK)
	require.Equal(t, "disqualified", a.text("stage"))
	require.Equal(t, "R43", a.text("explanation.because.0.rule"))
	require.Equal(t, "competitor", w.stateOf(lost).EndedBy)
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE state = 'open'`))
	require.Zero(t, w.number(`SELECT count(*) FROM leads WHERE next_at IS NOT NULL`))
}

func TestAProposalAPermissionAndADiagnosisAreKeptAndKnown(t *testing.T) {
	w := newWorld(t)
	lead := w.cold("ann")
	w.post(api.Rep, lead+"/proposals", `{"amount":900000,"expires_at":"2026-05-01T10:00:00Z"}`).is(http.StatusOK)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM proposals WHERE amount = 900000 AND expires_at = '2026-05-01T10:00:00Z'`))
	require.EqualValues(t, 900000, w.get(api.Rep, lead).at("amount"))
	require.NotNil(t, w.stateOf(lead).Proposal)

	w.post(api.Rep, lead+"/permissions", `{"channel":"email","every":"2 months"}`).is(http.StatusOK)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM permissions WHERE channel = 'email' AND every = '2 months' AND until IS NULL`))
	require.Equal(t, sequence.Wait{N: 2, Unit: sequence.Months}, w.stateOf(lead).Grant.Every)

	a := w.post(api.Rep, lead+"/diagnosis", `{"diagnosis":"too_slow"}`).is(http.StatusOK)
	require.Equal(t, "faster", a.text("play"))
	require.Equal(t, sequence.TooSlow, w.stateOf(lead).Diagnosis)
}

func TestAStakeholderIsNamedOnceAndTalkedTo(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	for range 2 {
		w.post(api.Rep, lead+"/stakeholders", `{"name":"Cy Doe","email":"cy@acme.example","title":"CTO"}`).is(http.StatusOK)
	}
	require.Equal(t, 1, w.number(`SELECT count(*) FROM stakeholders`))
	require.Len(t, w.stateOf(lead).Others, 1)
	cy := w.stateOf(lead).Others[0].ID
	require.Equal(t, 1, w.number(`SELECT count(*) FROM people p JOIN leads l USING (account_id) WHERE p.id = $1`, cy), "at the same account")

	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"interested","with":"%s","next_step":{"why_none":"asks the CFO"}}`, cy).is(http.StatusOK)
	require.True(t, w.stateOf(lead).Others[0].Closed)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM outcomes WHERE person_id = $1`, cy))
}

func TestAStopOfAStakeholderIsTheirsAlone(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/stakeholders", `{"name":"Cy Doe","email":"cy@acme.example"}`).is(http.StatusOK)
	cy := w.stateOf(lead).Others[0].ID
	a := w.postf(api.Rep, lead+"/outcomes", `{"outcome":"stop","with":"%s"}`, cy).is(http.StatusOK)
	require.Equal(t, "warm", a.text("stage"))
	require.Equal(t, "warm", w.get(api.Rep, lead).text("stage"))
	w.post(api.Rep, "/v1/leads", `{"email":"cy@acme.example","source":"ebook_download"}`).problem(http.StatusConflict, "person_said_stop")
}

func TestARefusedDecisionLeavesNoTraceInTheRecords(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	before := w.records()
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"no_show","discussed":"nobody came"}`).problem(422, "no_call_scheduled")
	w.unchanged(before)
	w.engine(true)
	for path, body := range map[string]string{
		"/outcomes": `{"outcome":"no_answer"}`, "/win": `{"amount":1}`, "/proposals": `{"amount":2}`, "/permissions": `{"channel":"email"}`,
	} {
		w.post(api.Rep, lead+path, body).problem(http.StatusServiceUnavailable, "engine_away")
	}
	w.unchanged(before)
}

func TestTheTimelineNamesWhoDecided(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/pause", `{}`).is(http.StatusOK)
	id := w.key(api.Admin, nil)
	w.post(api.Admin, lead+"/resume", `{}`).is(http.StatusOK)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM audit WHERE what = 'pause_began' AND actor = $1`, w.robin))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM audit WHERE what = 'pause_ended' AND actor = $1`, "key:"+id.String()))
}
