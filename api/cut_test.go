package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/cut"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// others prepares a good request for every route that changes something and is no
// POST below the API's description. A new one fails the tests until it is here.
var others = map[string]func(w *world) request{
	"PUT /v1/mailboxes/{name}": func(*world) request {
		return request{method: http.MethodPut, path: "/v1/mailboxes/robin", body: settings}
	},
	"PUT /v1/users/{user}/calendar-feed": func(w *world) request {
		return request{method: http.MethodPut, path: "/v1/users/" + w.robin.String() + "/calendar-feed"}
	},
	"DELETE /v1/users/{user}/calendar-feed": func(w *world) request {
		return request{method: http.MethodDelete, path: "/v1/users/" + w.robin.String() + "/calendar-feed"}
	},
	"PUT /v1/webhooks/{name}": func(*world) request {
		return request{method: http.MethodPut, path: "/v1/webhooks/crm", body: hooked}
	},
	"PUT /v1/webhooks/{name}/secret": func(w *world) request {
		return request{method: http.MethodPut, path: w.webhook("crm") + "/secret", body: `{}`}
	},
	"DELETE /v1/webhooks/{name}": func(w *world) request {
		return request{method: http.MethodDelete, path: w.webhook("crm")}
	},
	"POST /unsubscribe/{token}": func(w *world) request {
		return request{method: http.MethodPost, path: w.link(w.lead("ann"))}
	},
	"PUT /v1/hooks/{name}": func(*world) request {
		return request{method: http.MethodPut, path: "/v1/hooks/calls", body: `{"kind":"cal","engagement":"info_request","secrets":["` + hookSecret + `"],"owner":"robin@seller.example"}`}
	},
	"PUT /v1/hooks/{name}/secret": func(w *world) request {
		w.source("calls", "cal", "")
		return request{method: http.MethodPut, path: "/v1/hooks/calls/secret", body: `{}`}
	},
	"DELETE /v1/hooks/{name}": func(w *world) request {
		w.source("calls", "cal", "")
		return request{method: http.MethodDelete, path: "/v1/hooks/calls"}
	},
	"POST /v1/hooks/{name}": func(w *world) request {
		w.source("calls", "cal", "")
		return request{method: http.MethodPost, path: "/v1/hooks/calls", body: calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), "")}
	},
	"POST /v1/inbound-mail": func(w *world) request {
		w.lead("ann")
		return request{method: http.MethodPost, path: "/v1/inbound-mail", body: brought(letterFrom("Ann <ann@acme.example>", "a1@acme.example", "Yes, call me."))}
	},
}

var named = regexp.MustCompile(`:(\w+)`)

// changes lists every route of the server that changes something, whether the API's
// description has it or not.
func (w *world) changes() (all []string) {
	w.Helper()
	for _, r := range w.api.(*gin.Engine).Routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodHead || previews(r.Path) {
			continue
		}
		operation := r.Method + " " + named.ReplaceAllString(r.Path, "{$1}")
		require.True(w, goods[operation] != nil || others[operation] != nil, "a new route that changes something: write down a good request for %s", operation)
		all = append(all, operation)
	}
	require.Len(w, all, len(goods)+len(others))
	slices.Sort(all)
	return all
}

// change prepares a good request of an operation, by an admin.
func (w *world) change(operation string) request {
	r := request{method: http.MethodPost}
	if prepare := others[operation]; prepare != nil {
		r = prepare(w)
	} else {
		g := goods[operation](w)
		r.path, r.body = g.path, g.body
		if g.isList() {
			r.contentType = "text/csv"
		}
	}
	r.key, r.once = w.keys[api.Admin], uuid.NewString()
	return r
}

// through has the API reach the database through a proxy; the world itself goes on
// without.
func (w *world) through() *cut.Proxy {
	direct, err := url.Parse(w.store.Pool.Config().ConnString())
	require.NoError(w, err)
	p, err := cut.Listen(net.JoinHostPort(direct.Hostname(), direct.Port()))
	require.NoError(w, err)
	w.Cleanup(func() { require.NoError(w, p.Close()) })
	q := direct.Query()
	q.Set("default_query_exec_mode", "cache_describe") // every turn says what it asks for
	direct.Host, direct.RawQuery = p.Addr(), q.Encode()
	store, err := postgres.Open(w.Context(), direct.String(), 4)
	require.NoError(w, err)
	w.Cleanup(store.Close)
	require.NoError(w, store.Pool.Ping(w.Context()))
	behind, policy, room, hooks := &door.Door{Store: store, Workflows: w.door.Workflows, Playbook: w.door.Playbook, Clock: w.door.Clock}, w.policy, w.room, w.hooks
	policy.Store, room.Store, room.Door, hooks.Store = store, store, behind, store
	w.api = (&api.API{
		Store: store, Door: behind, Lives: w.lives, Playbook: w.lives.playbook, Policy: policy, Version: "test", PublicURL: "https://example.com",
		Room: room, WebhookSecrets: []string{w.secret}, Imports: importing.Imports{Store: store, Door: behind, Runner: w.lives}, Batches: batch.Batches{Store: store, Door: behind, Lives: w.lives, Playbook: w.lives.playbook}, Webhooks: hooks,
		Hooks: hook.Hooks{Store: store, Seal: room.Seal, Now: behind.Now},
	}).Handler()
	return p
}

// ask sends a request as its sender would.
func (w *world) ask(r request) answer {
	if r.path == "/v1/inbound-mail" {
		return w.signed(r.body)
	}
	if r.method == http.MethodPost && r.path == "/v1/hooks/calls" {
		return w.fromCal("calls", r.body)
	}
	return w.send(r)
}

// away expects an answer that promises nothing and says when to come again.
func (a answer) away(codes ...string) {
	a.Helper()
	require.NotEmpty(a, a.header.Get("Retry-After"))
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		a.page(http.StatusServiceUnavailable, "Please try again")
		return
	}
	require.Contains(a, codes, a.at("code"), "%s", a.body)
	if a.at("code") == "in_flight" {
		a.problem(http.StatusConflict, "in_flight")
		return
	}
	p := a.problem(http.StatusServiceUnavailable, a.text("code"))
	require.Contains(a, p.Remedy, "again")
}

// accidental is what differs between two worlds in which the same happened: ids,
// hashes of them, secrets, and instants, because a lead's id gives its touches their minutes.
var accidental = regexp.MustCompile(`:[0-9a-f]{8}[:"]|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(\\\\?x)?[0-9a-f]{32,}|\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d[.+\d:Z]*`)

// happened is what the records and the leads say has happened, without what differs
// by accident. What the relay still has to deliver is no effect yet.
func (w *world) happened() map[string]string {
	all := w.records()
	delete(all, "dispatches")
	w.lives.mu.Lock()
	defer w.lives.mu.Unlock()
	var keys []string // of random ids
	for _, one := range w.lives.leads {
		for _, key := range one.recent() {
			keys = append(keys, key, "~")
		}
	}
	ids := strings.NewReplacer(keys...)
	for table, rows := range all {
		rows = ids.Replace(rows)
		lines := strings.Split(accidental.ReplaceAllString(rows, "~"), "\n")
		slices.Sort(lines)
		all[table] = strings.Join(lines, "\n")
	}
	effects := map[string]int{}
	for effect, n := range w.lives.effects {
		_, event, _ := strings.Cut(effect, " ")
		effects[event] += n
	}
	for event, n := range effects {
		all["decided "+event] = strconv.Itoa(n)
	}
	all["moves"] = strconv.Itoa(len(w.lives.moves))
	return all
}

// same expects that exactly the same happened as when nothing went wrong.
func (w *world) same(undisturbed map[string]string) {
	w.Helper()
	w.relay()
	w.housekeep()
	require.NoError(w, w.policy.GoOn(w.Context()))
	require.NoError(w, w.rights().GoOn(w.Context()))
	happened := w.happened()
	for _, what := range slices.Sorted(maps.Keys(undisturbed)) {
		require.Equal(w, undisturbed[what], happened[what], what)
	}
	require.Len(w, happened, len(undisturbed))
}

// repeat sends the same request until it is answered for good, as a client does
// that was told to come again.
func (w *world) repeat(r request) answer {
	w.Helper()
	for range 8 {
		a := w.ask(r)
		if a.status < 500 && a.status != http.StatusAccepted && (a.status != http.StatusConflict || a.at("code") != "in_flight") {
			return a
		}
		a.away("database_away", "in_flight", "engine_away", "lead_begins_soon")
		// Whoever held the key is gone, which is found out after two minutes.
		w.exec(`UPDATE idempotency_keys SET started_at = started_at - interval '3 minutes' WHERE status IS NULL`)
	}
	require.Fail(w, "the same request is never answered for good")
	return answer{}
}

// undisturbed is how a request is answered, and what happens, when nothing goes
// wrong.
func undisturbed(t *testing.T, operation string) (answer, map[string]string) {
	w := newWorld(t)
	first := w.ask(w.change(operation))
	require.Less(t, first.status, 300, "%s", first.body)
	w.relay()
	require.NoError(t, w.policy.GoOn(t.Context()))
	return first, w.happened()
}

// eachChange runs a test for every route that changes something.
func eachChange(t *testing.T, test func(t *testing.T, operation string)) {
	for _, operation := range newWorld(t).changes() {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			test(t, operation)
		})
	}
}

// farthest is more turns of a conversation with the database than any request takes.
const farthest = 200

// everyTurn has the database go away at reads too, which takes a while.
const everyTurn = "REKINDLE_TEST_EVERY_TURN"

// decisive are the turns at which something may become true: what executes a
// statement that writes, and what ends a transaction. Where that is not heard, only
// the end of a transaction makes a difference to the write before.
func decisive(heard bool) func(said []byte) bool {
	return func(said []byte) bool {
		ends := said[0] == 'Q' // messages of Postgres's protocol
		executes := heard && bytes.Contains(said, []byte("E\x00\x00\x00\x09\x00"))
		return os.Getenv(everyTurn) != "" || (ends || executes) && writes.Match(said)
	}
}

var writes = regexp.MustCompile(`(?i)\b(insert into|update|delete from|commit)\b`)

func TestWhereverTheDatabaseGoesAwayTheAnswerIsTrueAndTheRepeatHasItsEffectOnce(t *testing.T) {
	eachChange(t, func(t *testing.T, operation string) {
		first, normally := undisturbed(t, operation)
		for _, heard := range []bool{false, true} {
			fell := true
			for turn := 1; fell; turn++ {
				require.Less(t, turn, farthest)
				t.Run(fmt.Sprintf("turn %d, heard %t", turn, heard), func(t *testing.T) {
					w := newWorld(t)
					r := w.change(operation)
					p := w.through()
					p.CutAt(turn, heard, decisive(heard))
					a := w.ask(r)
					fell = p.Fell()
					p.Allow()
					if a.status < 300 { // whatever could not be done any more was not promised
						require.Equal(t, first.status, a.status)
						w.same(normally)
					} else {
						a.away("database_away")
					}
					require.Equal(t, first.status, w.repeat(r).status)
					w.same(normally)
				})
			}
		}
	})
}

// silence has Temporal take everything and answer nothing, or answer again.
func (w *world) silence(mute bool) {
	w.lives.mu.Lock()
	defer w.lives.mu.Unlock()
	w.lives.mute = mute
}

func TestWhenTemporalGoesAwayAfterItHeardTheRepeatGivesTheAnswerAndTheEffectIsThereOnce(t *testing.T) {
	eachChange(t, func(t *testing.T, operation string) {
		first, normally := undisturbed(t, operation)
		w := newWorld(t)
		r := w.change(operation)
		w.silence(true)
		a := w.ask(r)
		happened := w.happened()
		w.silence(false)
		if a.status < 300 {
			require.Equal(t, first.status, a.status, "the door waits for nobody")
			w.same(normally)
		} else {
			a.away("engine_away")
			for _, written := range []string{"outcomes", "stakeholders", "people"} {
				require.Equal(t, strings.Count(normally[written], "\n"), strings.Count(happened[written], "\n"), "%s: what the lead has heard stays", written)
				require.Equal(t, normally[written] == "", happened[written] == "", written)
			}
		}
		require.Equal(t, first.status, w.repeat(r).status)
		w.same(normally)
	})
}

func TestWhatIsAskedWhileTemporalIsAwayHappensOnceAfterwards(t *testing.T) {
	eachChange(t, func(t *testing.T, operation string) {
		first, normally := undisturbed(t, operation)
		w := newWorld(t)
		r := w.change(operation)
		w.engine(true)
		a := w.ask(r)
		w.engine(false)
		if a.status < 300 {
			w.same(normally)
		} else {
			a.away("engine_away")
		}
		require.Equal(t, first.status, w.repeat(r).status)
		w.same(normally)
	})
}

func TestNothingHappensWhileTheDatabaseIsAwayAndTheRepeatHasItsEffectOnce(t *testing.T) {
	eachChange(t, func(t *testing.T, operation string) {
		first, normally := undisturbed(t, operation)
		w := newWorld(t)
		r := w.change(operation)
		before, p := w.records(), w.through()
		p.Refuse()
		w.ask(r).away("database_away")
		w.unchanged(before)
		p.Allow()
		require.Equal(t, first.status, w.repeat(r).status)
		w.same(normally)
	})
}
