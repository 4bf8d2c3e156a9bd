package postgres_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// moving is a move of several leads from version a to version b.
type moving struct {
	*setting
	activities.Batch
	leads []string
}

func newMove(t *testing.T, n int) *moving {
	m := &moving{setting: newSetting(t)}
	for _, id := range []string{"a", "b"} {
		require.NoError(t, m.PublishPlaybook(t.Context(), db.PublishPlaybookParams{ID: id, Name: id, Files: []byte("{}")}))
	}
	for i := range n {
		id := m.newLead(m.newPerson(fmt.Sprint("P", i), fmt.Sprintf("p%d@quill.example", i), fmt.Sprintf("+1555020%04d", i)))
		m.exec("UPDATE leads SET playbook = 'a' WHERE id = $1", id)
		m.leads = append(m.leads, id.String())
	}
	slices.Sort(m.leads)
	m.Batch = activities.Batch{Move: uuid.NewString(), From: "a", To: "b"}
	for range 2 {
		require.NoError(t, m.InsertMove(t.Context(), db.InsertMoveParams{ID: uuid.MustParse(m.Move), FromID: "a", ToID: "b", StartedBy: "mo"}))
	}
	return m
}

func (m *moving) next(after string, most int) []string {
	m.t.Helper()
	b := m.Batch
	b.After = after
	leads, err := m.LeadsToMove(m.t.Context(), b, most)
	require.NoError(m.t, err)
	return leads
}

func (m *moving) note(lead, code string) {
	m.t.Helper()
	var r *sequence.Refusal
	if code != "" {
		r = &sequence.Refusal{Code: code, Message: "because of " + code}
	}
	require.NoError(m.t, m.Record(m.t.Context(), m.Move, lead, r))
}

func (m *moving) row() db.MoveRow {
	m.t.Helper()
	row, err := m.Queries.Move(m.t.Context(), db.MoveParams{ID: uuid.MustParse(m.Move), Asked: activities.Asked})
	require.NoError(m.t, err)
	return row
}

func TestTheLeadsOfAMoveComeInOrderPageByPage(t *testing.T) {
	m := newMove(t, 5)
	m.exec("UPDATE leads SET stage = 'won' WHERE id = $1", m.leads[4])
	require.Equal(t, m.leads[:2], m.next("", 2))
	require.Equal(t, m.leads[2:4], m.next(m.leads[1], 2), "the finished have no part in it")
	require.Empty(t, m.next(m.leads[3], 2))
	require.EqualValues(t, 5, m.row().Total, "as it was when the move began")
}

func TestWhoHasAnsweredForGoodIsNotAskedAgain(t *testing.T) {
	m := newMove(t, 5)
	m.note(m.leads[0], "")
	m.note(m.leads[1], "unknown_kind")
	m.note(m.leads[2], "touch_in_flight")
	m.note(m.leads[3], activities.NoAnswerYet)
	require.Equal(t, m.leads[2:], m.next("", 10))
	m.note(m.leads[2], "")
	row := m.row()
	require.EqualValues(t, []int64{2, 2}, []int64{row.Moved, row.Refused}, "the last answer counts")
}

func TestALeadThatMovedBeforeItsAnswerWasNotedIsAskedOnceMore(t *testing.T) {
	m := newMove(t, 3)
	require.NoError(t, m.Asking(t.Context(), m.Move, m.leads))
	m.note(m.leads[0], "")
	row := m.row()
	require.EqualValues(t, []int64{1, 0}, []int64{row.Moved, row.Refused}, "whoever is being asked has not refused")
	refused, err := m.RefusedBy(t.Context(), db.RefusedByParams{MoveID: uuid.MustParse(m.Move), Asked: activities.Asked, Most: 10})
	require.NoError(t, err)
	require.Empty(t, refused)

	m.exec("UPDATE leads SET playbook = 'b' WHERE id = ANY($1)", m.leads[:2]) // and then the worker died
	require.Equal(t, m.leads[1:], m.next("", 10))
	require.NoError(t, m.Asking(t.Context(), m.Move, m.leads), "which forgets nothing")
	m.note(m.leads[1], "")
	require.EqualValues(t, 2, m.row().Moved)
}

func TestAnotherMoveKnowsNothingOfThisOne(t *testing.T) {
	m := newMove(t, 2)
	m.note(m.leads[0], "unknown_kind")
	m.Move = uuid.NewString()
	require.NoError(t, m.InsertMove(t.Context(), db.InsertMoveParams{ID: uuid.MustParse(m.Move), FromID: "a", ToID: "b", StartedBy: "mo"}))
	require.Equal(t, m.leads, m.next("", 10))
}

func TestAMoveIsFinishedOnce(t *testing.T) {
	m := newMove(t, 1)
	unfinished := func() int {
		rows, err := m.UnfinishedMoves(t.Context())
		require.NoError(t, err)
		return len(rows)
	}
	require.Equal(t, 1, unfinished())
	require.NoError(t, m.Finish(t.Context(), m.Move))
	at := m.row().FinishedAt
	require.NoError(t, m.Finish(t.Context(), m.Move))
	require.Equal(t, at, m.row().FinishedAt)
	require.Zero(t, unfinished())
}

func TestAMoveToTheSameOrAnUnknownVersionCannotBeWrittenDown(t *testing.T) {
	m := newMove(t, 1)
	for _, to := range []string{"a", "unknown"} {
		require.Error(t, m.InsertMove(t.Context(), db.InsertMoveParams{ID: uuid.New(), FromID: "a", ToID: to, StartedBy: "mo"}), to)
	}
}

func TestTheReleaseThatHoldsIsTheNewestAndSaysByWhom(t *testing.T) {
	m := newMove(t, 0)
	for _, id := range []string{"a", "b", "a"} {
		require.NoError(t, m.ReleasePlaybook(t.Context(), db.ReleasePlaybookParams{Playbook: id, ReleasedBy: "by " + id}))
		r, err := m.ReleasedPlaybook(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{id, id, "by " + id}, []string{r.Playbook, r.Name, r.ReleasedBy})
	}
	require.Error(t, m.ReleasePlaybook(t.Context(), db.ReleasePlaybookParams{Playbook: "unknown", ReleasedBy: "mo"}))
	versions, err := m.PlaybookVersions(t.Context())
	require.NoError(t, err)
	require.Len(t, versions, 2)
	require.Equal(t, "b", versions[0].ID, "newest first")
}
