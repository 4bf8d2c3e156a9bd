package door

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

func grace() Enrolment {
	e := ada()
	e.Name, e.Email, e.Phone = "Grace Quill", "grace@quill.example", "+15550100002"
	return e
}

func TestAnEnrolmentAtAnAccountKnowsWhoTalksThere(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	require.Empty(t, s.engine.running[lead.String()].Enrolled.Talking)
	require.NoError(t, s.Store.CalmAccount(t.Context(), lead.String(), true))
	elsewhere := grace()
	elsewhere.Email, elsewhere.Phone, elsewhere.Account = "gil@other.example", "", "Other Inc"
	for e, talking := range map[*Enrolment][]string{new(grace()): {lead.String()}, &elsewhere: nil} {
		r, err := s.Enrol(t.Context(), *e)
		require.NoError(t, err)
		require.Equal(t, talking, s.engine.running[r.Lead.String()].Enrolled.Talking)
	}
}

func TestAnEnrolmentAndTheEndOfAConversationDoNotMissEachOther(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	require.NoError(t, s.Store.CalmAccount(t.Context(), lead.String(), true))
	row, err := s.Store.Lead(t.Context(), lead)
	require.NoError(t, err)
	enrolled := make(chan error, 1)
	require.NoError(t, s.Store.Tx(t.Context(), func(_ pgx.Tx, q *db.Queries) error {
		if err := q.LockAccount(t.Context(), *row.AccountID); err != nil { // the end of it, half written
			return err
		}
		go func() {
			_, err := s.Enrol(context.WithoutCancel(t.Context()), grace())
			enrolled <- err
		}()
		for count(s, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 && len(enrolled) == 0 {
		}
		require.Empty(t, enrolled, "it waits")
		return q.SetTalking(t.Context(), db.SetTalkingParams{Talking: false, ID: lead})
	}))
	require.NoError(t, <-enrolled)
	for id, in := range s.engine.running {
		require.Empty(t, in.Enrolled.Talking, "lead %s waits for the end of something that is over", id)
	}
}
