package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/sequence"
)

// BenchmarkPages serves pages to people who have signed in, with 100,000 leads (or
// REKINDLE_LEADS) of twenty reps, one in five with an open call: what a browser waits
// for, but for the network.
func BenchmarkPages(b *testing.B) {
	n := 100_000
	if s := os.Getenv("REKINDLE_LEADS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(b, err)
	}
	c := newCrowd(b, n)
	for _, page := range []struct{ who, path, name string }{
		{"rep", "/desk", "desk"},
		{"boss", "/desk?whose=all", "desk-of-everybody"},
		{"rep", "/leads", "leads"},
		{"boss", "/leads?stage=check_in", "leads-in-a-stage"},
		{"boss", "/leads?behind=stagnant", "leads-behind-a-figure"},
		{"boss", "/leads/" + c.one, "lead"},
		{"boss", "/board", "board"},
		{"boss", "/audit", "audit"},
		{"boss", "/audit?kind=stage_changed", "audit-of-a-kind"},
	} {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				require.Equal(b, http.StatusOK, c.get(page.who, page.path))
			}
		})
	}
}

// crowd is many leads in the records, and nothing that runs them.
type crowd struct {
	testing.TB
	app     *app.App
	pages   http.Handler
	cookies map[string]string
	one     string
}

func newCrowd(b testing.TB, n int) *crowd {
	a, err := app.Open(b.Context(), app.Config{
		DatabaseURL: testdb.New(b, postgres.Migrate), PublicURL: "http://pages.example", Company: "Example", PostalAddress: "1 Street",
		Temporal: client.Options{HostPort: "127.0.0.1:1"}, Version: "test",
	})
	require.NoError(b, err)
	b.Cleanup(a.Close)
	c := &crowd{TB: b, app: a, pages: a.Pages(), cookies: map[string]string{}}
	reps := []uuid.UUID{c.user("rep", "rep")}
	c.user("boss", "manager")
	for i := range 19 {
		reps = append(reps, c.user(fmt.Sprintf("rep%d", i), "rep"))
	}
	c.sow(n, reps)
	reports := managing.Reports{Store: a.Store, Playbook: a.Library.Get, Current: a.Library.Current, Now: time.Now}
	began := time.Now()
	require.NoError(b, reports.Keep(b.Context()))
	b.Logf("the board is drawn up in %s", time.Since(began).Round(10*time.Millisecond))
	return c
}

func (c *crowd) user(name, role string) uuid.UUID {
	u, err := c.app.Store.InsertUser(c.Context(), db.InsertUserParams{ID: uuid.New(), Name: name, Email: name + "@seller.example", Role: role})
	require.NoError(c, err)
	link, err := c.app.SignIn().NewLink(c.Context(), u.ID, time.Minute)
	require.NoError(c, err)
	c.cookies[name], err = c.app.SignIn().Link(c.Context(), link)
	require.NoError(c, err)
	return u.ID
}

// sow writes leads of all ages up to two years down.
func (c *crowd) sow(n int, reps []uuid.UUID) {
	pb, now := c.app.Library.Current(), time.Now().UTC()
	var lives []*simulate.Life
	for i := range 365 {
		life, err := simulate.Begin(sequence.Lead{ID: "x", Owner: "y", Zone: "Europe/Berlin", Country: "DE", Playbook: pb.ID}, "ebook_download", pb, now.AddDate(0, 0, -2*i-1))
		require.NoError(c, err)
		require.NoError(c, life.Until(now))
		lives = append(lives, life)
	}
	var people, leads, tasks, audit [][]any
	for i := range n {
		id, life, owner := uuid.New(), lives[i%len(lives)], reps[i%len(reps)]
		l := life.Lead
		l.ID, l.Owner = id.String(), owner.String()
		state, err := json.Marshal(l)
		require.NoError(c, err)
		next, _ := l.Deadline()
		created := life.Timeline[0].At
		people = append(people, []any{id, fmt.Sprintf("Person %d", i), id.String() + "@acme.example", l.Zone, l.Country, id.String()})
		leads = append(leads, []any{id, id, owner, string(l.Source), pb.ID, string(l.Stage), state, l.EntrySeq, next, created, now})
		if i%5 == 0 {
			tasks = append(tasks, []any{uuid.New(), id, "t99", "call", owner, id, now.Add(-time.Duration(i%100) * time.Hour), "open", now})
		}
		if i < n/10 || i == n-1 {
			for _, e := range life.Timeline {
				entry, err := json.Marshal(e)
				require.NoError(c, err)
				audit = append(audit, []any{id, e.N, e.At, string(e.What), e.Actor, string(e.Rule), entry})
			}
		}
		c.one = id.String()
	}
	copied := func(table string, columns string, rows [][]any) {
		_, err := c.app.Store.Pool.CopyFrom(c.Context(), pgx.Identifier{table}, strings.Fields(columns), pgx.CopyFromRows(rows))
		require.NoError(c, err, table)
	}
	copied("people", "id name email zone country unsubscribe_token", people)
	copied("leads", "id person_id owner_id source playbook stage state turn next_at created_at updated_at", leads)
	copied("tasks", "id lead_id touch kind owner_id person_id due_at state created_at", tasks)
	copied("audit", "lead_id n at what actor rule entry", audit)
	_, err := c.app.Store.Pool.Exec(c.Context(), "ANALYZE")
	require.NoError(c, err)
}

func (c *crowd) get(who, path string) int {
	req := httptest.NewRequestWithContext(c.Context(), http.MethodGet, path, nil)
	req.Header.Set("Cookie", "rekindle_session="+c.cookies[who]+"; zone="+url.QueryEscape("Europe/Berlin"))
	w := httptest.NewRecorder()
	c.pages.ServeHTTP(w, req)
	return w.Code
}
