package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

var errAway = errors.New("temporal is away")

// engine stands in for Temporal: it runs what was started and remembers in
// which order it was told what.
type engine struct {
	mu      sync.Mutex
	away    bool
	running map[string]workflows.Input
	told    []string // "start <lead>" or "<signal> <lead> <id of the message>"
}

func (e *engine) Start(_ context.Context, in workflows.Input) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away {
		return errAway
	}
	if _, begun := e.running[in.Lead.ID]; !begun {
		e.running[in.Lead.ID] = in
		e.told = append(e.told, "start "+in.Lead.ID)
	}
	return nil
}

func (e *engine) Signal(_ context.Context, lead, name string, payload json.RawMessage) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away {
		return errAway
	}
	if _, runs := e.running[lead]; !runs {
		return ErrNoWorkflow
	}
	var m workflows.Message[struct{ ID string }]
	if err := json.Unmarshal(payload, &m); err != nil {
		return err
	}
	e.told = append(e.told, fmt.Sprintf("%s %s %s", name, lead, m.Event.ID))
	return nil
}

func (e *engine) be(away bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = away
}

func (e *engine) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.told...)
}

type setting struct {
	*Door
	t      *testing.T
	engine *engine
	rep    uuid.UUID
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 20)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	rep, err := store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin", Email: "robin@seller.example", Role: "rep"})
	require.NoError(t, err)
	e := &engine{running: map[string]workflows.Input{}}
	return &setting{Door: &Door{Store: store, Workflows: e, Playbook: func() *sequence.Playbook { return playbook }}, t: t, engine: e, rep: rep.ID}
}

func ada() Enrolment {
	return Enrolment{
		Person:     Person{Name: "Ada Quill", Email: "Ada@Quill.example", Phone: "+15550100001", Account: "Quill Inc", Zone: "America/New_York", Country: "US"},
		Engagement: Engagement{Kind: "info_request", Detail: "the brochure"}, By: "key-1",
	}
}

func visit(external string) Enrolment {
	e := ada()
	e.Engagement = Engagement{Kind: "site_visit", ExternalID: external}
	return e
}

func count(s *setting, sql string, args ...any) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Pool.QueryRow(s.t.Context(), sql, args...).Scan(&n))
	return n
}

// relay hands over whatever can be, as a relay does once every waiting message
// has waited long enough.
func (s *setting) relay() {
	s.t.Helper()
	_, err := s.Store.Pool.Exec(s.t.Context(), "UPDATE dispatches SET created_at = created_at - interval '2 minutes'")
	require.NoError(s.t, err)
	for n := 1; n > 0; {
		n, err = s.relayOnce(s.t.Context())
		require.NoError(s.t, err)
	}
}

func (s *setting) enrol() uuid.UUID {
	s.t.Helper()
	r, err := s.Enrol(s.t.Context(), ada())
	require.NoError(s.t, err)
	require.Equal(s.t, Created, r.Status)
	return r.Lead
}

func (s *setting) person() db.Person {
	s.t.Helper()
	email := "ada@quill.example"
	p, err := s.Store.PersonByEmail(s.t.Context(), &email)
	require.NoError(s.t, err)
	return p
}

func TestAnEnrolmentMakesEverythingAndStartsTheLife(t *testing.T) {
	s := newSetting(t)
	amount := int64(120_000)
	e := ada()
	e.Amount = &amount
	r, err := s.Enrol(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, Created, r.Status)

	p := s.person()
	require.Equal(t, "Ada Quill", p.Name)
	require.NotEmpty(t, p.UnsubscribeToken)
	lead, err := s.Store.Lead(t.Context(), r.Lead)
	require.NoError(t, err)
	require.Equal(t, p.ID, lead.PersonID)
	require.Equal(t, s.rep, lead.OwnerID)
	require.Equal(t, amount, *lead.Amount)
	require.Equal(t, "warm", lead.Stage)
	engagements, err := s.Store.EngagementsOf(t.Context(), &r.Lead)
	require.NoError(t, err)
	require.Len(t, engagements, 1)
	require.Equal(t, r.Engagement, engagements[0].ID)

	require.Equal(t, []string{"start " + r.Lead.String()}, s.engine.heard())
	in := s.engine.running[r.Lead.String()]
	require.Equal(t, sequence.Lead{
		ID: r.Lead.String(), Account: lead.AccountID.String(), Owner: s.rep.String(), Source: "info_request",
		Zone: "America/New_York", Country: "US", Playbook: s.Playbook().ID, Amount: amount,
	}, in.Lead)
	require.Equal(t, &sequence.Enrolled{By: sequence.By{Actor: "key-1"}, ID: r.Engagement.String(), Kind: "info_request"}, in.Enrolled)
	require.Zero(t, count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL"))
	require.Zero(t, count(s, "SELECT count(*) FROM dispatches WHERE payload::text ~ '@|[Qq]uill|Ada|15550100001'"), "ids only")
}

func TestADormantContactEntersThroughRevival(t *testing.T) {
	s := newSetting(t)
	e := ada()
	e.Kind = "crm_dormant"
	r, err := s.Enrol(t.Context(), e)
	require.NoError(t, err)
	lead, err := s.Store.Lead(t.Context(), r.Lead)
	require.NoError(t, err)
	require.Equal(t, "revival", lead.Stage)
}

func TestTheSameEngagementReportedTwiceHasOneEffect(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	first, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	again, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	require.Equal(t, Result{Status: Repeated, Lead: lead, Engagement: first.Engagement}, again)
	require.Equal(t, []string{"start " + lead.String(), fmt.Sprintf("engagement %s %s", lead, first.Engagement)}, s.engine.heard())
}

func TestTheSameEngagementReportedManyTimesAtOnceHasOneEffect(t *testing.T) {
	for name, begin := range map[string]func(*setting){
		"of somebody we know":     func(s *setting) { s.enrol() },
		"of somebody who is new":  func(*setting) {},
		"of somebody who stopped": func(s *setting) { s.enrol(); require.NoError(s.t, s.Stop(s.t.Context(), s.person().ID, "link", "")) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetting(t)
			begin(s)
			before, told := count(s, "SELECT count(*) FROM engagements"), count(s, "SELECT count(*) FROM dispatches")
			results := atOnce(8, func() (Result, error) { return s.Engage(t.Context(), visit("x1")) })
			effects, dispatched := 0, 0
			for _, r := range results {
				require.NoError(t, r.err)
				if r.Status != Repeated {
					effects++
				}
				if r.Status == Recorded || r.Status == Created {
					dispatched++
				}
			}
			require.Equal(t, 1, effects)
			require.Equal(t, before+1, count(s, "SELECT count(*) FROM engagements"))
			require.Equal(t, told+dispatched, count(s, "SELECT count(*) FROM dispatches"))
		})
	}
}

type attempt struct {
	Result
	err error
}

func atOnce(n int, do func() (Result, error)) []attempt {
	results, begin := make([]attempt, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			results[i].Result, results[i].err = do()
		})
	}
	close(begin)
	all.Wait()
	return results
}

func TestOfConcurrentEnrolmentsOfAnAddressOneMakesTheLeadAndTheOthersAreToldOfIt(t *testing.T) {
	s := newSetting(t)
	results := atOnce(8, func() (Result, error) { return s.Enrol(t.Context(), ada()) })
	var lead uuid.UUID
	for _, r := range results {
		if r.err == nil {
			require.Equal(t, uuid.Nil, lead, "one lead only")
			lead = r.Lead
		}
	}
	require.NotEqual(t, uuid.Nil, lead)
	for _, r := range results {
		if r.err != nil {
			var already AlreadyEnrolled
			require.ErrorAs(t, r.err, &already)
			require.Equal(t, lead, already.Lead)
		}
	}
	require.Equal(t, 1, count(s, "SELECT count(*) FROM leads"))
	require.Equal(t, 1, count(s, "SELECT count(*) FROM people"))
	require.Equal(t, 1, count(s, "SELECT count(*) FROM engagements"))
	require.Equal(t, []string{"start " + lead.String()}, s.engine.heard())
}

func TestANewBeginningAfterAFinishedLifeIsANewLead(t *testing.T) {
	s := newSetting(t)
	first := s.enrol()
	_, err := s.Store.Pool.Exec(t.Context(), "UPDATE leads SET stage = 'won'")
	require.NoError(t, err)
	second := s.enrol()
	require.NotEqual(t, first, second)
	require.Equal(t, 1, count(s, "SELECT count(*) FROM people"))
}

func TestAnEnrolmentNamesItsOwnerOrIsGivenToTheRepWithTheFewestLeads(t *testing.T) {
	s := newSetting(t)
	s.enrol()
	other, err := s.Store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Kim", Email: "kim@seller.example", Role: "rep"})
	require.NoError(t, err)
	e := ada()
	e.Email, e.Phone = "bo@quill.example", ""
	r, err := s.Enrol(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, 1, count(s, "SELECT count(*) FROM leads WHERE id = $1 AND owner_id = $2", r.Lead, other.ID))

	e.Email = "cy@quill.example"
	nobody := uuid.New()
	e.Owner = &nobody
	_, err = s.Enrol(t.Context(), e)
	require.ErrorIs(t, err, ErrOwner)
	_, err = s.Store.Pool.Exec(t.Context(), "UPDATE users SET active = false")
	require.NoError(t, err)
	e.Owner = nil
	_, err = s.Enrol(t.Context(), e)
	require.ErrorIs(t, err, ErrNoRep)
	require.Zero(t, count(s, "SELECT count(*) FROM people WHERE email = 'cy@quill.example'"), "nothing is changed")
}

func TestAReplyGoesToTheLeadOfThePersonAndAnAutomaticOneOnlyPauses(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	got, err := s.TakeReply(t.Context(), Reply{Person: s.person().ID, Body: "Tell me more."})
	require.NoError(t, err)
	require.Equal(t, lead, got)
	_, err = s.TakeReply(t.Context(), Reply{Person: s.person().ID, Automatic: true, Until: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	heard := s.engine.heard()
	require.Len(t, heard, 3)
	require.Contains(t, heard[1], "reply "+lead.String())
	require.Contains(t, heard[2], "auto_reply "+lead.String())
	require.Zero(t, count(s, "SELECT count(*) FROM dispatches WHERE payload::text LIKE '%Tell me more%'"), "the words stay in the records")
}
