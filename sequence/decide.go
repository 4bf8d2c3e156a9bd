package sequence

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Decide says what an event means for a lead: the lead as it is afterwards and
// what is to be done outside. It changes nothing it was given. A *Refusal says
// that the event cannot happen to this lead now, why, and what to do instead.
func Decide(l Lead, ev Event, now time.Time, pb *Playbook) (Lead, []Action, error) {
	d := desks.Get().(*Desk)
	defer desks.Put(d)
	d.lead = l
	d.lead.own()
	if err := d.turn.let(&d.lead, ev, now, pb); err != nil {
		return l, nil, err
	}
	return d.lead, d.turn.all(), nil
}

// desks are used again: one is larger than all that comes of a decision.
var desks = sync.Pool{New: func() any { return new(Desk) }}

// Refusal is the answer to an event that cannot happen to this lead now.
type Refusal struct {
	Code    string `json:"code"`            // stable, for programs
	Field   string `json:"field,omitempty"` // path in the request, where one is at fault
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

func (r *Refusal) Error() string { return r.Message + "; " + r.Remedy }

func refuse(code, field, message, remedy string) error {
	return &Refusal{Code: code, Field: field, Message: message, Remedy: remedy}
}

func (t *turn) note(what What, rule Rule, detail string) {
	t.record(Entry{What: what, Rule: rule, Detail: detail})
}

func (t *turn) nextTouch() string {
	t.lead.TouchSeq++
	return touchID(t.lead.TouchSeq)
}

func (t *turn) cancel(kind TaskKind, why string) {
	t.do(CancelTasks{Kind: kind, UpTo: t.lead.TouchSeq, Why: why})
}

func (t *turn) tell(who Audience, rule Rule, about string) {
	t.do(Notify{Who: who, About: about, Rule: rule})
	t.record(Entry{What: PersonTold, Rule: rule, Detail: string(who) + ": " + about})
}

func (t *turn) watch(what WatchKind, at time.Time, touch string, rule Rule) {
	t.lead.Watch = &Watch{For: what, At: at.UTC(), Touch: touch, Rule: rule}
}

// made counts a touch that reached out, whether answered or not.
func (t *turn) made(c Channel, minutes int) {
	l := t.lead
	l.Touches++
	l.StageTouches++
	if l.Unanswered++; l.Unanswered == 1 {
		l.QuietAt = t.now
	}
	l.Effort += minutes
	l.Spent += minutes
	if !slices.Contains(l.Channels, c) {
		l.Channels = append(l.Channels, c)
	}
}

// answered notes that the lead answered in person.
func (t *turn) answered() {
	l := t.lead
	l.Voicemails, l.Tried, l.Away = 0, nil, time.Time{}
	t.aliveSign()
}

// aliveSign notes that the lead did something, if only a click.
func (t *turn) aliveSign() {
	l := t.lead
	l.Unanswered, l.CheckIns, l.Spent, l.QuietAt = 0, 0, 0, time.Time{}
}

// enter changes the stage and starts a play of it.
func (t *turn) enter(to Stage, play Play, rule Rule, evidence ...string) {
	t.prepare(to, rule, evidence...)
	t.begin(play, rule, evidence...)
}

// prepare moves the lead into a stage without planning anything yet.
func (t *turn) prepare(to Stage, rule Rule, evidence ...string) {
	l := t.lead
	from := l.Stage
	if !leads(from, to) {
		panic(fmt.Sprintf("no path leads from %s to %s (%s)", from, to, rule))
	}
	t.forget()
	if p := l.Pause; p != nil && p.Reason != PausedByHand && p.Reason != PausedOwnerAway {
		t.unpause()
	}
	if from != "" {
		t.cancel("", "the lead moved on")
	}
	if from == to {
		return
	}
	l.Stage, l.EnteredAt, l.Because = to, t.now, Because{Rule: rule, Evidence: evidence, At: t.now}
	l.StageTouches, l.Channels, l.NoShows = 0, nil, 0
	if to != ScheduledCall {
		l.With = ""
	}
	l.AskedOthers = l.AskedOthers && to != Warm && to != MultiStakeholder
	t.record(Entry{What: StageChanged, Rule: rule, From: from, To: to, Evidence: evidence})
	t.calmer(from, to)
	if to == Revival && from == Cold && t.pb.FreshEyes.AnotherOwner {
		t.tell(TheManager, FreshEyes, "a cold case is reopened; another owner may see it with fresh eyes")
	}
}

// forget drops what was planned.
func (t *turn) forget() {
	l := t.lead
	l.Next, l.Blocked, l.InFlight, l.Watch, l.Call = nil, nil, nil, nil, nil
}

// startPlay changes to another play within the stage, in which no call is agreed.
func (t *turn) startPlay(play Play, rule Rule, evidence ...string) {
	t.forget()
	t.begin(play, rule, evidence...)
}

func (t *turn) begin(play Play, rule Rule, evidence ...string) {
	l := t.lead
	l.Did, l.DidFrom = nil, 0
	l.Play, l.Because = play, Because{Rule: rule, Evidence: evidence, At: t.now}
	t.record(Entry{What: PlayChanged, Rule: rule, Play: play, Evidence: evidence})
	t.plan(0, t.now)
}

// end closes the life.
func (t *turn) end(final Stage, rule Rule, reason string, evidence ...string) {
	t.prepare(final, rule, evidence...)
	t.lead.Play, t.lead.Pause, t.lead.Undo, t.lead.Talking, t.lead.EndedBy = "", nil, nil, nil, reason
	t.do(Notify{Who: TheOwner, About: "the lead is " + words(final), Rule: rule})
}

// checkFuture refuses a time that is past, absurdly far, or, for a call, outside
// the legal calling hours at the lead's place (R85).
func (t *turn) checkFuture(field string, at time.Time, call bool) error {
	if !at.After(t.now) {
		return refuse("time_in_the_past", field, t.local(at)+" is in the past", "give a time after now, "+t.local(t.now))
	}
	if at.After(t.now.AddDate(2, 0, 0)) {
		return refuse("time_too_far", field, t.local(at)+" is more than two years ahead", "give an earlier time; the lead stays in touch by itself until then")
	}
	legal := LegalCallingHours()
	legalPlace := Place{Zone: t.place.Zone} // holidays do not forbid a call that was agreed
	if call && !legalPlace.Open(at, legal) {
		return refuse("outside_calling_hours", field, string(CallingHours)+": that is "+at.In(t.place.Zone).Format("15:04")+" at the lead's place, outside the legal calling hours",
			"agree a time between 08:00 and 21:00 "+t.place.Zone.String())
	}
	return nil
}

// local is an instant as the people concerned read it: at the lead's place.
func (t *turn) local(at time.Time) string {
	return at.In(t.place.Zone).Format("Mon 2 Jan 2006 15:04 MST")
}

func itoa(n int) string { return strconv.Itoa(n) }

// touchID is the id of a touch with a number: most lives need a few dozen.
func touchID(n int) string {
	if n < len(touchIDs) {
		return touchIDs[n]
	}
	return "t" + itoa(n)
}

var touchIDs = func() (ids [128]string) {
	for n := range ids {
		ids[n] = "t" + itoa(n)
	}
	return ids
}()

func words(s Stage) string {
	switch s {
	case DoNotContact:
		return "closed: they said stop"
	case ScheduledCall:
		return "in scheduled call"
	case MultiStakeholder:
		return "in multi-stakeholder outreach"
	case BreakUp:
		return "in break-up"
	case CheckIn:
		return "in quarterly check-in"
	case Won, Disqualified, Warm, Cold:
		return string(s)
	case Revival:
		return "in revival"
	}
	return string(s)
}
