package sequence

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// This file makes the touch that is due: an email handed out, or a task asked of
// the owner.

// sendStep hands an email step out; the plan goes on when it is done.
func (t *turn) sendStep(s *Step) {
	send := SendEmail{Text: s.Email, Reason: s.Reason, CallAt: t.lead.Call.at(), By: s.By, Follows: s.Follows, Rule: s.Rule}
	if s.Invite {
		send.Invite = copied(t.lead.Call)
	}
	if s.To == "" && !t.toLead(s) {
		send.To = t.lead.With
	}
	if s.To == Stakeholders {
		left := t.unwritten()
		if len(left) == 0 {
			t.goOnAfter(*t.lead.Next)
			return
		}
		n := t.planned()
		if n.To != "" && n.To != left[0] {
			n.Touch = t.nextTouch() // it was tried with somebody else, who is closed by now
		}
		send.To, n.To = left[0], left[0]
	}
	send.Touch = t.lead.Next.Touch
	t.lead.InFlight = append(t.lead.InFlight, send.Touch)
	if send.Invite != nil {
		t.inviting(send)
	}
	t.do(send)
}

// unwritten are the stakeholders whom the planned step has yet to reach.
func (t *turn) unwritten() []string {
	return slices.DeleteFunc(t.openStakeholders(), func(id string) bool { return slices.Contains(t.lead.Next.Done, id) })
}

// stepDone goes on with the next stakeholder, or with the step after this one.
func (t *turn) stepDone() {
	n := t.lead.Next
	if n.To != "" {
		n = t.planned()
		n.Done, n.To = append(n.Done, n.To), ""
		if len(t.unwritten()) > 0 {
			n.Touch = t.nextTouch()
			n.At = t.place.NextOpen(t.now, t.window(t.step(n.Step))).UTC()
			return
		}
	}
	t.done(*n)
}

// askStep asks the owner for a call or for something else.
func (t *turn) askStep(s *Step, c Channel) {
	kind, prompt, voicemail := TaskCall, s.Call, s.Voicemail
	if c == ByManual {
		kind, prompt, voicemail = TaskManual, t.manualPrompt(s), ""
	}
	if prompt == "" {
		prompt = "Call instead of writing " + s.Email + ": " + t.whyNotByMail() + "."
	}
	people := []string{""}
	if !t.toLead(s) {
		people[0] = t.lead.With
	}
	if s.To == Stakeholders {
		people = t.openStakeholders()
	}
	for i, to := range people {
		touch := t.lead.Next.Touch
		if i > 0 {
			touch = t.nextTouch()
		}
		due := t.now
		if !s.Within.IsZero() {
			due = s.Within.after(t.now, t.place, t.window(s)).UTC()
			t.watch(WatchFirstCall, due, touch, cmp.Or(s.Rule, SpeedToLead))
		}
		if u := t.lead.Undo; u != nil && u.Was != nil && u.Was.Next != nil && u.Was.Next.Touch == touch {
			t.irreversible("the owner was asked for touch " + touch)
		}
		t.do(CreateTask{Touch: touch, Kind: kind, DueAt: due, Hot: t.salesReady(), Prompt: prompt, Voicemail: voicemail, To: to, By: s.By, Rule: s.Rule})
		t.record(Entry{What: TaskAsked, Rule: s.Rule, Touch: touch, Until: due, Detail: string(kind)})
	}
}

func (t *turn) manualPrompt(s *Step) string {
	switch {
	case s.Manual != "":
		return s.Manual
	case s.Call != "":
		return strings.TrimSpace("Calls do not get through. Try another way, for instance LinkedIn. " + s.Call)
	}
	return "Try another way instead of " + s.Email + ": " + t.whyNotByMail() + "."
}

func (t *turn) whyNotByMail() string {
	if t.lead.NoEmail {
		return "no email address works"
	}
	return "they asked for another way"
}

func (t *turn) openStakeholders() []string {
	var open []string
	for _, s := range t.lead.Others {
		if !s.Closed && !s.Later {
			open = append(open, s.ID)
		}
	}
	return open
}

func (c *CallSlot) at() time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.At
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
