package e2e_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// killing is a stack in real time whose workers are processes of their own.
type killing struct {
	*stack
	sink    *sink
	program string

	mu    sync.Mutex
	locks []*pgx.Conn
}

func newKilling(t *testing.T) *killing {
	k := &killing{sink: newSink(t), program: build(t)}
	k.stack = withTemporal(t)
	k.mail = k.sink.Server
	k.database = testdb.New(t, postgres.Migrate)
	server := httptest.NewUnstartedServer(nil)
	var err error
	k.app, err = app.Open(t.Context(), app.Config{
		DatabaseURL: k.database, PublicURL: "http://" + server.Listener.Addr().String(), Company: "Example", PostalAddress: "1 Street",
		Temporal: client.Options{HostPort: k.temporal.Address()}, Version: "test",
	})
	require.NoError(t, err)
	t.Cleanup(k.app.Close)
	k.seed()
	server.Config.Handler = k.app.API()
	server.Start()
	t.Cleanup(server.Close)
	k.base, k.api = server.URL, demo.Client{Base: server.URL, Key: k.key}
	t.Cleanup(k.letGo)
	k.everyDay()
	return k
}

// everyDay has new leads written to and called on weekends too.
func (k *killing) everyDay() {
	files, err := playbooks.DefaultFiles()
	require.NoError(k, err)
	files["playbook.yaml"] = strings.NewReplacer("email: mon-fri 09", "email: mon-sun 09", "call: mon-fri 09", "call: mon-sun 09").Replace(files["playbook.yaml"])
	policy := k.app.Policy()
	pb, _, err := policy.Publish(k.Context(), files, "test")
	require.NoError(k, err)
	require.True(k, pb.Windows.Email.Days[time.Sunday] && pb.Windows.Call.Days[time.Sunday])
	require.NoError(k, policy.Release(k.Context(), pb.ID, "test"))
}

// noon is a time zone in which it is about noon now.
func noon() string {
	if ahead := 12 - time.Now().UTC().Hour(); ahead != 0 {
		return fmt.Sprintf("Etc/GMT%+d", -ahead)
	}
	return "UTC"
}

// expect prepares the mail server for a moment.
func (k *killing) expect(m *moment) {
	k.sink.mu.Lock()
	defer k.sink.mu.Unlock()
	k.sink.holds[m.person], k.sink.breaks[m.person] = m.at, m.end
	if m.at == atSender {
		k.sink.holds[m.writer] = m.at
	}
	if m.late != "" {
		k.sink.before[m.person] = func() { k.lock(m.late, m) }
	}
}

func (k *killing) enrol(moments []*moment) {
	for _, m := range moments {
		k.enrolled++
		u, err := k.app.Store.InsertUser(k.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: m.writer, Role: "rep"})
		require.NoError(k, err)
		r, err := k.app.Door.Enrol(k.Context(), door.Enrolment{
			Person:     door.Person{Name: "Ann Lee", Email: m.person, Phone: fmt.Sprintf("+49301234567%d", k.enrolled), Zone: noon()},
			Engagement: door.Engagement{Kind: "info_request"}, Owner: &u.ID, By: sequence.ActorLead,
		})
		require.NoError(k, err)
		m.lead = r.Lead
	}
}

// lock takes a lock that is held until letGo.
func (k *killing) lock(statement string, m *moment) {
	ctx := context.WithoutCancel(k.Context())
	conn, err := pgx.Connect(ctx, k.database)
	if err == nil {
		k.mu.Lock()
		k.locks = append(k.locks, conn)
		k.mu.Unlock()
		if _, err = conn.Exec(ctx, "BEGIN"); err == nil {
			_, err = conn.Exec(ctx, statement, m.lead, m.person)
		}
	}
	if err != nil {
		k.Errorf("take a lock for a mail %s: %v", m.name, err) // perhaps on the mail server's goroutine
	}
}

// letGo lets everything go on that was held.
func (k *killing) letGo() {
	k.sink.letGo()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, conn := range k.locks {
		_ = conn.Close(context.WithoutCancel(k.Context()))
	}
	k.locks = nil
}

// stands reports that the mail has come to its moment and to nothing after it.
func (k *killing) stands(m *moment) bool {
	if m.waits == "" {
		return k.sink.holding(m.person) || k.sink.holding(m.writer)
	}
	return k.count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'first' AND wait_event_type = 'Lock' AND starts_with(query, $1)", m.waits) > 0 &&
		(m.late == "" || len(k.mails(m.person)) == 1)
}

func (k *killing) work(name string) *process {
	return k.stack.work(k.program, name, k.sink.gate.Addr().String())
}

func (k *killing) count(sql string, args ...any) (n int) {
	k.Helper()
	require.NoError(k, k.app.Store.Pool.QueryRow(k.Context(), sql, args...).Scan(&n))
	return n
}

// state is how the ledger has the one mail to a lead.
func (k *killing) state(m *moment) (state string) {
	k.Helper()
	require.NoError(k, k.app.Store.Pool.QueryRow(k.Context(), "SELECT string_agg(state, ',') FROM send_ledger WHERE lead_id = $1", m.lead).Scan(&state))
	return state
}

// lines are the entries of a kind in a lead's timeline, as the API shows them.
func (k *killing) lines(lead uuid.UUID, what sequence.What) (lines []string) {
	k.Helper()
	var t api.Timeline
	require.NoError(k, k.api.Get(k.Context(), "/leads/"+lead.String()+"/timeline?limit=1000", &t))
	for _, e := range t.Entries {
		if e.What == what {
			lines = append(lines, e.Line)
		}
	}
	return lines
}

// messageIDs are those of all mails in the server.
func (k *killing) messageIDs() (ids []string) {
	k.Helper()
	for _, m := range k.sink.Messages("", 0) {
		raw, err := k.sink.Raw(m.ID)
		require.NoError(k, err)
		read, err := mail.ReadMessage(strings.NewReader(string(raw)))
		require.NoError(k, err)
		ids = append(ids, strings.Trim(read.Header.Get("Message-ID"), "<>"))
	}
	return ids
}
