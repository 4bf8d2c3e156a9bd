package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func (s *setting) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.Pool.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}

// messages are the signals of a kind that wait for leads.
func messages[E sequence.Event](s *setting, signal string) map[uuid.UUID][]E {
	s.t.Helper()
	rows, err := s.Pool.Query(s.t.Context(), "SELECT lead_id, payload FROM dispatches WHERE message = $1 ORDER BY id", signal)
	require.NoError(s.t, err)
	all := map[uuid.UUID][]E{}
	var lead uuid.UUID
	var payload []byte
	ids := map[string]bool{}
	_, err = pgx.ForEachRow(rows, []any{&lead, &payload}, func() error {
		var m workflows.Message[E]
		require.NoError(s.t, json.Unmarshal(payload, &m))
		require.NotEmpty(s.t, m.ID)
		require.False(s.t, ids[m.ID], "every message has an id of its own")
		ids[m.ID] = true
		all[lead] = append(all[lead], m.Event)
		return nil
	})
	require.NoError(s.t, err)
	return all
}

func TestTasksThatAnOutcomeClosedAreOpenedAgainAndOlderOnesAreNot(t *testing.T) {
	s := newSetting(t)
	for touch, kind := range map[string]sequence.TaskKind{"t1": sequence.TaskManual, "t2": sequence.TaskReply, "t3": sequence.TaskCall, "t12": sequence.TaskDiagnose} {
		task := call(touch)
		task.Kind = kind
		s.create(s.lead, task)
	}
	cancel := func(at time.Time, up int) {
		require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), at, sequence.CancelTasks{UpTo: up, Why: "outcome recorded"}))
	}
	cancel(now.Add(-time.Hour), 1)
	cancel(now, 12)
	for range 2 { // a retry changes nothing
		require.NoError(t, s.ReopenTasks(t.Context(), s.lead.String(), sequence.ReopenTasks{UpTo: 3, Since: now}))
	}
	require.Equal(t, map[string]string{"t1": "cancelled", "t2": "open", "t3": "open", "t12": "cancelled"}, s.tasks(s.lead),
		"neither what was closed before, nor what the outcome itself asked for")
	require.Empty(t, scan[string](s, "SELECT result FROM tasks WHERE touch = 't3'"))
}

func TestACallThatANewerOneReplacedStaysClosed(t *testing.T) {
	s := newSetting(t)
	s.create(s.lead, call("t1"))
	require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), now, sequence.CancelTasks{UpTo: 1, Why: "outcome recorded"}))
	s.create(s.lead, call("t2"))
	require.NoError(t, s.ReopenTasks(t.Context(), s.lead.String(), sequence.ReopenTasks{UpTo: 2, Since: now}))
	require.Equal(t, map[string]string{"t1": "cancelled", "t2": "open"}, s.tasks(s.lead), "one open call a person (R81)")
}

func TestOfTwoCallsThatWereClosedTogetherTheNewerIsOpenedAgain(t *testing.T) {
	s := newSetting(t)
	s.create(s.lead, call("t9"))
	s.create(s.lead, call("t10")) // replaces it
	require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), now, sequence.CancelTasks{UpTo: 10, Why: "outcome recorded"}))
	require.NoError(t, s.ReopenTasks(t.Context(), s.lead.String(), sequence.ReopenTasks{UpTo: 10, Since: now}))
	require.Equal(t, map[string]string{"t9": "cancelled", "t10": "open"}, s.tasks(s.lead))
}

func TestTheOthersAtTheAccountAreToldWhoTalksAndWhenItIsOver(t *testing.T) {
	s := newSetting(t)
	add := func(name string) uuid.UUID {
		return s.newLead(s.newPerson(name, name+"@quill.example", "+1555010"+map[string]string{"bo": "0002", "cy": "0003", "di": "0004"}[name]))
	}
	bo, cy, di := add("bo"), add("cy"), add("di")
	account, err := s.AccountByName(t.Context(), db.AccountByNameParams{ID: uuid.New(), Name: "Quill"})
	require.NoError(t, err)
	s.exec("UPDATE leads SET account_id = $1 WHERE id <> $2", account.ID, di)
	s.exec("UPDATE leads SET stage = 'won' WHERE id = $1", cy)
	talking := func() []uuid.UUID {
		ids, err := s.TalkingAt(t.Context(), &account.ID)
		require.NoError(t, err)
		return ids
	}
	require.NoError(t, s.CalmAccount(t.Context(), s.lead.String(), true))
	require.Equal(t, []uuid.UUID{s.lead}, talking(), "for those who are enrolled meanwhile")
	s.exec("UPDATE leads SET stage = 'scheduled_call' WHERE id = $1", s.lead) // the row is written through later
	require.NoError(t, s.CalmAccount(t.Context(), s.lead.String(), false))
	require.Empty(t, talking())
	require.NoError(t, s.CalmAccount(t.Context(), di.String(), true), "who has no account has no colleagues")
	require.Equal(t, map[uuid.UUID][]sequence.ColleagueTalks{
		bo: {{Lead: s.lead.String()}, {Lead: s.lead.String(), Over: true}},
	}, messages[sequence.ColleagueTalks](s, workflows.ColleagueSignal), "the living, in order, and not the one who talks")
}

func TestNewsGoesToThoseWhoRestOrWaitForItAndSuitsTheirSource(t *testing.T) {
	s := newSetting(t)
	add := func(n, stage, blocked, source string) uuid.UUID {
		id := s.newLead(s.newPerson("P"+n, "p"+n+"@quill.example", "+155501000"+n))
		s.exec("UPDATE leads SET stage = $2, blocked = $3, source = $4, state = '{}' WHERE id = $1", id, stage, blocked, source)
		return id
	}
	waits, rests := add("02", "warm", "no_reason", "webinar"), add("03", "cold", "", "ebook")
	add("04", "warm", "", "webinar")
	add("05", "won", "", "webinar")
	begins := add("06", "cold", "", "webinar")
	s.exec("UPDATE leads SET state = NULL WHERE id = $1", begins)

	for _, c := range []struct {
		sources []string
		want    []uuid.UUID
	}{{nil, []uuid.UUID{waits, rests}}, {[]string{"ebook", "referral"}, []uuid.UUID{rests}}, {[]string{"referral"}, nil}} {
		s.exec("DELETE FROM dispatches")
		item := uuid.New()
		require.NoError(t, s.PublishNews(t.Context(), item, c.sources))
		told := messages[sequence.NewsPublished](s, workflows.NewsSignal)
		require.Len(t, told, len(c.want))
		for _, lead := range c.want {
			require.Equal(t, []sequence.NewsPublished{{ID: item.String()}}, told[lead])
		}
	}
}
