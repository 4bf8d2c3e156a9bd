package sequence

import "slices"

// stageRules says how a stage answers what can happen in it. Everything that
// differs from stage to stage is here; what is alike is in the events.
type stageRules struct {
	spent   func(*turn)               // every step of the play is done
	engaged func(*turn, Kind, string) // the lead did something
	replied func(*turn, string)       // a human answered by mail
}

func (t *turn) stageRules() stageRules {
	switch t.lead.Stage {
	case Warm:
		return stageRules{spent: warmSpent, engaged: talkAboutIt, replied: stay}
	case ScheduledCall:
		return stageRules{spent: scheduledCallSpent, engaged: talkAboutIt, replied: stay}
	case MultiStakeholder:
		return stageRules{spent: multiStakeholderSpent, engaged: talkAboutIt, replied: someoneAnswered}
	case Cold:
		return stageRules{spent: coldSpent, engaged: signOfLife, replied: backToWarm}
	case Revival:
		return stageRules{spent: revivalSpent, engaged: signOfLife, replied: backToWarm}
	case BreakUp:
		return stageRules{spent: breakUpSpent, engaged: signOfLife, replied: backToWarm}
	case CheckIn:
		return stageRules{spent: checkInSpent, engaged: signOfLife, replied: backToWarm}
	case Won, Disqualified, DoNotContact:
	}
	nothing := func(*turn) {}
	return stageRules{nothing, func(*turn, Kind, string) {}, func(*turn, string) {}}
}

// warmSpent: cold, but never before the minimum of touches (R05).
func warmSpent(t *turn) {
	if !t.minimumReached() {
		t.startPlay(PersistPlay, Persist, "touches:"+itoa(t.lead.StageTouches))
		return
	}
	t.goCold(Persist, "touches:"+itoa(t.lead.StageTouches))
}

func (t *turn) minimumReached() bool {
	l, m := t.lead, t.pb.Minimum
	return l.StageTouches >= m.Touches && len(l.Channels) >= m.Channels &&
		!t.now.Before(m.Over.after(l.EnteredAt, t.place, t.pb.Windows.Call))
}

// goCold enters cold and asks the owner why (R40).
func (t *turn) goCold(rule Rule, evidence ...string) {
	t.lead.Diagnosis = ""
	t.enter(Cold, Rest, rule, evidence...)
	t.ask(TaskDiagnose, Diagnose, "Why did it go cold? Wrong person, too fast, too slow, value not seen, never warm, timing, or unknown.")
}

// ask gives the owner a task that belongs to no step of a play.
func (t *turn) ask(kind TaskKind, rule Rule, prompt string) {
	due := t.pb.ReplyWithin.after(t.now, t.place, t.pb.Windows.Call).UTC()
	touch := t.nextTouch() + "-" + string(kind) // no step of a play, so its number alone does not say what it is
	t.do(CreateTask{Touch: touch, Kind: kind, DueAt: due, Hot: t.salesReady(), Prompt: prompt, Rule: rule})
	t.record(Entry{What: TaskAsked, Rule: rule, Touch: touch, Until: due, Detail: string(kind)})
}

// scheduledCallSpent: a booked call waits for its outcome; every other play that
// ends unanswered means the lead went quiet.
func scheduledCallSpent(t *turn) {
	l := t.lead
	switch {
	case (l.Play == Booked || l.Play == Information) && l.Watch != nil:
		return // the owner owes the outcome and is reminded of it
	case l.Play == Booked || l.Play == Information:
		t.startPlay(FollowUp, NextStepNamed, "no call is agreed any more")
	case l.Play == FindOthers:
		t.goCold(QuietAfter, "nobody else was named")
	default:
		t.quiet(QuietAfter, "unanswered:"+itoa(l.Unanswered))
	}
}

// quiet follows silence after a conversation: others at the account, or cold.
func (t *turn) quiet(rule Rule, evidence ...string) {
	if !t.askOthers(rule, evidence...) {
		t.goCold(rule, evidence...)
	}
}

// askOthers opens multi-stakeholder outreach, or asks the owner once whom to
// write to. False means that the lead stays where it is.
func (t *turn) askOthers(rule Rule, evidence ...string) bool {
	l := t.lead
	switch {
	case l.Stage == MultiStakeholder:
		if l.Play == TellPrimary {
			t.reachOut(rule, evidence...)
		}
		return true
	case len(t.openStakeholders()) > 0 && leads(l.Stage, MultiStakeholder):
		t.enter(MultiStakeholder, TellPrimary, rule, evidence...)
		return true
	case l.AskedOthers:
		return false
	}
	l.AskedOthers = true
	t.ask(TaskFindOthers, rule, "Who else at the account is involved in the decision? Name them.")
	if l.Stage != ScheduledCall {
		return false
	}
	t.startPlay(FindOthers, rule, evidence...)
	return true
}

// wentQuiet reports R30: a conversation, then touches unanswered for a while.
func (t *turn) wentQuiet() bool {
	l, q := t.lead, t.pb.Quiet
	if l.SpokenAt.IsZero() || l.Stage != Warm && l.Stage != ScheduledCall || l.Call != nil || l.Play == FindOthers {
		return false
	}
	return q.Touches > 0 && l.Unanswered >= q.Touches && !t.now.Before(q.Over.after(l.QuietAt, t.place, t.pb.Windows.Call))
}

// multiStakeholderSpent: after the grace period the others, then cold (R31).
func multiStakeholderSpent(t *turn) {
	if t.lead.Play == TellPrimary {
		t.reachOut(PrimaryFirst, "the grace period passed without an objection")
		return
	}
	if t.laterOnes() {
		t.startPlay(TellPrimary, PrimaryFirst, "others were named meanwhile")
		return
	}
	t.goCold(QuietAfter, "nobody at the account answered")
}

// laterOnes opens the stakeholders who were named during the outreach, and closes
// those who have had their chance.
func (t *turn) laterOnes() (any bool) {
	t.lead.Others = slices.Clone(t.lead.Others)
	for i := range t.lead.Others {
		s := &t.lead.Others[i]
		s.Closed = s.Closed || !s.Later
		any = any || s.Later && !s.Closed
		s.Later = false
	}
	return any
}

func (t *turn) reachOut(rule Rule, evidence ...string) {
	t.do(StartOutreach{Stakeholders: t.openStakeholders()})
	t.startPlay(Outreach, rule, evidence...)
}

// someoneAnswered: a call is to be arranged.
func someoneAnswered(t *turn, seen string) { t.enter(ScheduledCall, Arrange, QuietAfter, seen) }

// coldSpent: revival for the qualified (R50), a last message for the others.
func coldSpent(t *turn) {
	if t.lead.Qualified {
		t.enter(Revival, Reopen, QualifiedOnly, "rested")
		return
	}
	t.enter(BreakUp, Farewell, QualifiedOnly, "never qualified")
}

// revivalSpent: "should I close your file?", then the break-up (R55).
func revivalSpent(t *turn) {
	if t.lead.Play == Reopen {
		t.startPlay(CloseFile, CloseYourFile, "unanswered:"+itoa(t.lead.Unanswered))
		return
	}
	t.enter(BreakUp, Farewell, CloseYourFile, "unanswered:"+itoa(t.lead.Unanswered))
}

// breakUpSpent: silence is a no for now (R65).
func breakUpSpent(t *turn) { t.enter(CheckIn, Quarterly, NoIsNoForNow, "silence") }

// checkInSpent: and again next quarter (R70).
func checkInSpent(t *turn) { t.startPlay(Quarterly, CheckInQuarterly) }

// talkAboutIt: we are talking to them anyway; the owner hears of it.
func talkAboutIt(t *turn, kind Kind, _ string) {
	if t.lead.Stage == Warm {
		t.tell(TheOwner, Sources, "the lead engaged: "+string(kind))
		return
	}
	t.ask(TaskEngaged, Sources, "They engaged ("+string(kind)+"). Use it.")
}

// signOfLife reopens the lead.
func signOfLife(t *turn, _ Kind, seen string) { t.enter(Warm, Inbound, Sources, seen) }

// backToWarm reopens it with somebody to answer.
func backToWarm(t *turn, seen string) { t.enter(Warm, Resume, ReplyFirst, seen) }

func stay(*turn, string) {}
