package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

// bulk sends items as an integration does.
func (w *world) bulk(items ...string) api.BulkAnswer {
	w.Helper()
	a := w.post(api.Integration, "/v1/leads/bulk", `{"leads":[`+strings.Join(items, ",")+`]}`).is(http.StatusOK)
	var b api.BulkAnswer
	require.NoError(w, json.Unmarshal(a.body, &b))
	require.Len(w, b.Leads, len(items))
	return b
}

// newcomer is a good item.
func newcomer(i int) string {
	return fmt.Sprintf(`{"name":"P %d","email":"p%d@acme.example","account":"Acme","source":"ebook_download"}`, i, i)
}

func TestManyAreEnrolledInOneRequestAndTheirLivesBegin(t *testing.T) {
	w := newWorld(t)
	items := make([]string, 1000)
	for i := range items {
		items[i] = newcomer(i)
	}
	b := w.bulk(items...)
	require.Equal(t, 1000, b.Accepted)
	require.Zero(t, b.Refused)
	w.relay()
	for i, r := range b.Leads {
		require.Nil(t, r.Problem)
		require.Equal(t, fmt.Sprintf("P %d", i), w.get(api.Rep, "/v1/leads/"+r.Lead.String()).is(http.StatusOK).text("name"), "in the order of the request")
		require.EqualValues(t, "warm", w.stateOf("/v1/leads/"+r.Lead.String()).Stage)
	}
	w.post(api.Integration, "/v1/leads/bulk", `{"leads":[`+strings.Join(append(items, newcomer(1000)), ",")+`]}`).
		problem(422, "not_valid", "body.leads")
}

func TestAnItemIsRefusedAsTheSingleRouteWouldAndHindersNobody(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	w.post(api.Integration, "/v1/opt-outs", `{"email":"stop@acme.example"}`).is(http.StatusOK)
	wrong := []string{
		`{"source":"ebook_download"}`,
		`{"email":"bo@acme.example"}`,
		`{"email":"no address","source":"ebook_download"}`,
		`{"email":"bo@acme.example","source":"horoscope"}`,
		`{"email":"bo@acme.example","source":"ebook_download","colour":"blue"}`,
		`{"email":"bo@acme.example","source":"ebook_download","EMAIL":"x@y.example"}`,
		`{"email":7,"source":["ebook_download"],"amount":-1}`,
		`{"email":"bo@acme.example","source":"ebook_download","occurred_at":"2126-01-01T00:00:00Z"}`,
		`{"email":"bo@acme.example","source":"ebook_download","occurred_at":"yesterday"}`,
		`{"email":"bo@acme.example","source":"ebook_download","phone":"12","country":"XX"}`,
		`{"email":"bo@acme.example","source":"ebook_download","owner_id":"` + uuid.NewString() + `"}`,
		`{"email":"ann@acme.example","source":"ebook_download"}`,
		`{"email":"stop@acme.example","source":"ebook_download"}`,
		`null`, `7`, `[]`, `"x"`,
	}
	var items []string
	for i, item := range wrong {
		items = append(items, item, newcomer(i))
	}
	b := w.bulk(items...)
	require.Equal(t, len(wrong), b.Accepted)
	require.Equal(t, len(wrong), b.Refused)
	for i, item := range wrong {
		single := w.post(api.Integration, "/v1/leads", item)
		var want api.Problem
		require.NoError(t, json.Unmarshal(single.body, &want))
		require.GreaterOrEqual(t, single.status, 400, item)
		for n, f := range want.Errors {
			want.Errors[n].Field = strings.Replace(f.Field, "body", fmt.Sprintf("body.leads[%d]", 2*i), 1)
		}
		require.Equal(t, &want, b.Leads[2*i].Problem, item)
		require.NotNil(t, b.Leads[2*i+1].Lead)
		require.NotNil(t, b.Leads[2*i+1].Engagement)
	}
}

func TestABulkRequestWhoseAnswerWasLostGivesTheSameLeadsAgain(t *testing.T) {
	w := newWorld(t)
	r := request{
		method: http.MethodPost, path: "/v1/leads/bulk", key: w.keys[api.Integration], once: "k1",
		body: `{"leads":[` + newcomer(1) + `,{},` + newcomer(2) + `]}`,
	}
	first := w.send(r).is(http.StatusOK)
	before := w.records()
	w.exec(`UPDATE idempotency_keys SET status = NULL, response = NULL, started_at = now() - interval '3 minutes'`) // as a crash leaves it
	again := w.send(r).is(http.StatusOK)
	require.Empty(t, again.header.Get("Idempotency-Replayed"))
	require.JSONEq(t, string(first.body), string(again.body))
	w.unchanged(before)
}
