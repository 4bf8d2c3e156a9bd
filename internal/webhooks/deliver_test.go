package webhooks_test

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/webhooks"
)

func TestEachLeadsEventsArriveInOrderWhateverFails(t *testing.T) {
	s := newSetting(t)
	written, told := map[string][]string{}, 0
	for n := range 6 {
		for i := range 7 {
			lead := uuid.NewSHA1(uuid.NameSpaceURL, []byte{byte(i)})
			written[lead.String()] = append(written[lead.String()], s.tell(lead, n))
			told++
		}
	}
	var mu sync.Mutex
	tries := map[string]int{}
	s.answers(func(g got, _ http.ResponseWriter) int {
		mu.Lock()
		defer mu.Unlock()
		tries[g.id]++
		if tries[g.id] <= int(crc32.ChecksumIEEE([]byte(g.id))%4) {
			return http.StatusInternalServerError
		}
		return http.StatusNoContent
	})
	s.live(12 * time.Hour)

	taken, refused := map[string][]string{}, 0
	for _, g := range s.received() {
		if g.status != http.StatusNoContent {
			refused++
			require.Equal(t, written[g.lead][len(taken[g.lead])], g.id, "only the next one is even tried")
			continue
		}
		taken[g.lead] = append(taken[g.lead], g.id)
	}
	require.Equal(t, written, taken, "all of them, once, in order")
	require.Greater(t, refused, told/2)
	require.Zero(t, s.endpoint().Waiting)
}

func TestALeadWhoseEventIsRefusedHoldsUpNobodyElse(t *testing.T) {
	s := newSetting(t)
	stuck, free := uuid.New(), uuid.New()
	first := s.tell(stuck, 1)
	s.tell(stuck, 2)
	s.answers(func(g got, _ http.ResponseWriter) int {
		if g.id == first {
			return http.StatusBadRequest
		}
		return http.StatusOK
	})
	for n := range 40 {
		s.tell(free, n)
	}
	d := s.deliver()
	require.WithinDuration(t, s.Clock().Add(5*time.Second), d.NextAt, 2*time.Second)
	all := s.received()
	require.Len(t, all, 41)
	require.Zero(t, s.number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered' AND lead_id = '`+stuck.String()+`'`))

	for range 80 { // it is given up while others are taken, and its lead goes on
		s.pass(time.Hour)
		s.tell(free, 100+s.number(`SELECT count(*) FROM webhook_events`))
		s.deliver()
	}
	require.Empty(t, s.endpoint().Parked)
	require.Equal(t, 1, s.number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'given_up'`))
	require.Equal(t, 1, s.number(`SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered' AND lead_id = '`+stuck.String()+`'`))
	s.received()
	n := int64(s.number(`SELECT n FROM webhook_deliveries WHERE state = 'given_up'`))
	_, err := s.Replay(t.Context(), name, n)
	require.NoError(t, err)
	s.answers(nil)
	s.deliver()
	require.Equal(t, []string{first}, ids(s.received()), "and can be had again")
}

func TestWhatAWorkerDeliveredAndDidNotWriteDownIsDeliveredAgainUnderTheSameID(t *testing.T) {
	s := newSetting(t)
	lead := uuid.New()
	first, second := s.tell(lead, 1), s.tell(lead, 2)
	dying, die := context.WithCancel(t.Context())
	s.answers(func(got, http.ResponseWriter) int {
		die()
		return http.StatusOK
	})
	_, err := s.DeliverWebhooks(dying, s.id(), func() {})
	require.ErrorIs(t, err, context.Canceled)
	s.answers(nil)
	s.deliver()
	require.Eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.got) == 3 }, 10*time.Second, time.Millisecond)
	all := s.received()
	require.ElementsMatch(t, []string{first, first, second}, ids(all))
	require.Equal(t, all[0].body, all[1].body, "not a byte differs")
}

func TestOnlyOneWorkerDeliversAtATime(t *testing.T) {
	s := newSetting(t)
	s.tell(uuid.New(), 1)
	there, goOn := make(chan struct{}), make(chan struct{})
	s.answers(func(got, http.ResponseWriter) int {
		close(there)
		<-goOn
		return http.StatusOK
	})
	ended := make(chan error)
	go func() {
		_, err := s.DeliverWebhooks(t.Context(), s.id(), func() {})
		ended <- err
	}()
	<-there
	d := s.deliver()
	require.False(t, d.NextAt.IsZero(), "the other one looks again")
	close(goOn)
	require.NoError(t, <-ended)
	require.Len(t, s.received(), 1)
}

func TestAnEndpointThatTakesNothingForADayIsParkedAndLosesNothing(t *testing.T) {
	s := newSetting(t)
	var told []string
	lead := uuid.New()
	for n := range 3 {
		told = append(told, s.tell(lead, n))
	}
	s.answersWith(http.StatusBadGateway)
	s.live(23 * time.Hour)
	require.Empty(t, s.endpoint().Parked)
	require.NotNil(t, s.endpoint().FailingSince)
	s.live(3 * time.Hour)
	e := s.endpoint()
	require.Equal(t, webhooks.Failing, e.Parked)
	require.Contains(t, e.ParkedDetail, "502")
	require.Less(t, len(s.received()), 50, "it is left alone more and more")
	require.Equal(t, 1, s.number(`SELECT count(*) FROM notifications WHERE who = 'manager' AND about LIKE '%crm is parked%'`))

	told = append(told, s.tell(lead, 4))
	require.True(t, s.deliver().NextAt.IsZero())
	require.Empty(t, s.received(), "nothing is tried")
	woken := &waker{}
	require.NoError(t, s.Wake(t.Context(), woken))
	require.Empty(t, woken.ids)

	s.answers(nil)
	require.NoError(t, s.Resume(t.Context(), name))
	require.NoError(t, s.Wake(t.Context(), woken))
	require.Equal(t, []string{s.id()}, woken.ids)
	s.deliver()
	require.Equal(t, told, ids(s.received()))
	require.Equal(t, 1, s.number(`SELECT count(*) FROM notifications`))
}

func TestWhenAnAddressIsMendedWhatWaitsIsTriedAtOnce(t *testing.T) {
	s := newSetting(t)
	away := httptest.NewServer(nil)
	away.Close()
	_, err := s.Save(t.Context(), name, webhooks.EndpointSettings{URL: away.URL})
	require.NoError(t, err)
	for range 10 {
		s.tell(uuid.New(), 1)
	}
	d := s.deliver()
	require.True(t, d.NextAt.After(s.Clock()))
	require.NotNil(t, s.endpoint().NotBefore, "several failed and none was taken")
	_, err = s.Save(t.Context(), name, webhooks.EndpointSettings{URL: s.url})
	require.NoError(t, err)
	require.True(t, s.deliver().NextAt.IsZero())
	require.Len(t, s.received(), 10)
	require.Nil(t, s.endpoint().FailingSince)
}

func TestAnEndpointThatIsGoneIsParkedAtOnce(t *testing.T) {
	s := newSetting(t)
	s.tell(uuid.New(), 1)
	s.answersWith(http.StatusGone)
	require.True(t, s.deliver().NextAt.IsZero())
	require.Equal(t, webhooks.Gone, s.endpoint().Parked)
	require.EqualValues(t, 1, s.endpoint().Waiting)
}

func TestWhoAsksForTimeGetsIt(t *testing.T) {
	s := newSetting(t)
	s.tell(uuid.New(), 1)
	s.answers(func(_ got, w http.ResponseWriter) int {
		w.Header().Set("Retry-After", "600")
		return http.StatusTooManyRequests
	})
	d := s.deliver()
	require.Equal(t, s.Clock().Add(10*time.Minute).Truncate(time.Microsecond), d.NextAt.UTC())
	s.tell(uuid.New(), 2)
	require.Equal(t, d.NextAt, s.deliver().NextAt, "for other leads, too")
	require.Len(t, s.received(), 1)
	s.answers(nil)
	s.pass(11 * time.Minute)
	s.deliver()
	require.Len(t, s.received(), 2)
	require.Nil(t, s.endpoint().NotBefore)
}

func TestARedirectIsNotFollowed(t *testing.T) {
	s := newSetting(t)
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	s.answers(func(_ got, w http.ResponseWriter) int {
		w.Header().Set("Location", elsewhere.URL)
		return http.StatusTemporaryRedirect
	})
	s.tell(uuid.New(), 1)
	s.deliver()
	require.False(t, followed)
	all, err := s.Deliveries(t.Context(), name, webhooks.Filter{Most: 10})
	require.NoError(t, err)
	require.EqualValues(t, http.StatusTemporaryRedirect, all[0].Status)
	require.Contains(t, all[0].Error, "redirects")
}

func TestAnAnswerWithoutAnEndHoldsNobodyUp(t *testing.T) {
	s := newSetting(t)
	left := make(chan struct{})
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(left)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	_, err := s.Save(t.Context(), name, webhooks.EndpointSettings{URL: endless.URL})
	require.NoError(t, err)
	s.tell(uuid.New(), 1)
	s.deliver()
	<-left
	require.Zero(t, s.endpoint().Waiting, "it took it")
}

func TestAnEventIsACloudEvent(t *testing.T) {
	s := newSetting(t)
	lead := uuid.New()
	id := s.tell(lead, 1)
	s.deliver()
	g := s.received()[0]
	require.Equal(t, "application/cloudevents+json", g.header.Get("Content-Type"))
	var e map[string]any
	require.NoError(t, json.Unmarshal(g.body, &e))
	at, ok := e["time"].(string)
	require.True(t, ok)
	_, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	delete(e, "time")
	require.Equal(t, map[string]any{
		"specversion": "1.0", "id": id, "source": "https://rekindle.example", "type": "io.rekindle.touch.sent", "subject": lead.String(), "datacontenttype": "application/json",
		"data": map[string]any{"lead_id": lead.String(), "rule": "R72", "reason": "stop means stop, everywhere at once", "touch": "t1"},
	}, e)
	require.Equal(t, id, g.id)
}

// waker stands in for Temporal.
type waker struct {
	ids  []string
	away error
}

func (w *waker) WakeWebhook(_ context.Context, endpoint string) error {
	if w.away != nil {
		return w.away
	}
	w.ids = append(w.ids, endpoint)
	return nil
}

func TestAWorkflowIsWokenOnceForWhatIsNewAndAgainWhenTheCallMayBeLost(t *testing.T) {
	s := newSetting(t)
	w := &waker{}
	wake := func(times int) {
		t.Helper()
		w.ids = nil
		for range 3 {
			require.NoError(t, s.Wake(t.Context(), w))
		}
		require.Len(t, w.ids, times)
	}
	wake(0)
	s.tell(uuid.New(), 1)
	w.away = context.DeadlineExceeded
	require.Error(t, s.Wake(t.Context(), w))
	w.away = nil
	wake(1)
	wake(0)
	s.tell(uuid.New(), 2)
	wake(1)
	s.pass(webhooks.WakesAgain + time.Second)
	wake(1)
	s.deliver()
	s.pass(webhooks.WakesAgain + time.Second)
	wake(0)

	tx, err := s.Store.Pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT announce('slow', 'touch.sent', $1, now(), '{}')`, uuid.New())
	require.NoError(t, err)
	s.tell(uuid.New(), 3)
	wake(1)
	s.deliver()
	require.NoError(t, tx.Commit(t.Context()))
	wake(0)
	s.pass(webhooks.Overtaken + time.Second)
	wake(1) // for what has a lower number and came later
	s.deliver()
	require.Contains(t, ids(s.received()), "slow")
	_, err = s.Replay(t.Context(), name, int64(s.number(`SELECT min(n) FROM webhook_events`)))
	require.NoError(t, err)
	wake(1)
}
