package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// typed is what stands in a page's form: its files, script and numbers.
func typed(p page) url.Values {
	form := url.Values{}
	for _, m := range regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>`).FindAllStringSubmatch(p.body, -1) {
		// A browser sends the ends of lines so.
		form.Set(html.UnescapeString(m[1]), strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	for _, m := range regexp.MustCompile(`<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<select id="[^"]*" name="([^"]+)">(.*?)</select>`).FindAllStringSubmatch(p.body, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2]); chosen != nil {
			form.Set(m[1], chosen[1])
		}
	}
	return form
}

const (
	yaml    = "file:playbook.yaml"
	idea    = "email: warm/idea, after: 2 working days"
	patient = "email: warm/idea, after: 4 working days"
)

// change replaces words in what was typed.
func change(t *testing.T, form url.Values, field, from, to string) {
	t.Helper()
	require.Contains(t, form.Get(field), from)
	form.Set(field, strings.Replace(form.Get(field), from, to, 1))
}

func TestAManagerChangesThePlaybookWithoutScripts(t *testing.T) {
	h := newHouse(t)
	h.enrol("Ann Lee", "Bo Chen")
	old := h.app.Library.Current().ID
	mo := h.surfer()
	mo.signIn("mo")
	require.Contains(t, mo.get("/playbooks").body, `<a href="/playbooks/`+old+`">`)
	p := mo.get("/playbooks/" + old)
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.body, "Email: warm/acknowledge, at once", "it is drawn")
	require.Contains(t, p.body, "2 working days later", "and a table as well")

	edit := "/playbooks/" + old + "/edit"
	form := typed(mo.get(edit))
	form.Set("do", "check")
	require.Contains(t, mo.post(edit, form).body, "It would be published as <b>"+old+"</b>", "what was not changed is the same version")

	change(t, form, yaml, "no_shows: 2", "no_shos: 2")
	change(t, form, yaml, idea, patient)
	change(t, form, "file:texts/warm/idea.md", "\r\n", "\r\n{{.Nmae}}\r\n")
	form.Set("script", "title: mine\nlead: { sorce: x }\n")
	for _, act := range []string{"check", "rehearse", "simulate", "impact", "publish"} {
		form.Set("do", act)
		p = mo.post(edit, form)
		require.Equal(t, http.StatusUnprocessableEntity, p.status, act)
		require.Regexp(t, `playbook\.yaml:20:1</code> .*no_shos.*did you mean &#34;no_shows&#34;`, p.body, act)
		require.Regexp(t, `texts/warm/idea\.md:\d+:\d+</code> .*Nmae`, p.body, act)
		require.Equal(t, form.Get(yaml), typed(p).Get(yaml), "nothing that was typed is lost")
		require.Equal(t, form.Get("file:texts/warm/idea.md"), typed(p).Get("file:texts/warm/idea.md"))
		require.Equal(t, "title: mine\r\nlead: { sorce: x }\r\n", typed(p).Get("script"))
	}

	change(t, form, yaml, "no_shos: 2", "no_shows: 2")
	change(t, form, "file:texts/warm/idea.md", "{{.Nmae}}\r\n", "")
	form.Set("do", "rehearse")
	p = mo.post(edit, form)
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "sorce", "a script has faults of its own")
	form.Set("script", typed(mo.get(edit)).Get("script"))
	p = mo.post(edit, form)
	require.Equal(t, http.StatusOK, p.status)
	require.Regexp(t, `Thu 2026-03-12 \d\d:\d\d</span><span class="say">[^<]*email warm/idea sent`, p.body, "four working days later they are away; two days later they were not")

	form.Set("do", "simulate")
	form.Set("leads", "60")
	form.Set("months", "3")
	p = mo.post(edit, form)
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.body, "60 made-up leads over 3 months")
	require.Contains(t, p.body, "Standard error")
	require.Regexp(t, `<td>± \d`, p.body)
	form.Set("leads", "many")
	p = mo.post(edit, form)
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "10 to 5,000 leads")

	form.Set("do", "impact")
	p = mo.post(edit, form)
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.body, "2 living leads of "+old)
	require.Regexp(t, `Next touch changes</th><td>2</td>`, p.body)

	form.Set("do", "publish")
	form.Set("once", typed(p).Get("once"))
	p = mo.post(edit, form)
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.Regexp(t, `^/playbooks/default-[0-9a-f]{12}$`, p.path)
	version := strings.TrimPrefix(p.path, "/playbooks/")
	require.NotEqual(t, old, version)
	require.Contains(t, p.body, "4 working days later")
	require.Regexp(t, `published <time[^>]*>[^<]*</time> by Mo Marsh`, p.body)
	require.Equal(t, old, h.app.Library.Current().ID, "published is not released")

	p = mo.post(p.path+"/release", url.Values{"once": {"release 1"}})
	require.Contains(t, p.body, "New leads follow it.")
	require.Contains(t, p.body, "by Mo Marsh")
	require.Equal(t, version, h.app.Library.Current().ID)

	p = mo.get("/playbooks/" + version + "?from=" + old)
	require.Contains(t, p.body, "Move 2 leads to "+version)
	p = mo.post("/playbooks/"+version+"/move", url.Values{"once": {"move 1"}, "from": {old}})
	require.Regexp(t, `^/playbooks/moves/[0-9a-f-]{36}$`, p.path)
	at := p.path
	require.Equal(t, at, mo.post("/playbooks/"+version+"/move", url.Values{"once": {"move 1"}, "from": {old}}).path, "the same form sent twice is one move")
	done := mo.settled(at, "Finished")
	require.Contains(t, done.body, "<b>2</b> moved")
	require.Contains(t, done.body, "<b>0</b> refused")
	var moved int
	require.NoError(t, h.app.Store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM leads WHERE playbook = $1", version).Scan(&moved))
	require.Equal(t, 2, moved)
	require.Contains(t, mo.get("/playbooks").body, at)

	robin := h.surfer()
	robin.signIn("robin")
	require.NotContains(t, robin.get("/desk").body, `href="/playbooks"`)
	for _, path := range []string{"/playbooks", "/playbooks/" + old, edit, at} {
		require.Equal(t, http.StatusForbidden, robin.get(path).status, path)
	}
	require.Equal(t, http.StatusForbidden, robin.post(edit, form).status)
}

func TestATextIsAddedAndAnotherFallsAway(t *testing.T) {
	h := newHouse(t)
	mo := h.surfer()
	mo.signIn("mo")
	edit := "/playbooks/" + h.app.Library.Current().ID + "/edit"
	form := typed(mo.get(edit))
	change(t, form, yaml, "email: warm/idea", "email: warm/thought")
	form.Set("do", "check")
	require.Regexp(t, `playbook\.yaml:\d+:\d+</code> .*warm/thought`, mo.post(edit, form).body)
	form.Set("new_name", "warm/thought")
	form.Set("new_text", form.Get("file:texts/warm/idea.md"))
	p := mo.post(edit, form)
	require.NotContains(t, p.body, "1 fault", p.body)
	require.Contains(t, p.body, "It would be published as")
	require.Equal(t, form.Get("new_text"), typed(p).Get("file:texts/warm/thought.md"), "it has become one of the files")
	form.Del("new_name")
	form.Set("file:texts/warm/acknowledge.md", " ")
	p = mo.post(edit, form)
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.NotContains(t, p.body, `name="file:texts/warm/acknowledge.md"`)
}

// TestAPlaybookIsChangedInABrowser goes the same way by hand, with scripts, and
// looks at what comes back.
func TestAPlaybookIsChangedInABrowser(t *testing.T) {
	h := newHouse(t)
	h.enrol("Ann Lee", "Bo Chen")
	old := h.app.Library.Current().ID
	b := h.browser()
	b.signIn("mo")
	replace := func(from, to string) chromedp.Action {
		return chromedp.Evaluate(`(() => { const f = document.getElementsByName("`+yaml+`")[0]; f.value = f.value.replace("`+from+`", "`+to+`"); })()`, nil)
	}
	do := func(act string) chromedp.Action {
		return chromedp.Evaluate(`(() => { const b = [...document.querySelectorAll("button[value=`+act+`]")].pop(); b.closest("details")?.setAttribute("open", ""); b.click(); })()`, nil)
	}
	looks := func(name string) {
		b.accessible(name)
		b.contrast(name)
		b.shot(name)
	}
	b.run("open the playbook", chromedp.Navigate(h.base+"/playbooks/"+old+"/edit"), chromedp.WaitVisible("textarea"), replace("no_shows: 2", "no_shos: 2"), do("check"))
	b.sees("[role=alert]", "playbook.yaml:20:1")
	looks("draft-faults")
	b.run("mend it", replace("no_shos: 2", "no_shows: 2"), replace(idea, patient), do("rehearse"))
	b.sees("#result", "Rehearsal")
	looks("draft-rehearsed")
	b.run("simulate", do("simulate"))
	b.sees("#result", "Simulated against "+old)
	looks("draft-simulated")
	b.run("look at the impact", do("impact"))
	b.sees("#result", "Impact on living leads")
	looks("draft-impact")
	b.run("publish", do("publish"))
	b.sees("main", "Release it")
	b.sees("main", "See the impact")
	b.run("release", chromedp.Click(`form[action$="/release"] button`))
	b.sees("main", "New leads follow it.")
	b.run("see the impact", chromedp.Click(`form[method=get] button`), chromedp.WaitVisible(`form[action$="/move"]`))
	looks("playbook-impact")
	b.run("move", chromedp.Click(`form[action$="/move"] button`))
	require.Eventually(t, func() bool {
		var said string
		b.run("follow the move", chromedp.Text("main", &said))
		return strings.Contains(said, "Finished")
	}, time.Minute, 200*time.Millisecond, "it shows its end by itself")
	looks("move")
	b.run("go back to the list", chromedp.Navigate(h.base+"/playbooks"), chromedp.WaitVisible("#moves"))
	b.sees("main", "finished")
	looks("playbooks-moved")
}
