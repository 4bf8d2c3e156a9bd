package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

func TestAnAddressIsChangedAndWhoSaidStopUnderTheFormerOneStaysStopped(t *testing.T) {
	w := newWorld(t)
	enrol := func(email string) string {
		return w.postf(api.Rep, "/v1/leads", `{"name":"Ann Lee","email":%q,"source":"ebook_download","country":"DE","time_zone":"Europe/Berlin"}`, email).is(http.StatusCreated).text("lead_id")
	}
	ann, bo := enrol("ann@acme.example"), enrol("bo@birch.example")
	change := func(lead, body string) answer { return w.post(api.Rep, "/v1/leads/"+lead+"/addresses", body) }

	change(ann, `{}`).is(http.StatusUnprocessableEntity)
	change(ann, `{"email":"ann"}`).is(http.StatusUnprocessableEntity)
	require.Equal(t, "address_taken", change(ann, `{"email":"bo@birch.example"}`).is(http.StatusConflict).text("code"))
	require.Equal(t, "ann@acme.example", w.get(api.Rep, "/v1/leads/"+ann).text("email"), "nothing has changed")

	change(ann, `{"email":"Ann@New.example"}`).is(http.StatusOK)
	change(ann, `{"phone":"030 1234567"}`).is(http.StatusOK)
	lead := w.get(api.Rep, "/v1/leads/"+ann)
	require.Equal(t, "ann@new.example", lead.text("email"))
	require.Equal(t, "+49301234567", lead.text("phone"))

	w.post(api.Rep, "/v1/leads/"+bo+"/opt-out", `{}`).is(http.StatusOK)
	change(bo, `{"email":"bo@elsewhere.example"}`).is(http.StatusOK)
	again := w.post(api.Rep, "/v1/leads", `{"email":"bo@elsewhere.example","source":"ebook_download"}`)
	require.GreaterOrEqual(t, again.status, 400, "a stop holds under every address of a person")
}
