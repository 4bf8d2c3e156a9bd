package sequence

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// This file takes in what became of an email that was handed out.

func (e TouchPerformed) decide(t *turn) error {
	if t.calledOff(e) {
		return nil
	}
	t.invited(e)
	l := t.lead
	counts := e.Status == Sent || e.Status == Unknown
	i := slices.Index(l.InFlight, e.Touch)
	planned := l.Next != nil && l.Next.Touch == e.Touch
	if counts {
		what, rule := string(ByEmail), Rule("")
		if planned {
			what, rule = t.describe(t.step(l.Next.Step)), l.Next.Rule
		}
		introduced := planned && l.Next.Step == introduction
		if l.Stage == CheckIn && !introduced {
			t.checkedIn()
		}
		t.made(ByEmail, t.pb.Effort.Email)
		if introduced || planned && t.step(l.Next.Step).aboutCall() {
			l.Unanswered-- // an introduction, an invitation or a reminder asks for no answer
		}
		t.record(Entry{What: TouchMade, Rule: rule, Touch: e.Touch, Detail: what + " " + string(e.Status) + detail(e.Detail)})
	}
	if e.Status == Unknown {
		t.tell(TheOwner, ByHand, "it is not known whether an email went out, and it is not sent again: "+e.Detail)
	}
	if l.Next == nil || i < 0 && !(planned && counts) {
		return nil // the life moved on while it was being sent
	}
	if i >= 0 {
		l.InFlight = lessOne(l.InFlight, i)
	}
	l.Blocked = blockedAgain(l.Blocked, e, t.now)
	switch e.Status {
	case Sent, Unknown:
	case Suppressed:
		t.note(TouchDropped, StopMeansStop, "the person said stop")
		t.closeStakeholder(l.Next.To)
		if t.toLead(t.step(l.Next.Step)) {
			t.end(DoNotContact, StopMeansStop, "suppressed")
			return nil
		}
	case NoAddress:
		if t.toLead(t.step(l.Next.Step)) {
			t.addressGone(ByEmail, "touch:"+e.Touch)
			return nil
		}
		t.note(TouchDropped, BuysOrDies, "the address is gone")
		t.closeStakeholder(l.Next.To)
	case Cancelled: // something happened meanwhile; the step waits for what comes of it
		if t.step(l.Next.Step).To == "" {
			return nil
		}
	case Deferred:
		t.putBack(e)
		return nil
	case NoReason:
		t.retry(t.pb.ReasonRecheck.after(t.now, t.place, t.pb.Windows.Email), "nothing new to bring")
		return nil
	case Failed:
		t.tell(TheOwner, ByHand, "an email cannot be sent as it is: "+e.Detail)
		t.planned().Touch = t.nextTouch() // the ledger never tries a failed touch again
		t.pauseFor(PausedParked, e.Detail, time.Time{}, ByHand)
		return nil
	}
	if len(l.InFlight) > 0 {
		return nil
	}
	t.stepDone()
	return nil
}

// lessOne is a list with one less, and the list itself as it was.
func lessOne(list []string, i int) []string {
	if len(list) == 1 {
		return nil
	}
	return slices.Delete(slices.Clone(list), i, i+1)
}

func detail(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func blockedAgain(was *Blocked, e TouchPerformed, now time.Time) *Blocked {
	if e.Status != Deferred && e.Status != NoReason {
		return nil
	}
	reason := NothingNew
	if e.Status == Deferred {
		reason = cmp.Or(e.Why, MailServer)
	}
	if was == nil || was.Reason != reason {
		return &Blocked{Reason: reason, Since: now, Times: 1}
	}
	return &Blocked{Reason: reason, Since: was.Since, Times: was.Times + 1}
}

// putBack plans an email again that could not go out now. A mailbox has given it
// an instant of its own; a mail server is asked again ever more seldom.
func (t *turn) putBack(e TouchPerformed) {
	b := t.lead.Blocked
	if b.Times == 10 && b.Reason == MailboxFull {
		t.tell(TheManager, ByHand, "an email has been put off ten times: its mailbox sends too little, or at hours that never meet the lead's")
	}
	switch b.Reason {
	case MailboxFull:
		t.retry(e.RetryAt, "the mailbox has its next free slot then")
	case MailboxParked:
		t.retry(e.RetryAt, "the mailbox is parked: "+e.Detail)
	case NewsWaits:
		t.retry(later(e.RetryAt, t.now.Add(backOff(1))), "what came in is taken first")
	default:
		t.retry(later(e.RetryAt, t.now.Add(backOff(b.Times))), "the mail could not be handed over: "+e.Detail)
	}
}

// SendAbandoned says that an email began to go out in a turn that was lost with its
// worker, and that the life then went another way.
type SendAbandoned struct {
	byRekindle
	Touch string `json:"touch"`
	Sent  bool   `json:"sent,omitempty"` // it is known that it went out
}

func (e SendAbandoned) decide(t *turn) error {
	l := t.lead
	if slices.Contains(l.InFlight, e.Touch) || slices.ContainsFunc(l.Invited, func(i Invitation) bool { return i.Touch == e.Touch }) {
		return nil // it is being made again, and whoever makes it finds out
	}
	performed := TouchPerformed{Touch: e.Touch, Status: Unknown, Detail: "it began to go out, and its worker was lost"}
	if e.Sent {
		performed = TouchPerformed{Touch: e.Touch, Status: Sent}
	}
	if strings.HasSuffix(e.Touch, cancelling) { // of a call that was called off in the turn that was lost
		t.toldOff(performed)
		return nil
	}
	return performed.decide(t)
}

// SlotGiven says that the mailbox, which was parked or full, has a slot for the
// touch now.
type SlotGiven struct {
	byRekindle
	Touch string    `json:"touch"`
	At    time.Time `json:"at"`
}

func (e SlotGiven) decide(t *turn) error {
	l := t.lead
	waits := l.Blocked != nil && (l.Blocked.Reason == MailboxFull || l.Blocked.Reason == MailboxParked)
	if !waits || l.Next == nil || l.Next.Touch != e.Touch || len(l.InFlight) > 0 {
		return nil // the life moved on
	}
	l.Blocked = &Blocked{Reason: MailboxFull, Since: l.Blocked.Since, Times: 1}
	t.retry(e.At, "the mailbox sends again")
	return nil
}

// backOff is how long a mail waits after so many failures in a row: a quarter of
// an hour at first, which outlasts greylisting, four hours at most.
func backOff(times int) time.Duration { return 15 * time.Minute << min(times-1, 4) }

// retry puts the same step off until a later instant inside its window.
func (t *turn) retry(at time.Time, why string) {
	w := t.window(t.step(t.lead.Next.Step))
	at = t.place.NextOpen(later(at, t.now.Add(time.Minute)), w).UTC()
	t.planned().At = at
	t.record(Entry{What: TouchPutOff, Rule: t.lead.Next.Rule, Until: at, Detail: why})
}
