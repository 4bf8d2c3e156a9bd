package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/signin"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/web"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// house is the whole product for one test: real Temporal, real Postgres, real SMTP,
// on a clock on which an hour is a day. It is Monday morning.
type house struct {
	*testing.T
	app      *app.App
	seal     mailbox.Seal
	pages    atomic.Pointer[http.Handler]
	base     string
	api      demo.Client // as an integration
	users    map[string]uuid.UUID
	enrolled int
}

func newHouse(t *testing.T) *house {
	bin, err := devstack.FindTemporal("../bin")
	require.NoError(t, err, "make test builds the Temporal server; see the Makefile")
	temporal, err := devstack.StartTemporal(t.Context(), devstack.TemporalOptions{Bin: bin, Dir: t.TempDir(), SearchAttributes: workflows.SearchAttributes()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, temporal.Stop(context.Background())) })
	mail, err := devmail.New(devmail.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, mail.Start("127.0.0.1:0"))
	t.Cleanup(func() { require.NoError(t, mail.Close()) })

	ctx, cancel := context.WithCancel(t.Context())
	database := testdb.New(t, postgres.Migrate)
	store, err := postgres.Open(ctx, database, 2)
	require.NoError(t, err)
	clock, err := demo.Clock(ctx, store, time.Hour)
	require.NoError(t, err)
	store.Close()
	options := client.Options{HostPort: temporal.Address()}
	c, err := client.Dial(options)
	require.NoError(t, err)
	require.NoError(t, engine.Register(ctx, c, client.DefaultNamespace))
	c.Close()

	server := httptest.NewUnstartedServer(nil)
	key := mailbox.NewKey()
	h := &house{T: t, base: "http://" + server.Listener.Addr().String(), users: map[string]uuid.UUID{}}
	h.seal, err = mailbox.NewSeal(key)
	require.NoError(t, err)
	h.app, err = app.Open(ctx, app.Config{
		DatabaseURL: database, SMTPURL: "smtp://" + mail.Addr().String(), PublicURL: h.base, Company: "Example", PostalAddress: "1 Street",
		LeadURL: h.base + "/leads/", TemporalUI: "http://temporal.example/namespaces/default/workflows/", Temporal: options, Clock: clock, Version: "test",
		SecretKey: key, Loopback: true,
	})
	require.NoError(t, err)
	h.people()
	h.serve(h.app.Pages())
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*h.pages.Load()).ServeHTTP(w, r) })
	server.Start()
	worker := h.app.Worker()
	require.NoError(t, worker.Start())
	var background sync.WaitGroup
	background.Go(func() { h.app.Housekeep(ctx) })
	t.Cleanup(func() {
		worker.Stop()
		server.Close()
		cancel()
		background.Wait()
		h.app.Close()
	})
	return h
}

const password = "a kettle of black tea"

func (h *house) people() {
	for _, u := range []struct{ name, role string }{{"Robin Reyes", "rep"}, {"Kim Koch", "rep"}, {"Mo Marsh", "manager"}} {
		first, _, _ := strings.Cut(strings.ToLower(u.name), " ")
		row, err := h.app.Store.InsertUser(h.Context(), db.InsertUserParams{ID: uuid.New(), Name: u.name, Email: first + "@seller.example", Role: u.role})
		require.NoError(h, err)
		require.NoError(h, h.app.SignIn().SetPassword(h.Context(), row.ID, password))
		h.users[first] = row.ID
	}
	require.NoError(h, h.app.Store.InsertKey(h.Context(), db.InsertKeyParams{ID: uuid.New(), Name: "test", Role: "integration", Hash: api.HashKey("rk_test")}))
	h.api = demo.Client{Base: h.base, Key: "rk_test"}
}

// enrol begins the life of somebody whose calls are Robin's, and waits for the first.
func (h *house) enrol(names ...string) (leads []string) {
	for _, name := range names {
		h.enrolled++
		var r struct {
			Lead string `json:"lead_id"`
		}
		require.NoError(h, h.api.Post(h.Context(), "/leads", map[string]any{
			"name": name, "email": strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@acme.example", "phone": fmt.Sprintf("+49301234567%d", h.enrolled),
			"account": fmt.Sprintf("Acme %d", h.enrolled), "title": "Head of Operations", "time_zone": "Europe/Berlin", "country": "DE",
			"source": "ebook_download", "owner_id": h.users["robin"],
		}, &r))
		leads = append(leads, r.Lead)
	}
	require.Eventually(h, func() bool {
		var n int
		err := h.app.Store.Pool.QueryRow(h.Context(), "SELECT count(DISTINCT lead_id) FROM tasks WHERE kind = 'call' AND state = 'open' AND lead_id = ANY($1::uuid[])", leads).Scan(&n)
		return err == nil && n == len(leads)
	}, time.Minute, 50*time.Millisecond, "first calls are asked for")
	return leads
}

// drawn waits for the board, which housekeeping draws up.
func (h *house) drawn() {
	s := h.surfer()
	s.signIn("mo")
	require.Eventually(h, func() bool { return s.get("/board").status == http.StatusOK }, time.Minute, 200*time.Millisecond)
}

// link signs somebody in.
func (h *house) link(who string) string {
	token, err := h.app.SignIn().NewLink(h.Context(), h.users[who], time.Minute)
	require.NoError(h, err)
	return h.base + "/sign-in/link?token=" + token
}

// provider gives the pages a single sign-on.
func (h *house) provider(p *signin.Provider) {
	h.serve((&web.Pages{API: h.app.API(), SignIn: h.app.SignIn(), Provider: p, Now: h.app.Door.Now, Company: "Example"}).Handler())
}

func (h *house) serve(pages http.Handler) { h.pages.Store(&pages) }

// surfer is a browser that runs no script.
type surfer struct {
	*house
	http http.Client
}

func (h *house) surfer() *surfer {
	jar, err := cookiejar.New(nil)
	require.NoError(h, err)
	return &surfer{h, http.Client{Jar: jar}}
}

// page is what came of a request, redirects followed.
type page struct {
	status int
	path   string
	body   string
	header http.Header
}

func (s *surfer) do(req *http.Request) page {
	res, err := s.http.Do(req)
	require.NoError(s, err)
	defer res.Body.Close()
	var b strings.Builder
	_, err = fmt.Fprint(&b, readAll(s.T, res))
	require.NoError(s, err)
	return page{res.StatusCode, res.Request.URL.RequestURI(), b.String(), res.Header}
}

func (s *surfer) get(path string) page {
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.base+path, nil)
	require.NoError(s, err)
	return s.do(req)
}

func (s *surfer) post(path string, form url.Values, headers ...string) page {
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.base+path, strings.NewReader(form.Encode()))
	require.NoError(s, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return s.do(req)
}

func (s *surfer) signIn(who string) page {
	return s.post("/sign-in", url.Values{"email": {who + "@seller.example"}, "password": {password}})
}
