package e2e_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// own is a lead's state as its workflow wrote it.
func (r *ruins) own(lead string) (l sequence.Lead, performed bool) {
	r.Helper()
	rows, err := r.store.LivesKept(r.Context(), db.LivesKeptParams{These: []uuid.UUID{uuid.MustParse(lead)}, Most: 1})
	require.NoError(r, err)
	require.Len(r, rows, 1)
	require.NoError(r, json.Unmarshal(rows[0].State, &l))
	return l, rows[0].Before == nil
}

// traces counts what a life left behind.
func (r *ruins) traces(lead string) map[string]int {
	r.Helper()
	counts := map[string]int{}
	for _, table := range []string{"audit", "tasks", "notifications", "send_ledger", "outcomes"} {
		counts[table] = r.count("SELECT count(*) FROM "+table+" WHERE lead_id = $1", lead)
	}
	return counts
}

func TestAnOutcomeThatWasAcceptedAndItsTurnPerformedButNotWrittenHasItsEffectOnce(t *testing.T) {
	s := start(t)
	stop := s.run(24 * time.Hour) // real time, on a Monday morning
	lead := s.enrolAt("Acme", buyer(1))
	s.asleep(lead, buyer(1))
	r := s.ruins()
	_, err := r.store.Pool.Exec(t.Context(), "CREATE TABLE kept AS SELECT * FROM leads")
	require.NoError(t, err)

	var d api.Decision
	asked := s.app.Door.Now()
	at := nextWorkingNoon(asked, 4)
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{
		"outcome": "call_scheduled", "next_step": map[string]any{"at": at},
	}, &d))
	var after sequence.Lead
	s.eventually("the invitation is out and the turn is written", time.Minute, func() (performed bool) {
		after, performed = r.own(lead)
		return performed && len(s.mails(buyer(1))) == 2 && after.Stage == sequence.ScheduledCall && len(after.InFlight) == 0 && r.asleepNow(lead)
	})
	traces := r.traces(lead)
	stop()
	_, err = r.store.Pool.Exec(t.Context(), "UPDATE leads l SET state = k.state, turn = k.turn, stage = k.stage, recent = k.recent, saved_at = k.saved_at FROM kept k WHERE k.id = l.id")
	require.NoError(t, err)
	require.NoError(t, r.store.Agree(t.Context(), postgres.Agreed{
		Lead: uuid.MustParse(lead), Update: workflows.RecordOutcome, ID: uuid.NewString(), At: asked,
		Event: sequence.OutcomeRecorded{By: sequence.By{Actor: after.Owner}, ID: d.Outcome.String(), Outcome: sequence.CallScheduled, NextAt: at},
	}, activities.Save{Lead: after}), "what the client was told is in the records before it is told")

	s.loseTemporal()
	report := r.rebuild()
	require.Equal(t, []int{1, 1, 1}, []int{report.Started, report.Messages, report.Delivered})
	stop = s.run(24 * time.Hour)
	defer stop()
	var again sequence.Lead
	s.eventually("the turn is taken again and written", time.Minute, func() (performed bool) {
		again, performed = r.own(lead)
		return performed && r.asleepNow(lead)
	})
	require.Empty(t, cmp.Diff(after, again, cmpopts.EquateApproxTime(time.Second)), "as if nothing had been lost")
	require.Equal(t, traces, r.traces(lead), "nothing is written down, asked or told twice")
	require.Len(t, s.mails(buyer(1)), 2, "nothing is sent twice")
	require.Empty(t, r.verify().Differences)
}

// asleepNow: its newest run began with what the row says.
func (r *ruins) asleepNow(lead string) bool {
	standing, err := r.engine.Standing(r.Context(), lead)
	l, _ := r.own(lead)
	return err == nil && standing.Input.Lead.EntrySeq == l.EntrySeq && standing.Input.Begun == nil
}

func TestALifeWhoseWorkflowSomebodyEndedIsStartedAgainAndADifferentRowIsMended(t *testing.T) {
	s := start(t)
	stop := s.run(24 * time.Hour)
	defer stop()
	ended, differs := s.enrolAt("Acme", buyer(1)), s.enrolAt("Birch", buyer(2))
	s.asleep(ended, buyer(1))
	s.asleep(differs, buyer(2))
	r := s.ruins()
	require.NoError(t, s.app.Temporal.TerminateWorkflow(t.Context(), workflows.WorkflowID(ended), "", "a slip"))
	_, err := r.store.Pool.Exec(t.Context(), "UPDATE leads SET next_at = next_at + interval '1 day', owner_id = owner_id, blocked = 'manual' WHERE id = $1", differs)
	require.NoError(t, err)

	found := r.verify()
	kinds := map[string][]string{}
	for _, d := range found.Differences {
		kinds[d.Lead.String()] = append(kinds[d.Lead.String()], string(d.Kind)+" "+d.What)
	}
	require.Equal(t, map[string][]string{ended: {"workflow_over "}, differs: {"state next deadline", "state blocked"}}, kinds)

	require.Equal(t, []int{1, 1}, func() []int { report := r.rebuild(); return []int{report.Started, report.Running} }())
	asked, err := r.verifier().Mend(t.Context(), found)
	require.NoError(t, err)
	require.Equal(t, 1, asked)
	s.eventually("workflows and rows agree", time.Minute, func() bool { return len(r.verify().Differences) == 0 })
	require.Equal(t, []int{1, 1}, []int{len(s.mails(buyer(1))), len(s.mails(buyer(2)))})
}
