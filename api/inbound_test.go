package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

// stranger is a message from somebody who is no lead.
const stranger = "From: Dee <dee@elsewhere.example>\r\nTo: robin@seller.example\r\nSubject: Your offer\r\nMessage-ID: <m1@elsewhere.example>\r\n" +
	"Date: Mon, 2 Mar 2026 08:59:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nPlease call me.\r\n> as you wrote\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p onclick=\"x()\" style=\"background:url(https://spy.example/1)\">Please <b>call</b> <a href=\"https://else.example/?a\">me</a>" +
	"<a href=\"javascript:x()\">!</a><img src=\"https://spy.example/2.png\"><script>x()</script><iframe src=\"https://spy.example/3\"></iframe></p>\r\n--b--\r\n"

// letterFrom is a message with a plain text.
func letterFrom(from, id, text string) string {
	return "From: " + from + "\r\nTo: robin@seller.example\r\nSubject: Re: hello\r\nMessage-ID: <" + id + ">\r\nDate: Mon, 2 Mar 2026 08:59:00 +0000\r\n\r\n" + text + "\r\n"
}

// message lets a message come in and gives its path.
func (w *world) message(raw string) string {
	w.Helper()
	id, err := w.room.Take(w.Context(), uuid.Nil, []byte(raw), w.now())
	require.NoError(w, err)
	return "/v1/inbound-messages/" + id.String()
}

func TestAMessageIsShownWholeAndHarmless(t *testing.T) {
	w := newWorld(t)
	m := w.message(stranger)
	a := w.get(api.Rep, m).is(http.StatusOK)
	require.Equal(t, "dee@elsewhere.example", a.text("from_address"))
	require.Equal(t, "Please call me.", a.text("text"))
	require.Contains(t, a.text("full_text"), "as you wrote")
	require.Equal(t, "human", a.text("class"))
	require.Equal(t, "unmatched", a.text("state"))
	require.NotEmpty(t, a.list("evidence"))
	html := a.text("html")
	require.Contains(t, html, "<b>call</b>")
	require.Contains(t, html, `href="https://else.example/?a"`)
	require.Contains(t, html, "nofollow noreferrer")
	require.NotRegexp(t, `(?i)spy|script|onclick|style|<img|<iframe`, html)

	raw := w.get(api.Rep, m+"/raw").is(http.StatusOK)
	require.Equal(t, stranger, string(raw.body))
	require.Equal(t, "message/rfc822", raw.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="`+idOf(m)+`.eml"`, raw.header.Get("Content-Disposition"))
	require.Equal(t, "nosniff", raw.header.Get("X-Content-Type-Options"))
}

func TestMessagesAreListedByStateInPages(t *testing.T) {
	w := newWorld(t)
	ids := map[string]bool{}
	for _, id := range []string{"a@x", "b@x", "c@x", "d@x", "e@x"} { // all of the same instant
		ids[idOf(w.message(letterFrom("dee@elsewhere.example", id, id)))] = true
	}
	seen := 0
	for path := "/v1/inbound-messages?limit=2"; path != ""; {
		a := w.get(api.Rep, path).is(http.StatusOK)
		for _, m := range a.list("messages") {
			require.True(t, ids[m.(map[string]any)["id"].(string)])
			seen++
		}
		path, _, _ = strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
		require.Equal(t, path != "", a.at("next") != nil)
	}
	require.Equal(t, len(ids), seen)
	require.Empty(t, w.get(api.Rep, "/v1/inbound-messages?state=taken").is(http.StatusOK).list("messages"))
}

func TestAMessageIsGivenToALeadOnce(t *testing.T) {
	w := newWorld(t)
	m, lead := w.message(stranger), w.lead("ann")
	before := w.records()
	w.postf(api.Rep, m+"/assign", `{"lead_id":"%s"}`, uuid.NewString()).problem(422, "not_valid", "body.lead_id")
	w.postf(api.Integration, m+"/assign", `{"lead_id":"%s"}`, idOf(lead)).problem(http.StatusForbidden, "role_not_allowed")
	w.unchanged(before)

	r := request{method: http.MethodPost, path: m + "/assign", key: w.keys[api.Rep], once: "k", body: `{"lead_id":"` + idOf(lead) + `"}`}
	a := w.send(r).is(http.StatusOK)
	require.Equal(t, "taken", a.text("state"))
	require.Equal(t, idOf(lead), a.text("lead_id"))
	require.Equal(t, w.robin.String(), a.text("handled_by"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM replies WHERE lead_id = $1`, idOf(lead)))
	after := w.records()
	w.exec(`UPDATE idempotency_keys SET status = NULL, started_at = now() - interval '1 hour'`) // the answer was lost in a crash
	w.send(r).is(http.StatusOK)
	w.postf(api.Rep, m+"/assign", `{"lead_id":"%s"}`, idOf(lead)).problem(http.StatusConflict, "message_handled")
	w.post(api.Rep, m+"/dismiss", `{}`).problem(http.StatusConflict, "message_handled")
	w.unchanged(after)
}

func TestAMessageIsDismissed(t *testing.T) {
	w := newWorld(t)
	m := w.message(stranger)
	w.post(api.Integration, m+"/dismiss", `{}`).problem(http.StatusForbidden, "role_not_allowed")
	require.Equal(t, "dismissed", w.post(api.Rep, m+"/dismiss", `{}`).is(http.StatusOK).text("state"))
	require.Empty(t, w.get(api.Rep, "/v1/inbound-messages").is(http.StatusOK).list("messages"))
	require.Len(t, w.get(api.Rep, "/v1/inbound-messages?state=dismissed").is(http.StatusOK).list("messages"), 1)
	w.post(api.Rep, m+"/dismiss", `{}`).problem(http.StatusConflict, "message_handled")
}

func TestAMessageForALeadThatIsOverHasNoEffect(t *testing.T) {
	w := newWorld(t)
	m, lead := w.message(stranger), w.lead("ann")
	w.post(api.Rep, lead+"/win", `{}`).is(http.StatusOK)
	w.pass(time.Minute)
	before := w.records()
	w.postf(api.Rep, m+"/assign", `{"lead_id":"%s"}`, idOf(lead)).problem(http.StatusConflict, "message_without_effect")
	w.unchanged(before)
}
