package sequence

import (
	"slices"
	"time"
)

// Undo is what is needed to take the last outcome back: the lead as it was, for
// as long as nothing irreversible followed, and what did follow.
type Undo struct {
	Outcome  string    `json:"outcome"` // id
	At       time.Time `json:"at"`
	Until    time.Time `json:"until"`
	Was      *Lead     `json:"was,omitempty"`      // the lead before it; gone once it cannot be taken back
	Followed []string  `json:"followed,omitempty"` // what cannot be undone
}

// OutcomeTakenBack says that an outcome was recorded wrongly.
type OutcomeTakenBack struct {
	By
	ID string `json:"id"` // of the outcome
}

// toRemember is the lead as it is before an outcome; nil where none can be taken
// back.
func (t *turn) toRemember() *Lead {
	if t.pb.UndoWithin.IsZero() {
		return nil
	}
	was := copied(t.lead)
	was.own()
	was.Undo = nil
	// What an outcome cannot change is not kept twice: a sleeping lead is small.
	was.ID, was.Account, was.Owner, was.Source, was.Zone, was.Country, was.Playbook = "", "", "", "", "", "", ""
	was.Amount, was.Talking, was.Invited, was.EntrySeq = 0, nil, nil, 0
	return was
}

// remember keeps the lead as it was before an outcome.
func (t *turn) remember(outcome string, was *Lead) {
	if was == nil || t.lead.Stage.Final() {
		return
	}
	until := t.pb.UndoWithin.after(t.now, t.place, t.pb.Windows.Call).UTC()
	t.lead.Undo = &Undo{Outcome: outcome, At: t.now, Until: until, Was: was}
}

// expire lets go of the lead as it was, and of what followed, once it is too late to
// go back.
func (t *turn) expire() {
	if u := t.lead.Undo; u != nil && (u.Was != nil || u.Followed != nil) && !t.now.Before(u.Until) {
		t.lead.Undo = &Undo{Outcome: u.Outcome, At: u.At, Until: u.Until}
	}
}

// open reports whether it still matters what follows: a few things are named.
func (u *Undo) open() bool {
	return u != nil && (u.Was != nil || len(u.Followed) > 0 && len(u.Followed) < 5)
}

// irreversible notes something after the last outcome that taking it back would
// lose or cannot undo.
func (t *turn) irreversible(what string) {
	u := t.lead.Undo
	if !u.open() || u.Was == nil && slices.Contains(u.Followed, what) {
		return
	}
	t.lead.Undo = &Undo{Outcome: u.Outcome, At: u.At, Until: u.Until, Followed: append(slices.Clip(u.Followed), what)}
}

func (e OutcomeTakenBack) decide(t *turn) error {
	u := t.lead.Undo
	switch {
	case u == nil || u.Outcome != e.ID:
		return refuse("not_the_last_outcome", "", "only the last outcome can be taken back", "record what is right as a new outcome")
	case !t.now.Before(u.Until):
		return refuse("too_late", "", "it could be taken back until "+t.local(u.Until), "record what is right as a new outcome")
	case len(u.Followed) > 0 || u.Was == nil:
		return refuse("cannot_be_undone", "", "this followed and cannot be undone: "+list(u.Followed), "record what is right as a new outcome")
	case len(t.lead.InFlight) > 0, t.lead.cancellationOpen():
		return refuse("cannot_be_undone", "", "an email that follows from it is being sent", "record what is right as a new outcome")
	}
	t.takeBack(*u)
	return nil
}

func (t *turn) takeBack(u Undo) {
	was := *u.Was
	was.own()
	left, touches := t.lead.Stage, t.lead.TouchSeq
	if touches > was.TouchSeq {
		t.do(CancelTasks{UpTo: touches, After: was.TouchSeq, Why: "the outcome was taken back"})
	}
	t.do(ReopenTasks{UpTo: was.TouchSeq, Since: u.At})
	t.calmer(left, was.Stage)
	was.InFlight = nil // called off when the outcome came; it is due again
	l := t.lead
	was.ID, was.Account, was.Owner, was.Source, was.Zone, was.Country, was.Playbook = l.ID, l.Account, l.Owner, l.Source, l.Zone, l.Country, l.Playbook
	was.Amount, was.Talking, was.Invited = l.Amount, l.Talking, l.Invited
	was.TouchSeq, was.EntrySeq = touches, l.EntrySeq
	*t.lead = was
	switch p := t.lead.Pause; { // what the account did meanwhile still holds (R34)
	case p != nil && p.Reason == PausedColleague && len(t.lead.Talking) == 0:
		t.unpause()
	case p == nil:
		t.keepCalm()
	}
	t.record(Entry{What: OutcomeUndone, Rule: TakenBack, From: left, To: was.Stage, Evidence: []string{"outcome:" + u.Outcome}})
}

func list(what []string) string {
	s := ""
	for i, w := range what {
		if i > 0 {
			s += ", "
		}
		s += w
	}
	return s
}

// follows names an event for somebody who wants to take an earlier outcome back;
// empty for what the undo takes back with it.
func follows(ev Event) string {
	switch e := ev.(type) {
	case TouchPerformed:
		switch e.Status {
		case Sent, Unknown:
			return "the email of touch " + e.Touch + " went out"
		case Suppressed, NoAddress, Failed: // it showed something that going back would forget
			return "the email of touch " + e.Touch + " could not go out"
		}
		return ""
	case DeadlineReached, OutcomeRecorded, OutcomeTakenBack, ColleagueTalks, AmountEstimated:
		return ""
	case TaskDone:
		return "the task " + string(e.Kind) + " was done"
	case EngagementRecorded:
		return "the lead engaged (" + string(e.Kind) + ")"
	case ReplyReceived, AutoReplyReceived:
		return "the lead answered"
	case InvitationAnswered:
		return "the invitation was answered"
	case StakeholderNamed:
		return "a stakeholder was named"
	case Reassigned:
		return "another owner took over"
	case Diagnosed:
		return "the lead was diagnosed"
	case ProposalSent:
		return "a proposal went out"
	}
	return "something else was recorded"
}
