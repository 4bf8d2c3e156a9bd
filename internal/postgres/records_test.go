package postgres_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

func call(touch string) sequence.CreateTask {
	return sequence.CreateTask{Touch: touch, Kind: sequence.TaskCall, DueAt: now, Prompt: "Say hello.", Rule: "R01"}
}

func (s *setting) create(lead uuid.UUID, task sequence.CreateTask) {
	s.t.Helper()
	require.NoError(s.t, s.CreateTask(s.t.Context(), lead.String(), now, task))
}

// tasks maps each touch of a lead to the state of its task.
func (s *setting) tasks(lead uuid.UUID) map[string]string {
	s.t.Helper()
	rows, err := s.Pool.Query(s.t.Context(), "SELECT touch, state FROM tasks WHERE lead_id = $1", lead)
	require.NoError(s.t, err)
	states := map[string]string{}
	var touch, state string
	_, err = pgx.ForEachRow(rows, []any{&touch, &state}, func() error { states[touch] = state; return nil })
	require.NoError(s.t, err)
	return states
}

func TestATaskIsCreatedOncePerTouch(t *testing.T) {
	s := newSetting(t)
	s.create(s.lead, call("t1"))
	s.create(s.lead, call("t1"))
	require.Equal(t, map[string]string{"t1": "open"}, s.tasks(s.lead))
	require.Equal(t, s.rep.ID, scan[uuid.UUID](s, "SELECT owner_id FROM tasks"))
}

func TestATaskThatWasDoneIsNotOpenedAgainByARetry(t *testing.T) {
	s := newSetting(t)
	s.create(s.lead, call("t1"))
	id := scan[uuid.UUID](s, "SELECT id FROM tasks")
	done, err := s.CompleteTask(t.Context(), db.CompleteTaskParams{At: &now, Result: "voicemail", ID: id})
	require.NoError(t, err)
	require.EqualValues(t, 1, done)
	s.create(s.lead, call("t1"))
	require.Equal(t, map[string]string{"t1": "done"}, s.tasks(s.lead))
}

func TestANewerCallReplacesTheOpenOneToTheSamePerson(t *testing.T) {
	s := newSetting(t)
	other := s.newLead(s.newPerson("Bo Chen", "bo@quill.example", "+15550100002"))
	s.create(s.lead, call("t1"))
	manual := call("t2")
	manual.Kind = sequence.TaskManual
	s.create(s.lead, manual)
	s.create(other, call("t1"))
	s.create(s.lead, call("t3"))
	require.Equal(t, map[string]string{"t1": "cancelled", "t2": "open", "t3": "open"}, s.tasks(s.lead))
	require.Equal(t, map[string]string{"t1": "open"}, s.tasks(other), "another person's call stays")
}

func TestACallToAStakeholderReplacesTheirOwnLeadsCall(t *testing.T) {
	s := newSetting(t)
	bo := s.newPerson("Bo Chen", "bo@quill.example", "+15550100002")
	own := s.newLead(bo)
	s.create(own, call("t1"))
	introduce := call("t7")
	introduce.To = bo.ID.String()
	s.create(s.lead, introduce)
	require.Equal(t, map[string]string{"t1": "cancelled"}, s.tasks(own), "one open call a person (R81)")
	require.Equal(t, map[string]string{"t7": "open"}, s.tasks(s.lead))
}

// A worker that dies before its workflow task is recorded does everything in it
// again, in the same order.
func TestATurnThatIsPerformedASecondTimeLeavesTheNewestCallOpen(t *testing.T) {
	s := newSetting(t)
	for range 2 {
		s.create(s.lead, call("t1"))
		require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), now, sequence.CancelTasks{UpTo: 1, Why: "the lead moved on"}))
		s.create(s.lead, call("t2"))
		s.create(s.lead, call("t3"))
	}
	require.Equal(t, map[string]string{"t1": "cancelled", "t2": "cancelled", "t3": "open"}, s.tasks(s.lead))
}

func TestTasksAreCancelledUpToATouchAndNewerOnesStay(t *testing.T) {
	s := newSetting(t)
	for i, kind := range []sequence.TaskKind{sequence.TaskCall, sequence.TaskManual, sequence.TaskReply} {
		task := call(fmt.Sprintf("t%d", 8+i)) // t8, t9, t10: numbers, not words
		task.Kind = kind
		s.create(s.lead, task)
	}
	cancel := func(c sequence.CancelTasks) {
		require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), now, c))
	}
	cancel(sequence.CancelTasks{Kind: sequence.TaskCall, UpTo: 10, Why: "outcome recorded"})
	require.Equal(t, map[string]string{"t8": "cancelled", "t9": "open", "t10": "open"}, s.tasks(s.lead), "only that kind")
	cancel(sequence.CancelTasks{UpTo: 9, Why: "the lead moved on"})
	cancel(sequence.CancelTasks{UpTo: 9, Why: "the lead moved on"})
	require.Equal(t, map[string]string{"t8": "cancelled", "t9": "cancelled", "t10": "open"}, s.tasks(s.lead))
	require.Equal(t, "outcome recorded", scan[string](s, "SELECT result FROM tasks WHERE touch = 't8'"), "the first reason is kept")
}

func TestNobodyIsAskedToCallAPersonWhoSaidStop(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.Suppress(t.Context(), s.lead.String(), now, "rep"))
	s.create(s.lead, call("t1"))
	require.Empty(t, s.tasks(s.lead))
}

func TestOpenTasksMoveToTheNewOwner(t *testing.T) {
	s := newSetting(t)
	next := s.newRep("Kim Lee", "kim@seller.example")
	s.create(s.lead, call("t1"))
	s.create(s.lead, call("t2"))
	require.NoError(t, s.MoveTasks(t.Context(), s.lead.String(), next.ID.String()))
	require.Equal(t, next.ID, scan[uuid.UUID](s, "SELECT owner_id FROM tasks WHERE state = 'open'"))
	require.Equal(t, s.rep.ID, scan[uuid.UUID](s, "SELECT owner_id FROM tasks WHERE state <> 'open'"), "history stays")
}

func TestTheSameNoticeIsLeftOnce(t *testing.T) {
	s := newSetting(t)
	for _, n := range []sequence.Notify{
		{Who: sequence.TheOwner, About: "a lead was given to you"},
		{Who: sequence.TheOwner, About: "a lead was given to you"},
		{Who: sequence.TheManager, About: "the first call is overdue"},
	} {
		require.NoError(t, s.Notify(t.Context(), s.lead.String(), now, "turn 7", n))
	}
	mine, err := s.NotificationsFor(t.Context(), db.NotificationsForParams{UserID: &s.rep.ID, Most: 10})
	require.NoError(t, err)
	require.Len(t, mine, 1)
	all, err := s.NotificationsFor(t.Context(), db.NotificationsForParams{UserID: &s.rep.ID, Manager: true, Most: 10})
	require.NoError(t, err)
	require.Len(t, all, 2)
}

func TestOutreachIsMarkedWhenItBegan(t *testing.T) {
	s := newSetting(t)
	bo := s.newPerson("Bo Chen", "bo@quill.example", "+15550100002")
	_, err := s.InsertStakeholder(t.Context(), db.InsertStakeholderParams{LeadID: s.lead, PersonID: bo.ID, NamedAt: now})
	require.NoError(t, err)
	require.NoError(t, s.StartOutreach(t.Context(), s.lead.String(), now, []string{bo.ID.String()}))
	require.NoError(t, s.StartOutreach(t.Context(), s.lead.String(), now.Add(time.Hour), []string{bo.ID.String()}))
	require.True(t, now.Equal(scan[time.Time](s, "SELECT started_at FROM stakeholders")))
}

// state is a lead's state after an entry of its timeline.
func (s *setting) state(stage sequence.Stage, entry int) sequence.Lead {
	return sequence.Lead{
		ID: s.lead.String(), Owner: s.rep.ID.String(), Source: "info_request", Playbook: "default-1", Stage: stage,
		EnteredAt: now, Next: &sequence.Planned{At: now.Add(time.Duration(entry) * time.Hour)}, EntrySeq: entry,
	}
}

func entries(from, to int) (list []sequence.Entry) {
	for n := from; n <= to; n++ {
		list = append(list, sequence.Entry{N: n, At: now, What: sequence.SomethingKnown, Actor: sequence.ActorLead, Rule: "R10", Detail: fmt.Sprint("entry ", n)})
	}
	return list
}

func (s *setting) save(at time.Time, l sequence.Lead, e ...sequence.Entry) {
	s.t.Helper()
	require.NoError(s.t, only(s.SaveLead(s.t.Context(), at, activities.Save{Lead: l, Entries: e})))
}

func (s *setting) timeline() []db.TimelineRow {
	s.t.Helper()
	rows, err := s.Timeline(s.t.Context(), db.TimelineParams{LeadID: s.lead, Most: 100})
	require.NoError(s.t, err)
	return rows
}

func TestTheStateIsWrittenThrough(t *testing.T) {
	s := newSetting(t)
	l := s.state(sequence.ScheduledCall, 3)
	l.Pause = &sequence.Pause{Reason: sequence.PausedReply, Since: now, Until: now.Add(48 * time.Hour)}
	s.save(now, l, entries(1, 3)...)
	row, err := s.Lead(t.Context(), s.lead)
	require.NoError(t, err)
	require.Equal(t, "scheduled_call", row.Stage)
	require.Equal(t, "reply_waiting", row.Blocked)
	require.True(t, now.Add(48*time.Hour).Equal(*row.NextAt))
	require.EqualValues(t, 3, row.Turn)
	var kept sequence.Lead
	require.NoError(t, json.Unmarshal(row.State, &kept))
	require.Equal(t, l, kept, "a rebuild finds the whole state")
}

func TestANewerStateIsNeverOverwrittenByAnOlderOne(t *testing.T) {
	s := newSetting(t)
	s.save(now, s.state(sequence.Cold, 5), entries(1, 5)...)
	s.save(now, s.state(sequence.Warm, 3), entries(1, 3)...)
	row, err := s.Lead(t.Context(), s.lead)
	require.NoError(t, err)
	require.Equal(t, "cold", row.Stage)
	require.Len(t, s.timeline(), 5)
}

// A worker that dies after it has written the row and before its workflow task
// is recorded leaves a turn behind that never was: the lead may take another.
func TestATurnThatTheWorkflowNeverTookGivesWayToTheOneItDid(t *testing.T) {
	s := newSetting(t)
	s.save(now, s.state(sequence.Warm, 2), entries(1, 2)...)
	s.save(now.Add(time.Hour), s.state(sequence.Cold, 6), entries(3, 6)...)

	stopped := entries(3, 4)
	stopped[0].What, stopped[0].To, stopped[0].Detail = sequence.StageChanged, sequence.DoNotContact, ""
	s.save(now.Add(time.Hour+10*time.Second), s.state(sequence.DoNotContact, 4), stopped...)
	row, err := s.Lead(t.Context(), s.lead)
	require.NoError(t, err)
	require.Equal(t, "do_not_contact", row.Stage)
	require.EqualValues(t, 4, row.Turn)
	var said []string
	for _, e := range s.timeline() {
		said = append(said, e.What)
	}
	require.Contains(t, said, "stage_changed", "and its change of stage is in the audit trail")
}

func TestTheTimelineIsAppendedToOnce(t *testing.T) {
	s := newSetting(t)
	s.save(now, s.state(sequence.Warm, 2), entries(1, 2)...)
	again := entries(1, 2)
	for i := range again {
		again[i].At = now.Add(10 * time.Second) // the same turn performed once more, a little later
	}
	s.save(now.Add(10*time.Second), s.state(sequence.Warm, 2), again...)
	s.save(now.Add(time.Minute), s.state(sequence.Warm, 3), entries(3, 3)...)
	rows := s.timeline()
	require.Len(t, rows, 3)
	for i, row := range rows {
		require.EqualValues(t, i+1, row.N)
		require.Equal(t, "lead", row.Actor)
		require.Equal(t, "R10", row.Rule)
		require.True(t, now.Equal(row.At))
	}
}

func TestTheAuditTrailCanOnlyGrow(t *testing.T) {
	s := newSetting(t)
	s.save(now, s.state(sequence.Warm, 1), entries(1, 1)...)
	for _, sql := range []string{"UPDATE audit SET what = 'x'", "DELETE FROM audit", "TRUNCATE audit"} {
		_, err := s.Pool.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	require.Len(t, s.timeline(), 1)
}

func TestWhatIsGoneIsToldApart(t *testing.T) {
	s := newSetting(t)
	nobody, ctx := uuid.NewString(), t.Context()
	state := s.state(sequence.Warm, 1)
	state.ID = nobody
	for name, err := range map[string]error{
		"create a task":   s.CreateTask(ctx, nobody, now, call("t1")),
		"cancel tasks":    s.CancelTasks(ctx, "lead-1", now, sequence.CancelTasks{}),
		"move tasks":      s.MoveTasks(ctx, s.lead.String(), "robin"),
		"notify":          s.Notify(ctx, "lead-1", now, "turn 7", sequence.Notify{Who: sequence.TheOwner}),
		"start outreach":  s.StartOutreach(ctx, s.lead.String(), now, []string{"bo"}),
		"suppress":        s.Suppress(ctx, nobody, now, "rep"),
		"save":            only(s.SaveLead(ctx, now, activities.Save{Lead: state})),
		"call a stranger": s.CreateTask(ctx, s.lead.String(), now, sequence.CreateTask{Touch: "t1", Kind: "call", To: nobody}),
	} {
		require.ErrorIs(t, err, activities.ErrGone, name)
	}
}

func TestDatabaseErrorsAreTranslated(t *testing.T) {
	s := newSetting(t)
	tx := func(do func(*db.Queries) error) error {
		return s.Tx(t.Context(), func(_ pgx.Tx, q *db.Queries) error { return do(q) })
	}
	require.ErrorIs(t, tx(func(q *db.Queries) error { _, err := q.Lead(t.Context(), uuid.New()); return err }), postgres.ErrNotFound)
	require.ErrorIs(t, tx(func(q *db.Queries) error {
		return q.InsertLead(t.Context(), db.InsertLeadParams{
			ID: uuid.New(), PersonID: s.person.ID, OwnerID: s.rep.ID, Source: "x", Playbook: "x", Stage: "warm", At: now,
		})
	}), postgres.ErrTaken, "one life a person")
	require.ErrorIs(t, tx(func(q *db.Queries) error {
		_, err := q.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "x", Email: "x@x.example", Role: "boss"})
		return err
	}), postgres.ErrInvalid)
	own := errors.New("own")
	require.Equal(t, own, tx(func(*db.Queries) error { return own }), "others pass as they are")
	require.NoError(t, postgres.Translate(nil))
	var pg *pgconn.PgError
	require.ErrorAs(t, postgres.Translate(&pgconn.PgError{Code: "22P02"}), &pg, "the cause stays in reach")
}

func TestATransactionThatFailsChangesNothing(t *testing.T) {
	s := newSetting(t)
	err := s.Tx(t.Context(), func(_ pgx.Tx, q *db.Queries) error {
		require.NoError(t, q.SetAmount(t.Context(), db.SetAmountParams{ID: s.lead, Amount: 5}))
		return errors.New("no")
	})
	require.EqualError(t, err, "no")
	require.Zero(t, scan[int](s, "SELECT coalesce(amount, 0) FROM leads"))
}

func TestAnAddressThatCannotBeReadIsRefusedWithoutShowingThePassword(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://rekindle:s3cret@host:port/db", 0)
	require.ErrorContains(t, err, "DATABASE_URL")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestTheQueueBeginsWithThePromisedThenTheHotThenByValueAndUrgency(t *testing.T) {
	s := newSetting(t)
	add := func(name string, value int64, due time.Time, change func(*sequence.CreateTask)) {
		lead := s.newLead(s.newPerson(name, name+"@quill.example", fmt.Sprintf("+1555020%04d", value)))
		_, err := s.Pool.Exec(t.Context(), "UPDATE leads SET value = $2 WHERE id = $1", lead, value)
		require.NoError(t, err)
		task := call("t1")
		task.DueAt = due
		if change != nil {
			change(&task)
		}
		s.create(lead, task)
	}
	day := 24 * time.Hour
	add("large", 1000, now, nil)
	add("small", 100, now, nil)
	add("small-but-late", 150, now.Add(-9*day), nil) // 150 x 10 beats 1000 x 1
	add("worthless", 0, now.Add(-30*day), nil)
	add("hot", 1, now, func(c *sequence.CreateTask) { c.Hot = true })
	add("promised", 2, now, func(c *sequence.CreateTask) { c.Promised = true })
	add("promised-later", 3, now.Add(time.Hour), func(c *sequence.CreateTask) { c.Promised = true })
	add("tomorrow", 5000, now.Add(day), nil)

	queue, err := s.Queue(t.Context(), db.QueueParams{Now: now, OwnerID: &s.rep.ID, Until: now.Add(2 * time.Hour), Most: 100})
	require.NoError(t, err)
	var names []string
	for _, row := range queue {
		names = append(names, row.Name)
	}
	require.Equal(t, []string{"promised", "hot", "small-but-late", "large", "small", "promised-later", "worthless"}, names)

	other := s.newRep("Kim Lee", "kim@seller.example")
	queue, err = s.Queue(t.Context(), db.QueueParams{Now: now, OwnerID: &other.ID, Until: now.Add(day), Most: 100})
	require.NoError(t, err)
	require.Empty(t, queue)
}

func TestAnOutcomeWithOneStakeholderLeavesTheCallsToTheOthersOpen(t *testing.T) {
	s := newSetting(t)
	bo := s.newPerson("Bo", "bo@acme.example", "+12125550188")
	s.create(s.lead, call("t1"))
	toBo := call("t2")
	toBo.To = bo.ID.String()
	s.create(s.lead, toBo)
	cancel := func(to string) {
		c := sequence.CancelTasks{Kind: sequence.TaskCall, UpTo: 2, To: to, Why: "outcome recorded"}
		require.NoError(t, s.CancelTasks(t.Context(), s.lead.String(), now, c))
	}
	cancel(bo.ID.String())
	require.Equal(t, map[string]string{"t1": "open", "t2": "cancelled"}, s.tasks(s.lead))
	cancel(sequence.TheLead)
	require.Equal(t, map[string]string{"t1": "cancelled", "t2": "cancelled"}, s.tasks(s.lead))
}

// only is whether a turn was written.
func only(_ []sequence.SendAbandoned, err error) error { return err }
