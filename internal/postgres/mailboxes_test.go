package postgres_test

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

var seal = func() mailbox.Seal {
	s, err := mailbox.NewSeal(mailbox.NewKey())
	if err != nil {
		panic(err)
	}
	return s
}()

// mailbox makes a mailbox of the rep's, without limits to speak of.
func (s *setting) mailbox(name string, change ...func(*db.SaveMailboxParams)) uuid.UUID {
	s.t.Helper()
	id := uuid.New()
	sealed, err := seal.Close(id, mailbox.Connections{SMTP: "smtp://127.0.0.1:1"})
	require.NoError(s.t, err)
	p := db.SaveMailboxParams{
		ID: id, Name: name, Address: name + "@seller.example", UserID: &s.rep.ID, Zone: "Europe/Berlin", DailyLimit: 1000, Sealed: sealed, CreatedAt: now,
	}
	for _, c := range change {
		c(&p)
	}
	_, err = s.SaveMailbox(s.t.Context(), p)
	require.NoError(s.t, err)
	return id
}

func limited(daily int32, gap time.Duration) func(*db.SaveMailboxParams) {
	return func(p *db.SaveMailboxParams) { p.DailyLimit, p.GapSeconds = daily, int32(gap/time.Second) }
}

func shared(p *db.SaveMailboxParams) { p.UserID = nil }

// reserveAt is an attempt of a lead at an instant.
func (s *setting) reserveAt(lead uuid.UUID, at time.Time, e sequence.SendEmail) activities.Reservation {
	s.t.Helper()
	r, err := s.Reserve(s.t.Context(), lead.String(), at, e)
	require.NoError(s.t, err)
	return r
}

func (s *setting) people(n int) (leads []uuid.UUID) {
	for i := range n {
		leads = append(leads, s.newLead(s.newPerson(fmt.Sprintf("P %d", i), fmt.Sprintf("p%d@quill.example", i), fmt.Sprintf("+1555020%04d", i))))
	}
	return leads
}

func TestALeadKeepsTheMailboxOfItsOwnerAndMailGoesOutInItsName(t *testing.T) {
	s, m := newSetting(t), new(mail)
	s.mailbox("house", shared)
	robin := s.mailbox("robin", func(p *db.SaveMailboxParams) {
		p.Sender, p.Signature, p.PostalAddress = "Robin from Seller", "Robin\nSeller Ltd", "2 High Street"
	})
	r := s.reserve(email("t1"))
	require.Equal(t, robin.String(), r.Letter.Mailbox, "the owner's before a shared one")
	require.Equal(t, activities.Person{Name: "Robin from Seller", Email: "robin@seller.example"}, r.Letter.From)
	require.Equal(t, "Robin\nSeller Ltd", r.Letter.Signature)
	require.Equal(t, "2 High Street", r.Letter.PostalAddress)
	s.handOver(r, m)

	s.mailbox("another", func(p *db.SaveMailboxParams) { p.Address = "robin2@seller.example" })
	require.Equal(t, robin.String(), s.reserve(email("t2")).Letter.Mailbox, "though the other has sent less")

	other := s.newRep("Sam Smith", "sam@seller.example")
	_, err := s.Pool.Exec(t.Context(), "UPDATE leads SET owner_id = $1", other.ID)
	require.NoError(t, err)
	r = s.reserve(email("t3"))
	require.Equal(t, "house@seller.example", r.Letter.From.Email, "a new owner does not write from the old one's mailbox")
	require.Equal(t, "Sam Smith", r.Letter.From.Name)
}

func TestAPlaybookNamesAnotherMailbox(t *testing.T) {
	s := newSetting(t)
	s.mailbox("robin")
	director := s.newRep("Dana Director", "dana@seller.example")
	s.mailbox("director", func(p *db.SaveMailboxParams) { p.UserID = &director.ID })
	e := email("t1")
	e.By = "director"
	r := s.reserve(e)
	require.Equal(t, activities.Person{Name: "Dana Director", Email: "director@seller.example"}, r.Letter.From)
	require.Equal(t, "Dana Director", r.Letter.Owner.Name, "the text speaks in the name of who writes")
	require.Nil(t, func() *uuid.UUID { l, _ := s.Lead(t.Context(), s.lead); return l.MailboxID }(), "the lead's own mailbox is another matter")

	e = email("t2")
	e.By = "nobody"
	ended := s.reserve(e).Ended
	require.Equal(t, sequence.Failed, ended.Status)
	require.Equal(t, "there is no mailbox called nobody", ended.Detail)

	task := sequence.CreateTask{Touch: "t3", Kind: sequence.TaskCall, DueAt: now, By: "director", Rule: "R53"}
	require.NoError(t, s.CreateTask(t.Context(), s.lead.String(), now, task))
	require.Equal(t, director.ID, scan[uuid.UUID](s, "SELECT owner_id FROM tasks WHERE touch = 't3'"))
	require.NoError(t, s.MoveTasks(t.Context(), s.lead.String(), s.rep.ID.String()))
	require.Equal(t, director.ID, scan[uuid.UUID](s, "SELECT owner_id FROM tasks WHERE touch = 't3'"), "a new owner of the lead does not take the director's call")
}

func TestAFollowUpGoesOnInTheThread(t *testing.T) {
	s, m := newSetting(t), &mail{verdict: activities.Verdict{Status: sequence.Sent, Subject: "Your question"}}
	follow := func(touch string) sequence.SendEmail {
		e := email(touch)
		e.Follows = true
		return e
	}
	id := func(touch string) string { return touch + "." + s.lead.String() + "@seller.example" }
	first := s.reserve(follow("t1"))
	require.Empty(t, first.Letter.References, "there is nothing to follow")
	s.handOver(first, m)

	second := s.reserveAt(s.lead, now.Add(time.Minute), follow("t2"))
	require.Equal(t, []string{id("t1")}, second.Letter.References)
	require.Equal(t, "Your question", second.Letter.Thread)
	s.handOver(second, m)

	_, err := s.Pool.Exec(t.Context(), `INSERT INTO inbound_messages (id, key, message_id, raw, received_at, class, lead_id, person_id, state)
		VALUES ($1, 'k', 'answer@quill.example', '', $2, 'human', $3, $4, 'taken')`, uuid.New(), now.Add(time.Hour), s.lead, s.person.ID)
	require.NoError(t, err)
	third := s.reserve(follow("t3"))
	require.Equal(t, []string{id("t1"), id("t2"), "answer@quill.example"}, third.Letter.References, "it answers what they wrote")

	apart := s.reserve(email("t4"))
	require.Empty(t, apart.Letter.References)
}

func TestATouchThatFindsTheMailboxFullWaitsForItsSlotAndGoesThen(t *testing.T) {
	s, m := newSetting(t), new(mail)
	s.mailbox("robin", limited(2, 10*time.Minute))
	leads := s.people(3)
	s.handOver(s.reserveAt(leads[0], now, email("t1")), m)

	ended := s.reserveAt(leads[1], now, email("t1")).Ended
	require.Equal(t, sequence.Deferred, ended.Status)
	require.Equal(t, sequence.MailboxFull, ended.Why)
	require.Equal(t, now.Add(11*time.Minute).Unix(), ended.RetryAt.Unix(), "the gap, and a tenth of it for those who wake late")
	again := s.reserveAt(leads[1], now.Add(time.Minute), email("t1")).Ended
	require.Equal(t, sequence.MailboxFull, again.Why, "too early")

	third := s.reserveAt(leads[2], now, email("t1")).Ended
	tomorrow := time.Date(2026, 3, 3, 0, 0, 0, 0, time.FixedZone("", 3600))
	require.Equal(t, tomorrow.Add(time.Minute).Unix(), third.RetryAt.Unix(), "two a day by the mailbox's clock")

	at := ended.RetryAt.Add(3 * time.Second)
	r := s.reserveAt(leads[1], at, email("t1"))
	require.Nil(t, r.Ended, "its turn has come")
	_, err := s.HandOver(t.Context(), r, at, m.send)
	require.NoError(t, err)
	require.Equal(t, 2, m.sent)
}

func TestALeadThatDiedGivesItsSlotBack(t *testing.T) {
	s, m := newSetting(t), &mail{verdict: activities.Verdict{Status: sequence.Deferred, RetryAt: now.Add(time.Hour), Detail: "greylisted"}}
	s.mailbox("robin", limited(1, 0))
	leads := s.people(2)
	require.Equal(t, sequence.Deferred, s.handOver(s.reserveAt(leads[0], now, email("t1")), m).Status)
	require.Nil(t, s.reserveAt(leads[1], now, email("t1")).Ended, "a mail that was not taken counts against no limit")
}

// lead and when it wakes.
type waking struct {
	at   time.Time
	lead uuid.UUID
}
type wakings []waking

func (w wakings) Len() int           { return len(w) }
func (w wakings) Less(i, j int) bool { return w[i].at.Before(w[j].at) }
func (w wakings) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *wakings) Push(x any)        { *w = append(*w, x.(waking)) }
func (w *wakings) Pop() any          { old := *w; x := old[len(old)-1]; *w = old[:len(old)-1]; return x }

// run lives until an instant: every lead tries when it wakes, those that wake in
// the same minute at once, on workers that know nothing of each other.
func (s *setting) run(leads []uuid.UUID, from, until time.Time, m *mail) (sent map[uuid.UUID]time.Time, tries int) {
	sent = map[uuid.UUID]time.Time{}
	var due wakings
	for _, l := range leads {
		heap.Push(&due, waking{from, l})
	}
	var mu sync.Mutex
	for due.Len() > 0 && due[0].at.Before(until) {
		var batch []waking
		for due.Len() > 0 && (len(batch) == 0 || due[0].at.Sub(batch[0].at) < time.Minute) && len(batch) < 64 {
			batch = append(batch, heap.Pop(&due).(waking))
		}
		var group sync.WaitGroup
		for _, w := range batch {
			group.Go(func() {
				r, err := s.Reserve(context.Background(), w.lead.String(), w.at, email("t1"))
				if err == nil && r.Ended == nil {
					_, err = s.HandOver(context.Background(), r, w.at, m.send)
				}
				mu.Lock()
				defer mu.Unlock()
				tries++
				switch {
				case err != nil:
					s.t.Errorf("lead %s: %v", w.lead, err)
				case r.Ended == nil:
					sent[w.lead] = w.at
				case r.Ended.Status == sequence.Deferred:
					heap.Push(&due, waking{r.Ended.RetryAt, w.lead})
				default:
					s.t.Errorf("lead %s ended as %s", w.lead, r.Ended.Status)
				}
			})
		}
		group.Wait()
	}
	return sent, tries
}

// A burst of leads that are due at once goes out within the limits of twenty
// mailboxes of all kinds, and nobody is asked much more often than needed.
func TestTwentyMailboxesKeepTheirLimitsTogether(t *testing.T) {
	s, m := newSetting(t), new(mail)
	type box struct {
		id    uuid.UUID
		rep   db.User
		limit mailbox.Limits
	}
	var boxes []box
	var leads []uuid.UUID
	for i := range 20 {
		s.rep = s.newRep(fmt.Sprintf("Rep %d", i), fmt.Sprintf("rep%d@seller.example", i))
		since := now.AddDate(0, 0, -1)
		id := s.mailbox(fmt.Sprintf("box%d", i), limited(int32(5+i), time.Duration(i%4)*5*time.Minute), func(p *db.SaveMailboxParams) {
			if i%5 == 0 {
				p.RampFrom, p.RampStep, p.RampSince = 2, 3, &since
			}
			if i%2 == 0 {
				p.Hours = "mon-fri 09:00-17:00"
			}
		})
		row, err := s.MailboxRow(t.Context(), id)
		require.NoError(t, err)
		of, err := postgres.MailboxOf(row)
		require.NoError(t, err)
		boxes = append(boxes, box{id, s.rep, of.Limits})
		for j := range 25 {
			n := i*100 + j
			leads = append(leads, s.newLead(s.newPerson("P", fmt.Sprintf("p%d@quill.example", n), fmt.Sprintf("+1555030%04d", n))))
		}
	}
	sent, tries := s.run(leads, now, now.AddDate(0, 0, 2), m)
	table := []string{"mailbox  limit  gap  hours                 sent on day 1, 2, 3"}
	for i, b := range boxes {
		rows, err := s.Pool.Query(t.Context(), "SELECT slot_at FROM send_ledger WHERE mailbox_id = $1 AND state = 'sent' ORDER BY slot_at", b.id)
		require.NoError(t, err)
		var last time.Time
		perDay := map[time.Time]int{}
		for rows.Next() {
			var at time.Time
			require.NoError(t, rows.Scan(&at))
			require.GreaterOrEqual(t, at.Sub(last), b.limit.Gap, "mailbox %d", i)
			last = at
			perDay[b.limit.DayOf(at)]++
			require.LessOrEqual(t, perDay[b.limit.DayOf(at)], b.limit.On(at), "mailbox %d on %s", i, at)
		}
		require.NoError(t, rows.Err())
		hours, _ := b.limit.Hours.MarshalText()
		if b.limit.Hours == (sequence.Window{}) {
			hours = []byte("always")
		}
		counts := make([]int, 3)
		for day, n := range perDay {
			counts[int(day.Sub(b.limit.DayOf(now)).Hours()+12)/24] = n
		}
		table = append(table, fmt.Sprintf("box%-4d  %5d  %3s  %-20s  %v", i, b.limit.On(now), b.limit.Gap, hours, counts))
	}
	t.Log("\n" + strings.Join(table, "\n"))
	t.Logf("%d of %d leads written to in two days; %.1f attempts each", len(sent), len(leads), float64(tries)/float64(len(leads)))
	require.Equal(t, len(sent), m.sent)
	require.Greater(t, len(sent), len(leads)/2)
	require.Less(t, tries, 4*len(leads))
}

func TestAParkedMailboxKeepsItsLeadsWaitingAndResumesWithTheMostValuableFirst(t *testing.T) {
	s, m := newSetting(t), &mail{verdict: activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 535 5.7.8", Trouble: activities.LoginRefused}}
	id := s.mailbox("robin", limited(100, 10*time.Minute))
	leads := s.people(5)
	for i, l := range leads {
		_, err := s.Pool.Exec(t.Context(), `UPDATE leads SET value = $1, state = '{"next": {"touch": "t1"}}' WHERE id = $2`, []int64{30, 10, 50, 20, 40}[i], l)
		require.NoError(t, err)
	}
	v := s.handOver(s.reserveAt(leads[0], now, email("t1")), m)
	require.Equal(t, sequence.MailboxParked, v.Why)
	row, err := s.MailboxRow(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, postgres.ParkedLogin, row.Parked)
	require.Contains(t, row.ParkedDetail, "535")
	require.Equal(t, 1, scan[int](s, "SELECT count(*) FROM notifications WHERE who = 'manager' AND about LIKE '%robin is parked%'"))

	for _, l := range leads[1:] {
		ended := s.reserveAt(l, now, email("t1")).Ended
		require.Equal(t, sequence.Deferred, ended.Status)
		require.Equal(t, sequence.MailboxParked, ended.Why)
		require.Equal(t, postgres.ParkedLogin, ended.Detail)
	}
	require.Equal(t, 1, m.sent, "nobody else knocks at a door that is closed")

	at := now.Add(time.Hour)
	waiting, err := s.ResumeMailbox(t.Context(), id, at)
	require.NoError(t, err)
	require.Equal(t, 5, waiting)
	rows, err := s.Pool.Query(t.Context(), "SELECT lead_id FROM send_ledger ORDER BY slot_at")
	require.NoError(t, err)
	var order []uuid.UUID
	for rows.Next() {
		var l uuid.UUID
		require.NoError(t, rows.Scan(&l))
		order = append(order, l)
	}
	require.Equal(t, []uuid.UUID{leads[2], leads[4], leads[0], leads[3], leads[1]}, order)
	require.Equal(t, 5, scan[int](s, "SELECT count(*) FROM dispatches WHERE message = 'slot'"), "each lead is told its slot")
	again, err := s.ResumeMailbox(t.Context(), id, at)
	require.NoError(t, err)
	require.Zero(t, again)

	m.verdict = activities.Verdict{}
	sent, tries := s.run(slices.Clone(leads), at, at.Add(2*time.Hour), m)
	require.Len(t, sent, 5)
	require.LessOrEqual(t, tries, 12)
	for i := 1; i < len(order); i++ {
		require.True(t, sent[order[i]].After(sent[order[i-1]]), "in the order of the slots")
	}
}

func TestAServerThatIsAwayParksTheMailboxAfterAFewTimes(t *testing.T) {
	s, m := newSetting(t), &mail{verdict: activities.Verdict{Status: sequence.Deferred, Detail: "the mail server cannot be reached", Trouble: activities.Unreachable}}
	id := s.mailbox("robin")
	leads := s.people(5)
	parked := func() string { return scan[string](s, "SELECT parked FROM mailboxes WHERE id = $1", id) }
	s.handOver(s.reserveAt(leads[0], now, email("t1")), m)
	s.handOver(s.reserveAt(leads[1], now, email("t1")), m)
	m.verdict = activities.Verdict{Status: sequence.Sent}
	s.handOver(s.reserveAt(leads[2], now, email("t1")), m)
	m.verdict = activities.Verdict{Status: sequence.Deferred, Trouble: activities.Unreachable}
	s.handOver(s.reserveAt(leads[0], now, email("t1")), m)
	s.handOver(s.reserveAt(leads[1], now, email("t1")), m)
	require.Empty(t, parked(), "one success in between")
	s.handOver(s.reserveAt(leads[3], now, email("t1")), m)
	require.Equal(t, postgres.ParkedDisconnected, parked())
}

func TestBouncesAndComplaintsParkAMailboxByTheirRate(t *testing.T) {
	s, m := newSetting(t), new(mail)
	id := s.mailbox("robin")
	parked := func() string { return scan[string](s, "SELECT parked FROM mailboxes WHERE id = $1", id) }
	leads := s.people(45)
	for _, l := range leads[:18] {
		s.handOver(s.reserveAt(l, now, email("t1")), m)
	}
	m.verdict = activities.Verdict{Status: sequence.NoAddress, Detail: "the mail server said 550 5.1.1"}
	s.handOver(s.reserveAt(leads[18], now, email("t1")), m)
	require.Empty(t, parked(), "nineteen sends say nothing yet")
	s.handOver(s.reserveAt(leads[19], now, email("t1")), m)
	require.Equal(t, postgres.ParkedBounces, parked())

	later := now.Add(time.Hour)
	_, err := s.ResumeMailbox(t.Context(), id, later)
	require.NoError(t, err)
	require.NoError(t, s.CheckMailbox(t.Context(), id, later))
	require.Empty(t, parked(), "what was before does not count again")
	m.verdict = activities.Verdict{}
	for _, l := range leads[20:40] {
		r := s.reserveAt(l, later, email("t1"))
		_, err := s.HandOver(t.Context(), r, later, m.send)
		require.NoError(t, err)
	}
	_, err = s.Pool.Exec(t.Context(), "UPDATE send_ledger SET complained_at = $1 WHERE lead_id = $2", later, leads[25])
	require.NoError(t, err)
	require.NoError(t, s.CheckMailbox(t.Context(), id, later))
	require.Equal(t, postgres.ParkedComplaints, parked())
}

func TestAJobThatWasHeldUpIsPlannedAgainInsteadOfSentAtAnyHour(t *testing.T) {
	s := newSetting(t)
	s.Now = func() time.Time { return now.Add(3 * time.Hour) }
	ended := s.reserve(email("t1")).Ended
	require.Equal(t, sequence.Deferred, ended.Status)
	require.Equal(t, now.Add(3*time.Hour), ended.RetryAt)
	require.Equal(t, "it was held up", ended.Detail)
	s.Now = func() time.Time { return now.Add(time.Minute) }
	require.Nil(t, s.reserve(email("t1")).Ended)
}

func TestANumberThatPeopleShareStopsNobodysMail(t *testing.T) {
	s := newSetting(t)
	other := s.newPerson("Bo Quill", "bo@quill.example", *s.person.Phone)
	lead := s.newLead(other)
	require.NoError(t, s.suppress(t.Context(), s.person))
	require.Equal(t, sequence.Suppressed, s.reserve(email("t1")).Ended.Status)
	require.Nil(t, s.reserveAt(lead, now, email("t1")).Ended)
	require.NoError(t, s.CreateTask(t.Context(), lead.String(), now, sequence.CreateTask{Touch: "t2", Kind: sequence.TaskCall, DueAt: now, Rule: "R05"}))
	require.Zero(t, scan[int](s, "SELECT count(*) FROM tasks WHERE lead_id = $1", lead), "the number is not called")
}

func TestAnAddressThatBouncedGetsNoMailAndItsPersonMayBeCalled(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.InsertSuppression(t.Context(), db.InsertSuppressionParams{
		ID: uuid.New(), Kind: "email", ValueHash: postgres.Hash(*s.person.Email), Via: "bounce", CreatedAt: now,
	}))
	ended := s.reserve(email("t1")).Ended
	require.Equal(t, sequence.NoAddress, ended.Status)
	require.NoError(t, s.CreateTask(t.Context(), s.lead.String(), now, sequence.CreateTask{Touch: "t2", Kind: sequence.TaskCall, DueAt: now, Rule: "R05"}))
	require.Equal(t, 1, scan[int](s, "SELECT count(*) FROM tasks"))
	require.NoError(t, s.suppress(t.Context(), s.person))
	require.Equal(t, sequence.Suppressed, s.reserve(email("t3")).Ended.Status, "a stop says more than a bounce")
}

func TestWhoStoppedUnderAFormerAddressStaysStopped(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.suppress(t.Context(), s.person))
	_, err := s.Pool.Exec(t.Context(), "INSERT INTO former_addresses VALUES ($1, 'email', $2, $3)", s.person.ID, postgres.Hash(*s.person.Email), now)
	require.NoError(t, err)
	_, err = s.Pool.Exec(t.Context(), "UPDATE people SET email = 'ada@new.example', phone = NULL WHERE id = $1", s.person.ID)
	require.NoError(t, err)
	require.Equal(t, sequence.Suppressed, s.reserve(email("t1")).Ended.Status)
}
