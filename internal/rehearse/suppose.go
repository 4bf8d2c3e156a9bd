package rehearse

import (
	"cmp"
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// Supposition is what would become of a lead: as it is once everything is done that
// is due at once.
type Supposition struct {
	Lead    sequence.Lead
	Entries []sequence.Entry
	Actions []sequence.Action
	Closed  []string // the touches of open tasks that would fall away
}

// Suppose lets events happen to a copy of a lead, and all that follows at the same
// instant; every email is taken as sent. A *sequence.Refusal is the answer that the
// lead would give.
func Suppose(l sequence.Lead, open []sequence.CreateTask, pb *sequence.Playbook, now time.Time, events ...sequence.Event) (Supposition, error) {
	var tasks desk
	unworked := func(sequence.CreateTask) time.Time { return time.Time{} }
	for _, t := range open {
		tasks.take(t, now, unworked)
	}
	life := &simulate.Life{Lead: l, Playbook: pb, Now: now}
	life.Each = func(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
		for _, a := range actions {
			if call, ok := a.(sequence.CreateTask); ok && call.Kind == sequence.TaskCall {
				tasks.replace(call, now)
			}
			tasks.take(a, now, unworked)
		}
	}
	for _, ev := range events {
		if err := life.Let(ev); err != nil {
			return Supposition{}, err
		}
	}
	if err := life.Until(now); err != nil {
		return Supposition{}, err
	}
	slices.SortFunc(life.Timeline, func(x, y sequence.Entry) int { return cmp.Compare(x.N, y.N) })
	s := Supposition{Lead: life.Lead, Entries: life.Timeline, Actions: life.Actions}
	for _, t := range tasks.all[:len(open)] {
		if !t.open() {
			s.Closed = append(s.Closed, t.Touch)
		}
	}
	return s, nil
}

// replace closes the call that a newer one to the same person takes the place of (R81).
func (d *desk) replace(call sequence.CreateTask, now time.Time) {
	for _, t := range d.all {
		if t.open() && t.Kind == sequence.TaskCall && t.To == call.To && t.Touch != call.Touch {
			t.closed = now
		}
	}
}
