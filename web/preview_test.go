package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// entries is how much has happened to a lead.
func (h *house) entries(lead string) (n int) {
	require.NoError(h, h.app.Store.Pool.QueryRow(h.Context(), "SELECT (SELECT count(*) FROM audit WHERE lead_id = $1) + (SELECT count(*) FROM outcomes WHERE lead_id = $1)", lead).Scan(&n))
	return n
}

func TestAFormSaysWhatItWouldDoAndKeepsWhatWasFilledIn(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee")[0]
	s := h.surfer()
	s.signIn("robin")
	before := h.entries(lead)
	at := "/leads/" + lead
	p := s.get(at)
	for _, act := range []string{"outcome", "snooze", "pause", "resume", "amount", "stakeholders", "proposals", "permissions", "addresses", "diagnosis", "win", "disqualify", "opt-out"} {
		require.Contains(t, p.body, `formaction="`+at+"/"+act+`/preview"`, act)
	}
	once := p.once(t, at+"/disqualify")
	p = s.post(at+"/disqualify/preview", url.Values{"once": {once}, "reason": {"competitor"}})
	require.Equal(t, http.StatusOK, p.status)
	require.Equal(t, once, p.once(t, at+"/disqualify"), "the form is the same one")
	answer := p.foreseen(t, "disqualify")
	for _, part := range []string{"Warm", "Disqualified", "R43", "Falls away", "the owner is told: the lead is disqualified", "this life is over (competitor)", "nothing is done yet", "cannot be taken back"} {
		require.Contains(t, answer, part)
	}
	require.Contains(t, p.body, `<option value="competitor" selected>`)
	p = s.post(at+"/resume/preview", url.Values{"once": {"k"}})
	require.Equal(t, http.StatusConflict, p.status)
	require.Contains(t, p.foreseen(t, "resume"), "cannot be done now")

	p = s.post(at+"/outcome/preview", url.Values{"once": {"k"}, "outcome": {"interested"}, "discussed": {"likes <it>"}, "why_none": {"asks her boss"}})
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.body, "likes &lt;it&gt;")
	require.Equal(t, before, h.entries(lead), "nothing has happened")
	require.Equal(t, http.StatusNotFound, s.post(at+"/erase/preview", url.Values{"once": {"k"}}).status)

	task := taskAction.FindString(s.get("/desk").body)
	p = s.post(task+"/preview", url.Values{"once": {"k"}, "outcome": {"not_interested"}, "reason": {"no budget"}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.Contains(t, p.foreseen(t, "outcome"), "Cold")
	require.Contains(t, p.foreseen(t, "outcome"), "the task at hand")
	require.Contains(t, p.body, `value="no budget"`)
	require.Equal(t, before, h.entries(lead))
	require.Contains(t, s.post(task, url.Values{"once": {p.once(t, task)}, "outcome": {"not_interested"}, "reason": {"no budget"}}).body, "Recorded for")
}

// foreseen is what the page says of a form.
func (p page) foreseen(t *testing.T, act string) string {
	found := regexp.MustCompile(`(?s)<div id="foreseen-` + act + `">(.*?)</div>\s*</div>`).FindStringSubmatch(p.body)
	require.Len(t, found, 2, "nothing is said of %s:\n%s", act, p.body)
	return regexp.MustCompile(`<[^>]+>`).ReplaceAllString(found[1], "")
}

func TestAFormIsForeseenBesideItself(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee")[0]
	before := h.entries(lead)
	b := h.browser()
	b.signIn("robin")
	b.sees(".queue", "Ann Lee")
	b.press("v")
	b.press("?")
	b.sees("#foreseen-outcome", "It stays Warm")
	b.sees("#live", "It stays Warm")
	require.Contains(t, b.focus(), "Record", "one key more records it")
	b.press("n") // what is foreseen follows the choice
	b.press("x")
	b.press("no budget\t")
	b.sees("#foreseen-outcome", "Cold")
	b.accessible("desk, foreseen")
	b.contrast("desk, foreseen")
	b.shot("desk-foreseen")
	require.Equal(t, before, h.entries(lead))

	b.run("go to the lead", chromedp.Navigate(h.base+"/leads/"+lead), chromedp.WaitVisible("#do"))
	b.run("open a form", chromedp.Click(`//summary[normalize-space()="They said stop"]`, chromedp.BySearch))
	b.sees("#foreseen-opt-out", "every address and number of this person is closed")
	b.run("open another", chromedp.Click(`//summary[normalize-space()="Snooze"]`, chromedp.BySearch),
		chromedp.SetValue("#snooze-until", h.app.Door.Now().AddDate(0, 0, 20).Format("2006-01-02T15:04"), chromedp.ByQuery),
		chromedp.Click(`[data-foresees="foreseen-snooze"]`, chromedp.ByQuery))
	b.sees("#foreseen-snooze", "the time the lead asked for")
	var typed string
	b.run("look at the form", chromedp.Value("#snooze-until", &typed, chromedp.ByQuery))
	require.True(t, strings.HasPrefix(typed, "20"), "what was typed stays")
	b.accessible("lead, foreseen")
	b.contrast("lead, foreseen")
	b.shot("lead-foreseen")
	require.Equal(t, before, h.entries(lead))
}
