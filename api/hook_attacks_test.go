package api_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// forged is a webhook on its way, which somebody has changed.
type forged struct {
	method, name, body string
	header             http.Header
}

func (w *world) forge(f forged) answer {
	q := httptest.NewRequestWithContext(w.Context(), f.method, "/v1/hooks/"+f.name, strings.NewReader(f.body))
	q.Header = f.header
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, q)
	return answer{w.TB, rec.Code, rec.Header(), rec.Body.Bytes()}
}

func TestNoForgedWebhookIsKeptAndNoReplayCounts(t *testing.T) {
	now := time.Now()
	url := "https://example.com/v1/hooks/it"
	signed := map[string]func(secret, body string, at time.Time) map[string]string{
		"typeform": func(secret, body string, _ time.Time) map[string]string { return typeformSigned(secret, body) },
		"cal":      func(secret, body string, _ time.Time) map[string]string { return calSigned(secret, body) },
		"hubspot": func(secret, body string, at time.Time) map[string]string {
			return hubSpotSigned(secret, http.MethodPost, url, body, at)
		},
		"generic": func(secret, body string, at time.Time) map[string]string {
			return genericSigned(t, secret, "msg_1", body, at)
		},
	}
	bodies := map[string]string{
		"typeform": typeformResponse("e1", "t1", boAnswers), "cal": calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), ""),
		"hubspot": hubSpotContact, "generic": `{"email":"flo@fir.example"}`,
	}
	signature := map[string]string{"typeform": "Typeform-Signature", "cal": "X-Cal-Signature-256", "hubspot": "X-HubSpot-Signature-v3", "generic": "webhook-signature"}
	timestamp := map[string]string{"hubspot": "X-HubSpot-Request-Timestamp", "generic": "webhook-timestamp"}
	for kind, sign := range signed {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			secret, other, more := hookSecret, strings.Repeat("0", 32), ""
			if kind == "generic" {
				secret, other, more = genericSecret, "whsec_"+strings.Repeat("A", 40), `"mapping":{"email":["email"]}`
			}
			w.source("it", kind, more)
			honest := func(secret string, at time.Time) forged {
				header := http.Header{}
				for name, v := range sign(secret, bodies[kind], at) {
					header.Set(name, v)
				}
				return forged{http.MethodPost, "it", bodies[kind], header}
			}
			before := w.records()
			attacks := map[string]func(*forged){
				"an altered body":    func(f *forged) { f.body = strings.Replace(f.body, "example", "exemple", 1) },
				"a byte more":        func(f *forged) { f.body += " " },
				"no body":            func(f *forged) { f.body = "" },
				"another secret":     func(f *forged) { f.header = honest(other, now).header },
				"no signature":       func(f *forged) { f.header.Del(signature[kind]) },
				"an empty signature": func(f *forged) { f.header.Set(signature[kind], "") },
				"half a signature":   func(f *forged) { v := f.header.Get(signature[kind]); f.header.Set(signature[kind], v[:len(v)/2]) },
				"two signatures":     func(f *forged) { f.header.Add(signature[kind], f.header.Get(signature[kind])) },
				"a foreign and its own": func(f *forged) {
					f.header[http.CanonicalHeaderKey(signature[kind])] = []string{"x", f.header.Get(signature[kind])}
				},
				"no headers": func(f *forged) { f.header = http.Header{} },
				"an admin's key instead": func(f *forged) {
					f.header = http.Header{"Authorization": {"Bearer " + w.keys[api.Admin]}, "Idempotency-Key": {"k"}}
				},
			}
			if kind != "generic" {
				attacks["what the service says without a secret"] = func(f *forged) { f.header.Set(signature[kind], "no-secret-provided") }
			}
			if name := timestamp[kind]; name != "" {
				attacks["an altered time"] = func(f *forged) {
					at, err := strconv.ParseInt(f.header.Get(name), 10, 64)
					require.NoError(t, err)
					f.header.Set(name, strconv.FormatInt(at+1, 10))
				}
				attacks["no time"] = func(f *forged) { f.header.Del(name) }
				attacks["a time that is none"] = func(f *forged) { f.header.Set(name, "today") }
			}
			if kind == "hubspot" {
				attacks["the method of another call"] = func(f *forged) {
					f.header = http.Header{}
					for name, v := range hubSpotSigned(secret, http.MethodPut, url, f.body, now) {
						f.header.Set(name, v)
					}
				}
				attacks["the address of another source"] = func(f *forged) {
					f.header = http.Header{}
					for name, v := range hubSpotSigned(secret, http.MethodPost, url+"2", f.body, now) {
						f.header.Set(name, v)
					}
				}
				attacks["the older signature beside a wrong newer one"] = func(f *forged) {
					f.header.Set("X-HubSpot-Signature-v3", "x")
					for name, v := range hubSpotSignedV2(secret, http.MethodPost, url, f.body) {
						f.header.Set(name, v)
					}
				}
				attacks["the oldest signature, which says nothing of the address"] = func(f *forged) {
					f.header = http.Header{}
					for name, v := range hubSpotSignedV2(secret, "", "", f.body) {
						f.header.Set(name, v)
					}
					f.header.Set("X-HubSpot-Signature-Version", "v1")
				}
			}
			for name, attack := range attacks {
				f := honest(secret, now)
				f.header = maps.Clone(f.header)
				attack(&f)
				a := w.forge(f)
				require.Equal(t, http.StatusUnauthorized, a.status, "%s: %s", name, a.body)
				a.problem(http.StatusUnauthorized, "webhook_not_signed")
			}
			if timestamp[kind] != "" {
				for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute, -24 * 365 * time.Hour} {
					w.forge(honest(secret, now.Add(off))).problem(http.StatusBadRequest, "webhook_out_of_time")
				}
			}
			f := honest(secret, now)
			f.method = http.MethodPatch
			require.Equal(t, http.StatusMethodNotAllowed, w.forge(f).status)
			f.method = http.MethodGet // which reads the source, for whoever has a key
			w.forge(f).problem(http.StatusUnauthorized, "key_missing")
			f = honest(secret, now)
			f.name = "nobody"
			w.forge(f).problem(http.StatusNotFound, "unknown_hook")
			f = honest(secret, now)
			f.body = strings.Repeat(" ", 1<<20+1)
			w.forge(f).problem(http.StatusRequestEntityTooLarge, "request_entity_too_large")
			w.unchanged(before)
			require.Zero(t, w.number(`SELECT count(*) FROM inbound_deliveries`), "nothing of a forged call is kept")

			taken := w.forge(honest(secret, now)).is(http.StatusOK)
			w.became("it", "done", taken)
			after := w.records()
			for _, at := range []time.Time{now, now.Add(time.Minute)} { // signed anew, it is the same call all the same
				require.Equal(t, string(taken.body), string(w.forge(honest(secret, at)).is(http.StatusOK).body))
			}
			w.exec(`UPDATE inbound_deliveries SET body = NULL, headers = '{}'`)
			require.Equal(t, string(taken.body), string(w.forge(honest(secret, now)).is(http.StatusOK).body), "also when what it brought is forgotten")
			w.unchanged(after)
			require.Equal(t, 1, w.number(`SELECT count(*) FROM inbound_deliveries`))
		})
	}
}

func TestSecretsAreChangedOneAfterTheOtherAndASourceCanBeSilenced(t *testing.T) {
	w := newWorld(t)
	const next = "00000000000000000000000000000000"
	save := func(body string) answer {
		return w.send(request{method: http.MethodPut, path: "/v1/hooks/calls", key: w.keys[api.Manager], body: body})
	}
	ping := func(secret string, n int) answer {
		body := `{"triggerEvent":"PING","payload":{"n":` + strconv.Itoa(n) + `}}`
		return w.call("calls", body, calSigned(secret, body))
	}
	save(`{"kind":"cal","engagement":"info_request","secrets":["` + hookSecret + `","` + next + `"]}`).is(http.StatusOK)
	ping(hookSecret, 1).is(http.StatusOK)
	ping(next, 2).is(http.StatusOK)
	save(`{"kind":"cal","engagement":"info_request","secrets":["` + next + `"]}`).is(http.StatusOK)
	ping(hookSecret, 3).problem(http.StatusUnauthorized, "webhook_not_signed")
	save(`{"kind":"cal","engagement":"site_chat"}`).is(http.StatusOK)
	ping(next, 4).is(http.StatusOK)
	save(`{"kind":"cal","engagement":"site_chat","off":true}`).is(http.StatusOK)
	ping(next, 5).problem(http.StatusNotFound, "unknown_hook")
	require.Equal(t, true, w.get(api.Manager, "/v1/hooks").is(http.StatusOK).at("sources.0.off"))

	before := w.records()
	save(`{"kind":"hubspot","engagement":"site_chat"}`).problem(422, "not_valid", "body.kind")
	save(`{"kind":"cal","engagement":"dancing"}`).problem(422, "not_valid", "body.engagement")
	save(`{"kind":"cal","engagement":"site_chat","secrets":["short"],"owner":"nobody@seller.example","mapping":{"colour":["x"],"email":[]}}`).
		problem(422, "not_valid", "body.secrets", "body.owner", "body.mapping")
	w.send(request{method: http.MethodPut, path: "/v1/hooks/Not%20good", key: w.keys[api.Manager], body: `{"kind":"generic","engagement":"site_chat"}`}).
		problem(422, "not_valid", "path.name", "body.mapping")
	w.get(api.Manager, "/v1/hooks/nobody/deliveries").problem(http.StatusNotFound, "unknown_hook")
	w.unchanged(before)
	w.send(request{method: http.MethodDelete, path: "/v1/hooks/calls", key: w.keys[api.Manager]}).is(http.StatusNoContent)
	require.Zero(t, w.number(`SELECT count(*) FROM inbound_deliveries`))
}

func TestTheSameWebhookManyTimesAtOnceCountsOnce(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	body := calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), "")
	var calling sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		calling.Go(func() { answers[i] = w.fromCal("calls", body) })
	}
	calling.Wait()
	for _, a := range answers {
		require.Equal(t, string(answers[0].is(http.StatusOK).body), string(a.is(http.StatusOK).body))
	}
	w.housekeep()
	lead := w.became("calls", "done", answers[0])
	require.Equal(t, 1, w.number(`SELECT count(*) FROM engagements`))
	require.Equal(t, 1, count[sequence.OutcomeRecorded](w.lives, idOf(lead)))
}
