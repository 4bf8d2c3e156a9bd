package devmail

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func ask(server *Server, method, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, httptest.NewRequest(method, path, nil))
	return answer
}

func keep(t *testing.T, server *Server, message string, to ...string) string {
	t.Helper()
	m, err := server.take(Message{From: "bounces@rekindle.example", To: to}, []byte(message))
	require.NoError(t, err)
	return m.ID
}

func closedMailbox(t *testing.T) *Server {
	t.Helper()
	server, err := New(Options{Dir: t.TempDir()})
	require.NoError(t, err)
	return server
}

func TestTheListShowsTheNewestFirstAndSearchesByRecipient(t *testing.T) {
	server := closedMailbox(t)
	require.Contains(t, ask(server, "GET", "/").Body.String(), "No messages yet")
	keep(t, server, "Subject: one <b>\r\n\r\n", "ann@acme.example")
	keep(t, server, "Subject: two\r\n\r\n", "bob@acme.example")
	page := ask(server, "GET", "/").Body.String()
	require.Less(t, strings.Index(page, "two"), strings.Index(page, "one &lt;b&gt;"))
	require.NotContains(t, ask(server, "GET", "/?to=ANN").Body.String(), "bob@acme.example")
	require.Contains(t, ask(server, "GET", "/?to=nobody").Body.String(), "No message to “nobody” yet")
}

func TestALongListGoesOnOnOlderPages(t *testing.T) {
	server := closedMailbox(t)
	first := keep(t, server, "Subject: the first\r\n\r\n", "a@acme.example")
	second := keep(t, server, "Subject: the second\r\n\r\n", "a@acme.example")
	for range pageSize - 1 {
		keep(t, server, "Subject: more\r\n\r\n", "a@acme.example")
	}
	page := ask(server, "GET", "/").Body.String()
	require.NotContains(t, page, "the first")
	require.Contains(t, page, "before="+second)
	require.Contains(t, ask(server, "GET", "/?before="+second).Body.String(), "messages/"+first)
}

func TestAMessageIsShownWithItsPartsAndItsHTMLIsMadeHarmless(t *testing.T) {
	server := closedMailbox(t)
	id := keep(t, server, invitation, "juergen@acme.example")
	page := ask(server, "GET", "/messages/"+id)
	require.Equal(t, http.StatusOK, page.Code)
	for _, part := range []string{
		"Grüße from Rita", "Shall we talk on Tuesday?", "invite.ics", "BEGIN:VCALENDAR", "List-Unsubscribe",
		"sandbox=", id + "/html",
	} {
		require.Contains(t, page.Body.String(), part)
	}
	require.NotContains(t, page.Body.String(), "Flaws")

	html := ask(server, "GET", "/messages/"+id+"/html")
	require.Contains(t, html.Body.String(), "<p>Shall we <b>talk</b>?</p>")
	require.Contains(t, html.Body.String(), `href="https://rekindle.example/book"`)
	require.NotContains(t, html.Body.String(), "alert")
	require.Contains(t, html.Header().Get("Content-Security-Policy"), "sandbox")

	raw := ask(server, "GET", "/messages/"+id+"/raw")
	require.Equal(t, invitation, raw.Body.String())
	require.Equal(t, "text/plain; charset=utf-8", raw.Header().Get("Content-Type"))
}

func TestABrokenMessageIsStillKeptAndShown(t *testing.T) {
	server := closedMailbox(t)
	for name, message := range map[string]string{
		"nothing":             "",
		"no header":           "this is no message at all\r\n",
		"unclosed boundary":   "Subject: cut\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ncut off",
		"no boundary":         "Subject: cut\r\nContent-Type: multipart/mixed\r\n\r\ncut off",
		"bytes of no charset": "Subject: \xff\xfe\r\n\r\n\xff\xfe\x00",
	} {
		id := keep(t, server, message, "a@acme.example")
		require.Equal(t, http.StatusOK, ask(server, "GET", "/messages/"+id).Code, name)
		require.Equal(t, http.StatusOK, ask(server, "GET", "/messages/"+id+"/html").Code, name)
		require.Equal(t, message, ask(server, "GET", "/messages/"+id+"/raw").Body.String(), name)
	}
	id := keep(t, server, "this is no message at all\r\n", "a@acme.example")
	require.Contains(t, ask(server, "GET", "/messages/"+id).Body.String(), "this is no message at all")
	require.Equal(t, http.StatusOK, ask(server, "GET", "/").Code)
}

func TestTheAPIListsAndEmptiesTheMailbox(t *testing.T) {
	server := closedMailbox(t)
	require.JSONEq(t, "[]", ask(server, "GET", "/api/messages").Body.String())
	keep(t, server, "Subject: one\r\n\r\n", "ann@acme.example")
	id := keep(t, server, "Subject: two\r\nMessage-ID: <2@x>\r\n\r\n", "bob@acme.example")

	var listed []map[string]any
	require.NoError(t, json.Unmarshal(ask(server, "GET", "/api/messages?limit=1").Body.Bytes(), &listed))
	require.Len(t, listed, 1)
	require.NotEmpty(t, listed[0]["receivedAt"])
	delete(listed[0], "receivedAt")
	require.Equal(t, map[string]any{
		"id": id, "from": "bounces@rekindle.example", "to": []any{"bob@acme.example"}, "subject": "two", "messageId": "<2@x>",
	}, listed[0])
	require.NoError(t, json.Unmarshal(ask(server, "GET", "/api/messages?to=ann").Body.Bytes(), &listed))
	require.Equal(t, "one", listed[0]["subject"])
	require.Equal(t, http.StatusBadRequest, ask(server, "GET", "/api/messages?limit=-1").Code)

	require.Equal(t, http.StatusNoContent, ask(server, "DELETE", "/api/messages").Code)
	require.Empty(t, server.Messages("", 0))
}

func TestAForeignPageCannotEmptyTheMailbox(t *testing.T) {
	server := closedMailbox(t)
	keep(t, server, "Subject: one\r\n\r\n", "ann@acme.example")
	request := httptest.NewRequest("POST", "/clear", nil)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, request)
	require.Equal(t, http.StatusForbidden, answer.Code)
	require.Len(t, server.Messages("", 0), 1)
	require.Equal(t, http.StatusSeeOther, ask(server, "POST", "/clear").Code)
	require.Empty(t, server.Messages("", 0))
}

func TestAnIDReachesNoFileOutsideTheMailbox(t *testing.T) {
	server := closedMailbox(t)
	keep(t, server, "Subject: one\r\n\r\n", "ann@acme.example")
	secret := filepath.Join(filepath.Dir(server.store.dir), "secret.eml")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o644))
	for _, id := range []string{"..%2Fsecret", "%2e%2e%2fsecret", "../secret", "..%5Csecret", "unknown"} {
		for _, page := range []string{"", "/raw", "/html"} {
			answer := ask(server, "GET", "/messages/"+id+page)
			require.NotEqual(t, http.StatusOK, answer.Code, id+page)
			require.NotContains(t, answer.Body.String(), "secret\n")
		}
	}
	_, err := server.Raw("../secret")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestEveryAnswerForbidsForeignCode(t *testing.T) {
	server := closedMailbox(t)
	for _, path := range []string{"/", "/assets/mailbox.css", "/assets/mailbox.js", "/api/messages", "/messages/unknown"} {
		policy := ask(server, "GET", path).Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
	}
	require.Equal(t, "text/css; charset=utf-8", ask(server, "GET", "/assets/mailbox.css").Header().Get("Content-Type"))
}

func TestTheListShowsOneFolderOfOneMailbox(t *testing.T) {
	server := closedMailbox(t)
	keep(t, server, "From: rita@rekindle.example\r\nSubject: offer\r\n\r\n", "ann@acme.example")
	keep(t, server, "From: rita@rekindle.example\r\nSubject: unrelated\r\n\r\n", "bob@acme.example")
	keep(t, server, "From: ann@acme.example\r\nSubject: answer\r\n\r\n", "rita+7@rekindle.example")
	page := ask(server, "GET", "/?mailbox=rita@rekindle.example&folder=INBOX").Body.String()
	require.Contains(t, page, "answer")
	require.NotContains(t, page, "offer")
	page = ask(server, "GET", "/?mailbox=rita@rekindle.example&folder=Sent&to=ann").Body.String()
	require.Contains(t, page, "offer")
	require.NotContains(t, page, "unrelated")
	require.NotContains(t, page, "answer<")
	require.Contains(t, ask(server, "GET", "/?mailbox=nobody@acme.example").Body.String(), "Nothing lies in this folder yet")

	var listed []map[string]any
	require.NoError(t, json.Unmarshal(ask(server, "GET", "/api/messages?mailbox=rita@rekindle.example&folder=INBOX").Body.Bytes(), &listed))
	require.Len(t, listed, 1)
	require.Equal(t, "answer", listed[0]["subject"])
}

func TestThePagesTellWhoAnsweredWhat(t *testing.T) {
	server := closedMailbox(t)
	require.Contains(t, ask(server, "GET", "/mailboxes").Body.String(), "No messages yet")
	offer := keep(t, server, "From: rita@rekindle.example\r\nSubject: offer\r\n\r\n", "ann@acme.example")
	answer, err := server.Deliver(Delivery{
		From: "ann@acme.example", To: []string{"rita@rekindle.example"}, Raw: []byte("From: ann@acme.example\r\nSubject: my answer\r\n\r\n"),
		By: "the <eager>", Answers: offer,
	})
	require.NoError(t, err)
	page := ask(server, "GET", "/").Body.String()
	require.Regexp(t, `answered by</span> <span class="tag">the &lt;eager&gt;`, page)
	require.Regexp(t, `written by</span> <span class="tag">the &lt;eager&gt;`, page)
	require.Contains(t, ask(server, "GET", "/messages/"+offer).Body.String(), `<a href="`+answer.ID+`">my answer</a>`)
	require.Contains(t, ask(server, "GET", "/messages/"+answer.ID).Body.String(), `<a href="`+offer+`">in answer to this message</a>`)
	boxes := ask(server, "GET", "/mailboxes").Body.String()
	require.Contains(t, boxes, `<th scope="row">ann@acme.example</th>`)
	require.Contains(t, boxes, `href="./?mailbox=rita%40rekindle.example&amp;folder=Sent"`)
	require.Contains(t, boxes, `<span class="tag">the &lt;eager&gt;</span>`)
}
