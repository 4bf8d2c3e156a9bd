package sequence

import "time"

// This file is the engine under every stage: it plans the next step of the
// current play and performs it when its time has come (touch.go).

func (t *turn) steps() []Step {
	if t.list == nil || t.stage != t.lead.Stage || t.play != t.lead.Play {
		t.stage, t.play = t.lead.Stage, t.lead.Play
		t.list = t.pb.Steps(t.stage, t.play)
	}
	return t.list
}

// introduction stands for the step that is in no play: a new owner introduces
// themself before the lead goes on (R83).
const introduction = -1

// step finds a step of the play, or the introduction.
func (t *turn) step(i int) *Step {
	if i == introduction {
		t.intro = Step{Email: t.pb.Introduction, Reason: ReasonOccasion, Rule: Inherited}
		return &t.intro
	}
	return &t.steps()[i]
}

// own is the step of the play itself that is planned, or comes after an
// introduction.
func (n *Planned) own() int {
	if n.Step == introduction {
		return n.Back
	}
	return n.Step
}

// plan sets the deadline of step i, counted from an instant, leaving out steps
// whose time has gone by. After the last step the stage decides (stages.go).
func (t *turn) plan(i int, from time.Time) {
	l := t.lead
	l.Next, l.Blocked = nil, nil
	if l.Introduce {
		l.Introduce = false
		s := t.step(introduction)
		at, _ := t.timeOf(s, i, t.now)
		t.planAt(introduction, at, t.now)
		t.planned().Back = i
		return
	}
	steps := t.steps()
	for ; i < len(steps); i++ {
		if !t.holds(&steps[i]) || l.madeBefore(steps, i) {
			continue
		}
		if at, ok := t.timeOf(&steps[i], i, from); ok {
			t.planAt(i, at, from)
			return
		}
	}
	t.stageRules().spent(t)
}

func (t *turn) planAt(i int, at, from time.Time) {
	s := t.step(i)
	t.planNew(Planned{Step: i, Rule: s.Rule, From: from.UTC()})
	if s.channel() != "" {
		// Numbered when planned, not when made: a turn that a crash repeats, with
		// other news before it, knows the touch again by its number.
		t.next.Touch = t.nextTouch()
	}
	t.replan(at)
}

// replan moves the planned step.
func (t *turn) replan(at time.Time) {
	n := t.planned()
	n.At = at.UTC()
	t.record(Entry{What: TouchPlanned, Rule: n.Rule, Until: n.At, Play: t.lead.Play, Touch: n.Touch, Detail: t.describe(t.step(n.Step))})
}

// timeOf is when a step is due; false when its moment has passed.
func (t *turn) timeOf(s *Step, i int, from time.Time) (time.Time, bool) {
	call, w := t.lead.Call, t.window(s)
	switch {
	case s.AtCall:
		return later(call.at(), t.now), call != nil
	case s.Holiday != "":
		return t.eveOf(s.Holiday, from, w, i)
	case !s.Before.IsZero():
		if call == nil {
			return time.Time{}, false
		}
		target := s.Before.before(call.At, t.place, w)
		if target.Before(t.now.Add(-10 * time.Minute)) { // two reminders may share a moment
			return time.Time{}, false
		}
		target = later(target, t.now)
		if s.Tell != "" {
			return target, true
		}
		if s.Before.inDays() { // a day before a Monday is a Friday, not the same morning
			if at, ok := t.place.lastOpen(target, w); ok && at.After(t.now) {
				return at, true
			}
		}
		at := t.place.NextOpen(target, w)
		return at, at.Before(call.At)
	case s.Rest != "" || s.Tell != "":
		return later(t.wait(s).after(from, t.place, w), t.now), true
	}
	due := t.wait(s).after(from, t.place, w)
	if t.wait(s).inDays() { // a wait in days ends with the day's opening, so that touches do not creep into the evening
		due = t.place.midnight(due)
	}
	due = later(due, t.now)
	spread := t.pb.spread()
	if s.After.IsZero() {
		if t.behind {
			return t.caughtUp(t.lateOver(w), w, ":", itoa(t.lead.TouchSeq), ":", itoa(i)), true
		}
		spread = 0 // at once means at once
	}
	return t.place.slot(due, w, spread, t.lead.ID, ":", itoa(t.lead.TouchSeq), ":", itoa(i)), true
}

// wait is how long a step waits; an interval that the lead named overrides the
// playbook's (R04).
func (t *turn) wait(s *Step) Wait {
	if g := t.grant(); g != nil && !g.Every.IsZero() && t.lead.Stage == CheckIn && s.Reason == ReasonNew {
		return g.Every
	}
	return s.After
}

// eveOf is the last open day before the next public holiday of that name, within
// three months (R70).
func (t *turn) eveOf(name string, from time.Time, w Window, i int) (time.Time, bool) {
	c := t.place.wall()
	today, _ := c.local(later(from, t.now))
	for day, ok := t.place.off.next(today); ok && day < today+15*7; day, ok = t.place.off.next(day + 1) {
		if t.place.Holidays[dayNumber(day)] != name {
			continue
		}
		eve := c.time(c.instant(day, 0))
		for back := 1 + int64(share(t.lead.ID, name)*5); back < 14; back++ { // not everybody on the same day
			open := t.place.NextOpen(c.time(c.instant(day-back, 0)), w)
			if open.Before(eve) && open.After(t.now) {
				return t.place.slot(open, w, t.pb.spread(), t.lead.ID, ":", itoa(t.lead.TouchSeq), ":", itoa(i)), true
			}
		}
		return time.Time{}, false
	}
	return time.Time{}, false
}

// window is when a step may happen at the lead's place.
func (t *turn) window(s *Step) Window {
	if t.channel(s) == ByEmail {
		return t.pb.Windows.Email
	}
	w := t.pb.Windows.Call
	if !t.place.Known {
		w = w.within(t.pb.Windows.Unknown)
	}
	return w.within(LegalCallingHours())
}

// channel is how a step reaches out: another way where its own is gone or, after
// voicemails in a row, worn out (R25, R73).
func (t *turn) channel(s *Step) Channel {
	c := s.channel()
	toLead := t.toLead(s)
	if g := t.grant(); g != nil && toLead && t.lead.Stage == CheckIn && c == ByEmail && g.Channel != "" {
		c = g.Channel // the channel that the lead named (R04)
	}
	if c == ByEmail && toLead && t.lead.NoEmail {
		c = ByCall
	}
	if c == ByCall && toLead && (t.lead.NoPhone || t.pb.Voicemails > 0 && t.lead.Voicemails >= t.pb.Voicemails) {
		c = ByManual
	}
	return c
}

// toLead reports whether a step reaches the lead itself, not somebody else at the
// account.
func (t *turn) toLead(s *Step) bool {
	return s.To == "" && (t.lead.With == "" || t.lead.Stage != ScheduledCall)
}

func (t *turn) describe(s *Step) string {
	switch c := t.channel(s); {
	case s.Rest != "":
		return t.say(s, "rest: ", s.Rest)
	case s.Tell != "":
		return t.say(s, "tell the owner: ", s.Tell)
	case c == ByEmail:
		return t.say(s, "email ", s.Email)
	default:
		return string(c)
	}
}

// perform does the planned step now, or puts it off where it may not be done now.
func (t *turn) perform() {
	l := t.lead
	planned, s := *l.Next, t.step(l.Next.Step)
	touch := s.channel() != ""
	if !t.holds(s) {
		t.note(TouchDropped, s.Rule, "its condition no longer holds: left out")
		t.goOnAfter(planned)
		return
	}
	if touch && planned.Step != introduction && (t.giveUp() || t.wentQuiet() && t.askOthers(QuietAfter, "unanswered:"+itoa(l.Unanswered))) {
		return
	}
	if (s.Invite || !s.Before.IsZero()) && !t.now.Before(l.Call.at()) {
		t.note(TouchDropped, s.Rule, "the call it is about is over: left out")
		t.goOnAfter(planned)
		return
	}
	if touch && t.putOff(planned, s) {
		return
	}
	switch c := t.channel(s); c {
	case ByEmail:
		t.sendStep(s)
		return
	case ByCall, ByManual:
		t.askStep(s, c)
	default:
		if s.Tell != "" {
			t.tell(TheOwner, s.Rule, s.Tell)
		}
	}
	t.done(planned)
}

// done goes on after a step that was made.
func (t *turn) done(n Planned) {
	if s := t.step(n.Step); s.Once {
		t.lead.Once = append(t.lead.Once, s.key())
	}
	t.goOnAfter(n)
}

// goOnAfter plans what comes after a step that is done.
func (t *turn) goOnAfter(n Planned) {
	if l := t.lead; l.Stage == Cold && l.Play == Rest && n.Step >= 0 && t.step(n.Step).Email != "" && playFor(l.Diagnosis) != Rest {
		t.startPlay(playFor(l.Diagnosis), Diagnose, "diagnosis:"+string(l.Diagnosis))
		return
	}
	if n.Step == introduction {
		t.plan(n.Back, t.now)
		return
	}
	t.plan(n.Step+1, t.now)
}
