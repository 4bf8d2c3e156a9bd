package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestALeadThatSaysStopIsLeftAlone(t *testing.T) {
	for name, stop := range map[string]func(w *world, lead string) answer{
		"by lead": func(w *world, lead string) answer {
			return w.post(api.Integration, lead+"/opt-out", `{"via":"complaint"}`)
		},
		"by address": func(w *world, _ string) answer {
			return w.post(api.Integration, "/v1/opt-outs", `{"email":"Ann@acme.example"}`)
		},
		"by outcome": func(w *world, lead string) answer {
			return w.post(api.Rep, lead+"/outcomes", `{"outcome":"stop","discussed":"Never again"}`)
		},
		"by link": func(w *world, lead string) answer {
			return w.send(request{method: http.MethodPost, path: w.link(lead)})
		},
		"by task": func(w *world, lead string) answer {
			return w.post(api.Rep, w.open(lead, sequence.TaskCall)+"/complete", `{"outcome":{"outcome":"stop"}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			lead := w.lead("ann")
			phone := w.get(api.Rep, lead).text("phone")
			stop(w, lead).is(http.StatusOK)
			require.Equal(t, "do_not_contact", w.get(api.Rep, lead).text("stage"))
			require.Empty(t, w.get(api.Rep, "/v1/queue").is(http.StatusOK).list("tasks"))
			require.Equal(t, 2, w.number(`SELECT count(*) FROM suppressions`), "address and number")
			sent := w.number(`SELECT count(*) FROM send_ledger`)
			w.pass(365 * 24 * time.Hour)
			require.Equal(t, sent, w.number(`SELECT count(*) FROM send_ledger`))
			w.post(api.Rep, "/v1/leads", `{"email":"ann@acme.example","source":"ebook_download"}`).problem(http.StatusConflict, "person_said_stop")
			w.postf(api.Rep, "/v1/leads", `{"phone":"%s","source":"ebook_download"}`, phone).problem(http.StatusConflict, "person_said_stop")
		})
	}
}

func TestAStopIsTheAnswerAtOnceAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Integration, w.lead("ann")+"/opt-out", `{}`).is(http.StatusOK)
	require.Equal(t, "warm", a.text("from_stage"))
	require.Equal(t, "do_not_contact", a.text("stage"))
	require.Equal(t, "R72", a.text("explanation.because.0.rule"))
	require.Contains(t, a.text("next_step"), "nothing is sent any more")
}

func TestAnUnknownAddressCanSayStopTwice(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		require.Equal(t, "stopped", w.post(api.Integration, "/v1/opt-outs", `{"email":"Nobody@Acme.example"}`).is(http.StatusOK).text("status"))
	}
	require.Equal(t, 1, w.number(`SELECT count(*) FROM suppressions`))
	require.Zero(t, w.number(`SELECT count(*) FROM people`), "nothing more is kept of them than a hash")
}

// link is a lead's unsubscribe link.
func (w *world) link(lead string) string {
	var token string
	err := w.store.Pool.QueryRow(w.Context(), `SELECT unsubscribe_token FROM people p JOIN leads l ON l.person_id = p.id WHERE l.id = $1`, idOf(lead)).Scan(&token)
	require.NoError(w, err)
	return "/unsubscribe/" + token
}

// page expects a page that loads nothing and runs nothing.
func (a answer) page(status int, says string) {
	a.Helper()
	a.is(status)
	require.Equal(a, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	csp := a.header.Get("Content-Security-Policy")
	require.Contains(a, csp, "default-src 'none'")
	require.NotContains(a, csp, "script-src")
	require.Equal(a, "no-store", a.header.Get("Cache-Control"))
	require.Equal(a, "nosniff", a.header.Get("X-Content-Type-Options"))
	require.Equal(a, "no-referrer", a.header.Get("Referrer-Policy"))
	require.Empty(a, a.header.Get("Set-Cookie"))
	require.Contains(a, string(a.body), says)
	require.NotRegexp(a, `(?i)<script|\son\w+=|javascript:|https?://|src=|SQLSTATE`, string(a.body))
}

func TestFollowingTheLinkAsksAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	link := w.link(w.lead("ann"))
	before := w.records()
	for range 2 {
		w.send(request{method: http.MethodGet, path: link}).page(http.StatusOK, `<form method="post">`)
	}
	w.unchanged(before)
}

func TestOneClickUnsubscribesWithoutKeyCookieOrLogin(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	oneClick := request{method: http.MethodPost, path: w.link(lead), body: "List-Unsubscribe=One-Click", contentType: "application/x-www-form-urlencoded"}
	w.send(oneClick).page(http.StatusOK, "You will not hear from us again")
	require.Equal(t, "do_not_contact", w.get(api.Rep, lead).text("stage"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM suppressions WHERE kind = 'email' AND via = 'link'`))
	after := w.records()
	w.send(oneClick).page(http.StatusOK, "You will not hear from us again")
	w.unchanged(after)
}

func TestALinkThatIsNoneSaysSo(t *testing.T) {
	w := newWorld(t)
	link := w.link(w.lead("ann"))
	before := w.records()
	for _, path := range []string{link[:len(link)-1], "/unsubscribe/x", "/unsubscribe/%00", "/unsubscribe/%ff", "/unsubscribe/" + strings.Repeat("a", 100_000), "/unsubscribe/<script>"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w.send(request{method: method, path: strings.NewReplacer("<", "%3C", ">", "%3E").Replace(path)}).page(http.StatusNotFound, "not complete")
		}
	}
	w.unchanged(before)
}
