package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// agree shows and keeps a decision that the lead has agreed to.
func (s *setting) agree(id string, l sequence.Lead) {
	s.t.Helper()
	require.NoError(s.t, s.Agree(s.t.Context(), postgres.Agreed{
		Lead: s.lead, Update: workflows.Pause, ID: id, At: now, Event: sequence.Paused{Reason: sequence.PausedByHand},
	}, activities.Save{Lead: l}))
}

// kept is what a rebuild finds: the stage of the workflow's own state, "" before the
// first turn.
func (s *setting) kept() sequence.Stage {
	s.t.Helper()
	rows, err := s.LivesKept(s.t.Context(), db.LivesKeptParams{These: []uuid.UUID{s.lead}, Most: 1})
	require.NoError(s.t, err)
	require.Len(s.t, rows, 1)
	own := rows[0].State
	if rows[0].Before != nil {
		own = rows[0].Before
	}
	var l sequence.Lead
	if own != nil {
		require.NoError(s.t, json.Unmarshal(own, &l))
	}
	return l.Stage
}

// open lists the messages that no written turn has taken in.
func (s *setting) open() (all []string) {
	s.t.Helper()
	rows, err := s.Pool.Query(s.t.Context(), "SELECT coalesce(payload ->> 'id', message) FROM dispatches WHERE taken_at IS NULL ORDER BY id")
	require.NoError(s.t, err)
	for rows.Next() {
		var id string
		require.NoError(s.t, rows.Scan(&id))
		all = append(all, id)
	}
	require.NoError(s.t, rows.Err())
	return all
}

func TestADecisionIsShownAtOnceAndKeptUntilItsTurnIsWritten(t *testing.T) {
	s := newSetting(t)
	s.save(now, s.state(sequence.Warm, 2))
	s.agree("d1", s.state(sequence.Won, 3))
	row, err := s.Lead(t.Context(), s.lead)
	require.NoError(t, err)
	require.Equal(t, "won", row.Stage)
	require.Equal(t, sequence.Warm, s.kept(), "a rebuild begins before the decision, though the end is shown")
	require.Equal(t, []string{"d1"}, s.open())

	s.agree("d1", s.state(sequence.Won, 3))
	require.Equal(t, []string{"d1"}, s.open(), "the same decision is kept once")

	require.NoError(t, only(s.SaveLead(t.Context(), now.Add(time.Second), activities.Save{
		Lead: s.state(sequence.ScheduledCall, 4), Recent: []string{workflows.MessageKey("d1")}, Taken: []string{"d1"},
	})))
	require.Equal(t, sequence.ScheduledCall, s.kept())
	require.Empty(t, s.open())
}

func TestADecisionWhoseTurnIsWrittenAlreadyChangesNothing(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, only(s.SaveLead(t.Context(), now, activities.Save{Lead: s.state(sequence.Warm, 4), Recent: []string{workflows.MessageKey("d1")}, Taken: []string{"d1"}})))
	s.agree("d1", s.state(sequence.Cold, 4))
	row, err := s.Lead(t.Context(), s.lead)
	require.NoError(t, err)
	require.Equal(t, "warm", row.Stage, "what the workflow wrote since is newer than what it answered")
	require.Empty(t, s.open())
}

func TestADecisionKeptWhileItsTurnWaitsToBeWrittenIsTakenByIt(t *testing.T) {
	s := newSetting(t)
	written := make(chan error, 1)
	require.NoError(t, s.Tx(t.Context(), func(tx pgx.Tx, q *db.Queries) error {
		if _, err := q.LockLeadRecent(t.Context(), s.lead); err != nil {
			return err
		}
		go func() {
			written <- only(s.SaveLead(t.Context(), now, activities.Save{Lead: s.state(sequence.Won, 4), Recent: []string{workflows.MessageKey("d1")}, Taken: []string{"d1"}}))
		}()
		require.Eventually(t, func() bool {
			var waiting bool
			err := s.Pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&waiting)
			return err == nil && waiting
		}, 10*time.Second, time.Millisecond)
		return q.InsertDecision(t.Context(), db.InsertDecisionParams{ID: uuid.New(), LeadID: s.lead, Payload: []byte(`{"id": "d1"}`), Decision: "d1"})
	}))
	require.NoError(t, <-written)
	require.Empty(t, s.open())
}

func TestADecisionBeforeTheFirstTurnLeavesTheLeadWithoutAStateOfItsOwn(t *testing.T) {
	s := newSetting(t)
	s.agree("d1", s.state(sequence.Warm, 3))
	require.Empty(t, s.kept(), "a rebuild begins with the enrolment")
}

func TestAWorkerThatWasThoughtDeadDoesNotComeBackWithAnOlderState(t *testing.T) {
	s := newSetting(t)
	save := func(real time.Time, stage sequence.Stage, turn int, taken ...string) {
		require.NoError(t, only(s.SaveLead(t.Context(), now, activities.Save{Lead: s.state(stage, turn), Real: real, Taken: taken})))
	}
	_, err := s.Pool.Exec(t.Context(), `INSERT INTO dispatches (id, lead_id, message, payload, delivered_at) VALUES (gen_random_uuid(), $1, 'reply', '{"id": "r1"}', now())`, s.lead)
	require.NoError(t, err)
	save(now.Add(time.Minute), sequence.Cold, 5)
	save(now, sequence.Warm, 9, "r1")
	require.Equal(t, sequence.Cold, s.kept())
	require.Equal(t, []string{"r1"}, s.open(), "nor does it take messages away")
	save(now.Add(time.Minute-time.Second), sequence.Revival, 6)
	require.Equal(t, sequence.Revival, s.kept(), "the clocks of two servers may differ a little")
	save(now.Add(2*time.Minute), sequence.Cold, 3)
	require.Equal(t, sequence.Cold, s.kept(), "a later turn wins, even if it is shorter")
}

func TestTouchesOfATurnThatWasNotWrittenAreFound(t *testing.T) {
	s := newSetting(t)
	l := s.state(sequence.Warm, 2)
	l.TouchSeq, l.Next = 2, &sequence.Planned{Touch: "t2", At: now}
	s.save(now, l)
	for _, touch := range []string{"t1", "t2", "t3-reply"} {
		require.NoError(t, s.CreateTask(t.Context(), s.lead.String(), now, sequence.CreateTask{Touch: touch, Kind: sequence.TaskReply, DueAt: now}))
	}
	_, err := s.Pool.Exec(t.Context(), `INSERT INTO send_ledger (lead_id, touch, person_id, message_id, text_name, state, attempt, reserved_at, begun_at)
		SELECT $1, t.touch, $2, t.touch || '@x', 'x', t.state, gen_random_uuid(), $3, t.begun FROM (VALUES ('t4', 'reserved', $3::timestamptz), ('t5', 'reserved', NULL), ('t6', 'released', $3), ('t7', 'unknown', $3)) t (touch, state, begun)`,
		s.lead, s.person.ID, now.Add(time.Second))
	require.NoError(t, err)
	_, err = s.Pool.Exec(t.Context(), `INSERT INTO dispatches (id, lead_id, message, payload) VALUES (gen_random_uuid(), $1, 'send_abandoned', '{"id": "m", "event": {"touch": "t7"}}')`, s.lead)
	require.NoError(t, err)
	rows, err := s.TouchesBegun(t.Context(), []uuid.UUID{s.lead})
	require.NoError(t, err)
	var touches []string
	for _, row := range rows {
		touches = append(touches, row.Touch)
	}
	require.Equal(t, []string{"t2", "t3-reply", "t4"}, touches, "not t1, which the state knows, nor what never went out, nor t7, of which the lead hears")
}
