package api_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// bring sends a list.
func (w *world) bring(role, csv string) answer {
	w.Helper()
	return w.send(request{method: http.MethodPost, path: "/v1/suppressions/import", key: w.keys[role], once: uuid.NewString(), body: csv, contentType: "text/csv; charset=utf-8"})
}

func (w *world) stage(lead string) string {
	w.Helper()
	return w.get(api.Rep, lead).is(http.StatusOK).text("stage")
}

func TestADomainThatIsStoppedStopsEverybodyThere(t *testing.T) {
	w := newWorld(t)
	ann, bo := w.lead("ann"), w.lead("bo")
	other := w.post(api.Rep, "/v1/leads", `{"email":"cy@sub.acme.example","source":"ebook_download"}`).is(http.StatusCreated).text("lead_id")
	sent := w.number(`SELECT count(*) FROM send_ledger WHERE lead_id <> $1`, other)
	require.Equal(t, "stopped", w.post(api.Manager, "/v1/suppressions", `{"kind":"domain","value":"@ACME.example","via":"phone"}`).is(http.StatusOK).text("status"))
	w.relay()
	require.Equal(t, "do_not_contact", w.stage(ann))
	require.Equal(t, "do_not_contact", w.stage(bo))
	require.Equal(t, "warm", w.stage("/v1/leads/"+other), "another domain")
	w.pass(365 * 24 * time.Hour)
	require.Equal(t, sent, w.number(`SELECT count(*) FROM send_ledger WHERE lead_id <> $1`, other))
	w.post(api.Rep, "/v1/leads", `{"email":"dee@acme.example","source":"ebook_download"}`).problem(http.StatusConflict, "person_said_stop")
}

func TestANumberThatIsStoppedIsNotCalledAndItsPersonStillGetsMail(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	phone := w.get(api.Rep, ann).text("phone")
	alone := "/v1/leads/" + w.post(api.Rep, "/v1/leads", `{"phone":"+493055500001","source":"info_request"}`).is(http.StatusCreated).text("lead_id")
	for _, number := range []string{phone, "+49 30 555-00001"} {
		w.postf(api.Manager, "/v1/suppressions", `{"kind":"phone","value":"%s"}`, number).is(http.StatusOK)
	}
	w.relay()
	require.Equal(t, "warm", w.stage(ann))
	require.Equal(t, "do_not_contact", w.stage(alone), "known by nothing else")
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE kind = 'call' AND state = 'open'`))
	w.pass(30 * 24 * time.Hour)
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE kind = 'call' AND state = 'open'`))
}

func TestTheListHasHashesAndComesInPages(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.postf(api.Manager, "/v1/suppressions", `{"kind":"email","value":"p%d@acme.example"}`, i).is(http.StatusOK)
	}
	w.post(api.Manager, "/v1/suppressions", `{"kind":"domain","value":"other.example"}`).is(http.StatusOK)
	seen := map[string]bool{}
	for path := "/v1/suppressions?kind=email&limit=2"; path != ""; {
		a := w.get(api.Manager, path).is(http.StatusOK)
		require.NotContains(t, string(a.body), "@")
		for _, s := range a.list("suppressions") {
			seen[s.(map[string]any)["hash"].(string)] = true
		}
		path, _, _ = strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	}
	require.Len(t, seen, 5)
	require.True(t, seen[hex.EncodeToString(postgres.Hash("p0@acme.example"))[:16]])
	w.get(api.Manager, "/v1/suppressions?kind=fax").problem(422, "not_valid", "query.kind")
}

func TestAListIsExportedAndImportedElsewhere(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	w.post(api.Rep, ann+"/opt-out", `{"via":"complaint"}`).is(http.StatusOK)
	w.post(api.Manager, "/v1/suppressions", `{"kind":"domain","value":"other.example"}`).is(http.StatusOK)
	list := w.get(api.Manager, "/v1/suppressions.csv").is(http.StatusOK)
	require.Equal(t, "text/csv; charset=utf-8", list.header.Get("Content-Type"))
	require.Contains(t, list.header.Get("Content-Disposition"), "attachment")
	require.Contains(t, string(list.body), "email,"+hex.EncodeToString(postgres.Hash("ann@acme.example"))+",complaint,2026-03-02T09:00:00Z\n")
	require.NotContains(t, string(list.body), "@")

	elsewhere := newWorld(t)
	lead := elsewhere.lead("ann")
	require.EqualValues(t, 3, elsewhere.bring(api.Manager, string(list.body)).is(http.StatusOK).at("added"))
	elsewhere.relay()
	require.Equal(t, "do_not_contact", elsewhere.stage(lead))
	after := elsewhere.records()
	again := elsewhere.bring(api.Manager, string(list.body)).is(http.StatusOK)
	require.EqualValues(t, 0, again.at("added"))
	require.EqualValues(t, 3, again.at("known"))
	elsewhere.unchanged(after)
}

func TestTheGoodRowsOfAListCountWhateverTheOthersSay(t *testing.T) {
	w := newWorld(t)
	a := w.bring(api.Manager, "\uFEFFvia;kind;value\r\n;email;Ann@acme.example\r\nphone;fax;1\r\nrep;phone;+493012345678\r\n;domain;nowhere\r\nx y;email;bo@acme.example\r\n;email;ann@acme.example\r\n").is(http.StatusOK)
	require.EqualValues(t, 6, a.at("rows"))
	require.EqualValues(t, 2, a.at("added"))
	require.EqualValues(t, 1, a.at("known"), "the same twice")
	require.EqualValues(t, 3, a.at("faulty_rows"))
	for i, place := range [][2]int{{3, 7}, {5, 9}, {6, 1}} {
		require.EqualValues(t, place[0], a.at(fmt.Sprintf("faults.%d.line", i)))
		require.EqualValues(t, place[1], a.at(fmt.Sprintf("faults.%d.column", i)))
		require.NotContains(t, a.text(fmt.Sprintf("faults.%d.message", i)), "@acme")
	}
	require.Equal(t, 1, w.number(`SELECT count(*) FROM suppressions WHERE kind = 'phone' AND via = 'rep'`))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM suppressions WHERE kind = 'email' AND via = 'import'`))
}

func TestWhatIsNoListIsRefusedAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	for csv, field := range map[string]string{
		"email,ann@acme.example\n":                                "body.line[1].column[1]",
		"kind,address\nemail,ann@acme.example\n":                  "body.line[1].column[6]",
		"kind,kind,value\n":                                       "body.line[1].column[6]",
		"kind,via\nemail,rep\n":                                   "body.line[1].column[1]",
		"kind,value,hash\n":                                       "body.line[1].column[1]",
		"kind,value\n" + strings.Repeat("email,x\n", 100_001):     "body",
		"kind,value\n" + strings.Repeat("domain,x.de\n", 100_001): "body",
	} {
		w.bring(api.Manager, csv).problem(422, "not_valid", field)
	}
	w.bring(api.Manager, "").problem(http.StatusBadRequest, "bad_request")
	w.bring(api.Manager, "kind,value\nemail,\xff\n").problem(http.StatusBadRequest, "bad_request")
	w.bring(api.Rep, "kind,value\n").problem(http.StatusForbidden, "role_not_allowed")
	w.post(api.Manager, "/v1/suppressions/import", `{}`).problem(http.StatusUnsupportedMediaType, "unsupported_media_type")
	w.bring(api.Manager, strings.Repeat(" ", 33<<20)).problem(http.StatusRequestEntityTooLarge, "request_entity_too_large")
	w.unchanged(before)
}

func TestALongListIsTakenAtOnce(t *testing.T) {
	w := newWorld(t)
	var csv strings.Builder
	csv.WriteString("kind,value\n")
	for i := range 20_000 {
		fmt.Fprintf(&csv, "email,person%d@long-list.example\n", i)
	}
	lead := w.lead("ann")
	csv.WriteString("email,ann@acme.example\n")
	require.EqualValues(t, 20_001, w.bring(api.Manager, csv.String()).is(http.StatusOK).at("added"))
	w.relay()
	require.Equal(t, "do_not_contact", w.stage(lead))
}
