package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// hooked are the settings of a webhook.
const hooked = `{"url":"https://crm.example.com/hooks"}`

// webhook makes one and gives its path.
func (w *world) webhook(name string) string {
	w.Helper()
	w.put(api.Manager, "/v1/webhooks/"+name, hooked).is(http.StatusOK)
	return "/v1/webhooks/" + name
}

func TestAWebhookIsMadeChangedAndDeletedAndItsSecretIsShownOnce(t *testing.T) {
	w := newWorld(t)
	made := w.put(api.Manager, "/v1/webhooks/crm", hooked).is(http.StatusOK)
	require.Regexp(t, `^whsec_[A-Za-z0-9+/]{43}=$`, made.text("secret"))
	require.Empty(t, made.list("events"), "all")
	changed := w.put(api.Manager, "/v1/webhooks/crm", `{"url":"https://crm.example.com/other","events":["lead.opted_out"]}`).is(http.StatusOK)
	require.Nil(t, changed.at("secret"))
	require.Equal(t, []any{"lead.opted_out"}, changed.list("events"))
	require.Equal(t, "https://crm.example.com/other", w.get(api.Manager, "/v1/webhooks/crm").is(http.StatusOK).text("url"))

	rotated := w.put(api.Manager, "/v1/webhooks/crm/secret", `{}`).is(http.StatusOK)
	require.NotEqual(t, made.text("secret"), rotated.text("secret"))
	require.NotEmpty(t, rotated.text("former_until"))
	require.Nil(t, w.put(api.Manager, "/v1/webhooks/crm/secret", `{"both_for_hours":0}`).is(http.StatusOK).at("former_until"), "revoked at once")
	for _, path := range []string{"/v1/webhooks", "/v1/webhooks/crm"} {
		require.NotContains(t, string(w.get(api.Manager, path).is(http.StatusOK).body), "whsec_", path)
	}
	require.Zero(t, w.number(`SELECT count(*) FROM idempotency_keys WHERE response::text LIKE '%whsec_%'`), "no answer that has a secret is kept")
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_endpoints WHERE position($1::bytea in sealed) > 0`, []byte(strings.TrimPrefix(made.text("secret"), "whsec_"))))

	for range 2 {
		w.send(request{method: http.MethodDelete, path: "/v1/webhooks/crm", key: w.keys[api.Manager]}).is(http.StatusNoContent)
	}
	w.get(api.Manager, "/v1/webhooks/crm").problem(http.StatusNotFound, "unknown_webhook")
}

func TestAWebhookThatCannotBeIsRefusedWithTheFieldAtFault(t *testing.T) {
	w := newWorld(t)
	for body, field := range map[string]string{
		`{}`:                                  "body.url",
		`{"url":""}`:                          "body.url",
		`{"url":"http://crm.example.com/"}`:   "body.url",
		`{"url":"https://127.0.0.1/"}`:        "body.url",
		`{"url":"https://localhost/"}`:        "body.url",
		`{"url":"https://[::ffff:10.0.0.1]"}`: "body.url",
		`{"url":"https://a.example:25/"}`:     "body.url",
		`{"url":"https://u:p@a.example/"}`:    "body.url",
		`{"url":"https://a.example/","events":["lead.opted_out","lead.won"]}`: "body.events[1]",
	} {
		w.put(api.Manager, "/v1/webhooks/crm", body).problem(http.StatusUnprocessableEntity, "not_valid", field)
	}
	w.put(api.Manager, "/v1/webhooks/C%20R", hooked).problem(http.StatusUnprocessableEntity, "not_valid", "path.name")
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_endpoints`))
}

func TestWithoutAKeyToSealWithNoWebhookIsMade(t *testing.T) {
	w := newWorld(t)
	w.hooks.Seal = mailbox.Seal{}
	w.api = w.serve(w.lives.playbook, w.secret)
	w.put(api.Manager, "/v1/webhooks/crm", hooked).problem(http.StatusServiceUnavailable, "secret_key_missing")
}

func TestDeliveriesAreListedFilteredAndReplayed(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	hook := w.webhook("crm")
	require.Empty(t, w.get(api.Manager, hook+"/deliveries").is(http.StatusOK).list("deliveries"), "what happened before is not told")
	bea := w.lead("bea")
	w.post(api.Rep, ann+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK)
	all := w.number(`SELECT count(*) FROM webhook_deliveries`)
	require.Greater(t, all, 3)

	seen, before := 0, ""
	for {
		page := w.get(api.Manager, hook+"/deliveries?limit=2"+before).is(http.StatusOK)
		seen += len(page.list("deliveries"))
		if page.at("next") == nil {
			require.Empty(t, page.header.Get("Link"))
			break
		}
		require.Contains(t, page.header.Get("Link"), `rel="next"`)
		before = fmt.Sprintf("&before=%.0f", page.at("next"))
	}
	require.Equal(t, all, seen)
	for _, d := range w.get(api.Manager, hook+"/deliveries?lead_id="+idOf(bea)).is(http.StatusOK).list("deliveries") {
		require.Equal(t, idOf(bea), d.(map[string]any)["lead_id"])
	}
	require.Empty(t, w.get(api.Manager, hook+"/deliveries?state=delivered").is(http.StatusOK).list("deliveries"))

	w.exec(`UPDATE webhook_deliveries SET state = 'delivered', tried_at = now()`)
	first := w.number(`SELECT min(n) FROM webhook_deliveries`)
	w.post(api.Manager, fmt.Sprintf("%s/deliveries/%d/replay", hook, first), `{}`).is(http.StatusOK)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'`))
	w.post(api.Manager, hook+"/deliveries/999999/replay", `{}`).problem(http.StatusNotFound, "unknown_delivery")

	again := w.postf(api.Manager, hook+"/replay", `{"since":"%s"}`, time.Now().Add(-time.Hour).Format(time.RFC3339)).is(http.StatusOK)
	require.EqualValues(t, all, again.at("events"))
	require.Equal(t, all, w.number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'`))
	other := w.webhook("later")
	w.postf(api.Manager, other+"/replay", `{"since":"%s"}`, time.Now().Add(-time.Hour).Format(time.RFC3339)).is(http.StatusOK)
	require.Equal(t, all, w.number(`SELECT count(*) FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE e.name = 'later'`), "also what others were told before it was there")
}

func TestAWebhookIsParkedPingedAndResumed(t *testing.T) {
	w := newWorld(t)
	hook := w.webhook("crm")
	parked := w.post(api.Manager, hook+"/park", `{"why":"moving house"}`).is(http.StatusOK)
	require.Equal(t, "by_hand", parked.text("parked"))
	require.Equal(t, "moving house", parked.text("parked_detail"))
	ping := w.post(api.Manager, hook+"/ping", `{}`).is(http.StatusOK)
	require.Equal(t, "ping", ping.text("event"))
	require.Equal(t, "waiting", ping.text("state"))
	require.Nil(t, ping.at("lead_id"))
	resumed := w.post(api.Manager, hook+"/resume", `{}`).is(http.StatusOK)
	require.Nil(t, resumed.at("parked"))
	require.EqualValues(t, 1, resumed.at("waiting"), "what came meanwhile is kept")
	require.Zero(t, w.number(`SELECT count(*) FROM notifications`), "who parks it by hand knows")
	w.post(api.Manager, "/v1/webhooks/none/park", `{}`).problem(http.StatusNotFound, "unknown_webhook")
}

func TestWhatHappensToALeadIsToldWithoutAWordAboutThePerson(t *testing.T) {
	w := newWorld(t)
	w.webhook("crm")
	ann := w.lead("ann")
	outcome := w.post(api.Rep, ann+"/outcomes", `{"outcome":"interested","discussed":"Secretly likes it","next_step":{"why_none":"the boss is away"}}`).is(http.StatusOK).text("outcome_id")
	w.post(api.Rep, ann+"/outcomes/"+outcome+"/undo", `{}`).is(http.StatusOK)
	w.post(api.Rep, w.open(ann, "call")+"/complete", `{"note":"Secret note","outcome":{"outcome":"voicemail"}}`).is(http.StatusOK)
	w.post(api.Rep, ann+"/opt-out", `{"via":"phone"}`).is(http.StatusOK)
	w.relay()

	for _, kind := range []string{"lead.stage_changed", "touch.sent", "task.created", "task.closed", "task.reopened", "outcome.recorded", "outcome.taken_back", "lead.opted_out"} {
		require.NotZero(t, w.number(`SELECT count(*) FROM webhook_events WHERE kind = $1 AND lead_id = $2`, kind, idOf(ann)), kind)
	}
	require.Equal(t, 1, w.number(`SELECT count(*) FROM webhook_events WHERE kind = 'lead.opted_out'`), "the stop and the end of the lead are one event")
	require.Equal(t, 1, w.number(`SELECT count(*) FROM webhook_events WHERE kind = 'outcome.recorded' AND data->>'outcome' = 'interested' AND data->>'outcome_id' = $1`, outcome))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM webhook_events WHERE kind = 'outcome.taken_back' AND data->>'outcome_id' = $1`, outcome))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM webhook_events WHERE kind = 'lead.stage_changed' AND data->>'stage' = 'do_not_contact' AND data->>'rule' = 'R72'`))
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_events WHERE data::text ~* 'secret|acme|ann|\+49'`))
	require.Equal(t, w.number(`SELECT count(*) FROM webhook_events`), w.number(`SELECT count(*) FROM webhook_deliveries`))
}

func TestOnlyWhatAWebhookWantsIsToldAndWithoutOneNothingIsWritten(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_events`))
	w.put(api.Manager, "/v1/webhooks/crm", `{"url":"https://crm.example.com/","events":["task.created"]}`).is(http.StatusOK)
	w.lead("bea")
	require.NotZero(t, w.number(`SELECT count(*) FROM webhook_events`))
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_events WHERE kind <> 'task.created'`))
}

func TestWhatIsRolledBackIsNotTold(t *testing.T) {
	w := newWorld(t)
	lead := idOf(w.lead("ann"))
	w.webhook("crm")
	tx, err := w.store.Pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `UPDATE tasks SET state = 'done', closed_at = now() WHERE lead_id = $1 AND state = 'open'`, lead)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Zero(t, w.number(`SELECT count(*) FROM webhook_events`))
	w.exec(`UPDATE tasks SET state = 'done', closed_at = now() WHERE lead_id = $1 AND state = 'open'`, lead)
	require.Equal(t, w.number(`SELECT count(*) FROM tasks WHERE state = 'done'`), w.number(`SELECT count(*) FROM webhook_events WHERE kind = 'task.closed'`))
}
