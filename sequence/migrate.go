package sequence

import (
	"slices"
	"time"
)

// Migrate moves a lead from one version of its playbook to another: the stage and
// the play stay, the next touch is planned anew where the versions differ. Nothing
// that was sent in this play is sent again, and what would be overdue is spread
// over the coming days. A *Refusal says why this lead cannot be moved now.
func Migrate(l Lead, from, to *Playbook, now time.Time) (Lead, []Action, error) {
	d := desks.Get().(*Desk)
	defer desks.Put(d)
	d.lead = l
	d.lead.own()
	if err := d.turn.migrate(&d.lead, from, to, now); err != nil {
		return l, nil, err
	}
	return d.lead, d.turn.all(), nil
}

func (t *turn) migrate(l *Lead, from, to *Playbook, now time.Time) error {
	switch {
	case l.Stage.Final():
		return refuse("lead_is_final", "", "this lead is "+words(l.Stage), "a finished life needs no playbook")
	case l.Playbook == to.ID:
		return refuse("already_there", "", "this lead follows "+to.ID+" already", "nothing needs to be done")
	case l.Playbook != from.ID:
		return refuse("another_playbook", "", "this lead follows "+l.Playbook+", not "+from.ID, "read its playbook again")
	case len(l.InFlight) > 0:
		return refuse("touch_in_flight", "", "an email is being sent right now", "try again in a minute")
	}
	if _, ok := to.Sources[l.Source]; !ok {
		return refuse("unknown_kind", "", "the new version knows no engagement kind \""+string(l.Source)+"\", by which this lead came", "keep the kind under sources")
	}
	t.open(l, now, to, ActorRekindle)
	t.lead.Playbook = to.ID
	t.irreversible("the lead was moved to another version of its playbook")
	t.record(Entry{What: PolicyChanged, Rule: Policy, Detail: from.ID + " → " + to.ID})
	if n := l.Next; n != nil {
		t.carryOver(*n, from.Steps(l.Stage, l.Play))
	}
	t.callOff()
	return nil
}

// carryOver finds where the lead stands in the new version of its play.
func (t *turn) carryOver(n Planned, old []Step) {
	l, steps := t.lead, t.steps()
	at := min(n.own(), len(old))
	i := standsAt(old, at, steps)
	l.Did, l.DidFrom = l.did(old, at), i
	switch {
	case n.Step == introduction && t.pb.Introduction != "":
		t.planned().Back = i
		return
	case i < len(steps) && at < len(old) && n.Step != introduction && steps[i] == old[at] && !l.madeBefore(steps, i) && t.stillOpen(&old[at], n):
		t.planned().Step = i // the very same step at the very same time
		return
	}
	play := l.Because.At
	t.plan(i, later(n.From, l.EnteredAt))
	if l.Next != nil && (l.Because.At != play || t.wasDue()) {
		t.spreadOver()
	}
}

// wasDue reports a step that the other version would have made already.
func (t *turn) wasDue() bool {
	n := t.lead.Next
	s := t.step(n.Step)
	if !s.Before.IsZero() || s.AtCall || s.Holiday != "" || n.Step == introduction {
		return false
	}
	return !t.wait(s).after(n.From, t.place, t.window(s)).After(t.now)
}

// stillOpen reports whether the planned instant lies where it may under the new
// version, too: its windows may be others.
func (t *turn) stillOpen(s *Step, n Planned) bool {
	return s.channel() == "" || t.place.Open(n.At, t.window(s))
}

// standsAt gives the index in the new steps of what comes next: the same step, or
// the one after the last step done that both versions have.
func standsAt(old []Step, at int, steps []Step) int {
	if at < len(old) {
		if i, ok := nth(steps, old[at].key(), count(old[:at], old[at].key())); ok {
			return i
		}
	}
	for done := at - 1; done >= 0; done-- {
		if i, ok := nth(steps, old[done].key(), count(old[:done], old[done].key())); ok {
			return i + 1
		}
	}
	return min(at, len(steps))
}

// did are the touches of the play that were made so far, by whatever version.
func (l *Lead) did(steps []Step, at int) []string {
	did := slices.Clone(l.Did)
	for j := l.DidFrom; j < at; j++ {
		if steps[j].channel() != "" && !l.madeBefore(steps, j) {
			did = append(did, steps[j].key())
		}
	}
	return did
}

// madeBefore reports whether an earlier version of the play made this touch: it
// is not made again.
func (l *Lead) madeBefore(steps []Step, j int) bool {
	if len(l.Did) == 0 || steps[j].channel() == "" {
		return false
	}
	key, made := steps[j].key(), 0
	for _, k := range l.Did {
		if k == key {
			made++
		}
	}
	return count(steps[:j+1], key) <= made
}

// nth is the index of a step that has n steps of the same kind before it; with
// fewer in the list, of the last one.
func nth(steps []Step, key string, n int) (at int, ok bool) {
	for i, s := range steps {
		if s.key() != key {
			continue
		}
		at, ok = i, true
		if n == 0 {
			break
		}
		n--
	}
	return at, ok
}

func count(steps []Step, key string) (n int) {
	for _, s := range steps {
		if s.key() == key {
			n++
		}
	}
	return n
}

// spreadOver moves what a change of policy makes due now into the coming days:
// it makes many leads due at once, and no burst may follow.
func (t *turn) spreadOver() {
	n := t.lead.Next
	s := t.step(n.Step)
	w := t.window(s)
	days := int(share(t.lead.ID+"policy") * float64(max(t.pb.Late.Over.N, 1)+1))
	from := t.place.midnightAfter(later(n.At, t.now).In(t.place.Zone))
	if days > 0 {
		from = t.place.midnightAfter(t.place.addWorkingDays(from, days-1, w))
	}
	t.replan(t.place.slot(from, w, t.pb.spread(), t.lead.ID+":policy:"+itoa(t.lead.TouchSeq)))
}
