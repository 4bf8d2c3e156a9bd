package mailroom_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// now is when the messages of package received's corpus come in.
var now = time.Date(2026, time.December, 14, 9, 0, 0, 0, time.UTC)

// The people of that corpus, and the mail of ours that it answers.
const (
	dana  = "dana@acme.example.com"
	rita  = "rita@sales.example.org"
	touch = "touch-1@sales.example.org"
)

// engine stands in for Temporal and keeps what it is told.
type engine struct {
	mu   sync.Mutex
	told []signal
}

type signal struct{ name, lead, event string }

func (e *engine) Start(_ context.Context, in workflows.Input) error {
	return e.Signal(context.Background(), in.Lead.ID, "start", json.RawMessage(`{"event":{}}`))
}

func (e *engine) Signal(_ context.Context, lead, name string, payload json.RawMessage) error {
	var m workflows.Message[json.RawMessage]
	if err := json.Unmarshal(payload, &m); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, signal{name, lead, string(m.Event)})
	return nil
}

// setting is a room with Rita's mailbox, and a mail from it to Dana of which nobody
// knows whether it went out.
type setting struct {
	mailroom.Room
	t      *testing.T
	engine *engine
	box    uuid.UUID
	lead   uuid.UUID
	person db.Person
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 10)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	seal, err := mailbox.NewSeal(mailbox.NewKey())
	require.NoError(t, err)
	e := &engine{}
	d := &door.Door{Store: store, Workflows: e, Playbook: func() *sequence.Playbook { return playbook }}
	s := &setting{t: t, engine: e, Room: mailroom.Room{Store: store, Door: d, Seal: seal, Now: func() time.Time { return now }}}
	_, err = store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Rita Rep", Email: rita, Role: "rep"})
	require.NoError(t, err)
	s.box = s.mailbox("rita", mailroom.Settings{Address: rita, User: rita})
	r, err := d.Enrol(t.Context(), door.Enrolment{
		Person:     door.Person{Name: "Dana Field", Email: dana, Account: "Acme", Zone: "Europe/Berlin", Country: "DE"},
		Engagement: door.Engagement{Kind: "info_request"}, By: sequence.ActorLead,
	})
	require.NoError(t, err)
	s.lead = r.Lead
	address := dana
	s.person, err = store.PersonByEmail(t.Context(), &address)
	require.NoError(t, err)
	s.write()
	e.told = nil
	return s
}

func (s *setting) mailbox(name string, with mailroom.Settings) uuid.UUID {
	s.t.Helper()
	with.Zone, with.Daily = "UTC", 50
	row, err := s.Save(s.t.Context(), name, with)
	require.NoError(s.t, err)
	return row.ID
}

// write hands a mail over whose connection is lost before the server's answer.
func (s *setting) write() {
	s.t.Helper()
	ledger := postgres.Ledger{Store: s.Store, Company: "Seller", Domain: "sales.example.org", PublicURL: "https://sales.example.org"}
	r, err := ledger.Reserve(s.t.Context(), s.lead.String(), now, sequence.SendEmail{Touch: "t1", Text: "warm/acknowledge", Reason: sequence.ReasonOpener})
	require.NoError(s.t, err)
	require.Nil(s.t, r.Ended)
	v, err := ledger.HandOver(s.t.Context(), r, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		require.NoError(s.t, begin(ctx))
		return activities.Verdict{Status: sequence.Unknown, Detail: "the connection was lost before the server's answer"}
	})
	require.NoError(s.t, err)
	require.Equal(s.t, sequence.Unknown, v.Status)
	_, err = s.Store.Pool.Exec(s.t.Context(), "UPDATE send_ledger SET message_id = $1", touch)
	require.NoError(s.t, err)
}

// corpus is a message of package received's.
func corpus(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../received/testdata/corpus/" + name + ".eml")
	require.NoError(t, err)
	return string(raw)
}

// stranger makes somebody whom we do not know the writer, of a mail that answers
// none of ours.
func stranger(raw string) string {
	return strings.NewReplacer("Dana Field", "Eve Stone", dana, "eve@stone.example.com", touch, "elsewhere@stone.example.com").Replace(raw)
}

func (s *setting) take(raw string) db.InboundMessage {
	s.t.Helper()
	id, err := s.Take(s.t.Context(), s.box, []byte(raw), now)
	require.NoError(s.t, err)
	return s.inbound(id)
}

func (s *setting) inbound(id uuid.UUID) db.InboundMessage {
	s.t.Helper()
	row, err := s.Store.Inbound(s.t.Context(), id)
	require.NoError(s.t, err)
	return row
}

func (s *setting) sent() db.SendLedger {
	s.t.Helper()
	row, err := s.Store.LedgerRowUnlocked(s.t.Context(), db.LedgerRowUnlockedParams{LeadID: s.lead, Touch: "t1"})
	require.NoError(s.t, err)
	return row
}

// told are the names of the signals that the lead got.
func (s *setting) told() []string {
	names := []string{}
	for _, m := range s.engine.told {
		if m.lead == s.lead.String() {
			names = append(names, m.name)
		}
	}
	return names
}

// event reads the one signal that Temporal was told.
func event[E any](s *setting) (e E) {
	s.t.Helper()
	require.Len(s.t, s.engine.told, 1)
	require.NoError(s.t, json.Unmarshal([]byte(s.engine.told[0].event), &e))
	return e
}

func (s *setting) count(sql string, args ...any) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Pool.QueryRow(s.t.Context(), sql, args...).Scan(&n))
	return n
}

// stopped reports how a person was stopped; empty when they were not.
func (s *setting) stopped(email string) (via string) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Pool.QueryRow(s.t.Context(), "SELECT coalesce(max(via), '') FROM suppressions WHERE kind = 'email' AND value_hash = $1", postgres.Hash(email)).Scan(&via))
	return via
}
