package sequence

import (
	"slices"
	"strings"
	"time"
)

// This file takes in what the calendar of somebody whom we invited answers (R21).

// InvitationAnswer is an answer to an invitation (RFC 5546: REPLY and COUNTER).
type InvitationAnswer string

// The answers.
const (
	Accepted  InvitationAnswer = "accepted"
	Tentative InvitationAnswer = "tentative"
	Declined  InvitationAnswer = "declined"
	Countered InvitationAnswer = "counter" // they propose another time
)

// InvitationAnswers lists them all.
func InvitationAnswers() []InvitationAnswer {
	return []InvitationAnswer{Accepted, Tentative, Declined, Countered}
}

// InvitationAnswered says how somebody answered the invitation to a call.
type InvitationAnswered struct {
	byLead
	ID     string           `json:"id"`
	UID    string           `json:"uid"`
	Seq    int              `json:"seq,omitempty"` // SEQUENCE of the invitation that is answered
	Answer InvitationAnswer `json:"answer"`
	From   string           `json:"from,omitempty"` // id of a stakeholder; empty: the lead
	At     time.Time        `json:"at,omitzero"`    // the time that a counter proposes
}

// decide: a yes is a sign of life; a no, or another time, is answered by the owner
// before anything else goes out. What is said of a call that is off, or stands at
// another time by now, changes nothing.
func (e InvitationAnswered) decide(t *turn) error {
	if !slices.Contains(InvitationAnswers(), e.Answer) {
		return refuse("unknown_answer", "answer", "there is no answer \""+string(e.Answer)+"\" to an invitation", "use accepted, tentative, declined or counter")
	}
	seen := "invitation:" + string(e.Answer) + ":" + e.ID
	if !t.answersTheCall(e) {
		t.note(SomethingKnown, BothCalendars, seen+" to an invitation that no longer stands")
		return nil
	}
	t.note(SomethingKnown, BothCalendars, seen)
	switch e.Answer {
	case Accepted, Tentative:
		t.aliveSign()
		t.markAnswer(e)
	case Countered:
		t.markAnswer(e)
		t.tell(TheOwner, BothCalendars, "they propose another time for the call")
		prompt := "They propose another time for the call"
		if !e.At.IsZero() {
			prompt += ", " + t.local(e.At)
		}
		t.replied(e.From, seen, prompt+". Agree on one, and record the outcome.")
	case Declined:
		t.declined(e)
		t.tell(TheOwner, BothCalendars, "they declined the call")
		t.replied(e.From, seen, "They declined the call. Agree on a new time, and record the outcome.")
	}
	return nil
}

// answersTheCall reports whether it is the standing call that is answered, by
// somebody who was invited to it.
func (t *turn) answersTheCall(e InvitationAnswered) bool {
	c := t.lead.Call
	if c == nil || c.UID != e.UID || c.Seq != e.Seq || !c.At.After(t.now) {
		return false
	}
	known := false
	for _, i := range t.lead.Invited {
		if i.UID != e.UID {
			continue
		}
		if known = true; i.To == e.From {
			return true
		}
	}
	return !known && e.From == t.lead.With
}

func (t *turn) markAnswer(e InvitationAnswered) {
	t.lead.Invited = slices.Clone(t.lead.Invited)
	for n := range t.lead.Invited {
		if i := &t.lead.Invited[n]; i.UID == e.UID && i.To == e.From && !i.Off {
			i.Answer = e.Answer
		}
	}
}

// declined lets the call fall away with its reminders. Whoever declined need not
// be told that it is off.
func (t *turn) declined(e InvitationAnswered) {
	l := t.lead
	l.Invited = without(l.Invited, func(i Invitation) bool { return i.UID == e.UID && i.To == e.From })
	l.Call, l.Watch = nil, nil
	t.cancel(TaskCall, "they declined the call")
	if t.forgetAboutCall(); l.Next == nil { // any other email that is on its way stays so, under its number
		l.InFlight = nil
	}
}

// callInWords is the agreed call and what was said of it.
func (l Lead) callInWords() string {
	for _, i := range l.Invited {
		if l.Call == nil || i.UID != l.Call.UID || i.Answer == "" {
			continue
		}
		return "the call (" + strings.ReplaceAll(string(i.Answer), "counter", "another time is proposed") + ")"
	}
	return "the call"
}
