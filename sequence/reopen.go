package sequence

import (
	"slices"
	"time"
)

// This file holds what reopens a cold case early (R53) and what else a lead in
// check-in is good for (R71).

// coldLongEnough reports a qualified case that rested for a while.
func (t *turn) coldLongEnough() bool {
	l, after := t.lead, t.pb.FreshEyes.After
	return l.Stage == Cold && l.Qualified && !after.IsZero() && !t.now.Before(after.after(l.EnteredAt, t.place, t.pb.Windows.Call))
}

// decide: news is a reason to reach out to whoever waits for one, and reopens a
// case that rests.
func (e NewsPublished) decide(t *turn) error {
	l := t.lead
	seen := "news:" + e.ID
	switch {
	case l.Blocked != nil && l.Blocked.Reason == NothingNew && l.Next != nil && len(l.InFlight) == 0:
		t.note(SomethingKnown, BringSomething, seen)
		t.spreadOut()
	case t.pb.FreshEyes.News && t.coldLongEnough() && l.Pause == nil && l.Next != nil && t.step(l.Next.Step).Rest != "":
		t.enter(Revival, Reopen, FreshEyes, seen)
		t.spreadOut()
	}
	return nil
}

// spreadOut moves the planned touch by up to the days over which late touches are
// spread: news reaches many leads at once, and no burst may follow.
func (t *turn) spreadOut() {
	n := t.lead.Next
	if n == nil {
		return
	}
	w, s := t.window(t.step(n.Step)), t.step(n.Step)
	days := int(share(t.lead.ID+"news") * float64(t.pb.Late.Over.N+1))
	from := t.now
	if !s.After.IsZero() && t.lead.Blocked == nil {
		from = later(n.At, t.now)
	}
	if days > 0 {
		from = t.place.midnightAfter(t.place.addWorkingDays(from.In(t.place.Zone), days-1, w))
	}
	t.replan(t.place.slot(from, w, t.pb.spread(), t.lead.ID+":news:"+itoa(t.lead.TouchSeq)))
}

// checkedIn counts check-ins without an answer; after many of them somebody else
// may practise with the lead (R71).
func (t *turn) checkedIn() {
	l := t.lead
	l.CheckIns++
	if n := t.pb.CheckIns.TrainingPool; n > 0 && l.CheckIns == n {
		t.tell(TheManager, CreativeUses, itoa(n)+" check-ins without an answer: new reps could practise with this lead")
	}
}

// holds reports whether the condition of a step is met now.
func (t *turn) holds(s *Step) bool {
	if s.Once && slices.Contains(t.lead.Once, s.key()) {
		return false
	}
	switch s.Only {
	case OnlyPermission:
		return t.grant() != nil
	case OnlyInvested:
		return t.pb.invested(t.lead)
	case OnlyGoodTerms:
		return t.lead.Talks > 0 && !t.lead.HardNo && (t.lead.Stage != CheckIn || !t.lead.SpokenAt.Before(t.lead.EnteredAt))
	}
	return true
}

// grant is the lead's leave to stay in touch, while it holds (R04).
func (t *turn) grant() *Grant {
	if g := t.lead.Grant; g != nil && (g.Until.IsZero() || t.now.Before(g.Until)) {
		return g
	}
	return nil
}

// introduce has the new owner introduce themself before anything else (R83).
func (t *turn) introduce() {
	l := t.lead
	if t.pb.Introduction == "" || len(l.InFlight) > 0 {
		return
	}
	l.Introduce = true
	if n := l.Next; n != nil {
		t.plan(n.own(), n.From)
		return
	}
	t.plan(len(t.steps()), time.Time{})
}
