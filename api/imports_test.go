package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/importing"
)

const fairPlan = `{"columns":["name","email"],"fixed":{"source":"crm_dormant","basis":"consent: fair"},"known":"complete","dates":"day_first"}`

// imported sends a file and gives its address.
func (w *world) imported(content string) string {
	w.Helper()
	a := w.send(request{method: http.MethodPost, path: "/v1/imports?name=fair.csv", key: w.keys[api.Manager], once: uuid.NewString(), body: content, contentType: "text/csv"}).is(http.StatusCreated)
	return "/v1/imports/" + a.text("id")
}

func (w *world) planned() string {
	w.Helper()
	at := w.imported(leadsFile)
	w.post(api.Manager, at+"/plan", fairPlan).is(http.StatusOK)
	return at
}

// goThrough lets in all rows of a file, as the engine does.
func (w *world) goThrough(at string) {
	w.Helper()
	i := importing.Imports{Store: w.store, Door: w.door}
	pass := int(w.get(api.Manager, at).is(http.StatusOK).at("pass").(float64))
	for last, more := 0, true; more; {
		var err error
		last, more, err = i.Batch(w.Context(), uuid.MustParse(idOf(at)), pass, last)
		require.NoError(w, err)
	}
}

func TestAListIsSentPlannedCheckedAndLetIn(t *testing.T) {
	w := newWorld(t)
	at := w.imported("Name;E-Mail;Umsatz\nJ\xfcrgen;juergen@acme.example;1\nBad;nowhere;2\n")
	v := w.get(api.Manager, at).is(http.StatusOK)
	require.Equal(t, []any{"windows-1252", ";", "fair.csv", "open"}, []any{v.text("encoding"), v.text("delimiter"), v.text("name"), v.text("state")})
	require.Equal(t, []any{"name", "email", ""}, v.list("plan.columns"))
	w.post(api.Manager, at+"/start", `{}`).problem(http.StatusUnprocessableEntity, "not_valid", "body.fixed.basis", "body.fixed.source")
	w.post(api.Manager, at+"/plan", strings.Replace(fairPlan, `"email"`, `"email","mood"`, 1)).problem(http.StatusUnprocessableEntity, "not_valid", "body.columns[2]")
	planned := w.post(api.Manager, at+"/plan", strings.Replace(fairPlan, `"email"`, `"email",""`, 1)).is(http.StatusOK)
	require.Equal(t, "Jürgen", planned.text("preview.0.says.name"))
	require.Equal(t, "E-Mail", planned.text("preview.1.faults.0.field"))

	before := w.number("SELECT count(*) FROM leads")
	w.post(api.Manager, at+"/check", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/plan", fairPlan).problem(http.StatusUnprocessableEntity, "not_valid", "body.columns")
	w.goThrough(at)
	require.Equal(t, before, w.number("SELECT count(*) FROM leads"))
	v = w.get(api.Manager, at)
	require.Equal(t, map[string]any{"created": 1.0, "refused": 1.0}, v.at("results"))

	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.post(api.Manager, at+"/check", `{}`).problem(http.StatusConflict, "import_not_open")
	w.goThrough(at)
	require.Equal(t, "ended", w.get(api.Manager, at).text("state"))
	rows := w.get(api.Manager, at+"/rows?result=created").is(http.StatusOK)
	require.Equal(t, "Jürgen", w.get(api.Rep, "/v1/leads/"+rows.text("rows.0.lead_id")).is(http.StatusOK).text("name"))
	refused := w.get(api.Manager, at+"/rows?result=refused&limit=1").is(http.StatusOK)
	require.Equal(t, 3.0, refused.at("rows.0.line"))
	result := w.get(api.Manager, at+"/result.csv").is(http.StatusOK)
	require.Equal(t, `attachment; filename="fair-result.csv"`, result.header.Get("Content-Disposition"))
	require.Contains(t, string(result.body), "3;refused;;\"E-Mail is not an email address; write it as ann@acme.example\";Bad;nowhere;2\n")
	require.Len(t, w.get(api.Manager, "/v1/imports").is(http.StatusOK).list("imports"), 1)
}

func TestAFileThatIsNoListIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	send := func(content, kind string) answer {
		return w.send(request{method: http.MethodPost, path: "/v1/imports", key: w.keys[api.Manager], once: uuid.NewString(), body: content, contentType: kind})
	}
	send("", "text/csv").problem(http.StatusBadRequest, "bad_request")
	for _, content := range []string{" \n", "PK\x03\x04", "Name,Email\n", "Name,\"Email\nx"} {
		send(content, "text/csv").problem(http.StatusUnprocessableEntity, "not_valid", "body")
	}
	send(`{"leads":[]}`, "application/json").problem(http.StatusUnsupportedMediaType, "unsupported_media_type")
	require.Zero(t, w.number("SELECT count(*) FROM imports"))
}

func TestRowsOfAListComeInPages(t *testing.T) {
	w := newWorld(t)
	at := w.imported("Email\na@x.example\nb@x.example\nc@x.example\n")
	w.post(api.Manager, at+"/plan", `{"columns":["email"],"fixed":{"source":"crm_dormant","basis":"b"},"known":"leave","dates":"day_first"}`).is(http.StatusOK)
	w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
	w.goThrough(at)
	page := w.get(api.Manager, at+"/rows?limit=2").is(http.StatusOK)
	require.Equal(t, 3.0, page.at("next"))
	page = w.get(api.Manager, at+"/rows?limit=2&after=3").is(http.StatusOK)
	require.Len(t, page.list("rows"), 1)
	require.Nil(t, page.at("next"))
}
