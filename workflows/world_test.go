package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// The names and addresses that only the records know: they must never reach a
// workflow.
const (
	leadName  = "Ada Quillfeather"
	leadEmail = "ada@quillfeather.example"
	repName   = "Robin Underwood"
	repEmail  = "robin@seller.example"
)

var personal = []string{"@", "Ada", "Quillfeather", "quillfeather", "Robin", "Underwood", "seller.example"}

// world stands behind the ports of the activities and remembers what was asked
// of it. Its ledger behaves as the contract says.
type world struct {
	mu       sync.Mutex
	calls    []call
	timeline []sequence.Entry
	saves    []activities.Save
	ended    map[string]sequence.TouchPerformed // the ledger, by touch

	fail func(what string, n int) error                 // of the nth call of an activity, from 1
	mail func(m sequence.SendEmail) activities.Verdict  // of a mail that is handed over; sent when nil
	lost func(activities.Save) []sequence.SendAbandoned // what went out in turns that were lost; nothing when nil
}

// call is one call at a port.
type call struct {
	What string
	At   time.Time
	Do   any
}

func newWorld() *world { return &world{ended: map[string]sequence.TouchPerformed{}} }

func (w *world) activities() *activities.Activities {
	return &activities.Activities{Records: w, Ledger: w, Mailer: w, Imports: w}
}

func (w *world) note(what string, at time.Time, do any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call{what, at, do})
	n := 0
	for _, c := range w.calls {
		if c.What == what {
			n++
		}
	}
	if w.fail != nil {
		return w.fail(what, n)
	}
	return nil
}

// made lists what was asked of an activity, in order, failed attempts included.
func (w *world) made(what string) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(func(yield func(call) bool) {
		for _, c := range w.calls {
			if c.What == what && !yield(c) {
				return
			}
		}
	})
}

// mails lists the texts that were handed over, with their touches.
func (w *world) mails() (touches, texts []string) {
	for _, c := range w.made("mail") {
		m := c.Do.(sequence.SendEmail)
		touches, texts = append(touches, m.Touch), append(texts, m.Text)
	}
	return touches, texts
}

// lead is the state last written through.
func (w *world) lead() sequence.Lead {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.saves) == 0 {
		return sequence.Lead{}
	}
	return w.saves[len(w.saves)-1].Lead
}

func (w *world) entries() []sequence.Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.timeline)
}

// told lists the notifications.
func (w *world) told() (about []string) {
	for _, c := range w.made(activities.Notify) {
		n := c.Do.(sequence.Notify)
		about = append(about, string(n.Who)+": "+n.About)
	}
	return about
}

func (w *world) CreateTask(_ context.Context, _ string, at time.Time, t sequence.CreateTask) error {
	return w.note(activities.CreateTask, at, t)
}

func (w *world) CancelTasks(_ context.Context, _ string, at time.Time, c sequence.CancelTasks) error {
	return w.note(activities.CancelTasks, at, c)
}

func (w *world) MoveTasks(_ context.Context, _, owner string) error {
	return w.note(activities.MoveTasks, time.Time{}, owner)
}

func (w *world) ReopenTasks(_ context.Context, _ string, r sequence.ReopenTasks) error {
	return w.note(activities.ReopenTasks, time.Time{}, r)
}

func (w *world) CalmAccount(_ context.Context, _ string, talking bool) error {
	return w.note(activities.CalmAccount, time.Time{}, talking)
}

func (w *world) Notify(_ context.Context, _ string, at time.Time, _ string, n sequence.Notify) error {
	return w.note(activities.Notify, at, n)
}

func (w *world) StartOutreach(_ context.Context, _ string, at time.Time, people []string) error {
	return w.note(activities.StartOutreach, at, people)
}

func (w *world) Suppress(_ context.Context, _ string, at time.Time, via string) error {
	return w.note(activities.Suppress, at, via)
}

func (w *world) SaveLead(_ context.Context, at time.Time, s activities.Save) ([]sequence.SendAbandoned, error) {
	if err := w.note(activities.SaveLead, at, s.Lead.ID); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saves = append(w.saves, s)
	w.timeline = append(w.timeline, s.Entries...)
	if w.lost == nil {
		return nil, nil
	}
	return w.lost(s), nil
}

// Batch lets in a list of 26,000 rows.
func (w *world) Batch(_ context.Context, _ uuid.UUID, _, after int) (last int, more bool, err error) {
	return after + 500, after < 26_000, w.note(activities.ImportBatch, time.Time{}, after)
}

func (w *world) Reserve(_ context.Context, lead string, at time.Time, e sequence.SendEmail) (activities.Reservation, error) {
	if err := w.note(activities.SendEmail, at, e); err != nil {
		return activities.Reservation{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	r := activities.Reservation{Lead: lead, Touch: e.Touch, Attempt: "a1", Letter: activities.Letter{
		Text: e.Text, MessageID: e.Touch, At: at,
		To: activities.Person{Name: leadName, Email: leadEmail}, Owner: activities.Person{Name: repName, Email: repEmail},
	}}
	if ended, ok := w.ended[e.Touch]; ok {
		r.Ended = &ended
	}
	return r, nil
}

func (w *world) HandOver(ctx context.Context, r activities.Reservation, _ time.Time, send func(context.Context, activities.Begin) activities.Verdict) (activities.Verdict, error) {
	v := send(ctx, func(context.Context) error { return nil })
	w.mu.Lock()
	defer w.mu.Unlock()
	if v.Status != sequence.Deferred && v.Status != sequence.NoReason {
		w.ended[r.Touch] = sequence.TouchPerformed{Touch: r.Touch, Status: v.Status, Detail: v.Detail}
	}
	return v, nil
}

// letter is a message on its way.
type letter struct{ activities.Letter }

func (l letter) ID() string { return l.MessageID }

func (w *world) Write(l activities.Letter) (activities.Message, error) { return letter{l}, nil }

func (w *world) Send(_ context.Context, m activities.Message, _ activities.Begin) activities.Verdict {
	l := m.(letter)
	email := sequence.SendEmail{Touch: l.MessageID, Text: l.Text}
	_ = w.note("mail", l.At, email)
	if w.mail != nil {
		return w.mail(email)
	}
	return activities.Verdict{Status: sequence.Sent}
}

var errAway = errors.New("the database is away")
