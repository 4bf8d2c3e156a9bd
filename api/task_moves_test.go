package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestATaskIsOutOfSightWhileItIsPutOff(t *testing.T) {
	w := newWorld(t)
	task := w.open(w.lead("ann"), sequence.TaskCall)
	count := func() int { return len(w.get(api.Rep, "/v1/queue").list("tasks")) }
	require.Equal(t, 1, count())
	w.post(api.Rep, task+"/snooze", `{"until":"2026-03-02T08:59:00Z"}`).problem(http.StatusUnprocessableEntity, "not_valid", "body.until")
	w.post(api.Rep, task+"/snooze", `{"until":"2026-04-02T09:01:00Z"}`).problem(http.StatusUnprocessableEntity, "not_valid", "body.until")
	require.Equal(t, 1, count())
	w.post(api.Rep, task+"/snooze", `{"until":"2026-03-02T11:00:00Z"}`).is(http.StatusOK)
	require.Equal(t, 0, count())
	w.pass(3 * time.Hour)
	require.Equal(t, 1, count())
}

func TestATaskIsGivenToSomebodyWhoWorksHere(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	task := w.open(lead, sequence.TaskCall)
	w.post(api.Rep, task+"/hand-over", `{"owner_id":"`+uuid.NewString()+`"}`).problem(http.StatusUnprocessableEntity, "unknown_owner", "body.owner_id")
	w.post(api.Rep, task+"/hand-over", `{"owner_id":"`+w.mo.String()+`"}`).is(http.StatusOK)
	require.Empty(t, w.get(api.Rep, "/v1/queue").list("tasks"))
	require.Equal(t, w.robin.String(), w.get(api.Rep, lead).text("owner_id"), "the lead keeps its owner")
	w.post(api.Manager, task+"/complete", `{"outcome":{"outcome":"voicemail"}}`).is(http.StatusOK)
	w.post(api.Manager, task+"/snooze", `{"until":"2026-03-03T09:00:00Z"}`).problem(http.StatusConflict, "task_closed")
}

func TestARepWhoSeesOnlyTheirOwnReachesNoOtherLead(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	task := w.open(lead, sequence.TaskCall)
	kim := w.user("Kim", "rep")
	_, err := w.store.SetSees(t.Context(), db.SetSeesParams{Sees: "own", ID: kim})
	require.NoError(t, err)
	w.key(api.Rep, &kim)
	for _, path := range []string{lead, lead + "/timeline", lead + "/explanation", lead + "/messages", lead + "/permissions", lead + "/ahead", lead + "/stakeholders", task} {
		w.get(api.Rep, path).problem(http.StatusNotFound, "not_found")
	}
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"voicemail"}`).problem(http.StatusNotFound, "not_found")
	w.post(api.Rep, task+"/complete", `{"outcome":{"outcome":"voicemail"}}`).problem(http.StatusNotFound, "not_found")
	for _, path := range []string{"/v1/inbound-messages", "/v1/sends"} {
		w.get(api.Rep, path).problem(http.StatusForbidden, "sees_only_own")
	}
	require.Empty(t, w.get(api.Rep, "/v1/leads?owner_id="+w.robin.String()).list("leads"))
	require.Empty(t, w.get(api.Rep, "/v1/queue?owner_id="+w.robin.String()).list("tasks"))
}
