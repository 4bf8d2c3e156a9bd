package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

var noticeForm = regexp.MustCompile(`/desk/notices/[0-9a-f-]{36}/(all-)?seen`)

func TestWhatOneWasToldFallsAwayOnceItIsSeen(t *testing.T) {
	h := newHouse(t)
	lead := uuid.MustParse(h.enrol("Ann Lee")[0])
	tell := func(about string) {
		require.NoError(t, h.app.Store.InsertNotification(t.Context(), db.InsertNotificationParams{
			ID: uuid.New(), LeadID: lead, Who: "owner", About: about, Rule: "R11", At: h.app.Door.Now(),
		}))
	}
	for _, about := range []string{"the first word", "the second word", "the third word"} {
		tell(about)
	}
	robin, mo := h.surfer(), h.surfer()
	mo.signIn("mo")
	require.NotContains(t, mo.get("/desk").body, "the first word", "it was said to another")
	p := robin.signIn("robin")
	require.Contains(t, p.body, `<span class="unread">3<span`)
	require.Contains(t, robin.get("/leads").body, `<span class="unread">3<span`, "every page says how much it is")

	forms := noticeForm.FindAllString(p.body, -1)
	require.Len(t, forms, 4, "each, and all")
	task := regexp.MustCompile(`/desk\?task=[0-9a-f-]{36}`).FindString(p.body)
	p = robin.post(forms[0], url.Values{"once": {p.once(t, forms[0])}, "back": {task}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.Equal(t, task, p.path, "the same call is at hand")
	require.NotContains(t, p.body, "the third word")
	require.Contains(t, p.body, "the second word")

	forms = noticeForm.FindAllString(p.body, -1)
	tell("a later word")
	p = robin.post(forms[2], url.Values{"once": {p.once(t, forms[2])}, "back": {"https://evil.example/"}})
	require.NotContains(t, p.path, "evil")
	p = robin.get("/desk")
	require.NotContains(t, p.body, "the second word")
	require.NotContains(t, p.body, "the first word")
	require.Contains(t, p.body, "a later word", "what was not shown is not seen")
	require.Contains(t, p.body, `<span class="unread">1<span`)
	require.Equal(t, http.StatusNotFound, mo.post(noticeForm.FindString(p.body), url.Values{"once": {"k"}, "back": {"/desk"}}).status)
}
