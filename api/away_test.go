package api_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestWhatComesInWhileTemporalIsAwayIsTakenOverOnceItIsBack(t *testing.T) {
	w := newWorld(t)
	old, stopped := w.lead("ann"), w.lead("bea")
	w.engine(true)
	lead := w.lead("cy")
	w.post(api.Integration, "/v1/engagements", `{"email":"cy@acme.example","kind":"webinar_attended"}`).is(http.StatusOK)
	w.post(api.Integration, "/v1/engagements", `{"email":"ann@acme.example","kind":"webinar_attended"}`).is(http.StatusOK)
	w.post(api.Integration, "/v1/replies", `{"email":"ann@acme.example","text":"Yes"}`).is(http.StatusOK)
	w.post(api.Integration, stopped+"/opt-out", `{}`).is(http.StatusOK)

	require.Contains(t, w.get(api.Rep, lead+"/explanation").is(http.StatusOK).text("waiting"), "its life to begin")
	require.Equal(t, "warm", w.get(api.Rep, lead).is(http.StatusOK).text("stage"))
	require.Empty(t, w.get(api.Rep, lead+"/timeline").is(http.StatusOK).list("entries"))
	require.NotContains(t, w.get(api.Rep, "/v1/queue").is(http.StatusOK).names(), "bea", "nobody calls whom said stop")
	require.Equal(t, 5, w.waiting())

	w.engine(false)
	var relays sync.WaitGroup
	for range 3 {
		relays.Go(w.relay)
	}
	relays.Wait()
	require.Equal(t, 1, count[sequence.Enrolled](w.lives, idOf(lead)))
	require.Equal(t, 1, count[sequence.EngagementRecorded](w.lives, idOf(lead)))
	require.Equal(t, 1, count[sequence.EngagementRecorded](w.lives, idOf(old)))
	require.Equal(t, 1, count[sequence.ReplyReceived](w.lives, idOf(old)))
	require.Equal(t, 1, count[sequence.OptedOut](w.lives, idOf(stopped)))
	require.Equal(t, "do_not_contact", w.get(api.Rep, stopped).text("stage"))
	require.Equal(t, "reply_waiting", w.get(api.Rep, old).text("blocked"))
}

func TestADecisionWhileTemporalIsAwayIsRefusedAndCanBeRepeated(t *testing.T) {
	eachPost(t, func(w *world, r request) {
		before := w.records()
		w.engine(true)
		a := w.send(r)
		if !strings.Contains(a.header.Get("Content-Type"), "problem") { // the door takes it
			require.Less(w, a.status, 300)
			ofATask := strings.HasPrefix(r.path, "/v1/tasks/") && slices.Contains([]string{"snooze", "hand-over"}, idOf(r.path)) // the records' alone
			if !strings.HasPrefix(r.path, "/v1/mailboxes/") && !strings.HasPrefix(r.path, "/v1/webhooks/") && !ofATask {
				require.Contains(w, []string{
					"leads", "bulk", "engagements", "replies", "opt-outs", "opt-out", "addresses", "content", "playbooks", "release", "impact", "playbook-moves", "rehearsals", "simulations",
					"assign", "dismiss", "settle", "suppressions", "import", "imports?name=fair.csv", "plan", "check", "start", "stop", "erasure", "again", "batches", "terms", "undo", "hook-trials", "read",
				}, idOf(r.path))
			}
			return
		}
		p := a.problem(http.StatusServiceUnavailable, "engine_away")
		require.Contains(w, p.Remedy, "the same Idempotency-Key")
		require.Equal(w, "5", a.header.Get("Retry-After"))
		if !strings.HasSuffix(r.path, "/stakeholders") { // the person stays known
			w.unchanged(before)
		}
		w.engine(false)
		w.send(r).is(http.StatusOK)
	})
}

func TestAnAnswerThatComesTooLateIsLearntByTheRepeat(t *testing.T) {
	eachPost(t, func(w *world, r request) {
		w.lives.slow = true
		a := w.send(r)
		if a.status != http.StatusAccepted {
			require.Less(w, a.status, 300, "the door does not wait for the lead")
			return
		}
		require.Equal(w, true, a.at("pending"))
		require.Equal(w, "2", a.header.Get("Retry-After"))
		w.send(r).is(http.StatusAccepted)
		w.lives.slow = false
		decided := w.stateOf("/v1/leads/" + a.text("lead_id"))

		repeat := w.send(r).is(http.StatusOK)
		require.Nil(w, repeat.at("pending"))
		require.Equal(w, string(decided.Stage), repeat.text("stage"))
		require.Equal(w, decided, w.stateOf("/v1/leads/"+a.text("lead_id")), "it took effect once")
		require.LessOrEqual(w, w.number(`SELECT (SELECT count(*) FROM proposals) + (SELECT count(*) FROM permissions) + (SELECT count(*) FROM stakeholders)`), 1)
		require.Equal(w, "true", w.send(r).is(http.StatusOK).header.Get("Idempotency-Replayed"))
	})
}

func TestALeadThatHasNotBegunIsDecidedAboutALittleLater(t *testing.T) {
	w := newWorld(t)
	w.engine(true)
	lead := w.lead("ann")
	w.engine(false)
	r := request{method: http.MethodPost, path: lead + "/pause", key: w.keys[api.Rep], once: uuid.NewString(), body: `{}`}
	a := w.send(r)
	a.problem(http.StatusServiceUnavailable, "lead_begins_soon")
	require.Equal(t, "2", a.header.Get("Retry-After"))
	w.relay()
	w.send(r).is(http.StatusOK)
}

func TestReadinessTellsWhatIsAway(t *testing.T) {
	w := newWorld(t)
	ask := func(path string) answer { return w.send(request{method: http.MethodGet, path: path}) }
	require.Equal(t, "ok", ask("/healthz").is(http.StatusOK).text("status"))
	a := ask("/readyz").is(http.StatusOK)
	require.Equal(t, []any{"ok", "ok", "ok"}, []any{a.at("status"), a.at("postgres"), a.at("temporal")})

	w.engine(true)
	a = ask("/readyz").is(http.StatusOK)
	require.Contains(t, a.text("status"), "degraded")
	require.Equal(t, "does not answer", a.text("temporal"))

	w.store.Close()
	a = ask("/readyz").is(http.StatusServiceUnavailable)
	require.Equal(t, "down", a.text("status"))
	require.Equal(t, "does not answer", a.text("postgres"))
	require.Equal(t, "ok", ask("/healthz").is(http.StatusOK).text("status"))
}

func TestWithoutTheDatabaseEveryRouteSaysTryAgain(t *testing.T) {
	w := newWorld(t)
	link := w.link(w.lead("ann"))
	operations := w.operations()
	w.through().Refuse()
	for _, operation := range operations {
		a := w.send(try(operation, w.keys[api.Admin]))
		a.problem(http.StatusServiceUnavailable, "database_away")
		require.Equal(t, "5", a.header.Get("Retry-After"))
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		a := w.send(request{method: method, path: link})
		a.page(http.StatusServiceUnavailable, "Please try again")
	}
}

func TestWhatBreaksInsideIsNotShown(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.exec(`ALTER TABLE leads RENAME TO leads_gone`) // stands in for whatever can break
	p := w.get(api.Rep, lead).problem(http.StatusInternalServerError, "internal")
	require.NotContains(t, p.Detail, "leads")
}
