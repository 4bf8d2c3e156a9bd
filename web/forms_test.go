package web_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

func readAll(t *testing.T, res *http.Response) string {
	all, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(all)
}

func TestNobodyGetsInWithoutSigningIn(t *testing.T) {
	h := newHouse(t)
	s := h.surfer()
	for _, path := range []string{"/", "/desk", "/leads", "/leads/" + uuid.NewString()} {
		p := s.get(path)
		require.Contains(t, p.path, "/sign-in", path)
		require.Contains(t, p.body, "Password")
	}
	p := s.post("/desk/tasks/"+uuid.NewString()+"/done", url.Values{"once": {"x"}})
	require.Contains(t, p.path, "/sign-in")
	p = s.post("/sign-in", url.Values{"email": {"robin@seller.example"}, "password": {"something else"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "do not belong together")
	require.Contains(t, p.body, "robin@seller.example", "the address need not be typed again")

	p = s.post("/sign-in", url.Values{"email": {"robin@seller.example"}, "password": {password}, "next": {"/leads?stage=warm"}})
	require.Equal(t, "/leads?stage=warm", p.path, "one comes back to where one wanted to go")
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)"} {
		p = h.surfer().post("/sign-in", url.Values{"email": {"robin@seller.example"}, "password": {password}, "next": {elsewhere}})
		require.Equal(t, "/desk", p.path, elsewhere)
	}
	p = s.post("/sign-out", nil)
	require.Contains(t, p.path, "/sign-in")
	require.Contains(t, s.get("/desk").path, "/sign-in")
}

func TestAFormFromElsewhereDoesNothing(t *testing.T) {
	h := newHouse(t)
	s := h.surfer()
	s.signIn("robin")
	for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
		require.Equal(t, http.StatusForbidden, s.post("/sign-out", nil, headers...).status, headers)
		require.Equal(t, http.StatusForbidden, s.post("/desk/done", url.Values{"once": {"x"}}, headers...).status, headers)
	}
	require.Equal(t, http.StatusForbidden, s.post("/v1/content", nil, "Sec-Fetch-Site", "cross-site").status, "nor does the API, with the session")
	require.Equal(t, http.StatusUnauthorized, h.surfer().post("/v1/content", nil, "Sec-Fetch-Site", "cross-site").status)
	require.Empty(t, s.get("/docs/").header.Get("Content-Security-Policy"), "the API's own pages are as they were")
	require.Equal(t, http.StatusOK, s.get("/openapi.json").status)
	require.Equal(t, http.StatusNotFound, s.get("/nothing").status)
	require.Equal(t, "/desk", s.get("/desk").path, "still signed in")
	p := s.get("/desk")
	require.Contains(t, p.header.Get("Content-Security-Policy"), "script-src 'self'")
	require.NotContains(t, p.header.Get("Content-Security-Policy"), "unsafe")
	require.NotRegexp(t, regexp.MustCompile(`<script>|style="|onclick=`), p.body, "nothing that the policy forbids")
}

// form finds the one that posts to an address, and its key.
func (p page) once(t *testing.T, action string) string {
	found := regexp.MustCompile(`action="` + regexp.QuoteMeta(action) + `"[^>]*><input type="hidden" name="once" value="([^"]+)"`).FindStringSubmatch(p.body)
	require.Len(t, found, 2, "the page has no form for %s:\n%s", action, p.body)
	return found[1]
}

var taskAction = regexp.MustCompile(`/desk/tasks/[0-9a-f-]{36}/outcome`)

func TestACallIsWorkedWithPlainForms(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee")[0]
	s := h.surfer()
	p := s.signIn("robin")
	require.Equal(t, "/desk", p.path)
	require.Contains(t, p.body, "Ann Lee")
	require.Contains(t, p.body, "downloaded our eBook", "the brief says what they wanted (R02)")
	action := taskAction.FindString(p.body)

	refused := s.post(action, url.Values{"once": {p.once(t, action)}, "outcome": {"interested"}, "discussed": {"likes <it>"}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "R20", "it says which rule asks for more")
	require.Contains(t, refused.body, "likes &lt;it&gt;", "what was typed is still there")
	require.NotEqual(t, p.once(t, action), refused.once(t, action), "another attempt is another request")

	once := refused.once(t, action)
	said := url.Values{"once": {once}, "outcome": {"interested"}, "discussed": {"likes <it>"}, "why_none": {"asks her boss first"}}
	done := s.post(action, said)
	require.Equal(t, http.StatusOK, done.status, done.body)
	require.Contains(t, done.path, "/desk?")
	require.Contains(t, done.body, "Recorded for")
	s.post(action, said) // sent twice
	var outcomes int
	require.NoError(t, h.app.Store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM outcomes WHERE lead_id = $1", lead).Scan(&outcomes))
	require.Equal(t, 1, outcomes, "the same form has one effect")

	id := regexp.MustCompile(`name="outcome_id" value="([^"]+)"`).FindStringSubmatch(done.body)
	require.Len(t, id, 2)
	back := s.post("/leads/"+lead+"/take-back", url.Values{"once": {done.once(t, "/leads/"+lead+"/take-back")}, "outcome_id": {id[1]}, "back": {"/desk"}})
	require.Equal(t, http.StatusOK, back.status, back.body)
	require.Contains(t, back.body, "Ann Lee", "the call is to be made again")

	whole := s.get("/leads/" + lead)
	require.Equal(t, http.StatusOK, whole.status)
	for _, part := range []string{"likes &lt;it&gt;", "<svg", "Outcome undone", "http://temporal.example/namespaces/default/workflows/", "What you can do"} {
		require.Contains(t, whole.body, part)
	}
	require.NotContains(t, whole.body, "Give to another owner", "that is for managers")
}

func TestEveryActionOfTheLeadPageReachesTheLead(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee")[0]
	s := h.surfer()
	s.signIn("mo")
	until := h.app.Door.Now().Add(10 * 24 * time.Hour).UTC().Format("2006-01-02T15:04")
	for _, a := range []struct {
		name string
		form url.Values
	}{
		{"snooze", url.Values{"until": {until}}},
		{"resume", nil},
		{"pause", url.Values{"reason": {"manual"}}},
		{"resume", nil},
		{"amount", url.Values{"amount": {"12000"}}},
		{"stakeholders", url.Values{"name": {"Bo Chen"}, "email": {"bo@acme.example"}}},
		{"proposals", url.Values{"amount": {"9000"}}},
		{"permissions", url.Values{"channel": {"email"}, "every": {"2 months"}}},
		{"addresses", url.Values{"email": {"ann@new.example"}}},
		{"reassign", url.Values{"owner_id": {h.users["kim"].String()}}},
		{"disqualify", url.Values{"reason": {"not_a_fit"}}},
	} {
		form := url.Values{"once": {s.get("/leads/"+lead).once(t, "/leads/"+lead+"/"+a.name)}}
		for k, v := range a.form {
			form[k] = v
		}
		p := s.post("/leads/"+lead+"/"+a.name, form)
		require.Equal(t, http.StatusOK, p.status, "%s: %s", a.name, p.body)
		require.Equal(t, "/leads/"+lead, p.path, a.name)
	}
	p := s.get("/leads/" + lead)
	for _, part := range []string{"Disqualified", "Kim Koch", "ann@new.example", "Bo Chen", "email, every 2 months", "worth 9\u202f000"} {
		require.Contains(t, p.body, part)
	}
	require.NotContains(t, p.body, "What you can do", "it is over")
}

func TestARepWhoSeesOnlyTheirOwnSeesNoOthers(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee")[0]
	_, err := h.app.Store.SetSees(t.Context(), db.SetSeesParams{Sees: "own", ID: h.users["kim"]})
	require.NoError(t, err)
	kim, robin := h.surfer(), h.surfer()
	kim.signIn("kim")
	robin.signIn("robin")
	require.Equal(t, http.StatusNotFound, kim.get("/leads/"+lead).status)
	require.NotContains(t, kim.get("/leads").body, "Ann Lee")
	require.NotContains(t, kim.get("/desk?whose=all").body, "Ann Lee")
	require.Contains(t, robin.get("/leads").body, "Ann Lee")
	action := taskAction.FindString(robin.get("/desk").body)
	require.Equal(t, http.StatusNotFound, kim.post(action, url.Values{"once": {"k"}, "outcome": {"voicemail"}}).status)

	task := regexp.MustCompile(`[0-9a-f-]{36}`).FindString(action)
	handed := robin.post("/desk/tasks/"+task+"/hand-over", url.Values{"once": {"h"}, "owner_id": {h.users["kim"].String()}})
	require.Equal(t, http.StatusOK, handed.status, handed.body)
	require.NotContains(t, handed.body, action)
	require.Contains(t, kim.get("/desk").body, "Ann Lee", "who has a task sees its lead")
	require.Equal(t, http.StatusOK, kim.get("/leads/"+lead).status)
}

func TestATaskThatIsPutOffComesBack(t *testing.T) {
	h := newHouse(t)
	h.enrol("Ann Lee")
	s := h.surfer()
	p := s.signIn("robin")
	task := regexp.MustCompile(`[0-9a-f-]{36}`).FindString(taskAction.FindString(p.body))
	past := s.post("/desk/tasks/"+task+"/snooze", url.Values{"once": {"s1"}, "until": {"2001-01-01T10:00"}})
	require.Equal(t, http.StatusUnprocessableEntity, past.status)
	require.Contains(t, past.body, "lies in the past")
	until := h.app.Door.Now().Add(10 * time.Minute).UTC()
	p = s.post("/desk/tasks/"+task+"/snooze", url.Values{"once": {"s2"}, "until": {until.Format("2006-01-02T15:04")}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.NotContains(t, p.body, "/desk?task="+task)
	require.Eventually(t, func() bool { return regexp.MustCompile("/desk\\?task=" + task).MatchString(s.get("/desk").body) }, time.Minute, 500*time.Millisecond)
}

func TestAManagerErasesAPersonAndSeesThatItWasDone(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Quirina Zephyr")[0]
	robin, mo := h.surfer(), h.surfer()
	robin.signIn("robin")
	p := robin.get("/leads/" + lead)
	require.Contains(t, p.body, "What we know, and why")
	require.Contains(t, p.body, "No legal basis was stated.")
	require.NotContains(t, p.body, "Erase this person", "that is for managers")
	require.Equal(t, http.StatusForbidden, robin.get("/audit").status)

	mo.signIn("mo")
	p = mo.get("/leads/" + lead)
	for _, part := range []string{"ebook download", "reported by test", "These lose their values", "people: 1"} {
		require.Contains(t, p.body, part)
	}
	export := regexp.MustCompile(`/v1/people/[0-9a-f-]{36}/export`).FindString(p.body)
	require.Contains(t, mo.get(export).body, "quirina.zephyr@acme.example")
	at := "/leads/" + lead + "/erase"
	refused := mo.post(at, url.Values{"once": {p.once(t, at)}, "ground": {"request"}})
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "nothing was erased")
	erased := mo.post(at, url.Values{"once": {refused.once(t, at)}, "ground": {"request"}, "sure": {"yes"}})
	require.Equal(t, http.StatusOK, erased.status, erased.body)
	require.Eventually(t, func() bool {
		p = mo.get("/leads/" + lead)
		// A page is read from several routes: the erasure can come between two of them.
		return p.status == http.StatusOK && regexp.MustCompile("was erased").MatchString(p.body) && !regexp.MustCompile("Quirina").MatchString(p.body)
	}, time.Minute, 200*time.Millisecond, "nothing says who it was")
	require.Contains(t, p.body, "Do not contact")
	require.Contains(t, mo.get("/leads?stage=do_not_contact").body, "(erased)")

	p = mo.get("/audit")
	for _, part := range []string{"erasure asked", "person erased", "person exported", "signed in by password", "Mo Marsh"} {
		require.Contains(t, p.body, part)
	}
	p = mo.get("/audit?kind=person_erased&actor=" + h.users["mo"].String())
	require.NotContains(t, p.body, "person exported")
	require.Contains(t, p.body, "person erased")
	require.Contains(t, mo.get("/v1/audit.csv?kind=person_exported").body, "person_exported")
	require.Contains(t, mo.get("/audit?lead_id=nonsense").body, "nonsense", "what was typed is still there")
	require.Equal(t, http.StatusOK, mo.get("/audit?automatic=yes&lead_id="+lead).status)
}
