package population

import (
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// ask gives the rep a task. Whether it is forgotten is drawn now, so that the
// n-th task of a lead has the same luck under every playbook.
func (l *life) ask(c sequence.CreateTask) {
	u, v := l.chance.draw(forTasks), l.chance.draw(forTasks)
	e := errand{what: repWorks, kind: c.Kind, touch: number(c.Touch), to: c.To, due: c.DueAt, promised: c.Promised}
	if c.Kind == sequence.TaskCall {
		l.tally.callAsked(l, c.DueAt)
	}
	e.forgotten = u < float64(l.crowd.Reps.Forgets)
	if c.Promised { // everybody comes to an agreed call; its outcome may wait to be recorded
		e.at = c.DueAt.Add(30 * time.Minute)
	} else {
		e.at = l.workTime(l.now.Add(about(v, l.workAfter(c.Kind))))
	}
	l.plan(e)
}

func (l *life) workAfter(kind sequence.TaskKind) time.Duration {
	r := l.crowd.Reps
	switch w := l.lead.Watch; {
	case kind != sequence.TaskCall:
		return time.Duration(r.TaskHours * float64(time.Hour))
	case w != nil && w.For == sequence.WatchFirstCall:
		return time.Duration(r.FirstCall * float64(time.Minute))
	}
	return time.Duration(r.CallHours * float64(time.Hour))
}

// workTime is when a rep gets to something: calls have their own hours at the
// lead's place, and everything else is done while they are awake there, too.
func (l *life) workTime(t time.Time) time.Time { return l.place.NextOpen(t, l.calls).UTC() }

// remind has forgotten tasks done after all, when the manager is told.
func (l *life) remind() {
	for i := range l.agenda {
		e := &l.agenda[i]
		if !e.forgotten || l.chance.draw(forTasks) >= float64(l.crowd.Reps.Reminded) {
			continue
		}
		e.forgotten = false
		e.at = l.workTime(l.now.Add(about(l.chance.draw(forTasks), l.workAfter(e.kind))))
	}
}

// work does a task. While the lead is paused nobody calls it, but for answering
// what it wrote.
func (l *life) work(e errand) error {
	if p := l.lead.Pause; p != nil && e.kind != sequence.TaskReply && !e.promised && p.Reason != sequence.PausedReply {
		later := l.now.Add(24 * time.Hour)
		if p.Until.After(later) {
			later = p.Until
		}
		e.at = l.workTime(later)
		l.plan(e)
		return nil
	}
	l.followedUp(l.inTime(e.due))
	switch e.kind {
	case sequence.TaskCall:
		return l.call(e)
	case sequence.TaskReply:
		return l.readReply(e)
	case sequence.TaskDiagnose:
		return l.diagnose()
	case sequence.TaskFindOthers:
		return l.findOthers()
	case sequence.TaskManual:
		return l.byHand()
	case sequence.TaskEngaged:
	}
	return l.let(sequence.TaskDone{ID: "d", Kind: e.kind})
}

// readReply answers a mail; mostly a conversation comes of it.
func (l *life) readReply(e errand) error {
	if l.chance.draw(forTasks) < float64(l.crowd.Reps.JustAnswers) {
		return l.let(sequence.TaskDone{ID: "d", Kind: sequence.TaskReply})
	}
	return l.talk(e.to)
}

func (l *life) diagnose() error {
	if l.lead.Stage != sequence.Cold {
		return nil
	}
	guess := guesses[pick(l.chance.draw(forTasks), l.crowd.diagnoses)]
	return l.let(sequence.Diagnosed{ID: "w", Diagnosis: guess})
}

// findOthers names one or two people at the account (R30).
func (l *life) findOthers() error {
	u := l.chance.draw(forTasks)
	if u >= float64(l.crowd.Reps.FindsOthers) {
		return l.let(sequence.TaskDone{ID: "d", Kind: sequence.TaskFindOthers})
	}
	if u < float64(l.crowd.Reps.FindsOthers)/2 {
		if err := l.name(); err != nil {
			return err
		}
	}
	return l.name()
}

// others are the ids of stakeholders, at most as many as the core keeps.
var others = [...]string{"s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10"}

func (l *life) name() error {
	if n := len(l.lead.Others); n < len(others) {
		return l.let(sequence.StakeholderNamed{ID: others[n]})
	}
	return nil
}

// byHand makes a manual touch, which may be answered.
func (l *life) byHand() error {
	u, v, tired := l.chance.draw(forManual), l.chance.draw(forManual), l.tired()
	if err := l.let(sequence.TaskDone{ID: "d", Kind: sequence.TaskManual}); err != nil {
		return err
	}
	if !l.prospect.never && u < float64(l.mood().Manual)*tired {
		l.plan(errand{what: replies, at: l.now.Add(about(v, l.replyTime()))})
	}
	return nil
}
