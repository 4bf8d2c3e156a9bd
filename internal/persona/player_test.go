package persona

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// crank is a clock that is turned by hand.
type crank struct {
	mu      sync.Mutex
	now     time.Time
	planned []*alarm
}

type alarm struct {
	at time.Time
	f  func()
}

func (c *crank) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *crank) At(t time.Time, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{t, f}
	c.planned = append(c.planned, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.planned, a)
		if i >= 0 {
			c.planned = slices.Delete(c.planned, i, i+1)
		}
		return i >= 0
	}
}

// turn lets time pass and what is due happen.
func (c *crank) turn(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []*alarm
	c.planned = slices.DeleteFunc(c.planned, func(a *alarm) bool {
		if a.at.After(c.now) {
			return false
		}
		due = append(due, a)
		return true
	})
	c.mu.Unlock()
	for _, a := range due {
		a.f()
	}
}

type stage struct {
	*Player
	*crank
	delivered []Answer
	failures  []error
}

func play(t *testing.T, w World) *stage {
	t.Helper()
	s := &stage{crank: &crank{now: monday}}
	s.Player = &Player{
		World: w, Clock: s.crank,
		Deliver: func(_ Letter, a Answer) error { s.delivered = append(s.delivered, a); return nil },
		Failed:  func(_ Answer, err error) { s.failures = append(s.failures, err) },
	}
	return s
}

func TestAnAnswerComesAtItsTimeAndNotBefore(t *testing.T) {
	s := play(t, cast(Keen, English))
	require.NoError(t, s.Receive(letterOf(offer, 2)))
	want := theAnswer(t, s.World, offer, Interested)
	s.turn(want.At.Sub(monday) - time.Second)
	require.Empty(t, s.delivered)
	s.turn(time.Second)
	require.Equal(t, []Answer{want}, s.delivered)
	require.NoError(t, s.Close())
}

func TestAClosedPlayerAnswersNothingMore(t *testing.T) {
	s := play(t, cast(Keen, English))
	require.NoError(t, s.Receive(letterOf(offer, 2)))
	require.NoError(t, s.Close())
	require.NoError(t, s.Receive(letterOf(offer, 2)))
	s.turn(100 * time.Hour)
	require.Empty(t, s.delivered)
	require.ErrorContains(t, s.Close(), "closed already")
}

func TestASenderGetsOneExcuseInAWeek(t *testing.T) {
	s := play(t, cast(Away, English))
	require.NoError(t, s.Receive(letterOf(offer, 2)))
	s.turn(6 * 24 * time.Hour)
	require.NoError(t, s.Receive(letterOf(offer, 10)))
	s.turn(time.Hour)
	require.Len(t, s.delivered, 1)
	s.turn(2 * 24 * time.Hour)
	require.NoError(t, s.Receive(letterOf(offer, 18)))
	s.turn(time.Hour)
	require.Len(t, s.delivered, 2)
}

func TestTheDoorRefusesWhoIsGoneAndPutsOffStrangers(t *testing.T) {
	var refused *smtp.SMTPError
	gone := play(t, cast(Gone, English))
	require.ErrorAs(t, gone.Refuse(rep, prospect), &refused)
	require.Equal(t, 550, refused.Code)
	require.Equal(t, smtp.EnhancedCode{5, 1, 1}, refused.EnhancedCode)
	require.NoError(t, gone.Refuse(rep, rep), "nobody at home is played")

	grey := play(t, cast(Greylister, English))
	require.ErrorAs(t, grey.Refuse(rep, prospect), &refused)
	require.Equal(t, 451, refused.Code)
	grey.turn(greylistedFor - time.Second)
	require.ErrorAs(t, grey.Refuse(rep, strings.ToUpper(prospect)), &refused)
	grey.turn(time.Second)
	require.NoError(t, grey.Refuse(rep, prospect))
	require.ErrorAs(t, grey.Refuse("other@rekindle.example", prospect), &refused, "each sender is a stranger first")

	require.NoError(t, play(t, cast(Bouncer, English)).Refuse(rep, prospect))
}

func TestOneClickPostsWhatTheStandardSays(t *testing.T) {
	type request struct{ method, path, kind, body, cookie string }
	got := make(chan request, 5)
	status := http.StatusOK
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- request{r.Method, r.URL.Path, r.Header.Get("Content-Type"), string(body), r.Header.Get("Cookie")}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer site.Close()
	offer := strings.Replace(offer, "http://127.0.0.1:1", site.URL, 1)
	s := play(t, cast(Clicker, English))
	require.NoError(t, s.Receive(letterOf(offer, 3)))
	s.turn(24 * time.Hour)
	require.Empty(t, s.failures)
	require.Equal(t, request{"POST", "/unsubscribe/t0ken", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", ""}, <-got)

	status = http.StatusFound
	require.NoError(t, s.Receive(letterOf(offer, 3)))
	s.turn(24 * time.Hour)
	require.Len(t, s.failures, 1)
	require.ErrorContains(t, s.failures[0], "302")
	<-got
	require.Empty(t, got, "no redirect is followed")
	require.Empty(t, s.delivered)
}

func TestOnlyLinksToThisMachineAreClicked(t *testing.T) {
	for _, host := range []string{"https://rekindle.example", "http://192.0.2.1", "http://127.0.0.1.rekindle.example", "http://127.0.0.1@rekindle.example"} {
		s := play(t, cast(Clicker, English))
		require.NoError(t, s.Receive(letterOf(strings.Replace(offer, "http://127.0.0.1:1", host, 1), 3)))
		s.turn(24 * time.Hour)
		require.Len(t, s.failures, 1, host)
		require.ErrorIs(t, s.failures[0], errFar, host)
	}
	dead := play(t, cast(Clicker, English))
	require.NoError(t, dead.Receive(letterOf(offer, 3)))
	dead.turn(24 * time.Hour)
	require.Len(t, dead.failures, 1)
	require.NotContains(t, dead.failures[0].Error(), "t0ken")
}

func TestALetterWithoutTheOfferOfOneClickIsNotClicked(t *testing.T) {
	s := play(t, cast(Clicker, English))
	require.NoError(t, s.Receive(letterOf(strings.Replace(offer, "List-Unsubscribe-Post", "X-Nothing", 1), 3)))
	s.turn(24 * time.Hour)
	require.Empty(t, s.failures)
}
