package sequence

import "time"

// This file decides what becomes of what came up late, after an outage: it follows
// the playbook's policy, and never bursts.

// overdue reports that the time for something went by long ago.
func (t *turn) overdue(at time.Time, w Window) bool {
	return t.now.After(t.pb.Late.After.after(at, t.place, w))
}

// lag notes that the lead wakes long after its deadline: many do so together, and
// what they would do at once now is spread like what is overdue.
func (t *turn) lag() {
	at, ok := t.lead.Deadline()
	t.behind = ok && t.pb.Late.Policy != LateSend && t.overdue(at, t.pb.Windows.Email)
}

// putOff moves a touch that came up late, or outside its window.
func (t *turn) putOff(planned Planned, s *Step) bool {
	w := t.window(s)
	if t.overdue(planned.At, w) {
		switch t.pb.Late.Policy {
		case LateSkip:
			t.note(TouchDropped, LateTimers, "overdue since "+planned.At.Format(time.RFC3339)+": left out")
			t.goOnAfter(planned)
			return true
		case LateAskOwner:
			t.tell(TheOwner, LateTimers, "a touch is overdue; resume the lead to go on")
			t.pause(PausedParked, time.Time{}, LateTimers)
			return true
		case LateNextWindow:
			t.putOffTo(t.place.midnightAfter(t.now.In(t.place.Zone)), w, LateTimers, "overdue: next window")
			return true
		case LateSpread:
			t.putOffAt(t.caughtUp(t.lateOver(w), w), LateTimers, "overdue: spread over the next windows")
			return true
		case LateSend:
		}
	} else if t.straggles(planned, s) {
		t.planned().Late = true
		t.putOffAt(t.caughtUp(t.pb.spread(), w), LateTimers, "late: spread over the coming hours")
		return true
	}
	if !t.place.Open(t.now, w) {
		t.putOffTo(t.now, w, planned.Rule, "the window is closed")
		return true
	}
	return false
}

// punctual is how late a mail may come up and still go out at once.
const punctual = 15 * time.Minute

// straggles reports a mail that came up late, with all that were due meanwhile, but
// is not overdue: it is spread as long as the mails of a day are, once. One that
// belongs to an instant, such as a reminder, is not.
func (t *turn) straggles(planned Planned, s *Step) bool {
	return !planned.Late && t.pb.Late.Policy != LateSend && t.now.Sub(planned.At) > punctual &&
		t.channel(s) == ByEmail && !s.After.IsZero() && s.Before.IsZero() && s.Holiday == ""
}

// lateOver is how much open time late touches are spread over.
func (t *turn) lateOver(w Window) time.Duration {
	return time.Duration(max(t.pb.Late.Over.N, 1)*(w.To-w.From)) * time.Minute
}

// caughtUp is an instant of the lead's own within so much open time from now. Of all
// leads that are late together, each open hour gets as many as any other, however
// little of today is left.
func (t *turn) caughtUp(within time.Duration, w Window, key ...string) time.Time {
	part := share(append([]string{t.lead.ID, "late"}, key...)...)
	return t.place.addWorking(t.now, time.Duration(part*float64(within)).Truncate(time.Second), w)
}

func (t *turn) putOffTo(from time.Time, w Window, rule Rule, why string) {
	t.putOffAt(t.place.slot(from, w, 12*time.Hour, t.lead.ID+":late:"+itoa(t.lead.EntrySeq)), rule, why)
}

func (t *turn) putOffAt(at time.Time, rule Rule, why string) {
	if !at.After(t.now) {
		at = t.now.Add(time.Minute)
	}
	t.planned().At = at.UTC()
	t.record(Entry{What: TouchPutOff, Rule: rule, Until: at.UTC(), Detail: why})
}
