package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

// unknownSend makes the lead's first mail one of which nobody knows whether it
// went out, and gives its touch.
func (w *world) unknownSend(lead string) (touch string) {
	w.Helper()
	err := w.store.Pool.QueryRow(w.Context(), `UPDATE send_ledger SET state = 'unknown', sent_at = NULL, detail = 'an earlier attempt did not finish',
		subject = 'Your guide', body = 'Hello Ann' WHERE lead_id = $1 RETURNING touch`, idOf(lead)).Scan(&touch)
	require.NoError(w, err, "the lead has had no mail")
	return touch
}

func TestAPersonSaysWhatBecameOfAMail(t *testing.T) {
	for wentOut, state := range map[string]string{"true": "sent", "false": "failed"} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t)
			lead := w.lead("ann")
			touch := w.unknownSend(lead)
			listed := w.get(api.Rep, "/v1/sends?state=unknown").is(http.StatusOK)
			require.Len(t, listed.list("sends"), 1)
			require.Equal(t, touch, listed.text("sends.0.touch"))
			require.Equal(t, "an earlier attempt did not finish", listed.text("sends.0.reason"))

			before := w.records()
			w.postf(api.Integration, lead+"/sends/"+touch+"/settle", `{"went_out":%s}`, wentOut).problem(http.StatusForbidden, "role_not_allowed")
			w.post(api.Rep, lead+"/sends/"+touch+"/settle", `{}`).problem(422, "not_valid", "body.went_out")
			w.post(api.Rep, lead+"/sends/t999/settle", `{"went_out":true}`).problem(http.StatusNotFound, "not_found")
			w.unchanged(before)

			r := request{method: http.MethodPost, path: lead + "/sends/" + touch + "/settle", key: w.keys[api.Rep], once: "k", body: `{"went_out":` + wentOut + `}`}
			require.Equal(t, state, w.send(r).is(http.StatusOK).text("state"))
			require.Empty(t, w.get(api.Rep, "/v1/sends").is(http.StatusOK).list("sends"))
			after := w.records()
			w.exec(`UPDATE idempotency_keys SET status = NULL, started_at = now() - interval '1 hour'`) // the answer was lost in a crash
			require.Equal(t, state, w.send(r).is(http.StatusOK).text("state"))
			w.postf(api.Rep, r.path, `{"went_out":%s}`, wentOut).problem(http.StatusConflict, "send_settled")
			w.unchanged(after)
		})
	}
}

func TestAThreadHasBothDirectionsInTheOrderOfTime(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.unknownSend(lead)
	w.pass(time.Minute)
	m := w.message(letterFrom("Ann <ann@acme.example>", "a1@acme.example", "Yes, call me."))
	thread := w.get(api.Rep, lead+"/messages").is(http.StatusOK)
	require.Len(t, thread.list("messages"), 2)
	require.Equal(t, "out", thread.text("messages.0.direction"))
	require.Equal(t, "unknown", thread.text("messages.0.state"))
	require.Equal(t, "Your guide", thread.text("messages.0.subject"))
	require.Equal(t, "in", thread.text("messages.1.direction"))
	require.Equal(t, "human", thread.text("messages.1.class"))
	require.Equal(t, "Yes, call me.", thread.text("messages.1.text"))
	require.Equal(t, "ann@acme.example", thread.text("messages.1.address"))
	require.Equal(t, idOf(m), thread.text("messages.1.message_id"))
	require.NotEmpty(t, thread.list("messages.1.evidence"))
	for _, m := range w.get(api.Rep, w.lead("bo")+"/messages").is(http.StatusOK).list("messages") {
		require.Equal(t, "out", m.(map[string]any)["direction"], "nobody else's answer")
	}
}

func TestPermissionsAreListed(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	require.Empty(t, w.get(api.Rep, lead+"/permissions").is(http.StatusOK).list("permissions"))
	w.post(api.Rep, lead+"/permissions", `{"channel":"email","every":"2 months","until":"2027-01-01T00:00:00Z"}`).is(http.StatusOK)
	a := w.get(api.Rep, lead+"/permissions").is(http.StatusOK)
	require.Equal(t, "email", a.text("permissions.0.channel"))
	require.Equal(t, "2 months", a.text("permissions.0.every"))
	require.Equal(t, true, a.at("permissions.0.current"))
}
