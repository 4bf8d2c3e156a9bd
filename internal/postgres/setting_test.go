package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// now is the time on the lead's clock; Postgres keeps microseconds.
var now = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

// setting is a database with a rep and a lead.
type setting struct {
	*postgres.Ledger
	t      *testing.T
	rep    db.User
	person db.Person
	lead   uuid.UUID
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 10)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	s := &setting{t: t, Ledger: &postgres.Ledger{Store: store, Company: "Seller", Domain: "seller.example", PublicURL: "https://seller.example"}}
	s.rep = s.newRep("Robin Underwood", "robin@seller.example")
	s.person = s.newPerson("Ada Quill", "ada@quill.example", "+15550100001")
	s.lead = s.newLead(s.person)
	return s
}

func (s *setting) newRep(name, email string) db.User {
	s.t.Helper()
	u, err := s.InsertUser(s.t.Context(), db.InsertUserParams{ID: uuid.New(), Name: name, Email: email, Role: "rep"})
	require.NoError(s.t, err)
	return u
}

func (s *setting) newPerson(name, email, phone string) db.Person {
	s.t.Helper()
	p, err := s.InsertPerson(s.t.Context(), db.InsertPersonParams{
		ID: uuid.New(), Name: name, Email: &email, Phone: &phone, Zone: "America/New_York", Country: "US", UnsubscribeToken: uuid.NewString(),
	})
	require.NoError(s.t, err)
	return p
}

func (s *setting) newLead(p db.Person) uuid.UUID {
	s.t.Helper()
	id := uuid.New()
	require.NoError(s.t, s.InsertLead(s.t.Context(), db.InsertLeadParams{
		ID: id, PersonID: p.ID, OwnerID: s.rep.ID, Source: "info_request", Playbook: "default-1", Stage: "warm", At: now,
	}))
	return id
}

// news publishes an item of the content library.
func (s *setting) news(title string, published time.Time, expires *time.Time) uuid.UUID {
	s.t.Helper()
	id := uuid.New()
	require.NoError(s.t, s.InsertContent(s.t.Context(), db.InsertContentParams{
		ID: id, Kind: "article", Title: title, Sources: []string{}, PublishedAt: published, ExpiresAt: expires,
	}))
	return id
}

// suppress does what a stop does, in a transaction of its own.
func (s *setting) suppress(ctx context.Context, p db.Person) error {
	return s.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		return postgres.SuppressPerson(ctx, tx, q, p, "link", now)
	})
}

// row is the ledger's row of a touch.
func (s *setting) row(touch string) db.SendLedger {
	s.t.Helper()
	row, err := s.LedgerRow(s.t.Context(), db.LedgerRowParams{LeadID: s.lead, Touch: touch})
	require.NoError(s.t, err)
	return row
}

// scan reads one value.
func scan[T any](s *setting, sql string, args ...any) (v T) {
	s.t.Helper()
	require.NoError(s.t, s.Pool.QueryRow(s.t.Context(), sql, args...).Scan(&v))
	return v
}

// untilSomebodyWaits returns when a connection waits for a lock of another.
func (s *setting) untilSomebodyWaits() {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if scan[int](s, "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0 {
			return
		}
	}
	s.t.Fatal("nobody waits for a lock")
}

func email(touch string) sequence.SendEmail {
	return sequence.SendEmail{Touch: touch, Text: "warm/acknowledge", Reason: sequence.ReasonOpener, Rule: "R01"}
}

func emailWithNews(touch string) sequence.SendEmail {
	e := email(touch)
	e.Reason = sequence.ReasonNew
	return e
}
