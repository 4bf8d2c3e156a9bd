package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

func TestASourceThatIsGivenNoSecretIsMadeOneThatIsShownOnce(t *testing.T) {
	w := newWorld(t)
	const settings = `{"kind":"generic","engagement":"info_request","mapping":{"email":["mail"]}}`
	secret := w.put(api.Manager, "/v1/hooks/shop", settings).is(http.StatusOK).text("secret")
	w.became("shop", "done", w.call("shop", `{"mail":"flo@fir.example"}`, genericSigned(t, secret, "msg_1", `{"mail":"flo@fir.example"}`, time.Now())))
	require.Nil(t, w.put(api.Manager, "/v1/hooks/shop", settings).is(http.StatusOK).at("secret"), "it stays as it was")
	require.NotContains(t, string(w.get(api.Manager, "/v1/hooks/shop").is(http.StatusOK).body), secret)

	list := w.get(api.Manager, "/v1/hooks").is(http.StatusOK)
	require.Equal(t, "https://example.com/v1/hooks/shop", list.text("sources.0.url"))
	require.Equal(t, monday.Format(time.RFC3339), list.text("sources.0.last_at"))
	require.Contains(t, list.at("engagements"), "ebook_download")
	require.Nil(t, w.put(api.Manager, "/v1/hooks/form", `{"kind":"typeform","engagement":"info_request"}`).is(http.StatusOK).at("last_at"), "nothing came yet")
	w.put(api.Manager, "/v1/hooks/crm", `{"kind":"hubspot","engagement":"info_request"}`).problem(422, "not_valid", "body.secrets")
	w.get(api.Manager, "/v1/hooks/crm").problem(http.StatusNotFound, "unknown_hook")
}

func TestASecretIsChangedWhileTheFormerStillCounts(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	ping := func(secret string, n int) answer {
		body := `{"triggerEvent":"PING","payload":{"n":` + strconv.Itoa(n) + `}}`
		return w.call("calls", body, calSigned(secret, body))
	}
	a := w.put(api.Manager, "/v1/hooks/calls/secret", `{}`).is(http.StatusOK)
	second := a.text("secret")
	require.NotEmpty(t, a.text("former_until"))
	ping(hookSecret, 1).is(http.StatusOK)
	ping(second, 2).is(http.StatusOK)
	w.exec(`UPDATE inbound_sources SET former_until = now() - interval '1 second'`)
	ping(hookSecret, 3).problem(http.StatusUnauthorized, "webhook_not_signed")
	ping(second, 4).is(http.StatusOK)
	require.Nil(t, w.get(api.Manager, "/v1/hooks/calls").is(http.StatusOK).at("former_until"))

	const third = "33333333333333333333333333333333"
	a = w.put(api.Manager, "/v1/hooks/calls/secret", `{"secret":"`+third+`","both_for_hours":0}`).is(http.StatusOK)
	require.Nil(t, a.at("secret"), "whoever gave it knows it")
	require.Nil(t, a.at("former_until"))
	ping(second, 5).problem(http.StatusUnauthorized, "webhook_not_signed")
	ping(third, 6).is(http.StatusOK)
	for n := range 5 { // however often: the newest count
		a = w.put(api.Manager, "/v1/hooks/calls/secret", `{}`).is(http.StatusOK)
		ping(a.text("secret"), 10+n).is(http.StatusOK)
	}
	ping(third, 7).problem(http.StatusUnauthorized, "webhook_not_signed")

	before := w.records()
	w.put(api.Manager, "/v1/hooks/calls/secret", `{"secret":"short"}`).problem(422, "not_valid", "body.secret")
	w.put(api.Manager, "/v1/hooks/calls/secret", `{"both_for_hours":721}`).problem(422, "not_valid", "body.both_for_hours")
	w.put(api.Manager, "/v1/hooks/nobody/secret", `{}`).problem(http.StatusNotFound, "unknown_hook")
	w.source("crm", "hubspot", "")
	w.put(api.Manager, "/v1/hooks/crm/secret", `{}`).problem(422, "not_valid", "body.secret")
	w.send(request{method: http.MethodDelete, path: "/v1/hooks/crm", key: w.keys[api.Manager]}).is(http.StatusNoContent)
	w.unchanged(before)
}

func TestEverythingThatFailedIsProcessedAgainAtOnce(t *testing.T) {
	w := newWorld(t)
	w.source("shop", "generic", `"mapping":{"email":["wrong"]}`)
	var taken []answer
	for n := range 3 {
		taken = append(taken, w.fromGeneric("shop", uuid.NewString(), fmt.Sprintf(`{"mail":"flo%d@fir.example"}`, n)))
		w.became("shop", "failed", taken[n])
	}
	w.exec(`UPDATE inbound_deliveries SET body = NULL WHERE id = $1`, taken[2].text("delivery_id"))
	w.source("shop", "generic", `"mapping":{"email":["mail"]}`)
	require.EqualValues(t, 2, w.post(api.Manager, "/v1/hooks/shop/again", `{}`).is(http.StatusOK).at("again"))
	require.EqualValues(t, 2, w.get(api.Manager, "/v1/hooks/shop").is(http.StatusOK).at("waiting"))
	w.housekeep()
	w.became("shop", "done", taken[0])
	w.became("shop", "done", taken[1])
	w.became("shop", "failed", taken[2])
	require.Equal(t, 2, w.number(`SELECT count(*) FROM leads`))
	require.EqualValues(t, 0, w.post(api.Manager, "/v1/hooks/shop/again", `{}`).is(http.StatusOK).at("again"))
	w.post(api.Manager, "/v1/hooks/nobody/again", `{}`).problem(http.StatusNotFound, "unknown_hook")
}

func TestWhoIsTurnedAwayIsCountedByReasonAndNothingElseOfThem(t *testing.T) {
	w := newWorld(t)
	w.source("shop", "generic", `"mapping":{"email":["mail"]}`)
	const body = `{"mail":"flo@fir.example"}`
	for range 3 {
		w.call("shop", body, nil).problem(http.StatusUnauthorized, "webhook_not_signed")
	}
	w.call("shop", body, genericSigned(t, genericSecret, "msg_1", body, time.Now().Add(-time.Hour))).problem(http.StatusBadRequest, "webhook_out_of_time")
	w.call("nobody", body, nil).problem(http.StatusNotFound, "unknown_hook")
	refused := w.get(api.Manager, "/v1/hooks/shop").is(http.StatusOK)
	require.Equal(t, []string{"not_signed", "out_of_time"}, []string{refused.text("refused.0.why"), refused.text("refused.1.why")})
	require.EqualValues(t, 1, refused.at("refused.0.calls"), "of many within seconds one is written down: strangers keep no database busy")
	require.EqualValues(t, 1, refused.at("refused.1.calls"))
	require.Equal(t, monday.Format(time.RFC3339), refused.text("refused.0.last_at"))
	require.Equal(t, 0, w.number(`SELECT count(*) FROM inbound_refusals r WHERE r::text LIKE '%fir%'`))
}

func TestAMappingIsTriedOnAnExampleAndNothingIsChanged(t *testing.T) {
	w := newWorld(t)
	w.source("shop", "generic", `"mapping":{"email":["mail"]}`)
	before := w.records()
	try := func(kind, mapping, body string) answer {
		t.Helper()
		return w.post(api.Manager, "/v1/hook-trials", fmt.Sprintf(`{"kind":%q,"mapping":%s,"body":%q}`, kind, mapping, body)).is(http.StatusOK)
	}
	const basket = `{"type":"basket.left","data":{"mail":"Flo@fir.example","first":"Flo","last":"Fir","tel":"call me","at":"2026-03-01T10:00:00Z","n":[{"x":7}]}}`
	a := try("generic", `{"email":["data.mail"],"name":["data.first","data.last"],"phone":["data.tel"],"occurred_at":["data.at"]}`, basket)
	require.Equal(t, "basket.left", a.text("event"))
	require.Equal(t, map[string]any{"email": "flo@fir.example", "name": "Flo Fir", "occurred_at": "2026-03-01T10:00:00Z"}, a.at("people.0"))
	require.Contains(t, a.text("left_out.0"), "phone")
	require.Nil(t, a.at("reason"))
	require.Contains(t, a.at("values"), map[string]any{"path": "data.n.0.x", "text": "7"})

	a = try("generic", `{"email":["data.contact"]}`, basket)
	require.Contains(t, a.text("reason"), "email")
	require.Contains(t, a.text("remedy"), "mapping")
	require.Empty(t, a.list("people"))
	require.Contains(t, a.at("values"), map[string]any{"path": "data.mail", "text": "Flo@fir.example"}, "what it could have named")
	a = try("generic", `{"email":["m"],"occurred_at":["at"]}`, `{"m":"a@b.example","at":"2036-01-01T00:00:00Z"}`)
	require.Contains(t, a.text("reason"), "in the future")
	require.Contains(t, try("generic", `{"email":["m"]}`, `{`).text("reason"), "JSON")
	require.Equal(t, "Bo Birch", try("typeform", `{}`, typeformResponse("e", "t", boAnswers)).text("people.0.name"))
	require.Equal(t, "cy@cedar.example", try("hubspot", `{}`, hubSpotContact).text("people.0.email"))
	a = try("cal", `{}`, calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), ""))
	require.Equal(t, []string{"booked", "2026-03-04T11:00:00Z", "Ann Lee"}, []string{a.text("call.what"), a.text("call.at"), a.text("people.0.name")})
	require.NotEmpty(t, try("cal", `{}`, `{"triggerEvent":"PING"}`).text("ignored"))
	w.post(api.Manager, "/v1/hook-trials", `{"kind":"generic","mapping":{"colour":["x"]},"body":"{}"}`).problem(422, "not_valid", "body.mapping")
	w.unchanged(before)
	require.Zero(t, w.number(`SELECT count(*) FROM inbound_deliveries`))
}
