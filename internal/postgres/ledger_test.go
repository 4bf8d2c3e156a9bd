package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// mail counts what is handed to the mail server and answers a verdict.
type mail struct {
	mu      sync.Mutex
	sent    int
	verdict activities.Verdict
}

func (m *mail) send(ctx context.Context, begin activities.Begin) activities.Verdict {
	if err := begin(ctx); err != nil {
		return activities.Verdict{Status: sequence.Deferred, Detail: err.Error()}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent++
	if m.verdict.Status == "" {
		return activities.Verdict{Status: sequence.Sent}
	}
	return m.verdict
}

func (s *setting) reserve(e sequence.SendEmail) activities.Reservation {
	s.t.Helper()
	r, err := s.Reserve(s.t.Context(), s.lead.String(), now, e)
	require.NoError(s.t, err)
	return r
}

func (s *setting) handOver(r activities.Reservation, m *mail) activities.Verdict {
	s.t.Helper()
	require.Nil(s.t, r.Ended)
	v, err := s.HandOver(s.t.Context(), r, now, m.send)
	require.NoError(s.t, err)
	return v
}

// lost hands over what another attempt has taken over meanwhile.
func (s *setting) lost(r activities.Reservation, m *mail) {
	s.t.Helper()
	_, err := s.HandOver(s.t.Context(), r, now, m.send)
	require.ErrorContains(s.t, err, "took over")
}

// killed ends the one connection that is in that state.
func (s *setting) killed(state string) {
	s.t.Helper()
	require.Equal(s.t, 1, scan[int](s, `SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND state = $1) AS killed`, state))
}

// attempt is one run of the activity: reserve, and hand over what there is.
func (s *setting) attempt(ctx context.Context, e sequence.SendEmail, m *mail) (sequence.SendStatus, error) {
	r, err := s.Reserve(ctx, s.lead.String(), now, e)
	if err != nil {
		return "", err
	}
	if r.Ended != nil {
		return r.Ended.Status, nil
	}
	v, err := s.HandOver(ctx, r, now, m.send)
	return v.Status, err
}

func TestATouchIsReservedHandedOverAndSentOnce(t *testing.T) {
	s, m := newSetting(t), new(mail)
	r := s.reserve(email("t1"))
	require.Equal(t, "reserved", s.row("t1").State)
	require.Equal(t, "t1."+s.lead.String()+"@seller.example", r.Letter.MessageID)
	require.Equal(t, activities.Person{Name: "Ada Quill", Email: "ada@quill.example"}, r.Letter.To)
	require.Equal(t, activities.Person{Name: "Robin Underwood", Email: "robin@seller.example"}, r.Letter.Owner)
	require.Equal(t, "https://seller.example/unsubscribe/"+s.person.UnsubscribeToken, r.Letter.OptOutURL)
	require.Equal(t, "Ada", r.Letter.Fields["FirstName"])

	require.Equal(t, sequence.Sent, s.handOver(r, m).Status)
	require.Equal(t, "sent", s.row("t1").State)
	require.True(t, now.Equal(*s.row("t1").SentAt))

	again := s.reserve(email("t1"))
	require.Equal(t, &sequence.TouchPerformed{Touch: "t1", Status: sequence.Sent}, again.Ended)
	require.Equal(t, 1, m.sent)
}

func TestACrashBeforeTheMessageBeginsLeavesTheTouchToTheNextAttempt(t *testing.T) {
	s, m := newSetting(t), new(mail)
	s.news("only", now.AddDate(0, 0, -1), nil)
	lost := s.reserve(emailWithNews("t1"))

	again := s.reserve(emailWithNews("t1"))
	require.Equal(t, lost.Letter.MessageID, again.Letter.MessageID)
	require.Equal(t, "only", again.Letter.Reason.Title, "it was not brought yet")
	s.lost(lost, m) // the attempt that was thought dead comes back
	require.Equal(t, sequence.Sent, s.handOver(again, m).Status)
	s.lost(lost, m)
	require.Equal(t, 1, m.sent)
	require.Equal(t, "sent", s.row("t1").State)
}

func TestAnAttemptThatIsTakenOverWhileItDialsSendsNothing(t *testing.T) {
	s, m := newSetting(t), new(mail)
	first := s.reserve(email("t1"))
	_, err := s.HandOver(t.Context(), first, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		status, err := s.attempt(ctx, email("t1"), m) // it takes too long for somebody
		require.NoError(t, err)
		require.Equal(t, sequence.Sent, status)
		return m.send(ctx, begin)
	})
	require.ErrorContains(t, err, "took over", "it is to look again")
	require.Equal(t, 1, m.sent)
	require.Equal(t, sequence.Sent, s.reserve(email("t1")).Ended.Status)
}

func TestACrashAfterTheMessageBeganLeavesTheTouchUnknownAndUnsent(t *testing.T) {
	s, m := newSetting(t), new(mail)
	_, err := s.HandOver(t.Context(), s.reserve(email("t1")), now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		require.NoError(t, begin(ctx))
		for range 2 {
			again := s.reserve(email("t1"))
			require.Equal(t, sequence.Unknown, again.Ended.Status, "and it stays so")
			require.Equal(t, "unknown", s.row("t1").State)
		}
		s.killed("idle in transaction")
		return activities.Verdict{Status: sequence.Sent}
	})
	require.Error(t, err)
	require.Equal(t, "unknown", s.row("t1").State)
	require.Zero(t, m.sent)
}

func TestEverySendMayTakeItsNoteWhileAllConnectionsHoldAnAddress(t *testing.T) {
	s, m := newSetting(t), new(mail)
	held := int(s.Pool.Config().MaxConns)
	begin, ready, done := make(chan struct{}), make(chan struct{}, held), make(chan error, held)
	for i := range held {
		r := s.reserve(email(fmt.Sprint("t", i)))
		go func() {
			_, err := s.HandOver(context.WithoutCancel(t.Context()), r, now, func(ctx context.Context, b activities.Begin) activities.Verdict {
				ready <- struct{}{}
				<-begin
				return m.send(ctx, b)
			})
			done <- err
		}()
	}
	for range held {
		<-ready
	}
	close(begin)
	for range held {
		require.NoError(t, <-done)
	}
	require.Equal(t, held, m.sent)
}

func TestACrashBetweenSendAndCommitLeavesTheTouchUnknownAndSentOnce(t *testing.T) {
	s, m := newSetting(t), new(mail)
	r := s.reserve(email("t1"))
	_, err := s.HandOver(t.Context(), r, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		v := m.send(ctx, begin)
		s.killed("idle in transaction")
		return v
	})
	require.Error(t, err, "the activity is tried again")
	require.Equal(t, "reserved", s.row("t1").State)

	status, err := s.attempt(t.Context(), email("t1"), m)
	require.NoError(t, err)
	require.Equal(t, sequence.Unknown, status)
	require.Equal(t, 1, m.sent)
}

func TestWhatWasSentIsRecordedEvenWhenTheCallerGaveUp(t *testing.T) {
	s, m := newSetting(t), new(mail)
	r := s.reserve(email("t1"))
	ctx, giveUp := context.WithCancel(t.Context())
	v, err := s.HandOver(ctx, r, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		defer giveUp()
		return m.send(ctx, begin)
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, v.Status)
	require.Equal(t, "sent", s.row("t1").State)
}

func TestADeferredTouchIsReleasedAndReservedAgainUnderTheSameMessageID(t *testing.T) {
	s := newSetting(t)
	first := s.reserve(email("t1"))
	later := now.Add(15 * time.Minute)
	v := s.handOver(first, &mail{verdict: activities.Verdict{Status: sequence.Deferred, Detail: "451", RetryAt: later}})
	require.Equal(t, later, v.RetryAt)
	require.Equal(t, "released", s.row("t1").State)

	second := s.reserve(email("t1"))
	require.NotEqual(t, first.Attempt, second.Attempt)
	require.Equal(t, first.Letter.MessageID, second.Letter.MessageID)
	m := new(mail)
	s.lost(first, m)
	require.Equal(t, sequence.Sent, s.handOver(second, m).Status)
	require.Equal(t, 1, m.sent)
}

func TestHowATouchEndedIsToldToEveryLaterAttempt(t *testing.T) {
	for _, c := range []struct {
		verdict activities.Verdict
		state   string
		again   sequence.TouchPerformed
	}{
		{activities.Verdict{Status: sequence.Sent}, "sent", sequence.TouchPerformed{Touch: "t1", Status: sequence.Sent}},
		{activities.Verdict{Status: sequence.Unknown, Detail: "lost"}, "unknown", sequence.TouchPerformed{Touch: "t1", Status: sequence.Unknown, Detail: "lost"}},
		{activities.Verdict{Status: sequence.NoAddress, Detail: "550: 5.1.1"}, "failed", sequence.TouchPerformed{Touch: "t1", Status: sequence.NoAddress, Detail: "550: 5.1.1"}},
		{activities.Verdict{Status: sequence.Failed, Detail: "554"}, "failed", sequence.TouchPerformed{Touch: "t1", Status: sequence.Failed, Detail: "554"}},
	} {
		t.Run(string(c.verdict.Status), func(t *testing.T) {
			s := newSetting(t)
			require.Equal(t, c.verdict, s.handOver(s.reserve(email("t1")), &mail{verdict: c.verdict}))
			require.Equal(t, c.state, s.row("t1").State)
			require.Equal(t, &c.again, s.reserve(email("t1")).Ended)
		})
	}
}

func TestTwoConcurrentAttemptsAtATouchSendItOnce(t *testing.T) {
	s, m := newSetting(t), new(mail)
	sending, heard := make(chan struct{}), make(chan struct{})
	first := s.reserve(email("t1"))
	letGo := sync.OnceFunc(func() { close(heard) })
	t.Cleanup(letGo)
	done := make(chan activities.Verdict, 1)
	go func() {
		v, err := s.HandOver(t.Context(), first, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
			v := m.send(ctx, begin)
			close(sending)
			<-heard
			return v
		})
		if err != nil {
			t.Error(err)
		}
		done <- v
	}()
	<-sending
	status, err := s.attempt(t.Context(), email("t1"), m) // while the mail server has the first one
	require.NoError(t, err)
	require.Equal(t, sequence.Unknown, status)
	letGo()
	require.Equal(t, sequence.Sent, (<-done).Status)
	require.Equal(t, "sent", s.row("t1").State, "what is known in the end is kept")
	require.Equal(t, 1, m.sent)
}

func TestHoweverManyAttemptsRaceATouchIsSentAtMostOnce(t *testing.T) {
	s, m := newSetting(t), new(mail)
	var attempts sync.WaitGroup
	begin := make(chan struct{})
	for range 8 {
		attempts.Go(func() {
			<-begin
			_, _ = s.attempt(t.Context(), email("t1"), m) // some are told to try again
		})
	}
	close(begin)
	attempts.Wait()
	require.LessOrEqual(t, m.sent, 1)
	status, err := s.attempt(t.Context(), email("t1"), m)
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, status)
	require.Equal(t, 1, m.sent)
}

func TestASuppressedPersonIsNotReserved(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.suppress(t.Context(), s.person))
	r := s.reserve(email("t1"))
	require.Equal(t, sequence.Suppressed, r.Ended.Status)
	require.Zero(t, scan[int](s, "SELECT count(*) FROM send_ledger"))
}

func TestASuppressedDomainIsNotReserved(t *testing.T) {
	s := newSetting(t)
	_, err := s.Pool.Exec(t.Context(), "INSERT INTO suppressions (id, kind, value_hash, via, created_at) VALUES ($1, 'domain', $2, 'rep', now())",
		uuid.New(), postgres.Hash("QUILL.example"))
	require.NoError(t, err)
	require.Equal(t, sequence.Suppressed, s.reserve(email("t1")).Ended.Status)
}

func TestAStopBetweenReservingAndHandingOverPreventsTheSend(t *testing.T) {
	s, m := newSetting(t), new(mail)
	r := s.reserve(email("t1"))
	require.NoError(t, s.suppress(t.Context(), s.person))
	require.Equal(t, sequence.Suppressed, s.handOver(r, m).Status)
	require.Zero(t, m.sent)
	require.Equal(t, "refused", s.row("t1").State)
	require.Equal(t, sequence.Suppressed, s.reserve(email("t1")).Ended.Status)
}

func TestAStopWaitsForASendInProgressAndNoneBeginsAfterIt(t *testing.T) {
	s, m := newSetting(t), new(mail)
	first, second := s.reserve(email("t1")), s.reserve(email("t2"))
	sending, goOn := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(letGo)
	handed, stopped := make(chan activities.Verdict, 1), make(chan error, 1)
	go func() {
		v, err := s.HandOver(t.Context(), first, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
			close(sending)
			<-goOn
			return m.send(ctx, begin)
		})
		if err != nil {
			t.Error(err)
		}
		handed <- v
	}()
	<-sending
	go func() { stopped <- s.suppress(t.Context(), s.person) }()
	s.untilSomebodyWaits()
	select {
	case <-stopped:
		t.Fatal("the stop was acknowledged while a mail was on its way")
	default:
	}
	letGo()
	require.Equal(t, sequence.Sent, (<-handed).Status, "it was in the mail server's hands already")
	require.NoError(t, <-stopped)

	require.Equal(t, sequence.Suppressed, s.handOver(second, m).Status)
	require.Equal(t, 1, m.sent)
}

func TestASendThatWaitsForAStopDoesNotBegin(t *testing.T) {
	s, m := newSetting(t), new(mail)
	r := s.reserve(email("t1"))
	tx, err := s.Pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	require.NoError(t, postgres.SuppressPerson(t.Context(), tx, s.Queries.WithTx(tx), s.person, "link", now))
	handed := make(chan activities.Verdict, 1)
	go func() {
		v, err := s.HandOver(t.Context(), r, now, m.send)
		if err != nil {
			t.Error(err)
		}
		handed <- v
	}()
	s.untilSomebodyWaits()
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, sequence.Suppressed, (<-handed).Status)
	require.Zero(t, m.sent)
}

func TestSendsToTheSamePersonDoNotWaitForEachOther(t *testing.T) {
	s, m := newSetting(t), new(mail)
	first, second := s.reserve(email("t1")), s.reserve(email("t2"))
	v, err := s.HandOver(t.Context(), first, now, func(ctx context.Context, begin activities.Begin) activities.Verdict {
		require.Equal(t, sequence.Sent, s.handOver(second, m).Status)
		return m.send(ctx, begin)
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Sent, v.Status)
}

func TestALeadNeverGetsTheSameNewsTwice(t *testing.T) {
	s, m := newSetting(t), new(mail)
	s.news("older", now.AddDate(0, -1, 0), nil)
	s.news("newer", now.AddDate(0, 0, -1), nil)
	s.news("not yet", now.AddDate(0, 0, 1), nil)
	expired := now
	s.news("expired", now.AddDate(0, 0, -2), &expired)

	first := s.reserve(emailWithNews("t1"))
	require.Equal(t, "newer", first.Letter.Reason.Title, "the newest first")
	second := s.reserve(emailWithNews("t2"))
	require.Equal(t, "older", second.Letter.Reason.Title, "what is reserved counts already")
	s.handOver(first, m)
	s.handOver(second, m)
	third := s.reserve(emailWithNews("t3"))
	require.Equal(t, sequence.NoReason, third.Ended.Status)
	_, err := s.LedgerRow(t.Context(), db.LedgerRowParams{LeadID: s.lead, Touch: "t3"})
	require.Error(t, err, "nothing is reserved: the touch is tried again when there is news")

	s.news("fresh", now, nil)
	require.Equal(t, "fresh", s.reserve(emailWithNews("t3")).Letter.Reason.Title)
}

func TestNewsWhoseMailWasNotTakenMayBeBroughtAgain(t *testing.T) {
	s := newSetting(t)
	s.news("only", now.AddDate(0, 0, -1), nil)
	s.handOver(s.reserve(emailWithNews("t1")), &mail{verdict: activities.Verdict{Status: sequence.Deferred}})
	require.Equal(t, "only", s.reserve(emailWithNews("t1")).Letter.Reason.Title)
}

func TestNewsIsChosenBySource(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.InsertContent(t.Context(), db.InsertContentParams{
		ID: uuid.New(), Kind: "event", Title: "for webinar guests", Sources: []string{"webinar_attended"}, PublishedAt: now,
	}))
	require.Equal(t, sequence.NoReason, s.reserve(emailWithNews("t1")).Ended.Status)
	require.NoError(t, s.InsertContent(t.Context(), db.InsertContentParams{
		ID: uuid.New(), Kind: "event", Title: "for those who asked", Sources: []string{"info_request"}, PublishedAt: now,
	}))
	require.Equal(t, "for those who asked", s.reserve(emailWithNews("t1")).Letter.Reason.Title)
}

func TestWithAnEmptyLibraryThereIsNoReasonToReachOut(t *testing.T) {
	s := newSetting(t)
	require.Equal(t, sequence.NoReason, s.reserve(emailWithNews("t1")).Ended.Status)
	require.Nil(t, s.reserve(email("t2")).Letter.Reason, "a touch that asks for none needs none")
}

func TestAPersonWithoutAnAddressCannotBeWrittenTo(t *testing.T) {
	s := newSetting(t)
	_, err := s.Pool.Exec(t.Context(), "UPDATE people SET email = NULL WHERE id = $1", s.person.ID)
	require.NoError(t, err)
	require.Equal(t, sequence.NoAddress, s.reserve(email("t1")).Ended.Status)
}

func TestAStakeholderIsWrittenToAndThePrimaryNamed(t *testing.T) {
	s := newSetting(t)
	bo := s.newPerson("Bo Chen", "bo@quill.example", "+15550100002")
	e := email("t1")
	e.To = bo.ID.String()
	r := s.reserve(e)
	require.Equal(t, "bo@quill.example", r.Letter.To.Email)
	require.Equal(t, "Ada", r.Letter.Fields["Primary"])
	require.Contains(t, r.Letter.OptOutURL, bo.UnsubscribeToken, "everybody stops for themselves")
}

func TestAReservationForNobodyIsGone(t *testing.T) {
	s := newSetting(t)
	stranger := email("t1")
	stranger.To = uuid.NewString()
	for name, try := range map[string]struct {
		lead  string
		email sequence.SendEmail
	}{
		"an erased lead":        {uuid.NewString(), email("t1")},
		"no id at all":          {"lead-1", email("t1")},
		"an erased stakeholder": {s.lead.String(), stranger},
	} {
		_, err := s.Reserve(t.Context(), try.lead, now, try.email)
		require.True(t, errors.Is(err, activities.ErrGone), "%s: %v", name, err)
	}
}
