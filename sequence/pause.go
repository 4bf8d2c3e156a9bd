package sequence

import "time"

// pause holds every touch. A zero until waits for somebody to resume.
func (t *turn) pause(reason PauseReason, until time.Time, rule Rule) {
	t.pauseFor(reason, "", until, rule)
}

func (t *turn) pauseFor(reason PauseReason, detail string, until time.Time, rule Rule) {
	if w := t.lead.Watch; w != nil && w.For == WatchFirstCall {
		t.lead.Watch = nil // nobody is to call them now
	}
	t.lead.Pause = &Pause{Reason: reason, Since: t.now, Until: until.UTC(), Detail: detail, Rule: rule}
	e := Entry{What: PauseBegan, Rule: rule, Detail: string(reason)}
	if until.IsZero() {
		t.lead.Pause.Until = time.Time{}
	} else {
		e.Until = until.UTC()
	}
	t.record(e)
}

// endsBy is the rule by which a pause ends at its time.
func (p *Pause) endsBy() Rule {
	switch p.Reason {
	case PausedSnoozed:
		return Permission
	case PausedOutOfOffice:
		return OutOfOffice
	case PausedReply, PausedMailbox, PausedColleague, PausedOwnerAway, PausedByHand, PausedParked:
	}
	return ByHand
}

func (t *turn) unpause() {
	t.note(PauseEnded, "", string(t.lead.Pause.Reason))
	t.lead.Pause = nil
}

// resume ends the pause and moves a step that came due meanwhile into the next
// window, so that leads resumed together do not burst.
func (t *turn) resume(rule Rule) {
	l := t.lead
	t.note(PauseEnded, rule, string(l.Pause.Reason))
	was := l.Pause.Reason
	l.Pause = nil
	if w := l.Watch; w != nil && w.For == WatchReply && was != PausedReply { // nobody has read it yet
		t.pause(PausedReply, time.Time{}, ReplyFirst)
		return
	}
	t.replyAnswered()
	if rule == ByHand {
		l.Away = time.Time{}
	}
	if l.Away.After(t.now) {
		until := l.Away
		l.Away = time.Time{}
		t.pause(PausedOutOfOffice, until, OutOfOffice)
		return
	}
	if was != PausedColleague {
		t.keepCalm()
	}
	switch {
	case l.Pause != nil: // a colleague is in conversation
	case l.Next == nil && l.Watch == nil:
		t.stageRules().spent(t)
	case l.Next != nil && l.Next.At.Before(t.now):
		s := t.step(l.Next.Step)
		at := t.now
		switch {
		case s.channel() == "":
		case t.behind: // the pause ended during an outage, with many others
			at = t.caughtUp(t.lateOver(t.window(s)), t.window(s))
		default:
			at = t.place.slot(t.now, t.window(s), t.pb.spread(), l.ID+":resume:"+itoa(l.EntrySeq))
		}
		t.replan(at)
	}
}

// replyAnswered ends the watch for an answer; the outcome of a standing call is
// owed as before.
func (t *turn) replyAnswered() {
	l := t.lead
	if l.Watch == nil || l.Watch.For != WatchReply {
		return
	}
	l.Watch = nil
	if l.Call != nil {
		t.watchOutcome("")
	}
}

// resumeFrom lifts a pause of one kind and leaves every other.
func (t *turn) resumeFrom(reason PauseReason, rule Rule) {
	if p := t.lead.Pause; p != nil && p.Reason == reason {
		t.resume(rule)
	}
}

func (e Snoozed) decide(t *turn) error {
	if err := t.checkFuture("until", e.Until, false); err != nil {
		return err
	}
	if c := t.lead.Call; c != nil && e.Until.After(c.At) { // the agreed call falls away
		t.lead.Call, t.lead.Watch = nil, nil
		t.cancel(TaskCall, "the lead asked to be left alone until later")
		t.forgetAboutCall()
	}
	t.pause(PausedSnoozed, e.Until, Permission)
	return nil
}

// forgetAboutCall drops a planned invitation or reminder to a call that fell away.
func (t *turn) forgetAboutCall() {
	if n := t.lead.Next; n != nil && n.Step != introduction && t.step(n.Step).aboutCall() {
		t.lead.Next = nil
	}
}

func (e Paused) decide(t *turn) error {
	if !e.Until.IsZero() {
		if err := t.checkFuture("until", e.Until, false); err != nil {
			return err
		}
	}
	switch e.Reason {
	case PausedByHand, PausedOwnerAway, PausedColleague, PausedOutOfOffice, PausedSnoozed, PausedReply, PausedMailbox, PausedParked:
	default:
		return refuse("unknown_pause", "reason", "there is no reason \""+string(e.Reason)+"\" for a pause", "use manual, owner_on_leave or colleague_in_conversation")
	}
	t.pauseFor(e.Reason, e.Detail, e.Until, ByHand)
	return nil
}

func (e Resumed) decide(t *turn) error {
	if t.lead.Pause == nil {
		return refuse("not_paused", "", "this lead is not paused", "nothing needs to be done: it goes on by itself")
	}
	t.resume(ByHand)
	return nil
}

// decide gives the lead and its open tasks to another owner (R83).
func (e Reassigned) decide(t *turn) error {
	if e.Owner == t.lead.Owner {
		return refuse("same_owner", "owner_id", "the lead belongs to this owner already", "name another owner")
	}
	t.lead.Owner = e.Owner
	t.note(SomethingKnown, Inherited, "owner:"+e.Owner)
	t.do(MoveTasks{Owner: e.Owner})
	t.do(Notify{Who: TheOwner, About: "a lead was given to you", Rule: Inherited})
	t.resumeFrom(PausedOwnerAway, Inherited)
	t.introduce()
	return nil
}
