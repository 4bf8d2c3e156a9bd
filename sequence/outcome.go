package sequence

import (
	"cmp"
	"time"
)

// Outcome is what a rep says happened on a call or in a meeting.
type Outcome string

// The outcomes.
const (
	NoAnswer      Outcome = "no_answer"
	Voicemail     Outcome = "voicemail"
	CallScheduled Outcome = "call_scheduled" // a next call is agreed
	SendInfo      Outcome = "send_information"
	Interested    Outcome = "interested"     // wants to go on, no time yet
	NonCommittal  Outcome = "non_committal"  // neither yes nor no
	NotNow        Outcome = "not_now"        // a no for now, perhaps with a time
	NotInterested Outcome = "not_interested" // a no, with its reason
	MissedByLead  Outcome = "no_show"
	NotTheOne     Outcome = "wrong_person" // not the decision maker
	PrimaryObject Outcome = "objection"    // "too early, talk to me first"
	WrongNumber   Outcome = "wrong_number"
	NotQualified  Outcome = "not_qualified"
	StayInTouch   Outcome = "stay_in_touch" // nothing to buy now, and leave to write (R04)
	WonOutcome    Outcome = "won"
	StopOutcome   Outcome = "stop"
)

// Outcomes lists them all.
func Outcomes() []Outcome {
	return []Outcome{
		NoAnswer, Voicemail, CallScheduled, SendInfo, Interested, NonCommittal, NotNow, NotInterested,
		MissedByLead, NotTheOne, PrimaryObject, WrongNumber, NotQualified, StayInTouch, WonOutcome, StopOutcome,
	}
}

// Conversation reports whether somebody was talked to.
func (o Outcome) Conversation() bool {
	switch o {
	case NoAnswer, Voicemail, MissedByLead, WrongNumber:
		return false
	case CallScheduled, SendInfo, Interested, NonCommittal, NotNow, NotInterested, NotTheOne,
		PrimaryObject, NotQualified, StayInTouch, WonOutcome, StopOutcome:
		return true
	}
	return false
}

// wants reports an outcome that shows they want to buy, now or later (R52).
func (o Outcome) wants() bool {
	switch o {
	case CallScheduled, SendInfo, Interested, WonOutcome:
		return true
	case NoAnswer, Voicemail, NonCommittal, NotNow, NotInterested, MissedByLead, NotTheOne, PrimaryObject,
		WrongNumber, NotQualified, StayInTouch, StopOutcome:
	}
	return false
}

// OutcomeRecorded is a rep's report of a call.
type OutcomeRecorded struct {
	By
	ID            string    `json:"id"` // of the outcome's record, which holds the words
	Outcome       Outcome   `json:"outcome"`
	With          string    `json:"with,omitempty"`     // id of a stakeholder; empty: the lead
	NextAt        time.Time `json:"next_at,omitzero"`   // the agreed time (R20)
	WhyNone       bool      `json:"why_none,omitempty"` // the record says why no time was agreed
	Reason        bool      `json:"reason,omitempty"`   // the record gives the reason of a no
	DecisionMaker bool      `json:"decision_maker,omitempty"`
	Grant         *Grant    `json:"grant,omitempty"` // the leave to stay in touch that was given (R04)
}

// check refuses an outcome that leaves the next step open (R20) or cannot be.
func (e OutcomeRecorded) check(t *turn) error {
	switch e.Outcome {
	case CallScheduled, SendInfo:
		if e.NextAt.IsZero() {
			return refuse("next_step_missing", "next_step.at", string(NextStepNamed)+": a conversation names its next step, and none is given",
				"say when you talk next in next_step.at, or record \"interested\" with next_step.why_none")
		}
	case Interested, NonCommittal:
		if e.NextAt.IsZero() && !e.WhyNone {
			return refuse("next_step_missing", "next_step", string(NextStepNamed)+": a conversation names its next step, and none is given",
				"give next_step.at, or say in next_step.why_none why there is none")
		}
	case NotInterested, NotQualified:
		if !e.Reason {
			return refuse("reason_missing", "reason", "a no is worth its reason", "say in reason why not")
		}
	case StayInTouch:
		if e.Grant == nil || e.Grant.Channel == "" {
			return refuse("permission_missing", "permission", string(Permission)+": staying in touch needs the leave that was given", "say in permission by which channel, how often and until when")
		}
		if u := e.Grant.Until; !u.IsZero() && !u.After(t.now) {
			return refuse("time_in_the_past", "permission.until", "the permission ended on "+t.local(u), "give a time after now, or leave it out")
		}
	case MissedByLead:
		if t.lead.Stage != ScheduledCall || t.lead.Call == nil {
			return refuse("no_call_scheduled", "outcome", "no call is scheduled that the lead could have missed",
				"record no_answer instead")
		}
		if t.lead.Call.At.After(t.now) {
			return refuse("call_not_yet", "outcome", "the agreed call is at "+t.lead.Call.At.Format(time.RFC3339)+", which is still to come",
				"record no_answer or voicemail for an attempt before it")
		}
	case PrimaryObject:
		if e.With != "" {
			return refuse("not_the_primary", "with", "only the primary can object to the outreach", "record what this person said about themself, such as not_interested")
		}
		if t.lead.Stage != MultiStakeholder {
			return refuse("no_outreach", "outcome", "nobody else is being contacted that the primary could object to",
				"record not_now or interested instead")
		}
	case NoAnswer, Voicemail, NotNow, NotTheOne, WrongNumber, WonOutcome, StopOutcome:
	default:
		return refuse("unknown_outcome", "outcome", "there is no outcome \""+string(e.Outcome)+"\"", "use one of the documented outcomes")
	}
	if e.NextAt.IsZero() {
		return nil
	}
	return t.checkFuture("next_step.at", e.NextAt, e.Outcome != NotNow)
}

// decide: every outcome fixes the next step.
func (e OutcomeRecorded) decide(t *turn) error {
	if err := e.check(t); err != nil {
		return err
	}
	seen := "outcome:" + string(e.Outcome) + ":" + e.ID
	was := t.toRemember()
	defer func() { t.remember(e.ID, was) }()
	if e.Outcome == StopOutcome && e.With != "" { // that person is never contacted again; the lead said nothing
		t.note(SomethingKnown, StopMeansStop, seen)
		t.closeStakeholder(e.With)
		return nil
	}
	t.outcomeArrived(e, seen)
	agreed := !e.NextAt.IsZero()
	switch e.Outcome {
	case NoAnswer:
		t.attempted(e, false)
	case Voicemail:
		t.attempted(e, true)
	case WrongNumber:
		if e.With == "" { // a stakeholder's number says nothing about the lead's
			t.addressGone(ByCall, seen)
		}
		t.goOnIfIdle()
	case CallScheduled:
		t.book(e.NextAt, Booked, BothCalendars, seen)
	case SendInfo:
		t.book(e.NextAt, Information, SendMeSomething, seen)
	case Interested:
		if agreed {
			t.book(e.NextAt, Booked, BothCalendars, seen)
		} else {
			t.goOn(seen)
		}
	case NonCommittal:
		switch {
		case agreed:
			t.book(e.NextAt, Booked, BothCalendars, seen)
		case t.lead.Stage == Revival:
			t.startPlay(CloseFile, CloseYourFile, seen)
		case t.lead.Stage == BreakUp, t.lead.Stage == CheckIn: // the file is as good as closed
			t.noForNow(seen)
		default:
			t.goOn(seen)
		}
	case NotNow:
		if agreed {
			t.callBack(e)
		} else {
			t.noForNow(seen)
			if t.lead.Stage == Cold {
				t.lead.Diagnosis = Timing
				t.note(SomethingKnown, Diagnose, "diagnosis:"+string(Timing))
			}
		}
	case StayInTouch:
		if t.lead.Stage == CheckIn {
			t.startPlay(Quarterly, Permission, seen)
		} else {
			t.enter(CheckIn, Quarterly, Permission, seen)
		}
	case NotInterested:
		t.lead.HardNo = t.lead.HardNo || e.DecisionMaker
		t.saidNo(e.DecisionMaker, seen)
	case MissedByLead:
		t.missed(seen)
	case NotTheOne:
		if !t.askOthers(WrongPerson, seen) && t.lead.Stage == ScheduledCall && t.lead.Play != FindOthers {
			t.goCold(WrongPerson, seen) // the owner was asked already, and nobody is known
		}
	case PrimaryObject:
		for _, id := range t.openStakeholders() { // they are left alone from now on
			t.closeStakeholder(id)
		}
		t.lead.AskedOthers = true
		if agreed {
			t.book(e.NextAt, Booked, Objection, seen)
		} else {
			t.enter(ScheduledCall, Arrange, Objection, seen)
		}
	case NotQualified:
		t.end(Disqualified, LetGo, "not_qualified", seen)
	case WonOutcome:
		t.end(Won, BuysOrDies, "won", seen)
	case StopOutcome:
		t.do(Suppress{Why: "rep"})
		t.end(DoNotContact, StopMeansStop, "rep", seen)
	}
	return nil
}

// outcomeArrived does what every outcome does: the task is answered, and talk
// resets the count of unanswered touches.
func (t *turn) outcomeArrived(e OutcomeRecorded, seen string) {
	l := t.lead
	t.note(SomethingKnown, "", seen)
	talked := e.Outcome.Conversation()
	early := l.Call != nil && l.Call.At.After(t.now)
	if talked || !early { // an attempt before the agreed time leaves that standing
		if w := l.Watch; w != nil && (talked || w.For != WatchReply) { // and a reply waits until somebody is talked to
			l.Watch = nil
		}
		t.do(CancelTasks{Kind: TaskCall, UpTo: t.lead.TouchSeq, To: cmp.Or(e.With, TheLead), Why: "outcome recorded"})
	}
	if !talked {
		if !early && e.Outcome != MissedByLead {
			l.Call = nil
		}
		return
	}
	if !early && l.Call != nil {
		l.NoShows = 0 // they came
	}
	t.closeStakeholder(e.With)
	t.talkWith(e.With)
	t.cancel(TaskReply, "outcome recorded")
	t.made(ByCall, t.pb.Effort.Call)
	t.answered()
	l.SpokenAt = t.now
	l.Talks++
	if e.Grant != nil {
		l.Grant = copied(e.Grant)
		t.note(SomethingKnown, Permission, "permission:"+e.ID)
	}
	if e.Outcome.wants() {
		l.WantedAt = t.now
	}
	l.Qualified = l.Qualified || e.Outcome != NotQualified
	if p := l.Pause; p != nil && (p.Reason == PausedReply || p.Reason == PausedOutOfOffice || p.Reason == PausedSnoozed) {
		t.unpause()
	}
}

// attempted counts a call that reached nobody.
func (t *turn) attempted(e OutcomeRecorded, voicemail bool) {
	t.made(ByCall, t.pb.Effort.Attempt)
	if t.lead.Stage == CheckIn {
		t.checkedIn()
	}
	if e.With != t.lead.With { // somebody else's voicemail says nothing about the lead's
		t.goOnIfIdle()
		return
	}
	t.tried()
	t.lead.Voicemails++
	if !voicemail {
		t.lead.Voicemails = 0
	}
	if t.lead.Voicemails == t.pb.Voicemails {
		t.note(SomethingKnown, VoicemailLoop, "calls give way to another channel until somebody answers")
	}
	if t.giveUp() {
		return
	}
	t.goOnIfIdle()
}

// goOnIfIdle goes on after a booked call that reached nobody.
func (t *turn) goOnIfIdle() {
	if t.lead.Next == nil && t.lead.Pause == nil && len(t.lead.InFlight) == 0 {
		t.stageRules().spent(t)
	}
}

// goOn follows interest without an agreed time.
func (t *turn) goOn(seen string) {
	switch t.lead.Stage {
	case ScheduledCall:
		t.startPlay(FollowUp, NextStepNamed, seen)
	case Warm:
		t.startPlay(Resume, NextStepNamed, seen)
	default:
		t.enter(Warm, Resume, NextStepNamed, seen)
	}
}

// noForNow follows a no without a time (R65).
func (t *turn) noForNow(seen string) {
	switch t.lead.Stage {
	case Warm, ScheduledCall, MultiStakeholder: // they answered: nothing to forgive them
		t.enter(Cold, Value, NoIsNoForNow, seen)
	case Cold: // they know where we are: no second message of the same kind
		if t.lead.Play != Value {
			t.startPlay(Value, NoIsNoForNow, seen)
		}
	case Revival, BreakUp:
		t.enter(CheckIn, Quarterly, NoIsNoForNow, seen)
	case CheckIn:
		t.startPlay(Quarterly, NoIsNoForNow, seen)
	}
}

// callBack waits until the time that the lead named, and has the owner call then
// (R04).
func (t *turn) callBack(e OutcomeRecorded) {
	t.lead.Call = nil
	t.pause(PausedSnoozed, e.NextAt, Permission)
	w := t.window(&Step{Call: "back"})
	due := t.place.NextOpen(e.NextAt, w).UTC()
	touch := t.nextTouch() + "-promised"
	t.do(CreateTask{Touch: touch, Kind: TaskCall, DueAt: due, Promised: true, Hot: t.salesReady(), To: e.With, Rule: Permission, Prompt: "They asked you to come back today."})
	t.record(Entry{What: TaskAsked, Rule: Permission, Touch: touch, Until: due, Detail: "call"})
}

// saidNo follows a no with its reason (R62).
func (t *turn) saidNo(decisionMaker bool, seen string) {
	switch t.lead.Stage {
	case BreakUp, CheckIn:
		t.noForNow(seen)
	case Revival:
		t.enter(BreakUp, Farewell, DecidedNo, seen)
	default:
		if decisionMaker {
			t.enter(BreakUp, Farewell, DecidedNo, seen)
		} else {
			t.noForNow(seen)
		}
	}
}

// missed re-offers a missed call twice, kindly, then takes it as quiet (R24).
func (t *turn) missed(seen string) {
	t.lead.NoShows++
	t.lead.Call = nil
	if t.lead.NoShows > t.pb.NoShows {
		t.quiet(NoShow, seen)
		return
	}
	t.startPlay(MissedCall, NoShow, seen)
}

// book agrees a call: the same UID with a higher sequence number when it moves,
// unless it was somebody else who was invited, or who invited.
func (t *turn) book(at time.Time, play Play, rule Rule, seen string) {
	slot := CallSlot{UID: t.lead.ID + "-call-" + itoa(t.lead.EntrySeq), At: at.UTC()}
	if c := t.lead.Call; c != nil && t.lead.Stage == ScheduledCall && c.At.After(t.now) && t.invitedToThis(c.UID) {
		slot.UID, slot.Seq = c.UID, c.Seq+1
	}
	t.prepare(ScheduledCall, rule, seen)
	t.lead.Call = &slot
	touch := t.nextTouch() + "-booked"
	t.watchOutcome(touch) // before the play, which may have no step left before so near a call
	t.begin(play, rule, seen)
	t.do(CreateTask{
		Touch: touch, Kind: TaskCall, DueAt: slot.At, Promised: true, Hot: t.salesReady(), To: t.lead.With, Call: &slot, Rule: rule,
		Prompt: "The agreed call. Read the brief first.",
	})
	t.record(Entry{What: TaskAsked, Rule: rule, Touch: touch, Until: slot.At, Detail: "call"})
}

// watchOutcome waits for the outcome of the standing call.
func (t *turn) watchOutcome(touch string) {
	t.watch(WatchOutcome, t.pb.OutcomeWithin.after(t.lead.Call.At, t.place, t.pb.Windows.Call), touch, Prepared)
}
