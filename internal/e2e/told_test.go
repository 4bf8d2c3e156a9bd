package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/cut"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// decisions are what can be asked of a lead that has just begun, each by its route
// and a body; the API answers some of them with a refusal, which is an answer too.
var decisions = map[string]string{
	"POST /v1/leads/{id}/outcomes":                   `{"outcome":"interested","discussed":"They like it","next_step":{"why_none":"the boss is away"}}`,
	"POST /v1/leads/{id}/outcomes/{outcome_id}/undo": `{}`,
	"POST /v1/leads/{id}/snooze":                     `{"until":"2027-02-01T10:00:00Z"}`,
	"POST /v1/leads/{id}/pause":                      `{"reason":"owner_on_leave"}`,
	"POST /v1/leads/{id}/resume":                     `{}`,
	"POST /v1/leads/{id}/win":                        `{"amount":700000}`,
	"POST /v1/leads/{id}/disqualify":                 `{"reason":"not_a_fit"}`,
	"POST /v1/leads/{id}/stakeholders":               `{"name":"Cy","email":"cy@%s.example","title":"CTO"}`,
	"POST /v1/leads/{id}/proposals":                  `{"amount":900000}`,
	"POST /v1/leads/{id}/permissions":                `{"channel":"email","every":"2 months"}`,
	"POST /v1/leads/{id}/reassign":                   `{"owner_id":"%s"}`,
	"POST /v1/leads/{id}/diagnosis":                  `{"diagnosis":"too_fast"}`,
	"POST /v1/leads/{id}/amount":                     `{"amount":1200000}`,
	"POST /v1/tasks/{id}/complete":                   `{"outcome":{"outcome":"no_answer","discussed":"rang twice"}}`,
	"POST /v1/leads/{id}/opt-out":                    `{"via":"phone"}`,
	"POST /v1/leads/{id}/addresses":                  `{"email":"new@%s.example"}`,
}

// ofTheRecords are those that the lead is not asked about.
var ofTheRecords = []string{"/v1/leads/{id}/sends/{touch}/settle", "/v1/tasks/{id}/snooze", "/v1/tasks/{id}/hand-over"}

// told is an API that reaches Temporal through a proxy, and a worker that does not.
type told struct {
	*stack
	temporalGate *cut.Proxy
	other        uuid.UUID // somebody to give leads to
}

func newTold(t *testing.T) *told {
	program := build(t)
	k := &told{stack: start(t)}
	k.zone = noon() // it is played in real time
	k.temporalGate = before(t, k.temporal.Address())
	server := httptest.NewUnstartedServer(nil)
	var err error
	k.app, err = app.Open(t.Context(), app.Config{
		DatabaseURL: k.database, PublicURL: "http://" + server.Listener.Addr().String(), Company: "Example", PostalAddress: "1 Street",
		Temporal: client.Options{HostPort: k.temporalGate.Addr()}, Version: "test",
	})
	require.NoError(t, err)
	t.Cleanup(k.app.Close)
	k.seed()
	k.key = "rk_admin"
	require.NoError(t, k.app.Store.InsertKey(t.Context(), db.InsertKeyParams{ID: uuid.New(), Name: "admin", Role: api.Admin, Hash: api.HashKey(k.key)}))
	u, err := k.app.Store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Kim", Email: "kim@us.example", Role: "manager"})
	require.NoError(t, err)
	k.other = u.ID
	server.Config.Handler = k.app.API()
	server.Start()
	t.Cleanup(server.Close)
	k.base, k.api = server.URL, demo.Client{Base: server.URL, Key: k.key}
	(&killing{stack: k.stack}).everyDay()
	work := k.service(program, "work", k.database, k.temporal.Address())
	k.eventually("the worker works", time.Minute, func() bool { return work.says("/readyz") == http.StatusOK })
	return k
}

// covered expects a request for every decision that the API's description has.
func (k *told) covered() {
	res, err := http.Get(k.base + "/openapi.json")
	require.NoError(k, err)
	defer res.Body.Close()
	var spec struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	require.NoError(k, json.NewDecoder(res.Body).Decode(&spec))
	n := 0
	for path, methods := range spec.Paths {
		asks := strings.HasPrefix(path, "/v1/leads/{id}") || strings.HasPrefix(path, "/v1/tasks/")
		if methods["post"] == nil || !asks || slices.Contains(ofTheRecords, path) || strings.HasSuffix(path, "/preview") {
			continue
		}
		require.Contains(k, decisions, "POST "+path, "a new decision: write down a request for it")
		n++
	}
	require.Equal(k, len(decisions), n)
}

// asked is one request and what was said to it.
type asked struct {
	operation, path, body, once string
	lead                        string
	status                      int
	code                        string
	retry                       bool // it says when to come again
	replayed                    bool
}

func (k *told) ask(r *asked) {
	q, err := http.NewRequestWithContext(k.Context(), http.MethodPost, k.base+r.path, strings.NewReader(r.body))
	if err != nil {
		k.Error(err)
		return
	}
	q.Header.Set("Authorization", "Bearer "+k.key)
	q.Header.Set("Idempotency-Key", r.once)
	q.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		k.Error(err)
		return
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		k.Error(err)
	}
	var p struct{ Code string }
	_ = json.NewDecoder(bytes.NewReader(said)).Decode(&p)
	r.status, r.code, r.retry, r.replayed = res.StatusCode, p.Code, res.Header.Get("Retry-After") != "", res.Header.Get("Idempotency-Replayed") != ""
}

// prepare makes a lead for every decision, and waits until all have begun.
func (k *told) prepare(group string) (all []*asked) {
	for operation, body := range decisions {
		k.enrolled++
		name := fmt.Sprintf("%s%d", group, k.enrolled)
		lead := k.enrol("Ann Lee", "ann@"+name+".example")
		r := &asked{operation: operation, lead: lead, once: uuid.NewString(), path: strings.Replace(strings.TrimPrefix(operation, "POST "), "{id}", lead, 1), body: body}
		switch {
		case strings.HasSuffix(operation, "/reassign"):
			r.body = fmt.Sprintf(body, k.other)
		case strings.Contains(body, "%s"):
			r.body = fmt.Sprintf(body, name)
		}
		all = append(all, r)
	}
	k.eventually("every lead has been asked for a call", 2*time.Minute, func() bool {
		return k.rows("SELECT count(*) FROM tasks WHERE kind = 'call'") >= k.enrolled/2 && k.rows("SELECT count(*) FROM leads WHERE state->'next'->>'touch' IS DISTINCT FROM 't3' AND NOT final AND blocked = '' AND updated_at > now() - interval '10 minutes' AND id = ANY($1::uuid[])", leadsOf(all)) == 0
	})
	for _, r := range all {
		switch {
		case strings.HasSuffix(r.operation, "/complete"):
			r.path = "/v1/tasks/" + k.id("SELECT id FROM tasks WHERE lead_id = $1 AND kind = 'call'", r.lead) + "/complete"
		case strings.HasSuffix(r.operation, "/undo"):
			require.NoError(k, k.api.Post(k.Context(), "/leads/"+r.lead+"/outcomes", map[string]any{"outcome": "voicemail"}, nil))
			r.path = "/v1/leads/" + r.lead + "/outcomes/" + k.id("SELECT id FROM outcomes WHERE lead_id = $1", r.lead) + "/undo"
		case strings.HasSuffix(r.operation, "/resume"):
			require.NoError(k, k.api.Post(k.Context(), "/leads/"+r.lead+"/pause", map[string]any{}, nil))
		}
	}
	return all
}

func leadsOf(all []*asked) (leads []string) {
	for _, r := range all {
		leads = append(leads, r.lead)
	}
	return leads
}

func (k *told) rows(sql string, args ...any) (n int) {
	k.Helper()
	require.NoError(k, k.app.Store.Pool.QueryRow(k.Context(), sql, args...).Scan(&n))
	return n
}

func (k *told) id(sql string, args ...any) string {
	k.Helper()
	var id uuid.UUID
	require.NoError(k, k.app.Store.Pool.QueryRow(k.Context(), sql, args...).Scan(&id))
	return id.String()
}

// together asks all at once.
func (k *told) together(all []*asked) {
	var asking sync.WaitGroup
	for _, r := range all {
		asking.Go(func() { k.ask(r) })
	}
	asking.Wait()
}

// untilAnswered asks again until there is an answer for good.
func (k *told) untilAnswered(r *asked) {
	k.Helper()
	k.eventually("the same request is answered: "+r.operation, time.Minute, func() bool {
		if r.status < 500 && r.status != http.StatusAccepted && r.code != "in_flight" {
			return true
		}
		k.ask(r)
		return false
	})
}

// happened is what a request brought about: lines of the timeline by whoever asked,
// and rows, of each kind.
func (k *told) happened(lead string) string {
	k.Helper()
	var said string
	require.NoError(k, k.app.Store.Pool.QueryRow(k.Context(), `SELECT coalesce((SELECT string_agg(what, ',' ORDER BY what) FROM (SELECT entry->>'what' AS what FROM audit WHERE lead_id = $1 AND actor LIKE 'key:%') e), '')
		|| ' outcomes ' || (SELECT count(*) FROM outcomes WHERE lead_id = $1) || ' stakeholders ' || (SELECT count(*) FROM stakeholders WHERE lead_id = $1)
		|| ' proposals ' || (SELECT count(*) FROM proposals WHERE lead_id = $1) || ' permissions ' || (SELECT count(*) FROM permissions p JOIN leads l ON l.person_id = p.person_id WHERE l.id = $1)
		|| ' amount ' || coalesce((SELECT amount FROM leads WHERE id = $1), 0) || ' done ' || (SELECT count(*) FROM tasks WHERE lead_id = $1 AND state = 'done')
		|| ' stage ' || (SELECT stage FROM leads WHERE id = $1)`, lead).Scan(&said))
	return said
}

// written is what stands in the records ahead of a lead's answer.
func (k *told) written(lead string) int {
	k.Helper()
	return k.rows("SELECT (SELECT count(*) FROM outcomes WHERE lead_id = $1) + (SELECT count(*) FROM stakeholders WHERE lead_id = $1)", lead)
}

// heard is the case in which Temporal takes a question in and its answer is lost.
const heard = "after it was asked"

func TestWhatWasSaidWhileTemporalWentAwayHoldsAfterwards(t *testing.T) {
	k := newTold(t)
	k.covered()
	control := k.prepare("control")
	k.together(control)
	normally := map[string]*asked{}
	for _, r := range control {
		normally[r.operation] = r
		k.untilAnswered(r)
		require.Less(t, r.status, 500, r.operation)
	}
	for name, away := range map[string]func(){"before it was asked": k.temporalGate.Refuse, heard: k.temporalGate.Mute} {
		t.Run(name, func(t *testing.T) {
			all := k.prepare(name[:3])
			away()
			k.together(all)
			k.temporalGate.Refuse() // whoever still waits hears nothing any more
			var said []string
			for _, r := range all {
				said = append(said, fmt.Sprintf("%s: %d %s", r.operation, r.status, r.code))
			}
			t.Log("\n" + strings.Join(said, "\n"))
			for _, r := range all {
				if written := k.written(r.lead); name == heard && (strings.HasSuffix(r.operation, "/outcomes") || strings.HasSuffix(r.operation, "/stakeholders") || strings.HasSuffix(r.operation, "/complete")) {
					require.Equal(t, 1, written, "%s: the lead may have taken it, so what belongs to it stays", r.operation)
				}
			}
			for _, r := range all {
				if r.status >= 300 && r.status != http.StatusAccepted {
					require.Equal(t, http.StatusServiceUnavailable, r.status, r.operation)
					require.Equal(t, "engine_away", r.code, r.operation)
				}
				require.Equal(t, r.status >= 300 || r.status == http.StatusAccepted, r.retry, r.operation)
			}
			k.temporalGate.Allow()
			for _, r := range all {
				k.ask(r)
				k.untilAnswered(r)
				require.Equal(t, normally[r.operation].status, r.status, r.operation)
				k.ask(r)
				require.True(t, r.replayed, r.operation)
				k.eventually("its effect is there, once: "+r.operation, time.Minute, func() bool {
					return k.happened(r.lead) == k.happened(normally[r.operation].lead)
				})
			}
		})
	}
}
