package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

// badForms are requests that are wrong whatever the route, made from a good one.
var badForms = []struct {
	name   string
	change func(r *request)
	status int
	code   string
}{
	{"malformed JSON", body(`{"a":}`), 400, "bad_request"},
	{"no JSON at all", body(`email=ann`), 400, "bad_request"},
	{"truncated JSON", func(r *request) { r.body = r.body[:len(r.body)-1] }, 400, "bad_request"},
	{"two objects", func(r *request) { r.body += r.body }, 400, "bad_request"},
	{"an empty body", body(``), 400, "bad_request"},
	{"only blanks", body("  \n"), 400, "bad_request"},
	{"null", body(`null`), 422, "not_valid"},
	{"an array", func(r *request) { r.body = "[" + r.body + "]" }, 422, "not_valid"},
	{"a text", body(`"x"`), 422, "not_valid"},
	{"a number", body(`42`), 422, "not_valid"},
	{"an unknown field", with(`"colour":"blue"`), 422, "not_valid"},
	{"a field that differs in case", with(`"EMAIL":"x@y.example"`), 422, "not_valid"},
	{"JSON that is too deep", body(`{"a":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`), 400, "bad_request"},
	{"JSON that is deep", body(`{"a":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + `}`), 422, "not_valid"},
	{"a field named NUL", with(`"\u0000":1`), 422, "not_valid"},
	{"a body that is not UTF-8", with("\"colour\":\"\xff\xfe\""), 400, "bad_request"},
	{"an oversized body", func(r *request) { r.body += strings.Repeat(" ", 1<<20) }, 413, "request_entity_too_large"},
	{"text/plain", func(r *request) { r.contentType = "text/plain" }, 415, "unsupported_media_type"},
	{"a form", func(r *request) { r.contentType = "application/x-www-form-urlencoded" }, 415, "unsupported_media_type"},
	{"XML", func(r *request) { r.contentType = "application/xml" }, 415, "unsupported_media_type"},
	{"an unknown query parameter", func(r *request) { r.path += "?dry_run=true" }, 422, "not_valid"},
}

func body(s string) func(*request) { return func(r *request) { r.body = s } }

// with adds a field in front.
func with(field string) func(*request) {
	return func(r *request) {
		r.body = strings.Replace("{"+field+","+strings.TrimPrefix(r.body, "{"), ",}", "}", 1)
	}
}

func TestABadFormIsRefusedByEveryRouteAndChangesNothing(t *testing.T) {
	eachPost(t, func(w *world, good request) {
		if good.contentType != "" {
			w.Skip("a list is no JSON; its own tests are in suppressions_test.go")
		}
		before := w.records()
		for _, c := range badForms {
			r := good
			r.once = uuid.NewString()
			c.change(&r)
			w.send(r).problem(c.status, c.code)
		}
		for _, r := range spoiled(w, good) {
			w.send(r.request).problem(422, "not_valid", r.field)
		}
		w.unchanged(before)
		require.Less(w, w.send(good).status, 300, "the request was good")
	})
}

// spoiltRequest has one value of the wrong kind in one field.
type spoiltRequest struct {
	request
	field string
}

// spoiled gives the request with each of its fields spoiled in turn: of another
// type, nested, and with a NUL in every text.
func spoiled(t require.TestingT, good request) (all []spoiltRequest) {
	var whole map[string]any
	require.NoError(t, json.Unmarshal([]byte(good.body), &whole))
	for name, value := range whole {
		wrong := []any{[]any{1}, true}
		if value == true {
			wrong = []any{"yes"}
		}
		switch v := value.(type) {
		case string:
			wrong = append(wrong, 7, map[string]any{}, v+"\x00")
		case float64:
			wrong = append(wrong, "7", -1, 1.5, 1e30, "x\x00")
		case []any:
			wrong = append(wrong[1:], "x")
		case map[string]any:
			wrong = append(wrong, "x")
		}
		for _, bad := range wrong {
			changed := map[string]any{}
			for k, v := range whole {
				changed[k] = v
			}
			changed[name] = bad
			encoded, err := json.Marshal(changed)
			require.NoError(t, err)
			r := good
			r.body, r.once = string(encoded), uuid.NewString()
			all = append(all, spoiltRequest{r, "body." + name})
		}
	}
	return all
}

func TestANULIsFoundWhereverItHides(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	before := w.records()
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"interested","discussed":"a\u0000b","next_step":{"why_none":"\u0000"}}`).
		problem(422, "not_valid", "body.discussed", "body.next_step.why_none")
	w.post(api.Manager, "/v1/content", `{"kind":"article","title":"News","sources":["a","b\u0000"]}`).problem(422, "not_valid", "body.sources[1]")
	w.post(api.Rep, w.open(lead, "call")+"/complete", `{"outcome":{"outcome":"no_answer","reason":"\u0000"}}`).problem(422, "not_valid", "body.outcome.reason")
	w.get(api.Rep, "/v1/leads?source=%00").problem(422, "not_valid", "query.source")
	w.get(api.Rep, "/v1/leads?blocked=%ff").problem(422, "not_valid", "query.blocked")
	w.unchanged(before)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"interested","discussed":"a\\u0000b","next_step":{"why_none":"x"}}`).is(http.StatusOK)
}

func TestAnIDThatIsNoneOrUnknownIsSaid(t *testing.T) {
	w := newWorld(t)
	for _, operation := range w.operations() {
		if !strings.Contains(operation, "{id}") {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			r := try(operation, w.keys[api.Admin])
			unknown := "not_found"
			if strings.Contains(operation, "/playbooks/") { // their ids are no UUIDs
				unknown = "unknown_playbook"
			}
			if strings.Contains(operation, "/hooks/") { // whose source is unknown before that
				unknown = "unknown_hook"
			}
			_, path, _ := strings.Cut(operation, " ")
			at := slices.Index(strings.Split(path, "/"), "{id}")
			if g := goods[strings.TrimSuffix(operation, "/preview")]; g != nil {
				r.body = g(newWorld(t)).body
				if strings.Contains(r.path, "/reassign") {
					r.body = `{"owner_id":"` + w.mo.String() + `"}`
				}
			}
			a := w.send(r)
			a.TB = t
			a.problem(http.StatusNotFound, unknown)
			for _, id := range []string{"7", "not-an-id", "%00", "..%2f..", strings.Repeat("a", 5000), "' OR 1=1"} {
				r.once = uuid.NewString()
				parts := strings.Split(r.path, "/")
				parts[at] = strings.ReplaceAll(strings.ReplaceAll(id, " ", "%20"), "'", "%27")
				r.path = strings.Join(parts, "/")
				a := w.send(r)
				a.TB = t
				if a.status == http.StatusNotFound { // a slash leads elsewhere
					require.Contains(t, []string{"not_found", unknown}, a.text("code"))
					a.problem(http.StatusNotFound, a.text("code"))
					continue
				}
				a.problem(422, "not_valid", "path.id")
			}
		})
	}
}

func TestABadQueryNamesItsParameter(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	for path, field := range map[string]string{
		"/v1/leads?stage=lukewarm":                        "stage",
		"/v1/leads?owner_id=robin":                        "owner_id",
		"/v1/leads?after=7":                               "after",
		"/v1/leads?limit=0":                               "limit",
		"/v1/leads?limit=-1":                              "limit",
		"/v1/leads?limit=501":                             "limit",
		"/v1/leads?limit=99999999999999999999":            "limit",
		"/v1/leads?limit=ten":                             "limit",
		"/v1/leads?source=" + strings.Repeat("x", 65):     "source",
		"/v1/leads?blocked=" + strings.Repeat("x", 10000): "blocked",
		"/v1/leads?stge=warm":                             "stge",
		"/v1/queue?owner_id=me":                           "owner_id",
		"/v1/queue?kind=nap":                              "kind",
		"/v1/queue?ahead_days=-1":                         "ahead_days",
		"/v1/queue?ahead_days=366":                        "ahead_days",
		"/v1/queue?limit=x":                               "limit",
		lead + "/timeline?after=-1":                       "after",
		lead + "/timeline?limit=1001":                     "limit",
		"/v1/notifications?limit=0":                       "limit",
		"/v1/content?kind=article":                        "kind",
		"/v1/sends?state=sent":                            "state",
		"/v1/sends?limit=0":                               "limit",
		"/v1/inbound-messages?state=lost":                 "state",
		"/v1/inbound-messages?before=7":                   "before",
		"/v1/inbound-messages?limit=501":                  "limit",
	} {
		w.get(api.Rep, path).problem(422, "not_valid", "query."+field)
	}
}

func TestAnAddressOrMethodThatIsNotThereIsAProblem(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/v1", "/v2/leads", "/v1/lead", "/admin", "/.env", "/v1/leads/" + uuid.NewString() + "/erase"} {
		w.get(api.Admin, path).problem(http.StatusNotFound, "not_found")
	}
	for _, r := range []request{
		{method: http.MethodDelete, path: "/v1/leads"},
		{method: http.MethodPut, path: "/v1/leads/" + uuid.NewString()},
		{method: http.MethodPatch, path: "/v1/queue"},
		{method: http.MethodGet, path: "/v1/engagements"},
		{method: http.MethodPost, path: "/healthz"},
	} {
		a := w.send(r)
		a.problem(http.StatusMethodNotAllowed, "method_not_allowed")
		require.NotEmpty(t, a.header.Get("Allow"))
		require.False(t, slices.Contains(strings.Split(a.header.Get("Allow"), ", "), r.method))
	}
}
