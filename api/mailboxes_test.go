package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

const (
	settings = `{"address":"robin@seller.example","user":"robin@seller.example","time_zone":"Europe/Berlin","daily_limit":10,"gap_seconds":60,` +
		`"smtp_url":"smtps://robin:opensesame@mail.seller.example","imap_url":"imaps://robin:opensesame@mail.seller.example"}`
	secretOfMailbox = "opensesame"
)

// mailbox makes a mailbox and gives its path.
func (w *world) mailbox(name string) string {
	w.Helper()
	w.put(api.Manager, "/v1/mailboxes/"+name, settings).is(http.StatusOK)
	return "/v1/mailboxes/" + name
}

func (w *world) put(role, path, body string) answer {
	w.Helper()
	return w.send(request{method: http.MethodPut, path: path, key: w.keys[role], body: body})
}

func TestAMailboxIsMadeAndChangedAndItsSecretsNeverComeOut(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	w := newWorld(t)

	made := w.put(api.Manager, "/v1/mailboxes/robin", settings).is(http.StatusOK)
	require.Equal(t, "robin@seller.example", made.text("address"))
	require.EqualValues(t, 10, made.at("limit_today"))
	changed := w.put(api.Manager, "/v1/mailboxes/robin", `{"address":"robin@seller.example","time_zone":"Europe/Berlin","daily_limit":20}`).is(http.StatusOK)
	require.EqualValues(t, 20, changed.at("daily_limit"))
	list := w.get(api.Rep, "/v1/mailboxes").is(http.StatusOK)
	require.Len(t, list.list("mailboxes"), 1)

	row, err := w.store.MailboxByName(t.Context(), "robin")
	require.NoError(t, err)
	c, err := w.room.Seal.Open(row.ID, row.Sealed)
	require.NoError(t, err)
	require.Equal(t, mailbox.Connections{SMTP: "smtps://robin:opensesame@mail.seller.example", IMAP: "imaps://robin:opensesame@mail.seller.example"}, c,
		"secrets that are left out stay")
	for _, shown := range []string{string(made.body), string(changed.body), string(list.body), log.String(), string(row.Sealed)} {
		require.NotContains(t, shown, secretOfMailbox)
	}
}

func TestAMailboxThatCannotWorkNamesItsFieldsAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.mailbox("robin")
	before := w.records()
	for body, field := range map[string]string{
		`{"address":"robin","time_zone":"Europe/Berlin","daily_limit":5}`:                                                                                   "body.address",
		`{"address":"kim@seller.example","time_zone":"Mars","daily_limit":5}`:                                                                               "body.time_zone",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":0}`:                                                                      "body.daily_limit",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"hours":"at night"}`:                                                   "body.hours",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"user":"nobody@seller.example"}`:                                       "body.user",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"smtp_url":"https://kim:opensesame@x.y"}`:                              "body.smtp_url",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"imap_url":"imaps://opensesame"}`:                                      "body.imap_url",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"ramp_from":1}`:                                                        "body.ramp_step",
		`{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5,"dkim":{"domain":"seller.example","selector":"s","key":"opensesame"}}`: "body.dkim.key",
		`{"address":"robin@seller.example","time_zone":"Europe/Berlin","daily_limit":5}`:                                                                    "body.address", // another's
	} {
		a := w.put(api.Manager, "/v1/mailboxes/kim", body)
		a.problem(422, "not_valid", field)
		require.NotContains(t, string(a.body), secretOfMailbox)
	}
	w.put(api.Manager, "/v1/mailboxes/Robin%20U", settings).problem(422, "not_valid", "path.name")
	w.put(api.Rep, "/v1/mailboxes/robin", settings).problem(http.StatusForbidden, "role_not_allowed")
	w.unchanged(before)
}

func TestWithoutAKeyNoSecretIsTaken(t *testing.T) {
	w := newWorld(t)
	box := w.mailbox("robin")
	w.room.Seal = mailbox.Seal{}
	w.api = w.serve(w.lives.playbook)
	before := w.records()
	p := w.put(api.Manager, "/v1/mailboxes/kim", `{"address":"kim@seller.example","time_zone":"Europe/Berlin","daily_limit":5}`).
		problem(http.StatusServiceUnavailable, "secret_key_missing")
	require.Contains(t, p.Remedy, "REKINDLE_SECRET_KEY")
	w.put(api.Manager, box, settings).problem(http.StatusServiceUnavailable, "secret_key_unknown")
	w.unchanged(before)
}

func TestAMailboxIsParkedAndResumed(t *testing.T) {
	w := newWorld(t)
	box := w.mailbox("robin")
	parked := w.post(api.Manager, box+"/park", `{"why":"moving house"}`).is(http.StatusOK)
	require.Equal(t, "manual", parked.text("parked"))
	require.Equal(t, "moving house", parked.text("parked_detail"))
	lead := w.lead("ann")
	require.Equal(t, 1, w.number(`SELECT count(*) FROM send_ledger WHERE state = 'released' AND slot_at IS NULL AND lead_id = $1`, idOf(lead)), "its mail waits")

	resumed := w.post(api.Manager, box+"/resume", `{}`).is(http.StatusOK)
	require.EqualValues(t, 1, resumed.at("slots"))
	require.Nil(t, resumed.at("mailbox.parked"))
	for _, what := range []string{"/park", "/resume"} {
		w.post(api.Manager, "/v1/mailboxes/nobody"+what, `{}`).problem(http.StatusNotFound, "unknown_mailbox")
		w.post(api.Rep, box+what, `{}`).problem(http.StatusForbidden, "role_not_allowed")
	}
}
