package sequence

import (
	"slices"
	"time"
)

func (e Enrolled) decide(t *turn) error {
	l := t.lead
	if l.Stage != "" {
		return refuse("already_enrolled", "", "this lead is enrolled already", "record an engagement instead")
	}
	source, ok := t.pb.Sources[e.Kind]
	if !ok {
		return unknownKind(e.Kind)
	}
	l.Source, l.Playbook, l.Talking = e.Kind, t.pb.ID, e.Talking
	l.Qualified = l.Qualified || source.Qualified
	t.engage(e.Kind, t.now)
	seen := "engagement:" + string(e.Kind) + ":" + e.ID
	if source.Enters == Revival {
		t.enter(Revival, Reopen, DormantImport, seen)
		return nil
	}
	t.enter(Warm, Inbound, SpeedToLead, seen)
	return nil
}

func unknownKind(k Kind) error {
	return refuse("unknown_kind", "kind", "the playbook knows no engagement kind \""+string(k)+"\"", "use a kind that the playbook lists under sources")
}

// decide wakes the lead: the end of a pause, a reminder, or the planned step.
func (DeadlineReached) decide(t *turn) error {
	l := t.lead
	t.lag()
	due := func(at time.Time) bool { return !at.IsZero() && !t.now.Before(at) }
	switch {
	case l.Pause != nil && due(l.Pause.Until):
		t.resume(l.Pause.endsBy())
	case l.Watch != nil && due(l.Watch.At):
		t.remind()
	case l.Pause == nil && l.Next != nil && len(l.InFlight) == 0 && due(l.Next.At):
		t.perform()
	}
	return nil
}

// remind tells the manager that something is owed: the first call (R01), an
// answer to a reply, an outcome.
func (t *turn) remind() {
	w := copied(t.lead.Watch)
	t.lead.Watch = w
	w.Times++
	t.tell(TheManager, w.Rule, w.overdue())
	switch {
	case w.For == WatchFirstCall && w.Times >= 3:
		t.lead.Watch = nil // the play goes on by itself
		return
	case w.For == WatchOutcome && w.Times >= 5: // nobody will say any more what became of it
		t.lead.Watch, t.lead.Call = nil, nil
		t.goOnIfIdle()
		return
	}
	every := Wait{N: min(w.Times, 5), Unit: WorkingDays}
	w.At = t.place.NextOpen(every.after(t.now, t.place, t.pb.Windows.Call), t.pb.Windows.Call).UTC()
}

func (w *Watch) overdue() string {
	switch {
	case w.For == WatchReply:
		return "a reply waits to be answered"
	case w.For == WatchOutcome:
		return "a call took place and its outcome is not recorded"
	case w.Rule != SpeedToLead:
		return "a call is overdue"
	}
	return "the first call is overdue"
}

// playFor is the play that a diagnosis chooses (R40).
func playFor(d Diagnosis) Play {
	switch d {
	case TooFast:
		return Slower
	case TooSlow:
		return Faster
	case ValueNotSeen:
		return Value
	case WrongPersonFound, NeverWarm, Timing, NotKnown:
	}
	return Rest
}

func (e EngagementRecorded) decide(t *turn) error {
	if _, ok := t.pb.Sources[e.Kind]; !ok {
		return unknownKind(e.Kind)
	}
	ready := t.salesReady()
	t.engage(e.Kind, later(e.At, time.Time{}))
	t.aliveSign()
	seen := "engagement:" + string(e.Kind) + ":" + e.ID
	t.note(SomethingKnown, Sources, seen)
	if !ready && t.salesReady() {
		t.tell(TheOwner, SalesReady, "the lead is sales-ready")
	}
	t.stageRules().engaged(t, e.Kind, seen)
	return nil
}

// engage remembers the latest engagement of a kind.
func (t *turn) engage(kind Kind, at time.Time) {
	l := t.lead
	l.WantedAt = later(l.WantedAt, at.UTC())
	if i := slices.IndexFunc(l.Engaged, func(e Engaged) bool { return e.Kind == kind }); i >= 0 {
		l.Engaged = slices.Clone(l.Engaged)
		l.Engaged[i].At = later(l.Engaged[i].At, at.UTC())
		return
	}
	l.Engaged = append(l.Engaged, Engaged{Kind: kind, At: at.UTC()})
}

func (t *turn) salesReady() bool { return salesReady(t.lead.Engaged, t.now, t.place, t.pb) }

// SalesReadyAt reports R11: enough distinct kinds of engagement lately.
func SalesReadyAt(l Lead, now time.Time, pb *Playbook) bool {
	return salesReady(l.Engaged, now, PlaceOf(l, pb), pb)
}

func salesReady(engaged []Engaged, now time.Time, place Place, pb *Playbook) bool {
	if len(engaged) < pb.SalesReady.Kinds {
		return false
	}
	kinds := 0
	for _, e := range engaged {
		if now.Before(pb.SalesReady.Within.after(e.At, place, pb.Windows.Call)) {
			kinds++
		}
	}
	return pb.SalesReady.Kinds > 0 && kinds >= pb.SalesReady.Kinds
}

func (e ReplyReceived) decide(t *turn) error {
	seen := "reply:" + e.ID
	t.note(SomethingKnown, ReplyFirst, seen)
	t.replied(e.From, seen, "They answered. Read it, answer it, and record the outcome.")
	return nil
}

// replied stops everything automatic until the owner has answered somebody who
// wrote in person.
func (t *turn) replied(from, seen, prompt string) {
	t.answered()
	t.closeStakeholder(from)
	switch p := t.lead.Pause; {
	case p == nil:
	case p.Reason == PausedByHand, p.Reason == PausedOwnerAway, p.Reason == PausedParked:
	default: // a human has answered: that goes before every other reason to wait
		t.unpause()
	}
	if t.lead.Stage == MultiStakeholder || t.lead.Stage == ScheduledCall {
		t.talkWith(from)
	}
	t.stageRules().replied(t, seen)
	if t.lead.Pause == nil {
		t.pause(PausedReply, time.Time{}, ReplyFirst)
	}
	t.ask(TaskReply, ReplyFirst, prompt)
	t.watch(WatchReply, t.pb.ReplyWithin.after(t.now, t.place, t.pb.Windows.Call), "", ReplyFirst)
}

// talkWith notes who is in conversation with us now: a stakeholder, or the lead
// when empty. A touch that may have been tried with somebody else gets a new number.
func (t *turn) talkWith(id string) {
	l := t.lead
	if l.With == id {
		return
	}
	l.With = id
	if n := l.Next; n != nil && n.Touch != "" {
		t.planned().Touch = t.nextTouch()
	}
}

func (t *turn) closeStakeholder(id string) {
	if i := slices.IndexFunc(t.lead.Others, func(s Stakeholder) bool { return s.ID == id }); i >= 0 {
		t.lead.Others = slices.Clone(t.lead.Others)
		t.lead.Others[i].Closed = true
	}
}

// decide pauses until the lead is back (R84); it is no engagement.
func (e AutoReplyReceived) decide(t *turn) error {
	t.note(SomethingKnown, OutOfOffice, "auto_reply:"+e.ID)
	until := e.Until
	if !until.After(t.now) || until.After(t.now.AddDate(1, 0, 0)) {
		until = t.pb.OutOfOffice.after(t.now, t.place, t.pb.Windows.Email)
	}
	if p := t.lead.Pause; p != nil && p.Reason != PausedOutOfOffice {
		t.lead.Away = until.UTC() // the other pause goes on; this one after it
		return nil
	}
	t.pause(PausedOutOfOffice, until, OutOfOffice)
	return nil
}

func (e AddressFailed) decide(t *turn) error {
	t.addressGone(e.Channel, "bounce:"+e.ID)
	return nil
}

func (e AddressFound) decide(t *turn) error {
	t.lead.NoEmail = t.lead.NoEmail && e.Channel != ByEmail
	t.lead.NoPhone = t.lead.NoPhone && e.Channel != ByCall
	t.record(Entry{What: SomethingKnown, Rule: BuysOrDies, Evidence: []string{"address:" + e.ID}, Detail: "a way to reach them by " + string(e.Channel)})
	return nil
}

// addressGone closes a channel; with none left the person is unreachable (R73).
func (t *turn) addressGone(c Channel, seen string) {
	l := t.lead
	l.NoEmail = l.NoEmail || c == ByEmail
	l.NoPhone = l.NoPhone || c == ByCall
	t.record(Entry{What: SomethingKnown, Rule: BuysOrDies, Evidence: []string{seen}, Detail: "no way to reach them by " + string(c)})
	if l.NoEmail && l.NoPhone {
		t.end(Disqualified, BuysOrDies, "unreachable", seen)
		return
	}
	if n := l.Next; n != nil {
		if s := t.step(n.Step); t.toLead(s) && s.channel() == c { // the same step, by another channel
			l.InFlight, l.Blocked = nil, nil
			back := n.Back
			t.planAt(n.Step, t.place.NextOpen(later(n.At, t.now), t.window(s)), n.From)
			t.planned().Back = back
		}
	}
}

func (e OptedOut) decide(t *turn) error {
	t.end(DoNotContact, StopMeansStop, e.Via, "opt_out:"+e.ID)
	return nil
}

func (e StakeholderNamed) decide(t *turn) error {
	l := t.lead
	if slices.ContainsFunc(l.Others, func(s Stakeholder) bool { return s.ID == e.ID }) {
		return nil
	}
	if len(l.Others) >= 10 {
		return refuse("too_many_stakeholders", "", "ten stakeholders are named already", "reach out to those first")
	}
	outreach := l.Stage == MultiStakeholder && l.Play == Outreach
	l.Others = append(l.Others, Stakeholder{ID: e.ID, Later: outreach})
	t.note(SomethingKnown, QuietAfter, "stakeholder:"+e.ID)
	t.cancel(TaskFindOthers, "a stakeholder is named")
	switch {
	case l.AskedOthers && leads(l.Stage, MultiStakeholder) && (l.Stage != ScheduledCall || l.Play == FindOthers):
		t.enter(MultiStakeholder, TellPrimary, QuietAfter, "stakeholder:"+e.ID)
	case t.coldLongEnough(): // a new witness
		t.enter(MultiStakeholder, TellPrimary, FreshEyes, "stakeholder:"+e.ID)
	case l.Stage == MultiStakeholder && l.Play == TellPrimary && (l.Next == nil || l.Next.Step > 0):
		t.startPlay(TellPrimary, PrimaryFirst, "stakeholder:"+e.ID) // they have been told of the others only
	}
	return nil
}

func (e ProposalSent) decide(t *turn) error {
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(t.now) {
		return refuse("time_in_the_past", "expires_at", "the proposal would have expired already", "give a time after now")
	}
	t.lead.Proposal = &Proposal{At: t.now, ExpiresAt: e.ExpiresAt.UTC()}
	t.lead.Qualified, t.lead.WantedAt, t.lead.Tried = true, t.now, nil
	if e.Amount > 0 {
		t.lead.Amount = e.Amount
	}
	t.note(SomethingKnown, Investment, "proposal:"+e.ID)
	return nil
}

func (e PermissionGranted) decide(t *turn) error {
	t.lead.Grant = &Grant{Channel: e.Channel, Every: e.Every, Until: e.Until}
	t.note(SomethingKnown, Permission, "permission:"+e.ID)
	return nil
}

func (e Diagnosed) decide(t *turn) error {
	if t.lead.Stage != Cold {
		return refuse("not_cold", "", "a diagnosis says why a lead went cold, and this one is "+words(t.lead.Stage), "record an outcome instead")
	}
	seen := "diagnosis:" + string(e.Diagnosis) + ":" + e.ID
	t.lead.Diagnosis = e.Diagnosis
	t.note(SomethingKnown, Diagnose, seen)
	t.cancel(TaskDiagnose, "diagnosed")
	switch e.Diagnosis {
	case WrongPersonFound:
		t.askOthers(WrongPerson, seen)
	case TooFast, ValueNotSeen:
		if play := playFor(e.Diagnosis); t.lead.Play != play && (t.saidHonestly() || t.lead.Play != Rest) { // the honest message goes first (R41)
			t.startPlay(play, Diagnose, seen)
		}
	case TooSlow: // its first message is the apology
		if t.lead.Play != Faster {
			t.startPlay(Faster, Diagnose, seen)
		}
	case NeverWarm:
		t.end(Disqualified, LetGo, "never_qualified", seen)
	case Timing, NotKnown:
	default:
		return refuse("unknown_diagnosis", "diagnosis", "there is no diagnosis \""+string(e.Diagnosis)+"\"", "use one of the documented diagnoses")
	}
	return nil
}

func (e TaskDone) decide(t *turn) error {
	t.note(SomethingKnown, "", "task:"+string(e.Kind)+":"+e.ID)
	switch e.Kind {
	case TaskManual:
		t.made(ByManual, t.pb.Effort.Manual)
	case TaskReply:
		t.replyAnswered()
		t.resumeFrom(PausedReply, ByHand)
	case TaskCall, TaskDiagnose, TaskFindOthers, TaskEngaged:
	}
	return nil
}

func (e DealWon) decide(t *turn) error {
	t.end(Won, BuysOrDies, "won", "win:"+e.ID)
	return nil
}

func (e LeadDisqualified) decide(t *turn) error {
	t.end(Disqualified, LetGo, e.Reason)
	return nil
}

func (e AmountEstimated) decide(t *turn) error {
	if e.Amount < 0 {
		return refuse("amount_negative", "amount", "an amount cannot be negative", "give it in cents, or 0 when it is not known")
	}
	t.lead.Amount = e.Amount
	t.note(SomethingKnown, QueueOrder, "amount")
	return nil
}
