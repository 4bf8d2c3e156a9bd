package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// said records an outcome and gives the path by which it is taken back.
func (w *world) said(lead, body string) string {
	w.Helper()
	return lead + "/outcomes/" + w.post(api.Rep, lead+"/outcomes", body).is(http.StatusOK).text("outcome_id") + "/undo"
}

func TestAnOutcomeThatIsTakenBackLeavesTheLeadAsItWas(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	call, before := w.open(lead, sequence.TaskCall), w.stateOf(lead)
	a := w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"not_interested","reason":"no budget","discussed":"the wrong Ann"}}`).is(http.StatusOK)
	require.Equal(t, "cold", a.text("stage"))
	require.Equal(t, "done", w.get(api.Rep, call).text("state"))

	back := w.post(api.Rep, lead+"/outcomes/"+a.text("outcome_id")+"/undo", `{}`).is(http.StatusOK)
	require.Equal(t, []string{"cold", "warm"}, []string{back.text("from_stage"), back.text("stage")})
	require.Equal(t, call, w.open(lead, sequence.TaskCall), "the call is in the queue again")
	task := w.get(api.Rep, call).is(http.StatusOK)
	require.Nil(t, task.at("result"))
	require.Empty(t, task.list("brief.outcomes"), "what was said by mistake is not shown")

	after := w.stateOf(lead)
	require.Equal(t, []any{before.Stage, before.Next, before.Watch, before.Touches}, []any{after.Stage, after.Next, after.Watch, after.Touches})
	w.post(api.Rep, lead+"/outcomes/"+a.text("outcome_id")+"/undo", `{}`).problem(http.StatusConflict, "not_the_last_outcome")
}

func TestATaskThatAnOutcomeAskedForGoesWithIt(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	undo := w.said(lead, `{"outcome":"wrong_person"}`)
	find := w.open(lead, sequence.TaskFindOthers)
	w.post(api.Rep, undo, `{}`).is(http.StatusOK)
	require.Equal(t, "cancelled", w.get(api.Rep, find).text("state"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM tasks WHERE lead_id = $1 AND state = 'open'`, idOf(lead)), "the call")
}

func TestWhatFollowedAnOutcomeIsNamedWhenItCannotBeTakenBack(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	undo := w.said(lead, `{"outcome":"call_scheduled","next_step":{"at":"`+w.in(50*time.Hour)+`"}}`)
	before := w.records()
	p := w.post(api.Rep, undo, `{}`).problem(http.StatusConflict, "cannot_be_undone")
	require.Regexp(t, `the email of touch t\d+ went out`, p.Detail, "the invitation is in their calendar")
	require.Contains(t, p.Remedy, "as a new outcome")
	w.unchanged(before)
	require.Len(t, w.get(api.Rep, w.open(lead, sequence.TaskCall)).list("brief.outcomes"), 1)
}

func TestOnlyTheLastOutcomeIsTakenBackAndOnlyForADay(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	first := w.said(lead, `{"outcome":"voicemail"}`)
	second := w.said(lead, `{"outcome":"voicemail"}`)
	w.post(api.Rep, first, `{}`).problem(http.StatusConflict, "not_the_last_outcome")
	w.post(api.Rep, lead+"/outcomes/"+uuid.NewString()+"/undo", `{}`).problem(http.StatusConflict, "not_the_last_outcome")
	w.pass(30 * time.Hour)
	w.post(api.Rep, second, `{}`).problem(http.StatusConflict, "too_late")
	require.Equal(t, 2, w.stateOf(lead).Voicemails)
	require.Zero(t, w.number(`SELECT count(*) FROM outcomes WHERE taken_back_at IS NOT NULL`))
}

func TestLeaveToStayInTouchComesWithItsOutcomeAndGoesWithIt(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"stay_in_touch"}`).problem(422, "permission_missing", "body.permission")
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"stay_in_touch","permission":{"channel":"email","every":"now and then"}}`).
		problem(422, "not_valid", "body.permission.every")
	require.Zero(t, w.number(`SELECT count(*) FROM outcomes`))

	undo := w.said(lead, `{"outcome":"stay_in_touch","permission":{"channel":"email","every":"2 months","until":"2027-03-01T00:00:00Z"}}`)
	grant := w.stateOf(lead).Grant
	require.Equal(t, sequence.Wait{N: 2, Unit: sequence.Months}, grant.Every)
	require.Equal(t, sequence.CheckIn, w.stateOf(lead).Stage)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM permissions WHERE every = '2 months' AND until = '2027-03-01'`))

	w.post(api.Rep, undo, `{}`).is(http.StatusOK)
	require.Nil(t, w.stateOf(lead).Grant)
	require.Zero(t, w.number(`SELECT count(*) FROM permissions WHERE until IS NULL OR until > $1`, w.now()), "and no leave is left in the records")
}

func TestAnEstimatedAmountMovesTheLeadInTheQueue(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	lead := w.lead("bo")
	before := w.get(api.Manager, "/v1/queue").is(http.StatusOK)
	require.Equal(t, before.at("tasks.0.priority"), before.at("tasks.1.priority"), "nothing tells them apart")
	require.Equal(t, false, before.at("tasks.1.priority.value.known"), "worth what the playbook assumes")
	w.post(api.Rep, lead+"/amount", `{"amount":900000}`).is(http.StatusOK)
	q := w.get(api.Manager, "/v1/queue").is(http.StatusOK)
	require.Equal(t, []string{"bo", "ann"}, q.names())
	require.EqualValues(t, 900_000, q.at("tasks.0.priority.value.amount"))
	require.Equal(t, 900_000, w.number(`SELECT amount FROM leads WHERE id = $1`, idOf(lead)))
	for body, field := range map[string]string{`{}`: "body.amount", `{"amount":-1}`: "body.amount", `{"amount":100000000000001}`: "body.amount"} {
		w.post(api.Rep, lead+"/amount", body).problem(422, "not_valid", field)
	}
}
