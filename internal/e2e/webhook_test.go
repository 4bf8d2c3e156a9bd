package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// crm is a system that is told what happens, as docs/webhooks.md says it should be
// written: it verifies, keeps ids, and takes what it has not seen.
type crm struct {
	*testing.T
	*httptest.Server
	mu      sync.Mutex
	secret  string
	away    bool
	seen    map[string]int
	told    map[string][]string // types of events by lead, in the order in which they came
	strange int                 // what it could not verify
}

func newCRM(t *testing.T) *crm {
	c := &crm{T: t, seen: map[string]int{}, told: map[string][]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *crm) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away || err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	hook, err := standardwebhooks.NewWebhook(c.secret)
	if err != nil || hook.Verify(body, r.Header) != nil {
		c.strange++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var e struct{ ID, Type, Subject string }
	if err := json.Unmarshal(body, &e); err != nil || e.ID != r.Header.Get("Webhook-Id") {
		c.strange++
		return
	}
	if c.seen[e.ID]++; c.seen[e.ID] == 1 {
		c.told[e.Subject] = append(c.told[e.Subject], e.Type)
	}
}

func (c *crm) goAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}

func (c *crm) of(lead string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.told[lead]...)
}

func TestAnotherSystemIsToldWhatHappensInOrderAlsoWhenItOrTheWorkerWasAway(t *testing.T) {
	s := start(t)
	c := newCRM(t)
	key := mailbox.NewKey()
	s.adjust = func(config *app.Config) { config.SecretKey, config.Loopback = key, true }
	stop := s.run(24 * time.Hour)
	var err error
	c.secret, err = s.app.Webhooks().Save(t.Context(), "crm", webhooks.EndpointSettings{URL: c.URL})
	require.NoError(t, err)

	ann := s.enrol("Ann Lee", "ann@acme.example")
	first := []string{"io.rekindle.lead.stage_changed", "io.rekindle.touch.sent", "io.rekindle.task.created"}
	s.eventually("the beginning is told", time.Minute, func() bool { return len(c.of(ann)) >= len(first) })
	require.Equal(t, "io.rekindle.lead.stage_changed", c.of(ann)[0])
	require.Subset(t, c.of(ann), first)

	c.goAway(true)
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+ann+"/outcomes", map[string]any{"outcome": "voicemail"}, nil))
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+ann+"/opt-out", map[string]any{"via": "phone"}, nil))
	s.eventually("it was tried in vain", time.Minute, func() bool {
		e, err := s.app.Webhooks().Status(t.Context(), "crm")
		require.NoError(t, err)
		return e.FailingSince != nil
	})
	before := len(c.of(ann))
	stop() // and the worker goes away

	c.goAway(false)
	stop = s.run(24 * time.Hour)
	defer stop()
	s.eventually("what came meanwhile is told", time.Minute, func() bool {
		e, err := s.app.Webhooks().Status(t.Context(), "crm")
		require.NoError(t, err)
		return e.Waiting == 0 && len(c.of(ann)) > before
	})
	after := c.of(ann)[before:]
	require.Subset(t, after, []string{"io.rekindle.outcome.recorded", "io.rekindle.task.closed", "io.rekindle.lead.opted_out", "io.rekindle.lead.stage_changed"})
	require.Zero(t, c.strange, "every request was signed")

	n, err := s.app.Webhooks().ReplaySince(t.Context(), "crm", time.Now().Add(-time.Hour))
	require.NoError(t, err)
	s.eventually("everything is sent again", time.Minute, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		again := 0
		for _, times := range c.seen {
			if times > 1 {
				again++
			}
		}
		return again == int(n) && len(c.seen) == int(n)
	})
	require.Equal(t, before+len(after), len(c.of(ann)), "and taken once by who keeps the ids")
}
