package postgres_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// waits expects that a touch waits for what came in, and goes out once it was taken.
func (s *setting) waits(touch string, taken func()) {
	s.t.Helper()
	r := s.reserve(email(touch))
	require.NotNil(s.t, r.Ended)
	require.Equal(s.t, sequence.Deferred, r.Ended.Status)
	require.Equal(s.t, sequence.NewsWaits, r.Ended.Why)
	taken()
	require.Equal(s.t, sequence.Sent, s.handOver(s.reserve(email(touch)), new(mail)).Status)
}

func (s *setting) do(sql string, args ...any) {
	s.t.Helper()
	_, err := s.Pool.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}

func TestNothingGoesOutBeforeTheLeadHasHeardWhatCameIn(t *testing.T) {
	t.Run("a message that waits for the relay", func(t *testing.T) {
		s := newSetting(t)
		id := uuid.New()
		require.NoError(t, s.InsertDispatch(t.Context(), db.InsertDispatchParams{ID: id, LeadID: s.lead, Message: "reply", Payload: []byte("{}")}))
		s.do("UPDATE dispatches SET created_at = now() - interval '1 minute'")
		s.waits("t1", func() { require.NoError(t, s.Delivered(t.Context(), id)) })
	})
	t.Run("mail that is stored and not handled", func(t *testing.T) {
		s := newSetting(t)
		_, err := s.InsertInbound(t.Context(), db.InsertInboundParams{
			ID: uuid.New(), Key: []byte("k"), Raw: []byte("m"), ReceivedAt: now, FromAddress: "ada@quill.example", Class: "opt_out", Evidence: []byte("[]"), Damage: []string{},
		})
		require.NoError(t, err)
		s.waits("t1", func() { s.do("UPDATE inbound_messages SET state = 'taken'") })
	})
	t.Run("an inbox that nobody has read", func(t *testing.T) {
		s := newSetting(t)
		box, holder := s.mailbox("robin"), uuid.New()
		w := postgres.Watches{Store: s.Store}
		_, held, err := w.Hold(t.Context(), box, holder, 0)
		require.NoError(t, err)
		require.True(t, held)
		require.NoError(t, w.Connected(t.Context(), box, holder))
		require.Equal(t, sequence.Sent, s.handOver(s.reserve(email("t1")), new(mail)).Status, "it has just been read")
		s.do("UPDATE inbox_watches SET connected_at = now() - interval '3 days'")
		s.waits("t2", func() { require.NoError(t, w.Connected(t.Context(), box, holder)) })
	})
}

func TestWhatHoldsUpNoMail(t *testing.T) {
	s := newSetting(t)
	box, other := s.mailbox("robin"), s.newLead(s.newPerson("Bo Chen", "bo@birch.example", "+15550100009"))
	require.Equal(t, sequence.Sent, s.handOver(s.reserve(email("t1")), new(mail)).Status)
	for lead, message := range map[uuid.UUID]string{s.lead: "start", other: "reply"} { // its own beginning, another's news
		require.NoError(t, s.InsertDispatch(t.Context(), db.InsertDispatchParams{ID: uuid.New(), LeadID: lead, Message: message, Payload: []byte("{}")}))
	}
	s.do("UPDATE dispatches SET created_at = now() - interval '1 hour'")
	s.do("INSERT INTO dispatches (id, lead_id, message, payload) VALUES ($1, $2, 'engagement', '{}')", uuid.New(), s.lead) // on its way at this moment
	s.do("INSERT INTO inbox_watches (mailbox_id, began_at, connected_at, error) VALUES ($1, now(), now() - interval '1 day', 'login')", box)
	require.Equal(t, sequence.Sent, s.handOver(s.reserve(email("t2")), new(mail)).Status, "an inbox in trouble is shown, and stops nobody")
}
