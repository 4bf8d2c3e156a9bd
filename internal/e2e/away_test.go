package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/cut"
	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// before puts a proxy before a server.
func before(t *testing.T, address string) *cut.Proxy {
	p, err := cut.Listen(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// reached is how a database is reached through a proxy.
func reached(t *testing.T, database string) (string, *cut.Proxy) {
	u, err := url.Parse(database)
	require.NoError(t, err)
	p := before(t, u.Host)
	u.Host = p.Addr()
	return u.String(), p
}

// unused is an address on which nobody listens.
func unused(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// service is a `rekindle serve` or `rekindle work` that can be asked how it is.
type service struct {
	*process
	address string
}

func (s *stack) service(program, command, database, temporal string) service {
	address := unused(s.T)
	p := &process{T: s.T, cmd: exec.Command(program, command)}
	p.cmd.Env = append(os.Environ(), "DATABASE_URL="+database, "TEMPORAL_ADDRESS="+temporal, "SMTP_URL=smtp://"+s.mail.Addr().String(),
		"REKINDLE_PUBLIC_URL=http://rekindle.example", "REKINDLE_COMPANY=Example", "REKINDLE_POSTAL_ADDRESS=1 Street", "REKINDLE_LISTEN="+address)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(s, p.cmd.Start())
	s.Cleanup(p.kill)
	return service{p, address}
}

// says is the status of an answer; 0 when nobody answers.
func (s service) says(path string) int {
	c := http.Client{Timeout: 5 * time.Second}
	res, err := c.Get("http://" + s.address + path)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// eventuallySay waits until services answer so, alive all the while.
func (s *stack) eventuallySay(what string, serve, work int, of ...service) {
	s.Helper()
	s.eventually(what, time.Minute, func() bool { return of[0].says("/readyz") == serve && of[1].says("/readyz") == work })
	for _, one := range of {
		require.Equal(s, http.StatusOK, one.says("/healthz"), what)
	}
}

func TestProcessesOutliveWhateverIsAwayAndWhatTheyCouldNotDoIsDoneLater(t *testing.T) {
	program := build(t)
	s := withTemporal(t)
	var err error
	s.mail, err = devmail.New(devmail.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, s.mail.Start("127.0.0.1:0"))
	t.Cleanup(func() { require.NoError(t, s.mail.Close()) })
	s.database = testdb.New(t, postgres.Migrate)
	s.app, err = app.Open(t.Context(), app.Config{
		DatabaseURL: s.database, PublicURL: "http://rekindle.example", Company: "Example", PostalAddress: "1 Street",
		Temporal: client.Options{HostPort: s.temporal.Address()}, Version: "test",
	})
	require.NoError(t, err)
	t.Cleanup(s.app.Close)
	s.seed()
	(&killing{stack: s}).everyDay()

	database, records := reached(t, s.database)
	temporal := before(t, s.temporal.Address())
	records.Refuse()
	temporal.Refuse()
	serve := s.service(program, "serve", database, temporal.Addr())
	work := s.service(program, "work", database, temporal.Addr())
	require.Zero(t, serve.says("/healthz"), "without a database there is nothing to serve")
	records.Allow()
	s.eventuallySay("the door is open without Temporal, the worker lives and waits", http.StatusOK, http.StatusServiceUnavailable, serve, work)
	temporal.Allow()
	s.eventuallySay("both are ready", http.StatusOK, http.StatusOK, serve, work)

	records.Refuse()
	s.eventuallySay("neither is ready without the database", http.StatusServiceUnavailable, http.StatusServiceUnavailable, serve, work)
	r, err := s.app.Door.Enrol(t.Context(), door.Enrolment{
		Person:     door.Person{Name: "Ann Lee", Email: "ann@acme.example", Phone: "+493012345678", Zone: noon()},
		Engagement: door.Engagement{Kind: "info_request"}, By: sequence.ActorLead,
	})
	require.NoError(t, err)
	s.eventually("what the worker cannot do is retried, and the reason stands in Temporal", time.Minute, func() bool {
		d, err := s.app.Temporal.DescribeWorkflowExecution(t.Context(), workflows.WorkflowID(r.Lead.String()), "")
		require.NoError(t, err)
		pending := d.GetPendingActivities()
		return len(pending) == 1 && pending[0].GetAttempt() > 1 && pending[0].GetLastFailure().GetMessage() != ""
	})
	require.Empty(t, s.mails("ann@acme.example"))

	temporal.Refuse()
	records.Allow()
	s.eventuallySay("the worker waits for Temporal again", http.StatusOK, http.StatusServiceUnavailable, serve, work)
	temporal.Allow()
	s.eventuallySay("both are ready again", http.StatusOK, http.StatusOK, serve, work)
	s.eventually("what was held up is done", 2*time.Minute, func() bool { return len(s.mails("ann@acme.example")) == 1 })
	s.eventually("the lead goes on, and is not parked", time.Minute, func() bool {
		var state struct {
			paused bool
			tasks  int
		}
		require.NoError(t, s.app.Store.Pool.QueryRow(t.Context(),
			"SELECT state ? 'pause', (SELECT count(*) FROM tasks WHERE lead_id = l.id AND kind = 'call') FROM leads l WHERE id = $1", r.Lead).Scan(&state.paused, &state.tasks))
		require.False(t, state.paused)
		return state.tasks == 1
	})
	for _, p := range []service{serve, work} {
		require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
		require.NoError(t, p.cmd.Wait(), fmt.Sprint("it ends when it is told to, not before: ", p.cmd.Args[1:]))
	}
}
