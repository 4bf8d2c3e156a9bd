package door

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// people are strangers from a few accounts, reported under ids of their own.
func people(n int) (all []Enrolment) {
	for i := range n {
		e := ada()
		e.Email, e.Phone = fmt.Sprintf("P%d@quill.example", i), fmt.Sprintf("+1555010%04d", i)
		e.Account, e.ExternalID = fmt.Sprintf("Quill %d", i%7), fmt.Sprintf("report/%d", i)
		all = append(all, e)
	}
	return all
}

func (s *setting) enrolAll(all []Enrolment) []Attempt {
	s.t.Helper()
	attempts, err := s.EnrolAll(s.t.Context(), all)
	require.NoError(s.t, err)
	require.Len(s.t, attempts, len(all))
	return attempts
}

func TestEnrolmentInBulkMakesTheSameLeadAsASingleOne(t *testing.T) {
	one, many := newSetting(t), newSetting(t)
	amount := int64(120_000)
	e := ada()
	e.Amount, e.ExternalID = &amount, "report/0"
	single, err := one.Enrol(t.Context(), e)
	require.NoError(t, err)
	bulk := many.enrolAll([]Enrolment{e})[0]
	require.NoError(t, bulk.Err)
	require.Equal(t, Created, bulk.Status)
	many.relay()

	is, want := many.engine.running[bulk.Lead.String()], one.engine.running[single.Lead.String()]
	require.Equal(t, bulk.Engagement.String(), is.Enrolled.ID)
	is.Lead.ID, is.Lead.Account, is.Lead.Owner, is.Enrolled.ID = want.Lead.ID, want.Lead.Account, want.Lead.Owner, want.Enrolled.ID
	require.Equal(t, want, is)
	for _, table := range []string{"people", "accounts", "leads", "engagements", "dispatches"} {
		row := `SELECT count(*) FROM ` + table
		require.Equal(t, count(one, row), count(many, row), table)
	}
	p, q := one.person(), many.person()
	require.NotEmpty(t, q.UnsubscribeToken)
	q.ID, q.AccountID, q.UnsubscribeToken, q.CreatedAt = p.ID, p.AccountID, p.UnsubscribeToken, p.CreatedAt
	require.Equal(t, p, q)
	require.Zero(t, count(many, "SELECT count(*) FROM dispatches WHERE payload::text ~ '@|[Qq]uill|Ada|15550100001'"), "ids only")
}

func TestEachOfManyEnrolmentsIsAnsweredForItself(t *testing.T) {
	s := newSetting(t)
	living := s.enrol()
	require.NoError(t, s.StopAddress(t.Context(), "stop@quill.example", "link", ""))
	require.NoError(t, s.StopDomain(t.Context(), "closed.example", "rep", ""))
	require.NoError(t, s.StopNumber(t.Context(), "+15550990001", "rep", ""))
	nobody := uuid.New()
	all := people(10)
	all[1].Email = "ada@quill.example"
	all[2].Email = "stop@quill.example"
	all[3].Email = "any@closed.example"
	all[4].Owner = &nobody
	all[5].Email = all[0].Email
	all[6].Email = "" // by number only
	all[7].Phone = "+15550990001"
	all[8].Account = "" // of no account
	all[9].Phone = "no number"

	got := s.enrolAll(all)
	for _, i := range []int{0, 6, 7, 8} {
		require.NoError(t, got[i].Err, i)
		require.Equal(t, Created, got[i].Status, i)
	}
	require.Equal(t, AlreadyEnrolled{living}, got[1].Err)
	require.ErrorIs(t, got[2].Err, ErrStopped)
	require.ErrorIs(t, got[3].Err, ErrStopped)
	require.ErrorIs(t, got[4].Err, ErrOwner)
	require.Equal(t, AlreadyEnrolled{got[0].Lead}, got[5].Err, "twice in one request")
	require.ErrorIs(t, got[9].Err, postgres.ErrInvalid)
	require.Equal(t, 5, count(s, "SELECT count(*) FROM leads"), "what is refused leaves nothing")
	require.Equal(t, 5, count(s, "SELECT count(*) FROM people"))
	require.Zero(t, count(s, "SELECT count(*) FROM accounts a WHERE NOT EXISTS (SELECT FROM people WHERE account_id = a.id)"))

	s.relay()
	require.True(t, s.engine.running[got[7].Lead.String()].Lead.NoPhone, "a number that somebody stopped is not called")
	require.False(t, s.engine.running[got[0].Lead.String()].Lead.NoPhone)
	require.True(t, s.engine.running[got[6].Lead.String()].Lead.NoEmail)
}

func TestManyLeadsAreSharedOutAmongTheReps(t *testing.T) {
	s := newSetting(t)
	s.enrol()
	other, err := s.Store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Kim", Email: "kim@seller.example", Role: "rep"})
	require.NoError(t, err)
	all := people(9)
	all[0].Owner = &s.rep
	s.enrolAll(all)
	of := func(rep uuid.UUID) int { return count(s, "SELECT count(*) FROM leads WHERE owner_id = $1", rep) }
	require.Equal(t, []int{5, 5}, []int{of(s.rep), of(other.ID)})

	_, err = s.Store.Pool.Exec(t.Context(), "UPDATE users SET active = false")
	require.NoError(t, err)
	late := people(10)[9:]
	require.ErrorIs(t, s.enrolAll(late)[0].Err, ErrNoRep)
}

func TestWhoIsEnrolledInBulkHearsWhoTalksAtTheAccount(t *testing.T) {
	s := newSetting(t)
	talking := s.enrol()
	_, err := s.Store.Pool.Exec(t.Context(), "UPDATE leads SET talking = true")
	require.NoError(t, err)
	all := people(2)
	all[0].Account = "QUILL INC" // as it is known, in other letters
	got := s.enrolAll(all)
	s.relay()
	require.Equal(t, []string{talking.String()}, s.engine.running[got[0].Lead.String()].Enrolled.Talking)
	require.Empty(t, s.engine.running[got[1].Lead.String()].Enrolled.Talking)
}

func TestTheSameReportInBulkAgainMakesNothingNewAndEndsWhatBrokeOff(t *testing.T) {
	s := newSetting(t)
	all := people(20)
	first := s.enrolAll(all[:12]) // the answer was lost in a crash
	again := s.enrolAll(all)
	for i := range first {
		require.NoError(t, again[i].Err)
		require.Equal(t, Result{Repeated, first[i].Lead, first[i].Engagement}, again[i].Result)
	}
	for _, a := range again[12:] {
		require.Equal(t, Created, a.Status)
	}
	require.Equal(t, 20, count(s, "SELECT count(*) FROM leads"))
	s.relay()
	require.Len(t, s.engine.heard(), 20)
}

func TestManyBulkEnrolmentsAtOnceMakeEachLeadOnceAndWaitInNoCircle(t *testing.T) {
	s := newSetting(t)
	var requests sync.WaitGroup
	for r := range 6 {
		all := people(80)
		if r%2 == 1 {
			slices.Reverse(all)
		}
		for i := range all {
			all[i].ExternalID = fmt.Sprintf("report %d/%d", r, i)
		}
		requests.Go(func() {
			attempts, err := s.EnrolAll(t.Context(), all)
			if err != nil || len(attempts) != len(all) {
				t.Error("all are answered", err)
			}
			for _, a := range attempts {
				if a.Err == nil && a.Status != Created || a.Err != nil && !isMendable(a.Err) {
					t.Error("made here or there before", a)
				}
			}
		})
	}
	requests.Wait()
	require.Equal(t, 80, count(s, "SELECT count(*) FROM leads"))
	s.relay()
	require.Len(t, s.engine.heard(), 80)
}

func TestWhatIsEnrolledInBulkWhileTemporalIsAwayBeginsLater(t *testing.T) {
	s := newSetting(t)
	s.engine.be(true)
	got := s.enrolAll(people(3))
	s.relay()
	require.Empty(t, s.engine.heard())
	require.Equal(t, 3, count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL AND attempts = 1"))
	s.engine.be(false)
	s.relay()
	require.ElementsMatch(t, []string{"start " + got[0].Lead.String(), "start " + got[1].Lead.String(), "start " + got[2].Lead.String()}, s.engine.heard())
}

func TestTheRelayIsWokenByAnEnrolmentInBulk(t *testing.T) {
	s := newSetting(t)
	s.Bell = NewBell()
	s.enrolAll(people(1))
	select {
	case <-s.Bell:
	default:
		t.Fatal("the relay sleeps on")
	}
}
