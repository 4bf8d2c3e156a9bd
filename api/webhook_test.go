package api_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// hook sends a webhook that a secret signed at an instant.
func (w *world) hook(secret string, at time.Time, body string) answer {
	w.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(w, err)
	id := "msg_" + uuid.NewString()
	signature, err := signer.Sign(id, at, []byte(body))
	require.NoError(w, err)
	q := httptest.NewRequestWithContext(w.Context(), http.MethodPost, "/v1/inbound-mail", strings.NewReader(body))
	q.Header.Set("webhook-id", id)
	q.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	q.Header.Set("webhook-signature", "v1a,other "+signature)
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, q)
	return answer{w.TB, rec.Code, rec.Header(), rec.Body.Bytes()}
}

// signed sends a webhook as its sender does now.
func (w *world) signed(body string) answer { return w.hook(w.secret, time.Now(), body) }

// brought is the body that brings a message.
func brought(raw string, more ...string) string {
	return `{"raw":"` + base64.StdEncoding.EncodeToString([]byte(raw)) + `"` + strings.Join(more, "") + `}`
}

func TestAWebhookBringsMailThatHasItsEffectOnce(t *testing.T) {
	w := newWorld(t)
	w.mailbox("robin")
	lead := w.lead("ann")
	body := brought(letterFrom("Ann <ann@acme.example>", "a1@acme.example", "Yes, call me."), `,"mailbox":"Robin@seller.example","received_at":"2026-03-02T08:59:30Z"`)
	first := w.hook(w.secret, time.Now(), body).is(http.StatusOK)
	require.Equal(t, "human", first.text("class"))
	require.Equal(t, "taken", first.text("state"))
	require.Equal(t, idOf(lead), first.text("lead_id"))
	require.Equal(t, "robin", w.get(api.Rep, "/v1/inbound-messages/"+first.text("id")).is(http.StatusOK).text("mailbox"))
	after := w.records()
	again := w.hook(w.secret, time.Now(), body).is(http.StatusOK)
	require.Equal(t, string(first.body), string(again.body))
	w.unchanged(after)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM replies`))

	require.Equal(t, "own", w.hook(w.secret, time.Now(), brought(letterFrom("robin@seller.example", "r1@seller.example", "Hello"), `,"mailbox":"robin"`)).is(http.StatusOK).text("state"))
	require.Equal(t, "unmatched", w.hook(w.secret, time.Now(), brought(stranger)).is(http.StatusOK).text("state"))
}

func TestAWebhookIsTakenFromWhoeverHasASecretAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	next := "whsec_" + mailbox.NewKey()
	w.api = w.serve(w.lives.playbook, next, w.secret)
	before := w.records()
	body := brought(stranger)
	w.hook("whsec_"+mailbox.NewKey(), time.Now(), body).problem(http.StatusUnauthorized, "webhook_not_signed")
	w.send(request{method: http.MethodPost, path: "/v1/inbound-mail", body: body}).problem(http.StatusUnauthorized, "webhook_not_signed")
	w.send(request{method: http.MethodPost, path: "/v1/inbound-mail", body: body, key: w.keys[api.Admin], once: "k"}).problem(http.StatusUnauthorized, "webhook_not_signed")
	for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		w.hook(w.secret, time.Now().Add(off), body).problem(http.StatusBadRequest, "webhook_out_of_time", "header.webhook-timestamp")
	}
	w.unchanged(before)
	for _, secret := range []string{next, w.secret} {
		w.hook(secret, time.Now(), body).is(http.StatusOK)
	}

	w.api = w.serve(w.lives.playbook)
	p := w.hook(w.secret, time.Now(), body).problem(http.StatusNotFound, "webhook_off")
	require.Contains(t, p.Remedy, "REKINDLE_WEBHOOK_SECRETS")
	w.api = w.serve(w.lives.playbook, "whsec_") // an empty key would let everybody in
	w.hook("whsec_", time.Now(), body).problem(http.StatusUnauthorized, "webhook_not_signed")
}

func TestABadWebhookNamesItsFieldAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	for body, field := range map[string]string{
		`{}`:                                        "body.raw",
		`{"raw":"not base64!"}`:                     "body.raw",
		`{"raw":7}`:                                 "body.raw",
		`{"raw":"aGk=","from":""}`:                  "body",
		brought(stranger, `,"mailbox":"nobody"`):    "body.mailbox",
		brought(stranger, `,"mailbox":"\u0000"`):    "body.mailbox",
		brought(stranger, `,"received_at":"today"`): "body.received_at",
		brought(stranger, `,"received_at":"2030-01-01T00:00:00Z"`): "body.received_at",
		brought(stranger, `,"received_at":"1999-01-01T00:00:00Z"`): "body.received_at",
	} {
		w.hook(w.secret, time.Now(), body).problem(422, "not_valid", field)
	}
	for _, body := range []string{``, `{`, `[]x`, `{"raw":"aGk="} {}`} {
		w.hook(w.secret, time.Now(), body).problem(http.StatusBadRequest, "bad_request")
	}
	w.hook(w.secret, time.Now(), brought(strings.Repeat("x", 30<<20+1))).problem(http.StatusRequestEntityTooLarge, "request_entity_too_large")
	w.hook(w.secret, time.Now(), strings.Repeat(" ", 41<<20)).problem(http.StatusRequestEntityTooLarge, "request_entity_too_large")
	w.unchanged(before)
}

func TestALargeMessageIsTaken(t *testing.T) {
	w := newWorld(t)
	head, text, _ := strings.Cut(letterFrom("dee@elsewhere.example", "big@x", "See attachment."), "\r\n\r\n")
	raw := head + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + text +
		"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 40_000) + "--b--\r\n"
	a := w.hook(w.secret, time.Now(), brought(raw)).is(http.StatusOK)
	require.Equal(t, "See attachment.", w.get(api.Rep, "/v1/inbound-messages/"+a.text("id")).is(http.StatusOK).text("text"))
}

func TestWebhookSecretsAreChecked(t *testing.T) {
	one, two := "whsec_"+mailbox.NewKey(), mailbox.NewKey()
	got, err := api.WebhookSecrets(one + ", " + two + ",")
	require.NoError(t, err)
	require.Equal(t, []string{one, two}, got)
	none, err := api.WebhookSecrets("")
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = api.WebhookSecrets("opensesame")
	require.NotContains(t, err.Error(), "opensesame")
	for _, bad := range []string{"whsec_", "short", one + ",aGk=", "whsec_not base64 at all, really not"} {
		_, err := api.WebhookSecrets(bad)
		require.ErrorContains(t, err, "24 random bytes", bad)
	}
}
