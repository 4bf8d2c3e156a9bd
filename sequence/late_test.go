package sequence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// down is when everything stops, a Tuesday afternoon; up, three days later, is ten
// minutes before the window for mail closes on a Friday.
var (
	down = time.Date(2026, 3, 24, 15, 50, 0, 0, time.UTC)
	up   = down.Add(3*24*time.Hour - 10*time.Minute)
)

// quarter is the stretch of time in which no burst may be.
const quarter = 15 * time.Minute

// outage is what many leads do after nothing worked for three days.
type outage struct {
	*testing.T
	pb      *sequence.Playbook
	lives   []*simulate.Life
	planned []sequence.Planned // what each was about to do when everything stopped
	mails   []time.Time        // after it
}

// lateOnes is how many leads live through an outage.
const lateOnes = 800

// strike lets leads that were enrolled over three weeks live until the outage, ends
// it, and lets them live on for two weeks.
func strike(t *testing.T, policy sequence.LatePolicy) *outage {
	pb := *defaultPlaybook(t)
	pb.Late.Policy = policy
	o := &outage{T: t, pb: &pb}
	kinds := []sequence.Kind{"ebook_download", "info_request", "crm_dormant", "webinar_attended"}
	for i := range lateOnes {
		began := down.Add(-time.Duration(i+1) * 3 * 7 * 24 * time.Hour / lateOnes)
		lead := sequence.Lead{ID: fmt.Sprintf("lead-%d", i), Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}
		life, err := simulate.Begin(lead, kinds[i%len(kinds)], &pb, began)
		require.NoError(t, err)
		if i%10 == 0 {
			require.NoError(t, life.Let(sequence.Snoozed{By: rep, Until: down.Add(time.Duration(i+1) * 3 * 24 * time.Hour / lateOnes)}))
		}
		require.NoError(t, life.Until(down))
		var next sequence.Planned
		if life.Lead.Next != nil {
			next = *life.Lead.Next
		}
		o.lives, o.planned = append(o.lives, life), append(o.planned, next)
		life.Each = func(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
			for _, a := range actions {
				if _, mail := a.(sequence.SendEmail); mail {
					o.mails = append(o.mails, life.Now)
				}
			}
		}
		life.Now, life.Timeline = up, nil
		require.NoError(t, life.Until(up.Add(14*24*time.Hour)))
	}
	return o
}

// first is the first thing that a lead did about what it had planned, once it could.
func (o *outage) first(i int) sequence.Entry {
	for _, e := range o.lives[i].Timeline {
		switch e.What {
		case sequence.TouchPutOff, sequence.TouchDropped, sequence.TouchMade, sequence.TaskAsked, sequence.PauseBegan:
			return e
		}
	}
	return sequence.Entry{}
}

// overdue are the leads whose touch was due more than a day before the outage ended.
func (o *outage) overdue() (all []int) {
	for i, n := range o.planned {
		if n.Touch != "" && n.At.After(down) && n.At.Before(up.Add(-25*time.Hour)) && i%10 != 0 {
			all = append(all, i)
		}
	}
	require.Greater(o, len(all), 30, "enough leads to see a burst")
	return all
}

// most is how many fell into the fullest quarter of an hour.
func most(at []time.Time) (n int) {
	slices.SortFunc(at, time.Time.Compare)
	for first, last := 0, 0; last < len(at); last++ {
		for at[last].Sub(at[first]) >= quarter {
			first++
		}
		n = max(n, last-first+1)
	}
	return n
}

// calm expects what holds whatever the policy: no mail outside its window, nobody
// without a deadline or a reason.
func (o *outage) calm() {
	zone, _ := sequence.LoadZone("Europe/Berlin")
	for _, at := range o.mails {
		local := at.In(zone)
		require.NotContains(o, []time.Weekday{time.Saturday, time.Sunday}, local.Weekday())
		require.GreaterOrEqual(o, local.Hour(), 9)
		require.Less(o, local.Hour(), 17)
	}
	for _, life := range o.lives {
		_, waits := life.Lead.Deadline()
		require.True(o, waits || life.Lead.Stage.Final() || life.Lead.Pause != nil, life.Lead.ID)
	}
}

// noBurst expects that mail comes about as evenly as if each lead wrote once in three
// working days. Calls are tasks: they wait in a queue.
func (o *outage) noBurst() {
	quarters := float64(o.pb.Late.Over.N) * 8 * 4
	limit := int(3*lateOnes/quarters) + 5
	require.LessOrEqual(o, most(o.mails), limit, "mails in a quarter of an hour")
	o.Logf("at most %d mails in a quarter of an hour, limit %d, %d leads overdue", most(o.mails), limit, len(o.overdue()))
}

func TestAfterAnOutageLateTouchesAreSpreadOverTheComingDays(t *testing.T) {
	o := strike(t, sequence.LateSpread)
	o.calm()
	o.noBurst()
	last := up.Add(time.Minute)
	for _, i := range o.overdue() {
		e := o.first(i)
		require.Equal(t, sequence.TouchPutOff, e.What)
		require.Equal(t, sequence.LateTimers, e.Rule)
		last = later(last, e.Until)
	}
	require.Equal(t, "Wed", last.Format("Mon"), "a Friday evening and three working days")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestAfterAnOutageLateTouchesAreLeftOut(t *testing.T) {
	o := strike(t, sequence.LateSkip)
	o.calm()
	o.noBurst()
	for _, i := range o.overdue() {
		e := o.first(i)
		require.Equal(t, sequence.TouchDropped, e.What)
		require.Contains(t, e.Detail, "overdue")
		require.NotEqual(t, o.planned[i].Touch, o.lives[i].Lead.Next.Touch)
	}
}

func TestAfterAnOutageLateTouchesGoIntoTheNextWindow(t *testing.T) {
	o := strike(t, sequence.LateNextWindow)
	o.calm()
	for _, i := range o.overdue() {
		e := o.first(i)
		require.Equal(t, sequence.TouchPutOff, e.What)
		require.Equal(t, "Mon 30 Mar", e.Until.Format("Mon 2 Jan"))
	}
	require.LessOrEqual(t, most(o.mails), 3*lateOnes/32, "a whole day's window takes them")
}

func TestAfterAnOutageLateTouchesAreSentAtOnceWhereThePlaybookSaysSo(t *testing.T) {
	o := strike(t, sequence.LateSend)
	o.calm()
	for _, i := range o.overdue() {
		e := o.first(i)
		require.Contains(t, []sequence.What{sequence.TouchMade, sequence.TaskAsked, sequence.TouchPutOff}, e.What)
		if e.What == sequence.TouchPutOff {
			require.Contains(t, e.Detail, "the window is closed")
			continue
		}
		require.Equal(t, up, e.At)
	}
}

func TestAfterAnOutageTheOwnerIsAskedAboutLateTouchesAndNothingIsLostWhenTheyAnswer(t *testing.T) {
	o := strike(t, sequence.LateAskOwner)
	o.calm()
	for _, i := range o.overdue() {
		life := o.lives[i]
		require.Equal(t, sequence.PausedParked, life.Lead.Pause.Reason)
		require.True(t, slices.ContainsFunc(life.Timeline, func(e sequence.Entry) bool {
			return e.What == sequence.PersonTold && strings.Contains(e.Detail, "overdue")
		}))
		require.NoError(t, life.Let(sequence.Resumed{By: rep}))
		require.NoError(t, life.For(5*24*time.Hour))
		require.Nil(t, life.Lead.Pause, "it is not asked about again")
		require.Greater(t, life.Lead.TouchSeq, 0)
	}
	o.calm()
}

func TestAfterAnOutageWhatFollowsALongWaitIsSpreadToo(t *testing.T) {
	o := &outage{T: t, pb: defaultPlaybook(t)}
	const leads = 300
	for i := range leads {
		life := inMultiStakeholder(t)
		life.Lead.ID = fmt.Sprintf("lead-%d", i)
		require.NoError(t, life.For(time.Hour))
		require.Contains(t, explains(t, life.Lead, life.Playbook, life.Now).Waiting, "can object", "the primary has been told")
		life.Each = func(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
			for _, a := range actions {
				if send, mail := a.(sequence.SendEmail); mail && send.To != "" {
					o.mails = append(o.mails, life.Now)
				}
			}
		}
		life.Now = monday.AddDate(0, 0, 4)
		require.NoError(t, life.For(5*24*time.Hour))
	}
	require.Len(t, o.mails, leads, "every stakeholder is written to")
	require.LessOrEqual(t, most(o.mails), 3*leads/96+5)
}

func TestAMailWaitsForWhatCameInAndSaysSo(t *testing.T) {
	life, _ := full(t, sequence.NewsWaits, 0)
	require.Equal(t, "news_waits", life.Lead.BlockedReason())
	require.False(t, life.Lead.Next.At.Before(life.Lead.Blocked.Since.Add(15*time.Minute)))
	require.Contains(t, explains(t, life.Lead, life.Playbook, life.Now).Waiting, "what came in")
	touch := life.Lead.Next.Touch
	require.NoError(t, life.Let(sequence.ReplyReceived{ID: "r1"}))
	life.Mail = func(sequence.SendEmail) sequence.TouchPerformed {
		require.Fail(t, "nothing goes out before the reply is answered")
		return sequence.TouchPerformed{}
	}
	require.NoError(t, life.For(24*time.Hour))
	require.Equal(t, touch, life.Lead.Next.Touch)
}
