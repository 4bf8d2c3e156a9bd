package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rebuild"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/internal/verify"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// ruins are the records and a Temporal, with nothing of the product between them.
type ruins struct {
	*stack
	store  *postgres.Store
	engine engine.Engine
}

func (s *stack) ruins() *ruins {
	store, err := postgres.Open(s.Context(), s.database, 4)
	require.NoError(s, err)
	s.Cleanup(store.Close)
	c, err := client.NewLazyClient(client.Options{HostPort: s.temporal.Address()})
	require.NoError(s, err)
	s.Cleanup(c.Close)
	return &ruins{stack: s, store: store, engine: engine.Engine{Client: c}}
}

// loseTemporal drops everything that Temporal knows, and starts an empty one.
func (s *stack) loseTemporal() {
	require.NoError(s, s.temporal.Stop(s.Context()))
	s.options.Dir = s.TempDir()
	s.startTemporal()
}

func (r *ruins) rebuild() rebuild.Report {
	r.Helper()
	report, err := rebuild.Rebuild{
		Store: r.store, Engine: r.engine, AtOnce: 8, GoOn: policy.Policy{Store: r.store, Mover: r.engine}.GoOn,
	}.Run(r.Context())
	require.NoError(r, err)
	require.Empty(r, report.Failed)
	return report
}

func (r *ruins) verify() verify.Report {
	r.Helper()
	report, err := r.verifier().Run(r.Context())
	require.NoError(r, err)
	return report
}

func (r *ruins) verifier() verify.Verify {
	return verify.Verify{
		Store: r.store, Engine: r.engine, PerSecond: 1000, AtOnce: 8, Overdue: time.Minute,
		Again: []time.Duration{time.Second, time.Second, time.Second},
	}
}

// states are the leads as their rows tell.
func (r *ruins) states() map[uuid.UUID]sequence.Lead {
	r.Helper()
	rows, err := r.store.LivesKept(r.Context(), db.LivesKeptParams{Most: 1000})
	require.NoError(r, err)
	all := map[uuid.UUID]sequence.Lead{}
	for _, row := range rows {
		var l sequence.Lead
		if row.State != nil {
			require.NoError(r, json.Unmarshal(row.State, &l))
		}
		all[row.ID] = l
	}
	return all
}

// row makes a lead whose life so far was lived elsewhere.
func (r *ruins) row(i int, kind sequence.Kind, owner uuid.UUID, at time.Time, live func(*simulate.Life)) uuid.UUID {
	r.Helper()
	pb, err := playbooks.Default()
	require.NoError(r, err)
	id, email := uuid.NewSHA1(uuid.NameSpaceURL, []byte(fmt.Sprint("lead ", i))), fmt.Sprintf("lead%d@buyer.example", i)
	p, err := r.store.InsertPerson(r.Context(), db.InsertPersonParams{ID: uuid.New(), Name: "Ada", Email: &email, Zone: "Europe/Berlin", Country: "DE", UnsubscribeToken: uuid.NewString()})
	require.NoError(r, err)
	life, err := simulate.Begin(sequence.Lead{ID: id.String(), Owner: owner.String(), Zone: "Europe/Berlin", Country: "DE", Playbook: pb.ID, NoPhone: true}, kind, pb, at)
	require.NoError(r, err)
	live(life)
	require.NoError(r, r.store.InsertLead(r.Context(), db.InsertLeadParams{
		ID: id, PersonID: p.ID, OwnerID: owner, Source: string(kind), Playbook: pb.ID, Stage: string(sequence.Warm), At: at,
	}))
	require.NoError(r, only(r.store.SaveLead(r.Context(), life.Now, activities.Save{Lead: life.Lead, Entries: life.Timeline})))
	return id
}

func TestALeadInAnyStageStandsOnAnEmptyTemporalWhereItStood(t *testing.T) {
	s := withTemporal(t)
	s.database = testdb.New(t, postgres.Migrate)
	r := s.ruins()
	owner, err := r.store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: "robin@us.example", Role: "rep"})
	require.NoError(t, err)
	began := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	stages := map[sequence.Stage]int{}
	kinds := []sequence.Kind{"ebook_download", "info_request", "crm_dormant", "referral"}
	for i := range 40 {
		r.row(i, kinds[i%len(kinds)], owner.ID, began, func(l *simulate.Life) {
			require.NoError(t, l.For(time.Duration(i)*9*24*time.Hour))
			happen(t, l, i)
			stages[l.Lead.Stage]++
		})
	}
	for _, stage := range []sequence.Stage{sequence.Warm, sequence.ScheduledCall, sequence.MultiStakeholder, sequence.Cold, sequence.Revival, sequence.BreakUp, sequence.CheckIn, sequence.Won, sequence.DoNotContact} {
		require.Positive(t, stages[stage], "%s: %v", stage, stages)
	}
	before := r.states()
	final := stages[sequence.Won] + stages[sequence.DoNotContact] + stages[sequence.Disqualified]
	require.Len(t, before, 40-final)

	missing := r.verify()
	require.Len(t, missing.Differences, 40-final, "nothing runs yet")
	require.Equal(t, verify.NoWorkflow, missing.Differences[0].Kind)

	report := r.rebuild()
	require.Equal(t, 40-final, report.Started)
	for id, lead := range before {
		standing, err := r.engine.Standing(t.Context(), id.String())
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(lead, standing.Input.Lead), "lead %s", id)
		require.Nil(t, standing.Input.Begun)
		want, limited := lead.Deadline()
		got, still := standing.Input.Lead.Deadline()
		require.Equal(t, limited, still)
		require.True(t, want.Equal(got))
	}
	again := r.rebuild()
	require.Equal(t, []int{0, 40 - final}, []int{again.Started, again.Running}, "what runs is left alone")
	require.Empty(t, r.verify().Differences)
}

// happen brings a life into one of many situations.
func happen(t *testing.T, l *simulate.Life, i int) {
	let := func(ev sequence.Event) { require.NoError(t, l.Let(ev)) }
	soon := nextWorkingNoon(l.Now, 4)
	switch i % 10 {
	case 0:
		for n := 0; l.Lead.Stage == sequence.Warm && n < 100; n++ {
			let(sequence.OutcomeRecorded{ID: fmt.Sprint("o", n), Outcome: sequence.NoAnswer})
			require.NoError(t, l.For(3*24*time.Hour))
		}
	case 1:
		let(sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.CallScheduled, NextAt: soon})
	case 2:
		let(sequence.Paused{Reason: sequence.PausedByHand})
	case 3:
		let(sequence.StakeholderNamed{ID: uuid.NewString()})
		let(sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.NotTheOne})
	case 4:
		let(sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.NotInterested, Reason: true, DecisionMaker: true})
	case 5:
		let(sequence.ReplyReceived{ID: "r1"})
	case 6:
		let(sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.NotNow, NextAt: soon.AddDate(0, 2, 0)})
	case 7:
		if i > 20 {
			let(sequence.DealWon{ID: "w1"})
		}
	case 8:
		if i > 20 {
			let(sequence.OptedOut{ID: "s1", Via: "link"})
		}
	case 9:
		let(sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.NonCommittal, WhyNone: true})
	}
}

func buyer(i int) string { return fmt.Sprintf("lead%d@buyer.example", i) }

// enrolAt begins a life at an account.
func (s *stack) enrolAt(account, email string) string {
	s.Helper()
	var r struct {
		Lead string `json:"lead_id"`
	}
	require.NoError(s, s.api.Post(s.Context(), "/leads", map[string]any{
		"name": "Some Body", "email": email, "account": account, "time_zone": "Europe/Berlin", "country": "DE", "source": "ebook_download",
	}, &r))
	return r.Lead
}

// mailsOf counts the mails that each of n buyers got.
func (s *stack) mailsOf(n int) []int {
	counts := make([]int, n)
	for i := range counts {
		counts[i] = len(s.mails(buyer(i)))
	}
	return counts
}

func sum(all []int) (n int) {
	for _, i := range all {
		n += i
	}
	return n
}

func (r *ruins) count(sql string, args ...any) (n int) {
	r.Helper()
	require.NoError(r, r.store.Pool.QueryRow(r.Context(), sql, args...).Scan(&n))
	return n
}

func TestWhenTemporalIsLostEveryLeadGoesOnAndNobodyIsWrittenToTwice(t *testing.T) {
	s := start(t)
	stop := s.run(4 * time.Second)
	var leads []string
	for i := range 24 {
		leads = append(leads, s.enrolAt(fmt.Sprint("Buyer ", i/2), buyer(i)))
	}
	s.eventually("everybody has had a mail and many have had two", 3*time.Minute, func() bool {
		mails := s.mailsOf(24)
		return !slices.Contains(mails, 0) && sum(mails) >= 36
	})
	at := nextWorkingNoon(s.app.Door.Now(), 20)
	for i, lead := range leads {
		switch i % 6 {
		case 1:
			require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{"outcome": "call_scheduled", "next_step": map[string]any{"at": at}}, nil))
		case 2:
			require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/pause", map[string]any{}, nil))
		case 3:
			require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{"outcome": "not_now", "next_step": map[string]any{"at": at}}, nil))
		case 4:
			if i == 4 {
				require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/win", map[string]any{}, nil))
			}
		}
	}
	stop() // in the middle of whatever goes on

	r := s.ruins()
	person, err := r.store.Lead(t.Context(), uuid.MustParse(leads[5]))
	require.NoError(t, err)
	said := door.Door{Store: r.store, Workflows: r.engine, Clock: s.app.Door.Clock, Playbook: s.app.Library.Current}
	_, err = said.TakeReply(t.Context(), door.Reply{Lead: person.ID, Person: person.PersonID, Body: "yes?"})
	require.NoError(t, err)
	_, err = said.Enrol(t.Context(), door.Enrolment{
		Person: door.Person{Email: "late@late.example", Zone: "Europe/Berlin", Country: "DE"}, Engagement: door.Engagement{Kind: "info_request"},
	})
	require.NoError(t, err)
	require.Zero(t, r.count("SELECT count(*) FROM dispatches WHERE delivered_at IS NULL AND message IN ('reply', 'start')"), "Temporal has both, and no worker has seen them")
	before, sent, paused := r.states(), sum(s.mailsOf(24)), len(s.mails(buyer(2)))

	s.loseTemporal()
	report := r.rebuild()
	require.Equal(t, 23, report.Started, "one is won")
	require.Equal(t, 1, report.Enrolled)
	require.GreaterOrEqual(t, report.Messages, 1, "the reply is told again")
	require.Zero(t, report.Waiting)
	require.Empty(t, cmp.Diff(before, r.states()), "a rebuild changes no row")
	for id, lead := range before {
		standing, err := r.engine.Standing(t.Context(), id.String())
		require.NoError(t, err)
		if lead.Stage != "" {
			require.Empty(t, cmp.Diff(lead, standing.Input.Lead), "lead %s", id)
		}
	}

	stop = s.run(4 * time.Second)
	s.eventually("the reply has its effect", time.Minute, func() bool { return s.lead(leads[5]).Blocked == string(sequence.PausedReply) })
	s.eventually("who had begun no life begins it", time.Minute, func() bool { return len(s.mails("late@late.example")) > 0 })
	s.eventually("others are written to again", 3*time.Minute, func() bool { return sum(s.mailsOf(24)) >= sent+6 })
	var d api.Decision
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+leads[2]+"/resume", map[string]any{}, &d))
	s.eventually("who was paused goes on", 3*time.Minute, func() bool { return len(s.mails(buyer(2))) > paused })
	require.Equal(t, sequence.Won, s.lead(leads[4]).Stage)
	stop()
	require.Zero(t, r.count(`SELECT count(*) FROM send_ledger WHERE state = 'unknown'`))
	for i := range 24 {
		ids := map[string]bool{}
		for _, m := range s.mail.Messages(buyer(i), 1000) {
			require.False(t, ids[m.MessageID], "%s was sent twice", m.MessageID)
			ids[m.MessageID] = true
		}
	}
	require.Empty(t, r.verify().Differences)
}

// only is whether a turn was written.
func only(_ []sequence.SendAbandoned, err error) error { return err }
