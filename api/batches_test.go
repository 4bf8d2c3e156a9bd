package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// chosen makes a batch for all leads and gives its address.
func (w *world) chosen(act string) string {
	w.Helper()
	return "/v1/batches/" + w.post(api.Manager, "/v1/batches", `{"act":"`+act+`"}`).is(http.StatusCreated).text("id")
}

// paused is a batch that has paused all leads.
func (w *world) paused() string {
	w.Helper()
	at := w.chosen("pause")
	w.begin(at)
	return at
}

// begin starts a batch and has all its leads asked, as the engine does.
func (w *world) begin(at string) answer {
	w.Helper()
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.askAll(at)
	return w.get(api.Manager, at).is(http.StatusOK)
}

func (w *world) askAll(at string) {
	w.Helper()
	id, pass := uuid.MustParse(idOf(at)), w.number("SELECT pass FROM batches WHERE id = $1", idOf(at))
	for after := uuid.Nil; ; {
		moved, err := w.batches().Ask(w.Context(), id, pass, after)
		require.NoError(w, err)
		if moved.Done {
			break
		}
		after = uuid.MustParse(moved.After)
	}
	require.NoError(w, w.batches().Finish(w.Context(), id, pass))
}

func TestManyLeadsArePausedAndGoOn(t *testing.T) {
	w := newWorld(t)
	ann, ben, cleo := w.lead("ann"), w.lead("ben"), w.lead("cleo")
	w.post(api.Rep, ben+"/snooze", fmt.Sprintf(`{"until":%q}`, w.now().Add(30*24*time.Hour).Format(time.RFC3339))).is(http.StatusOK)
	w.post(api.Rep, cleo+"/win", `{}`).is(http.StatusOK)

	made := w.post(api.Manager, "/v1/batches", `{"act":"resume"}`).is(http.StatusCreated)
	at := "/v1/batches/" + made.text("id")
	require.Equal(t, 2.0, made.at("leads"), "cleo's life is over")
	leads := w.get(api.Manager, at+"/leads").is(http.StatusOK)
	require.Len(t, leads.list("leads"), 2)
	require.Equal(t, []any{"ann", "not_paused"}, []any{strings.ToLower(leads.text("leads.0.name")), leads.text("leads.0.code")}, "who would refuse is known before")

	pause := w.paused()
	v := w.get(api.Manager, pause)
	require.Equal(t, "ended", v.text("state"))
	require.Equal(t, map[string]any{"done": 2.0}, v.at("results"))
	require.Equal(t, "manual", w.get(api.Rep, ann).text("blocked"))
	require.Equal(t, "manual", w.get(api.Rep, ben).text("blocked"))
	w.post(api.Manager, pause+"/start", `{}`).problem(http.StatusConflict, "batch_not_open")
	w.post(api.Manager, pause+"/terms", `{}`).problem(http.StatusConflict, "batch_not_open")

	undo := w.post(api.Manager, pause+"/undo", `{}`).is(http.StatusCreated)
	require.Equal(t, undo.text("id"), w.post(api.Manager, pause+"/undo", `{}`).is(http.StatusCreated).text("id"), "once")
	w.post(api.Rep, ann+"/resume", `{}`).is(http.StatusOK)
	v = w.begin("/v1/batches/" + undo.text("id"))
	require.Equal(t, map[string]any{"done": 1.0, "moved_on": 1.0}, v.at("results"))
	require.Nil(t, w.stateOf(ann).Pause, "somebody has resumed this lead")
	require.Equal(t, "snoozed", w.get(api.Rep, ben).text("blocked"), "as it was before")
	require.True(t, w.stateOf(ben).Pause.Until.Equal(w.now().Add(30*24*time.Hour)))
	w.post(api.Manager, "/v1/batches/"+undo.text("id")+"/undo", `{}`).problem(http.StatusConflict, "batch_not_undoable")
	require.Equal(t, undo.text("id"), w.get(api.Manager, pause).text("undone_by"))
	require.Len(t, w.get(api.Manager, "/v1/batches").list("batches"), 3)
}

func TestALeadIsAskedOnceWhateverIsKilled(t *testing.T) {
	w := newWorld(t)
	ann, ben := w.lead("ann"), w.lead("ben")
	at := w.chosen("pause")
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	id := uuid.MustParse(idOf(at))
	w.lives.slow = true // they agree, and nobody hears of it
	moved, err := w.batches().Ask(t.Context(), id, 1, uuid.Nil)
	require.NoError(t, err)
	require.Equal(t, 2, moved.Again)
	require.Equal(t, map[string]any{"asked": 2.0}, w.get(api.Manager, at).at("results"))

	w.lives.slow = false
	w.askAll(at)
	for _, lead := range []string{ann, ben} {
		require.Equal(t, 1, count[sequence.Paused](w.lives, idOf(lead)))
	}
	require.Equal(t, map[string]any{"done": 2.0}, w.get(api.Manager, at).at("results"))
	undo := w.post(api.Manager, at+"/undo", `{}`).is(http.StatusCreated)
	w.begin("/v1/batches/" + undo.text("id"))
	require.Nil(t, w.stateOf(ann).Pause, "how it stood before is known, though it was asked again later")
}

func TestABatchStopsAndGoesOn(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	at := w.chosen("pause")
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/stop", `{}`).is(http.StatusOK)
	w.askAll(at)
	require.Equal(t, "stopped", w.get(api.Manager, at).text("state"))
	require.Nil(t, w.stateOf(ann).Pause)
	w.begin(at)
	require.Equal(t, "ended", w.get(api.Manager, at).text("state"))
	require.Equal(t, "manual", w.get(api.Rep, ann).text("blocked"))
	require.Equal(t, 3, w.number("SELECT count(*) FROM admin_acts WHERE act LIKE 'batch_%' AND about = $1", idOf(at)))
}

func TestABatchThatIsTakenBackDoesNotGoOn(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	at := w.chosen("pause")
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/stop", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/undo", `{}`).is(http.StatusCreated)
	w.post(api.Manager, at+"/start", `{}`).problem(http.StatusConflict, "batch_not_open")
}

func TestLeadsAreGivenToSomebodyElseAndBack(t *testing.T) {
	w := newWorld(t)
	ann, ben := w.lead("ann"), w.lead("ben")
	kim := w.user("Kim", "rep")
	at := w.chosen("reassign")
	w.post(api.Manager, at+"/start", `{}`).problem(http.StatusUnprocessableEntity, "not_valid", "terms.owner_id")
	w.post(api.Manager, at+"/terms", `{"owner_id":"`+uuid.NewString()+`"}`).is(http.StatusOK)
	w.post(api.Manager, at+"/start", `{}`).problem(http.StatusUnprocessableEntity, "unknown_owner", "body.owner_id")
	w.post(api.Manager, at+"/terms", `{"owner_id":"`+kim.String()+`"}`).is(http.StatusOK)
	w.begin(at)
	for _, lead := range []string{ann, ben} {
		require.Equal(t, kim.String(), w.get(api.Rep, lead).text("owner_id"))
	}
	w.post(api.Manager, ben+"/reassign", `{"owner_id":"`+w.mo.String()+`"}`).is(http.StatusOK)
	undo := w.post(api.Manager, at+"/undo", `{}`).is(http.StatusCreated)
	v := w.begin("/v1/batches/" + undo.text("id"))
	require.Equal(t, map[string]any{"done": 1.0, "moved_on": 1.0}, v.at("results"))
	require.Equal(t, w.robin.String(), w.get(api.Rep, ann).text("owner_id"))
	require.Equal(t, w.mo.String(), w.get(api.Rep, ben).text("owner_id"))
}

func TestPeopleWhoseLeadsAreOverAreEnrolledAgain(t *testing.T) {
	w := newWorld(t)
	ann, ben, cleo, dan := w.lead("ann"), w.lead("ben"), w.lead("cleo"), w.lead("dan")
	for _, lead := range []string{ann, ben} {
		w.post(api.Rep, lead+"/disqualify", `{"reason":"not_a_fit"}`).is(http.StatusOK)
	}
	w.post(api.Rep, cleo+"/opt-out", `{}`).is(http.StatusOK)
	w.lead("ben") // came back by himself
	before := w.number("SELECT count(*) FROM leads")
	at := w.chosen("enrol")
	require.Equal(t, 2.0, w.get(api.Manager, at).at("leads"), "nobody who said stop, and nobody who lives")
	w.post(api.Manager, at+"/start", `{}`).problem(http.StatusUnprocessableEntity, "not_valid", "terms.source")
	w.post(api.Manager, at+"/terms", `{"source":"nowhere"}`).problem(http.StatusUnprocessableEntity, "not_valid", "body.source")
	w.post(api.Manager, at+"/terms", `{"source":"crm_dormant","detail":"spring"}`).is(http.StatusOK)
	v := w.begin(at)
	require.Equal(t, map[string]any{"done": 1.0, "refused": 1.0}, v.at("results"))
	require.Equal(t, before+1, w.number("SELECT count(*) FROM leads"))
	made := w.get(api.Manager, at+"/leads?result=done").text("leads.0.new_lead_id")
	require.Equal(t, "ann", strings.ToLower(w.get(api.Rep, "/v1/leads/"+made).is(http.StatusOK).text("name")))
	require.Equal(t, "already_enrolled", w.get(api.Manager, at+"/leads?result=refused").text("leads.0.code"))
	require.NotEqual(t, "won", w.get(api.Rep, dan).text("stage"))
	w.post(api.Manager, at+"/undo", `{}`).problem(http.StatusConflict, "batch_not_undoable")
}

func TestLeadsAreChosenByAQuery(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	w.pass(48 * time.Hour)
	w.lead("ben")
	day := func(d time.Duration) string { return w.now().Add(d).Format(time.RFC3339) }
	for choice, n := range map[string]float64{
		`{}`:               2,
		`{"stage":"warm"}`: 2, `{"stage":"cold"}`: 0,
		`{"owner_id":"` + w.robin.String() + `"}`: 2, `{"owner_id":"` + w.mo.String() + `"}`: 0,
		`{"account":"ACME"}`: 2, `{"account":"Ajax"}`: 0, `{"source":"elsewhere"}`: 0, `{"blocked":"parked"}`: 0,
		`{"created_from":"` + day(-time.Hour) + `"}`:                                           1,
		`{"created_before":"` + day(-time.Hour) + `"}`:                                         1,
		`{"created_from":"` + day(-time.Hour) + `","created_before":"` + day(time.Hour) + `"}`: 1,
	} {
		v := w.post(api.Manager, "/v1/batches", `{"act":"pause","choice":`+choice+`}`).is(http.StatusCreated)
		require.Equal(t, n, v.at("leads"), choice)
	}
	require.Len(t, w.get(api.Rep, "/v1/leads?created_before="+strings.ReplaceAll(day(-time.Hour), "+", "%2B")).is(http.StatusOK).list("leads"), 1)
	require.Empty(t, w.get(api.Rep, "/v1/leads?account=nobody").is(http.StatusOK).list("leads"))
}

func TestABatchThatCannotStandIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	before := w.records()
	for body, field := range map[string]string{
		`{"act":"resume","terms":{"until":"2030-01-01T00:00:00Z"}}`:                                                "body.terms.until",
		`{"act":"snooze","terms":{"until":"2001-01-01T00:00:00Z"}}`:                                                "body.terms.until",
		`{"act":"pause","terms":{"until":"2099-01-01T00:00:00Z"}}`:                                                 "body.terms.until",
		`{"act":"snooze","terms":{"reason":"manual"}}`:                                                             "body.terms.reason",
		`{"act":"pause","terms":{"owner_id":"` + w.mo.String() + `"}}`:                                             "body.terms.owner_id",
		`{"act":"pause","terms":{"detail":"spring"}}`:                                                              "body.terms.detail",
		`{"act":"enrol","terms":{"source":"nowhere"}}`:                                                             "body.terms.source",
		`{"act":"pause","choice":{"created_from":"2026-01-02T00:00:00Z","created_before":"2026-01-01T00:00:00Z"}}`: "body.choice.created_before",
	} {
		w.post(api.Manager, "/v1/batches", body).problem(http.StatusUnprocessableEntity, "not_valid", field)
	}
	w.post(api.Manager, "/v1/batches", `{"act":"sell"}`).problem(http.StatusUnprocessableEntity, "not_valid", "body.act")
	w.unchanged(before)
}
