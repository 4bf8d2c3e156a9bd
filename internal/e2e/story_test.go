package e2e_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
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
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// stack is the outside world of one test.
type stack struct {
	*testing.T
	database string
	options  devstack.TemporalOptions
	temporal *devstack.Temporal
	mail     *devmail.Server
	key      string
	base     string
	api      demo.Client
	app      *app.App
	enrolled int
	zone     string            // where leads live; "": in Berlin
	adjust   func(*app.Config) // what this test runs with; nil: nothing else
}

func start(t *testing.T) *stack {
	s := withTemporal(t)
	mail, err := devmail.New(devmail.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, mail.Start("127.0.0.1:0"))
	t.Cleanup(func() { require.NoError(t, mail.Close()) })
	s.database, s.mail = testdb.New(t, postgres.Migrate), mail
	return s
}

// withTemporal is a stack with nothing but a Temporal server yet.
func withTemporal(t *testing.T) *stack {
	bin, err := devstack.FindTemporal("../../bin")
	require.NoError(t, err, "make test builds the Temporal server; see the Makefile")
	s := &stack{T: t, options: devstack.TemporalOptions{Bin: bin, Dir: t.TempDir(), SearchAttributes: workflows.SearchAttributes()}}
	s.startTemporal()
	t.Cleanup(func() { require.NoError(t, s.temporal.Stop(context.Background())) })
	return s
}

// startTemporal starts the server, or starts it again where it was.
func (s *stack) startTemporal() {
	var err error
	s.temporal, err = devstack.StartTemporal(s.Context(), s.options)
	require.NoError(s, err)
	_, port, err := net.SplitHostPort(s.temporal.Address())
	require.NoError(s, err)
	s.options.Port, err = strconv.Atoi(port)
	require.NoError(s, err)
}

// run brings the product up with a day taking that long, and gives the way to
// take it down again.
func (s *stack) run(day time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(s.Context())
	store, err := postgres.Open(ctx, s.database, 2)
	require.NoError(s, err)
	clock, err := demo.Clock(ctx, store, day)
	require.NoError(s, err)
	c, err := client.Dial(client.Options{HostPort: s.temporal.Address()})
	require.NoError(s, err)
	require.NoError(s, demo.Reset(ctx, store, engine.Engine{Client: c}, clock))
	c.Close()
	server := httptest.NewUnstartedServer(nil)
	config := app.Config{
		DatabaseURL: s.database, SMTPURL: "smtp://" + s.mail.Addr().String(), PublicURL: "http://" + server.Listener.Addr().String(),
		Company: "Example", PostalAddress: "1 Street", Temporal: client.Options{HostPort: s.temporal.Address()}, Clock: clock, Version: "test",
	}
	if s.adjust != nil {
		s.adjust(&config)
	}
	s.app, err = app.Open(ctx, config)
	require.NoError(s, err)
	if s.key == "" {
		s.seed()
	}
	server.Config.Handler = s.app.API()
	server.Start()
	s.base, s.api = server.URL, demo.Client{Base: server.URL, Key: s.key}
	w := s.app.Worker()
	require.NoError(s, w.Start())
	var background sync.WaitGroup
	background.Go(func() { s.app.Housekeep(ctx) })
	background.Go(func() { s.app.WatchMail(ctx) })
	return func() {
		require.NoError(s, store.ClockSeen(context.Background(), time.Now()))
		w.Stop()
		server.Close()
		cancel()
		background.Wait()
		s.app.Close()
		store.Close()
	}
}

func (s *stack) seed() {
	u, err := s.app.Store.InsertUser(s.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: "robin@us.example", Role: "rep"})
	require.NoError(s, err)
	s.key = "rk_test"
	require.NoError(s, s.app.Store.InsertKey(s.Context(), db.InsertKeyParams{ID: uuid.New(), Name: "test", Role: "rep", UserID: &u.ID, Hash: api.HashKey(s.key)}))
	for i := range 30 {
		require.NoError(s, s.app.Store.InsertContent(s.Context(), db.InsertContentParams{
			ID: uuid.New(), Kind: "article", Title: fmt.Sprintf("News %d", i), Sources: []string{}, PublishedAt: s.app.Door.Now(),
		}))
	}
}

// eventually polls: the world outside the process has no other way to be waited
// for.
func (s *stack) eventually(what string, within time.Duration, holds func() bool) {
	s.Helper()
	require.Eventually(s, holds, within, 25*time.Millisecond, what)
}

// enrol begins a life. Everybody has a number of their own: a number that is
// suppressed for one is suppressed for all who share it.
func (s *stack) enrol(name, email string) string {
	s.enrolled++
	var r struct {
		Lead string `json:"lead_id"`
	}
	require.NoError(s, s.api.Post(s.Context(), "/leads", map[string]any{
		"name": name, "email": email, "phone": fmt.Sprintf("+49301234567%d", s.enrolled), "account": "Acme", "time_zone": cmp.Or(s.zone, "Europe/Berlin"), "country": "DE", "source": "ebook_download",
	}, &r))
	return r.Lead
}

func (s *stack) lead(id string) (v api.LeadView) {
	require.NoError(s, s.api.Get(s.Context(), "/leads/"+id, &v))
	return v
}

func (s *stack) timeline(id string) int {
	var tl api.Timeline
	require.NoError(s, s.api.Get(s.Context(), "/leads/"+id+"/timeline?limit=1000", &tl))
	return len(tl.Entries)
}

func (s *stack) mails(to string) []string {
	var subjects []string
	for _, m := range s.mail.Messages(to, 1000) {
		subjects = append(subjects, m.Subject)
	}
	return subjects
}

func TestALeadIsEnrolledWrittenToCalledBookedAndStoppedAndThenThereIsSilence(t *testing.T) {
	s := start(t)
	stop := s.run(3 * time.Second)

	lead, control := s.enrol("Ann Lee", "ann@acme.example"), s.enrol("Con Trol", "con@control.example")
	s.eventually("the acknowledgement arrives by SMTP", 20*time.Second, func() bool { return len(s.mails("ann@acme.example")) == 1 })

	var task api.TaskView
	s.eventually("a first call is asked for", 20*time.Second, func() bool {
		var q api.TaskQueue
		require.NoError(t, s.api.Get(t.Context(), "/queue?kind=call", &q))
		for _, task = range q.Tasks {
			if task.Lead.String() == lead {
				return true
			}
		}
		return false
	})
	var brief api.TaskWithBrief
	require.NoError(t, s.api.Get(t.Context(), "/tasks/"+task.ID.String(), &brief))
	require.Contains(t, brief.Brief.Wanted, "downloaded our eBook")

	at := nextWorkingNoon(s.app.Door.Now(), 4)
	var d api.Decision
	require.NoError(t, s.api.Post(t.Context(), "/tasks/"+task.ID.String()+"/complete", map[string]any{
		"outcome": map[string]any{"outcome": "call_scheduled", "discussed": "wants a demo", "next_step": map[string]any{"at": at}},
	}, &d))
	require.Equal(t, sequence.ScheduledCall, d.Stage)
	require.NotEmpty(t, d.Explanation.Because)
	require.Equal(t, sequence.ScheduledCall, s.lead(lead).Stage, "the row is written through before the answer")
	s.eventually("the invitation arrives", 30*time.Second, func() bool { return len(s.mails("ann@acme.example")) >= 2 })
	raw, err := s.mail.Raw(s.mail.Messages("ann@acme.example", 1)[0].ID)
	require.NoError(t, err)
	require.Contains(t, string(raw), "text/calendar")

	link := unsubscribeLink(t, string(raw))
	require.NoError(t, s.api.Click(t.Context(), link))
	sent := len(s.mails("ann@acme.example"))
	s.eventually("the life is over", 20*time.Second, func() bool { return s.lead(lead).Stage == sequence.DoNotContact })
	stop()

	// A year goes by, too fast for mail to meet its windows, but the stack lives:
	// another lead's timeline grows all the while, the finished one's does not.
	stop = s.run(100 * time.Millisecond)
	began, lines := s.app.Door.Now(), s.timeline(lead)
	s.eventually("another lead lives through a virtual year", 3*time.Minute, func() bool {
		return s.lead(control).UpdatedAt.After(began.AddDate(1, 0, 0))
	})
	require.Len(t, s.mails("ann@acme.example"), sent, "nothing is sent after a stop")
	require.Equal(t, lines, s.timeline(lead), "nothing happens after the end")
	var q api.TaskQueue
	require.NoError(t, s.api.Get(t.Context(), "/queue?ahead_days=365", &q))
	for _, task := range q.Tasks {
		require.NotEqual(t, lead, task.Lead.String(), "no task is left of a finished life")
	}
	var refused api.Decision
	require.ErrorContains(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{"outcome": "no_answer"}, &refused), "lead_is_final")
	stop()
}

func TestASleepingLeadIsFiveEventsAndTwoKilobytesAndHoldsNoName(t *testing.T) {
	s := start(t)
	stop := s.run(24 * time.Hour) // real time, on a Monday morning
	defer stop()
	id := s.enrol("Ann Unmistakable", "ann@acme.example")
	s.eventually("the acknowledgement is sent and the call asked for", 30*time.Second, func() bool {
		var q api.TaskQueue
		require.NoError(t, s.api.Get(t.Context(), "/queue", &q))
		return len(q.Tasks) == 1
	})
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+id+"/snooze", map[string]any{"until": s.app.Door.Now().AddDate(0, 1, 0)}, nil))
	s.sleepsIn(id, "for a month")
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+id+"/resume", map[string]any{}, nil))
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+id+"/outcomes", map[string]any{"outcome": "not_now", "next_step": map[string]any{"why_none": "no budget"}}, nil))
	s.sleepsIn(id, "while its last outcome can be taken back")

	runs, err := s.app.Temporal.ListWorkflow(t.Context(), listAll())
	require.NoError(t, err)
	for _, run := range runs.GetExecutions() {
		history := s.app.Temporal.GetWorkflowHistory(t.Context(), run.GetExecution().GetWorkflowId(), run.GetExecution().GetRunId(), false, 0)
		for history.HasNext() {
			e, err := history.Next()
			require.NoError(t, err)
			text := e.String()
			for _, secret := range []string{"Unmistakable", "ann@", "acme", "+4930"} {
				require.NotContains(t, text, secret, "personal data in the history")
			}
		}
	}
}

// sleepsIn waits until a lead sleeps and measures what that takes (five events, three kilobytes).
func (s *stack) sleepsIn(id, when string) {
	s.Helper()
	var size int64
	s.eventually("it sleeps "+when, 20*time.Second, func() bool {
		d, err := s.app.Temporal.DescribeWorkflowExecution(s.Context(), workflows.WorkflowID(id), "")
		require.NoError(s, err)
		size = d.GetWorkflowExecutionInfo().GetHistorySizeBytes()
		return d.GetWorkflowExecutionInfo().GetHistoryLength() == 5 && s.lead(id).NextAt != nil
	})
	require.LessOrEqual(s, size, int64(3<<10), when)
	s.Logf("a lead asleep %s: 5 events, %d bytes", when, size)
}

func TestWhileTemporalIsAwayLeadsAreTakenInAndOutcomesAreRefusedAndBothGoOnAfterwards(t *testing.T) {
	s := start(t)
	stop := s.run(24 * time.Hour)
	defer stop()
	begun := func(id string) func() bool { return func() bool { return s.lead(id).NextAt != nil } }
	early := s.enrol("Ann Lee", "ann@acme.example")
	s.eventually("the first life begins", 20*time.Second, begun(early))

	require.NoError(t, s.temporal.Stop(t.Context()))
	late := s.enrol("Bo Chen", "bo@birch.example")
	require.Nil(t, s.lead(late).NextAt)
	outcome := map[string]any{"outcome": "not_now", "next_step": map[string]any{"at": s.app.Door.Now().AddDate(0, 1, 0)}}
	require.ErrorContains(t, s.api.Post(t.Context(), "/leads/"+early+"/outcomes", outcome, nil), "engine_away")
	require.Empty(t, s.lead(early).Blocked)

	s.startTemporal()
	s.eventually("the second life begins", 60*time.Second, begun(late))
	s.eventually("the outcome is accepted when it is repeated", 60*time.Second, func() bool {
		return s.api.Post(t.Context(), "/leads/"+early+"/outcomes", outcome, nil) == nil
	})
	s.eventually("and takes effect", 60*time.Second, func() bool { return s.lead(early).Blocked == string(sequence.PausedSnoozed) })
}

func nextWorkingNoon(now time.Time, days int) time.Time {
	y, m, d := now.Date()
	at := time.Date(y, m, d+days, 11, 0, 0, 0, time.UTC)
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

func unsubscribeLink(t *testing.T, raw string) string {
	_, after, ok := strings.Cut(strings.ReplaceAll(raw, "\r\n ", " "), "List-Unsubscribe: <")
	require.True(t, ok)
	link, _, ok := strings.Cut(after, ">")
	require.True(t, ok)
	res, err := http.Get(link)
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	return link
}
