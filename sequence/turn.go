package sequence

import (
	"slices"
	"strings"
	"time"
)

// turn is one decision at work: what is known, and what is to be done so far.
type turn struct {
	lead  *Lead
	now   time.Time
	pb    *Playbook
	place Place
	by    string

	behind bool // the lead wakes long after its deadline

	timeline []Entry
	actions  []Action // but for the timeline
	before   []int    // how many actions come before each line of the timeline

	at    address // of place
	stage Stage   // of the play whose steps these are
	play  Play
	list  []Step
	next  *Planned // the lead's, if it was made in this turn and may be changed

	spare []*Planned // that no lead has any more
	said  map[*Step]string
	intro Step
}

// address is what a place depends on.
type address struct {
	zone, country string
	pb            *Playbook
}

// open begins a turn.
func (t *turn) open(l *Lead, now time.Time, pb *Playbook, by string) {
	if at := (address{l.Zone, l.Country, pb}); t.at != at { // the same lead as last time, more often than not
		t.at, t.place = at, placeAt(l.Zone, l.Country, pb)
	}
	if t.pb != pb {
		t.pb, t.list = pb, nil
		clear(t.said)
	}
	t.lead, t.now, t.by = l, now.UTC(), by
	t.timeline, t.actions, t.before = t.timeline[:0], t.actions[:0], t.before[:0]
	t.next, t.behind = nil, false
}

// let changes the lead as the event calls for.
func (t *turn) let(l *Lead, ev Event, now time.Time, pb *Playbook) error {
	t.open(l, now, pb, ev.actor())
	if l.Stage.Final() {
		if !late(ev) {
			return refuse("lead_is_final", "", "this lead is "+words(l.Stage),
				"a finished life takes no more events; enrol the person again if there is a new beginning")
		}
	}
	t.expire()
	if l.Undo.open() {
		if what := follows(ev); what != "" {
			t.irreversible(what)
		}
	}
	if err := ev.decide(t); err != nil {
		return err
	}
	t.callOff()
	return nil
}

// late is what may still be learnt about a life that is over: what went out before.
func late(ev Event) bool {
	switch ev.(type) {
	case TouchPerformed, SendAbandoned:
		return true
	}
	return false
}

func (t *turn) do(a Action) { t.actions = append(t.actions, a) }

// record adds a line to the timeline.
func (t *turn) record(e Entry) {
	t.lead.EntrySeq++
	e.N, e.At, e.Actor = t.lead.EntrySeq, t.now, t.by
	t.timeline, t.before = append(t.timeline, e), append(t.before, len(t.actions))
}

// all gives the actions and the timeline in the order in which they came about.
func (t *turn) all() []Action {
	if len(t.timeline)+len(t.actions) == 0 {
		return nil
	}
	all, done := make([]Action, 0, len(t.timeline)+len(t.actions)), 0
	for i, before := range t.before {
		all = append(all, t.actions[done:before]...)
		all, done = append(all, t.timeline[i]), before
	}
	return append(all, t.actions[done:]...)
}

// planNew plans another step instead.
func (t *turn) planNew(n Planned) {
	if last := len(t.spare) - 1; last >= 0 {
		t.next, t.spare = t.spare[last], t.spare[:last]
	} else {
		t.next = new(Planned)
	}
	*t.next = n
	t.lead.Next = t.next
}

// say is how the timeline speaks of a step. It is put together once: a life says the
// same things over and over.
func (t *turn) say(s *Step, what, of string) string {
	said := t.said[s]
	if len(said) == len(what)+len(of) && strings.HasSuffix(said, of) && strings.HasPrefix(said, what) {
		return said
	}
	if t.said == nil {
		t.said = map[*Step]string{}
	}
	t.said[s] = what + of
	return t.said[s]
}

// planned is the planned step, to be changed: a copy, unless it was made in this
// turn, so that no other lead changes with it.
func (t *turn) planned() *Planned {
	if t.next == nil || t.lead.Next != t.next {
		t.next = copied(t.lead.Next)
		t.next.Done = slices.Clip(t.next.Done)
		t.lead.Next = t.next
	}
	return t.next
}
