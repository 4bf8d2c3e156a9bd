package app

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/workflows"
)

func opened(t *testing.T, clock *workflows.Clock) *App {
	a, err := Open(t.Context(), Config{
		DatabaseURL: testdb.New(t, postgres.Migrate), PublicURL: "http://rekindle.example", Temporal: client.Options{HostPort: "127.0.0.1:1"}, Clock: clock,
	})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a
}

func (a *App) have(t *testing.T, query string, args ...any) {
	t.Helper()
	_, err := a.Store.Pool.Exec(t.Context(), query, args...)
	require.NoError(t, err)
}

func (a *App) left(t *testing.T, query string) (left []string) {
	t.Helper()
	require.NoError(t, a.Store.Pool.QueryRow(t.Context(), "SELECT coalesce(array_agg(x ORDER BY x), '{}') FROM ("+query+") q (x)").Scan(&left))
	return left
}

func TestHousekeepingForgetsWhatIsOldAndDone(t *testing.T) {
	a := opened(t, nil)
	lead := uuid.New()
	a.have(t, `WITH u AS (INSERT INTO users (id, name, email, role) VALUES ($1, 'Robin', 'robin@rekindle.example', 'rep') RETURNING id),
		p AS (INSERT INTO people (id, name, phone, unsubscribe_token) VALUES ($1, 'Ann', '+493012345601', 'x') RETURNING id)
		INSERT INTO leads (id, person_id, owner_id, source, playbook, created_at, updated_at) SELECT $1, p.id, u.id, 'referral', 'p', now(), now() FROM u, p`, lead)
	for message, age := range map[string]string{"lately": "'29 days'", "long ago": "'31 days'"} {
		a.have(t, "INSERT INTO dispatches (id, lead_id, message, payload, created_at, delivered_at, taken_at) VALUES ($1, $2, $3, '{}', now() - interval "+age+", now() - interval "+age+", now())", uuid.New(), lead, message)
	}
	a.have(t, "INSERT INTO dispatches (id, lead_id, message, payload, created_at, delivered_at) VALUES ($1, $2, 'not taken', '{}', now() - interval '1 year', now() - interval '1 year')", uuid.New(), lead)
	a.have(t, "INSERT INTO dispatches (id, lead_id, message, payload, created_at) VALUES ($1, $2, 'waits', '{}', now() - interval '1 year')", uuid.New(), lead)
	a.have(t, "INSERT INTO idempotency_keys (principal, key, request, started_at) VALUES ('p', 'old', '', now() - interval '8 days'), ('p', 'new', '', now() - interval '6 days')")
	a.have(t, "INSERT INTO notifications (id, who, about, at) VALUES ($1, 'manager', 'old', now() - interval '91 days'), ($2, 'manager', 'new', now() - interval '89 days')", uuid.New(), uuid.New())
	a.have(t, `WITH s AS (INSERT INTO inbound_sources (id, name, kind, sealed, engagement, created_at) VALUES ($1, 'form', 'typeform', '', 'referral', now()) RETURNING id)
		INSERT INTO inbound_deliveries (id, source_id, key, received_at, headers, body, state, reason, remedy) SELECT gen_random_uuid(), s.id, v.*
		FROM s, (VALUES ('old', now() - interval '31 days', '{"a":"b"}'::jsonb, 'x'::bytea, 'done', '', ''), ('waited', now() - interval '31 days', '{}', 'x', 'received', '', ''),
		                ('wrong', now() - interval '31 days', '{}', 'x', 'failed', 'why', 'how'), ('new', now() - interval '29 days', '{}', 'x', 'done', '', '')) v`, uuid.New())

	require.NoError(t, a.forget(t.Context()))
	require.Equal(t, []string{"lately", "not taken", "waits"}, a.left(t, "SELECT message FROM dispatches"))
	require.Equal(t, []string{"new"}, a.left(t, "SELECT key FROM idempotency_keys"))
	require.Equal(t, []string{"new"}, a.left(t, "SELECT about FROM notifications"))
	require.Equal(t, []string{"new"}, a.left(t, "SELECT key FROM inbound_deliveries WHERE body IS NOT NULL OR headers <> '{}'"))
	require.Equal(t, []string{"new done", "old done", "waited failed", "wrong failed"}, a.left(t, "SELECT key || ' ' || state FROM inbound_deliveries"), "that they came is known for good")
	require.Empty(t, a.left(t, "SELECT key FROM inbound_deliveries WHERE state = 'failed' AND remedy NOT LIKE '%send it anew'"))
}

func TestOnAFastClockTheSameAgeIsReachedSoonerButRequestsCanStillBeRepeated(t *testing.T) {
	ago := func(c *workflows.Clock, d time.Duration) time.Duration {
		return time.Since((&App{config: Config{Clock: c}}).past(d)).Round(time.Second)
	}
	require.Equal(t, 240*time.Hour, ago(nil, 240*time.Hour))
	require.Equal(t, time.Hour, ago(&workflows.Clock{Speed: 240}, 240*time.Hour))
	require.Equal(t, leastKept, ago(&workflows.Clock{Speed: 86400}, 240*time.Hour))
}
