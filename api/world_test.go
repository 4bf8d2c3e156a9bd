package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/internal/webhooks"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// monday is when every test begins: 10:00 in Berlin, on a working day.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// defaultPlaybook is read once: it never changes.
var defaultPlaybook = sync.OnceValues(playbooks.Default)

// world is an API on a database of its own, with a clock that stands still.
type world struct {
	testing.TB
	store  *postgres.Store
	door   *door.Door
	lives  *lives
	policy policy.Policy
	room   mailroom.Room
	hooks  webhooks.Webhooks
	secret string // of webhooks
	api    http.Handler
	handle func(context.Context) error // what other services reported
	keys   map[string]string
	robin  uuid.UUID // the rep
	mo     uuid.UUID // the manager
}

func newWorld(t testing.TB) *world {
	ctx := t.Context()
	store, err := postgres.Open(ctx, testdb.New(t, postgres.Migrate), 8)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	playbook, err := defaultPlaybook()
	require.NoError(t, err)
	w := &world{TB: t, store: store, keys: map[string]string{}}
	clock := &workflows.Clock{Epoch: monday, Base: monday} // at speed zero it stands still
	var library playbooks.Library
	library.Add(playbook)
	library.Release(playbook.ID)
	w.lives = &lives{
		playbook: library.Get, now: func() time.Time { return w.door.Now() }, leads: map[string]*life{}, effects: map[string]int{},
		acts: &activities.Activities{
			Records: store, Mailer: post{},
			Ledger: &postgres.Ledger{Store: store, Company: "Example", Domain: "example.com", PublicURL: "https://example.com"},
		},
	}
	w.door = &door.Door{Store: store, Workflows: w.lives, Playbook: library.Current, Clock: clock}
	w.policy = policy.Policy{Store: store, Library: &library, Mover: w.lives, Now: w.door.Now}
	seal, err := mailbox.NewSeal(mailbox.NewKey())
	require.NoError(t, err)
	w.room = mailroom.Room{Store: store, Door: w.door, Seal: seal, Now: w.door.Now, Probe: func(context.Context, string) error { return nil }}
	w.hooks = webhooks.Webhooks{Store: store, Seal: seal, Source: "https://example.com", Now: w.door.Now}
	w.secret = "whsec_" + mailbox.NewKey()
	w.api = w.serve(library.Get, w.secret)
	w.published()
	w.robin, w.mo = w.user("Robin", "rep"), w.user("Mo", "manager")
	w.key(api.Rep, &w.robin)
	w.key(api.Manager, &w.mo)
	w.key(api.Integration, nil)
	w.key(api.Admin, nil)
	return w
}

// serve is the API with some secrets for webhooks.
func (w *world) serve(playbook func(string) (*sequence.Playbook, bool), secrets ...string) http.Handler {
	one := &api.API{
		Store: w.store, Door: w.door, Lives: w.lives, Playbook: playbook, Policy: w.policy, Version: "test", PublicURL: "https://example.com", Company: "Example",
		Room: w.room, WebhookSecrets: secrets, Imports: importing.Imports{Store: w.store, Door: w.door, Runner: w.lives}, Webhooks: w.hooks,
		Hooks: hook.Hooks{Store: w.store, Seal: w.room.Seal, Now: w.door.Now}, Batches: w.batches(),
	}
	w.handle = one.HandleHooks
	return one.Handler()
}

func (w *world) batches() batch.Batches {
	return batch.Batches{Store: w.store, Door: w.door, Lives: w.lives, Playbook: w.lives.playbook}
}

// published writes the default playbook down, as every process does when it starts.
func (w *world) published() {
	files, err := playbooks.DefaultFiles()
	require.NoError(w, err)
	encoded, err := json.Marshal(files)
	require.NoError(w, err)
	playbook, err := defaultPlaybook()
	require.NoError(w, err)
	require.NoError(w, w.store.PublishPlaybook(w.Context(), db.PublishPlaybookParams{ID: playbook.ID, Name: playbook.Name, Files: encoded}))
}

func (w *world) user(name, role string) uuid.UUID {
	u, err := w.store.InsertUser(w.Context(), db.InsertUserParams{ID: uuid.New(), Name: name, Email: strings.ToLower(name) + "@seller.example", Role: role})
	require.NoError(w, err)
	return u.ID
}

// key makes a key; it is found under its role.
func (w *world) key(role string, user *uuid.UUID) uuid.UUID {
	id := uuid.New()
	w.keys[role] = "rk_" + id.String()
	require.NoError(w, w.store.InsertKey(w.Context(), db.InsertKeyParams{ID: id, Name: role, Role: role, UserID: user, Hash: api.HashKey(w.keys[role])}))
	return id
}

// request is one request as a client would send it.
type request struct {
	method, path string
	key          string // the API key
	once         string // the Idempotency-Key
	body         string
	contentType  string
}

// answer is what came back.
type answer struct {
	testing.TB
	status int
	header http.Header
	body   []byte
}

func (w *world) send(r request) answer {
	w.Helper()
	q := httptest.NewRequestWithContext(w.Context(), r.method, r.path, strings.NewReader(r.body))
	if r.key != "" {
		q.Header.Set("Authorization", "Bearer "+r.key)
	}
	if r.once != "" {
		q.Header.Set("Idempotency-Key", r.once)
	}
	if r.body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	if r.contentType != "" {
		q.Header.Set("Content-Type", r.contentType)
	}
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, q)
	return answer{w.TB, rec.Code, rec.Header(), rec.Body.Bytes()}
}

// with is the bare request with one header, and where its answer goes.
func (r request) with(header, value string) (*http.Request, *httptest.ResponseRecorder) {
	q := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	q.Header.Set(header, value)
	return q, httptest.NewRecorder()
}

func (w *world) get(role, path string) answer {
	w.Helper()
	return w.send(request{method: http.MethodGet, path: path, key: w.keys[role]})
}

// post sends a body once, under a fresh Idempotency-Key.
func (w *world) post(role, path, body string) answer {
	w.Helper()
	return w.send(request{method: http.MethodPost, path: path, key: w.keys[role], once: uuid.NewString(), body: body})
}

// postf fills in the body.
func (w *world) postf(role, path, body string, fill ...any) answer {
	w.Helper()
	return w.post(role, path, fmt.Sprintf(body, fill...))
}

// is expects a status and shows the answer where it is another.
func (a answer) is(status int) answer {
	a.Helper()
	require.Equal(a, status, a.status, "%s", a.body)
	return a
}

// at reads one value by its path, such as "explanation.because.0.rule"; nil when
// there is none.
func (a answer) at(path string) any {
	a.Helper()
	var v any
	require.NoError(a, json.Unmarshal(a.body, &v), "%s", a.body)
	for part := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[part]
		case []any:
			var i int
			_, err := fmt.Sscan(part, &i)
			require.NoError(a, err, path)
			require.Less(a, i, len(node), "%s in %s", path, a.body)
			v = node[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string {
	a.Helper()
	s, ok := a.at(path).(string)
	require.True(a, ok, "no text at %s in %s", path, a.body)
	return s
}

func (a answer) list(path string) []any {
	a.Helper()
	l, ok := a.at(path).([]any)
	require.True(a, ok, "no list at %s in %s", path, a.body)
	return l
}

// problem expects a well-formed problem that names the given fields and shows
// nothing of what is inside.
func (a answer) problem(status int, code string, fields ...string) api.Problem {
	a.Helper()
	a.is(status)
	require.Equal(a, "application/problem+json", a.header.Get("Content-Type"))
	var p api.Problem
	require.NoError(a, json.Unmarshal(a.body, &p), "%s", a.body)
	require.Equal(a, status, p.Status)
	require.Equal(a, code, p.Code, "%s", a.body)
	require.Equal(a, "urn:rekindle:problem:"+code, p.Type)
	require.NotEmpty(a, p.Title)
	require.NotEmpty(a, p.Detail)
	require.NotEmpty(a, p.Remedy, "%s", a.body)
	require.NotRegexp(a, `SQLSTATE|pgx|goroutine|\.go:|postgres://|sequence\.|door\.`, string(a.body))
	var named []string
	for _, f := range p.Errors {
		require.NotEmpty(a, f.Message)
		if !slices.Contains(named, f.Field) {
			named = append(named, f.Field)
		}
	}
	if len(fields) > 0 {
		require.ElementsMatch(a, fields, named, "%s", a.body)
	}
	return p
}

// lead enrols a person of Berlin, with a number of their own, and gives the
// lead's path.
func (w *world) lead(name string) string {
	w.Helper()
	a := w.postf(api.Integration, "/v1/leads", `{"name":"%s","email":"%s@acme.example","phone":"+4930%07d","account":"Acme","time_zone":"Europe/Berlin","country":"DE","source":"ebook_download"}`,
		name, strings.ReplaceAll(name, " ", "."), 1_000_000+crc32.ChecksumIEEE([]byte(name))%9_000_000)
	return "/v1/leads/" + a.is(http.StatusCreated).text("lead_id")
}

func idOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// stateOf is the lead as its workflow knows it.
func (w *world) stateOf(lead string) sequence.Lead {
	w.lives.mu.Lock()
	defer w.lives.mu.Unlock()
	one := w.lives.leads[idOf(lead)]
	require.NotNil(w, one, "the life of %s has not begun", lead)
	return one.lead
}

func (w *world) now() time.Time { return w.door.Now() }

// in is an instant from now, as it is written in a request.
func (w *world) in(d time.Duration) string { return w.now().Add(d).Format(time.RFC3339) }

// pass lets time go by, with every deadline on the way.
func (w *world) pass(d time.Duration) {
	w.Helper()
	until := w.now().Add(d)
	for {
		at, ids := w.lives.next()
		if at.IsZero() || at.After(until) {
			break
		}
		if at.After(w.now()) {
			w.door.Clock.Base = at
		}
		for _, id := range ids {
			require.NoError(w, w.lives.wake(w.Context(), id))
		}
	}
	w.door.Clock.Base = until
}

// open finds the open task of a kind.
func (w *world) open(lead string, kind sequence.TaskKind) string {
	w.Helper()
	var id uuid.UUID
	err := w.store.Pool.QueryRow(w.Context(), `SELECT id FROM tasks WHERE lead_id = $1 AND kind = $2 AND state = 'open'`, idOf(lead), kind).Scan(&id)
	require.NoError(w, err, "no open %s task", kind)
	return "/v1/tasks/" + id.String()
}

// number asks the database for a number.
func (w *world) number(query string, args ...any) (n int) {
	w.Helper()
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), query, args...).Scan(&n))
	return n
}

// records is a fingerprint of every table whose rows mean something, so that a
// test can say that nothing has changed, and where if it has.
func (w *world) records() map[string]string {
	w.Helper()
	var parts []string
	for _, table := range []string{"webhook_events", "webhook_deliveries"} { // a number may be left out
		parts = append(parts, fmt.Sprintf(`'%[1]s', (SELECT coalesce(string_agg((to_jsonb(t) - 'n')::text, E'\n' ORDER BY t.n), '') FROM %[1]s t)`, table))
	}
	for _, table := range []string{
		"users", "accounts", "people", "leads", "stakeholders", "engagements", "replies", "tasks", "outcomes", "proposals",
		"playbooks", "playbook_releases", "playbook_move_leads", "invitation_answers", "mailboxes", "inbound_messages", "imports", "import_rows", "erasures", "batches", "batch_leads",
		"permissions", "suppressions", "content", "send_ledger", "audit", "notifications", "notification_reads", "dispatches",
		"webhook_endpoints", "inbound_sources",
	} {
		parts = append(parts, fmt.Sprintf(`'%[1]s', (SELECT coalesce(string_agg(t::text, E'\n' ORDER BY t::text), '') FROM %[1]s t)`, table))
	}
	var all map[string]string
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), `SELECT json_build_object(`+strings.Join(parts, ", ")+`)`).Scan(&all))
	return all
}

// unchanged expects the records to be as they were.
func (w *world) unchanged(before map[string]string, msg ...any) {
	w.Helper()
	after := w.records()
	for _, table := range slices.Sorted(maps.Keys(before)) {
		require.Equal(w, before[table], after[table], append([]any{"table " + table + " changed"}, msg...)...)
	}
}

// operations reads every operation of the generated OpenAPI, as "GET /v1/leads".
func (w *world) operations() []string {
	w.Helper()
	var spec struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	a := w.send(request{method: http.MethodGet, path: "/openapi.json"}).is(http.StatusOK)
	require.NoError(w, json.NewDecoder(bytes.NewReader(a.body)).Decode(&spec))
	var all []string
	for path, methods := range spec.Paths {
		for method := range methods {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(all)
	require.NotEmpty(w, all)
	return all
}

// engine takes Temporal away, or gives it back.
func (w *world) engine(away bool) {
	w.lives.mu.Lock()
	defer w.lives.mu.Unlock()
	w.lives.away = away
}

// relay hands over what waits, until nothing does.
func (w *world) relay() {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.door.Relay(ctx, time.Millisecond) }()
	require.Eventually(w, func() bool { return w.waiting() == 0 }, 20*time.Second, time.Millisecond)
	cancel()
	<-ended
}

func (w *world) waiting() int {
	return w.number(`SELECT count(*) FROM dispatches WHERE delivered_at IS NULL`)
}
