package webhooks_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/internal/webhooks"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// got is one request that the receiver had.
type got struct {
	header http.Header
	body   []byte
	id     string
	lead   string
	status int // that it was answered with
}

// setting is one endpoint on this machine, and a clock that is set by hand.
type setting struct {
	*testing.T
	webhooks.Webhooks
	secret string
	url    string

	mu     sync.Mutex
	now    time.Time
	got    []got
	answer func(g got, w http.ResponseWriter) int // nil: 200
}

const name = "crm"

func newSetting(t *testing.T) *setting {
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 24)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	seal, err := mailbox.NewSeal(mailbox.NewKey())
	require.NoError(t, err)
	s := &setting{T: t, now: time.Now().UTC()}
	clock := func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	}
	s.Webhooks = webhooks.Webhooks{Store: store, Seal: seal, Target: webhooks.Target{Loopback: true}, Source: "https://rekindle.example", Now: clock, Clock: clock}
	receiver := httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(receiver.Close)
	s.url = receiver.URL + "/hooks"
	s.secret, err = s.Save(t.Context(), name, webhooks.EndpointSettings{URL: s.url})
	require.NoError(t, err)
	return s
}

func (s *setting) take(w http.ResponseWriter, r *http.Request) {
	g := got{header: r.Header.Clone(), id: r.Header.Get("Webhook-Id"), status: http.StatusOK}
	g.body, _ = io.ReadAll(r.Body)
	var e struct{ Subject string }
	_ = json.Unmarshal(g.body, &e)
	g.lead = e.Subject
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		g.status = answer(g, w)
	}
	s.mu.Lock()
	s.got = append(s.got, g)
	s.mu.Unlock()
	w.WriteHeader(g.status)
}

// answers says how the receiver answers from now on.
func (s *setting) answers(answer func(g got, w http.ResponseWriter) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *setting) answersWith(status int) {
	s.answers(func(got, http.ResponseWriter) int { return status })
}

func (s *setting) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// received gives what came since it was asked last.
func (s *setting) received() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.got
	s.got = nil
	return all
}

func ids(all []got) (ids []string) {
	for _, g := range all {
		ids = append(ids, g.id)
	}
	return ids
}

// tell writes down an event of a lead, as the database does.
func (s *setting) tell(lead uuid.UUID, n int) string {
	s.Helper()
	id := fmt.Sprintf("%s:%d", lead, n)
	_, err := s.Store.Pool.Exec(s.Context(), `SELECT announce($1, 'touch.sent', $2, now(), jsonb_build_object('rule', 'R72', 'touch', 't1'))`, id, lead)
	require.NoError(s, err)
	return id
}

func (s *setting) endpoint() webhooks.Endpoint {
	s.Helper()
	e, err := s.Status(s.Context(), name)
	require.NoError(s, err)
	return e
}

func (s *setting) id() string {
	s.Helper()
	e, err := s.Store.WebhookByName(s.Context(), name)
	require.NoError(s, err)
	return e.ID.String()
}

// deliver is one round.
func (s *setting) deliver() activities.Delivered {
	s.Helper()
	d, err := s.DeliverWebhooks(s.Context(), s.id(), func() {})
	require.NoError(s, err)
	return d
}

// live delivers as the workflow does, until nothing waits or so much time has gone by.
func (s *setting) live(most time.Duration) {
	s.Helper()
	for until := s.Clock().Add(most); ; {
		d := s.deliver()
		switch {
		case d.More:
		case d.NextAt.IsZero(), d.NextAt.After(until):
			return
		default:
			s.pass(max(d.NextAt.Sub(s.Clock()), time.Second))
		}
	}
}

func (s *setting) number(query string) (n int) {
	s.Helper()
	require.NoError(s, s.Store.Pool.QueryRow(s.Context(), query).Scan(&n))
	return n
}
