package sequence

import (
	"slices"
	"strings"
	"time"
)

// This file keeps what stands in other people's calendars true to what is agreed:
// whoever was invited to a call that falls away gets its cancellation (R21).

// Invitation is a call as it stands, or may come to stand, in the calendar of
// somebody whom we invited to it.
type Invitation struct {
	CallSlot
	To      string           `json:"to,omitempty"`      // id of a stakeholder; empty: the lead
	By      string           `json:"by,omitempty"`      // the owner who invited: the ORGANIZER, who alone can call it off (RFC 5546)
	Answer  InvitationAnswer `json:"answer,omitempty"`  // what they said
	Touch   string           `json:"touch,omitempty"`   // of the email that brings it, or calls it off
	Off     bool             `json:"off,omitempty"`     // that email calls it off
	RetryAt time.Time        `json:"retry_at,omitzero"` // when that is tried again
}

// cancelling ends the touch numbers of cancellations. They are steps of no play,
// and may become known when the life is over.
const cancelling = "-cancelled"

// onItsWay reports an email of which it is not known yet what became of it.
func (i Invitation) onItsWay() bool { return i.Touch != "" && i.RetryAt.IsZero() }

// inviting notes an invitation that is handed out.
func (t *turn) inviting(s SendEmail) {
	all := without(t.lead.Invited, func(i Invitation) bool { return i.Touch == s.Touch })
	t.lead.Invited = append(all, Invitation{CallSlot: *s.Invite, To: s.To, By: t.lead.Owner, Touch: s.Touch})
}

// invited takes in what became of an invitation: one that went out stands in
// their calendar, in place of the same call at an earlier time.
func (t *turn) invited(e TouchPerformed) {
	at := slices.IndexFunc(t.lead.Invited, func(i Invitation) bool { return i.Touch == e.Touch && !i.Off })
	if at < 0 {
		return
	}
	sent := t.lead.Invited[at]
	all := without(t.lead.Invited, func(i Invitation) bool { return i.Touch == e.Touch })
	if e.Status == Sent || e.Status == Unknown {
		sent.Touch = ""
		all = append(without(all, func(i Invitation) bool { return i.Touch == "" && i.UID == sent.UID && i.To == sent.To }), sent)
	}
	t.lead.Invited = all
}

// invitedToThis reports whether a call can be moved under its UID: whom we meet
// now and who asks for it are those of every invitation that went out for it.
func (t *turn) invitedToThis(uid string) bool {
	return !slices.ContainsFunc(t.lead.Invited, func(i Invitation) bool {
		return i.UID == uid && (i.To != t.lead.With || i.By != t.lead.Owner)
	})
}

// callOff ends every turn: it calls off what stands in a calendar and is agreed
// no longer, at once, as calendars do; after a win, too, but never after a stop.
func (t *turn) callOff() {
	l := t.lead
	if !slices.ContainsFunc(l.Invited, func(i Invitation) bool { return !t.stands(i) }) {
		return
	}
	var stand []Invitation
	for _, i := range l.Invited {
		switch {
		case t.stands(i):
		case l.Stage == DoNotContact, !i.At.After(t.now):
			continue
		case i.Off:
			if i.RetryAt = (time.Time{}); !t.sendCancellation(i) {
				continue
			}
		default:
			i.Off, i.Seq, i.Touch = true, i.Seq+1, t.nextTouch()+cancelling
			if !t.sendCancellation(i) {
				continue
			}
		}
		stand = append(stand, i)
	}
	l.Invited = stand
}

// stands reports an invitation about which nothing is to be done now.
func (t *turn) stands(i Invitation) bool {
	switch {
	case i.onItsWay():
		return true
	case t.lead.Stage == DoNotContact, !i.At.After(t.now):
		return false
	case i.Off:
		return t.now.Before(i.RetryAt)
	}
	return t.lead.Call != nil && t.lead.Call.UID == i.UID || t.awaited(i)
}

// awaited reports that another time of the same call is on its way to the same
// person: the later one is called off when it has arrived.
func (t *turn) awaited(i Invitation) bool {
	return slices.ContainsFunc(t.lead.Invited, func(o Invitation) bool { return o.Touch != "" && o.UID == i.UID && o.To == i.To })
}

// sendCancellation hands the cancellation out; false when it cannot be written.
func (t *turn) sendCancellation(i Invitation) bool {
	if t.pb.Cancellation == "" || i.To == "" && t.lead.NoEmail {
		t.untold()
		return false
	}
	off := &Invitation{CallSlot: i.CallSlot, By: i.By}
	t.do(SendEmail{Touch: i.Touch, Text: t.pb.Cancellation, To: i.To, Reason: ReasonOccasion, CallAt: i.At, Cancel: off, Rule: BothCalendars})
	return true
}

// untold asks the owner to do what no email can.
func (t *turn) untold() {
	t.tell(TheOwner, BothCalendars, "a call is off that stands in their calendar, and no email could say so: tell them")
}

// calledOff takes in what became of a cancellation. It asks for no answer and
// counts as no touch; one that the mail server does not take is tried again
// before the call would begin.
func (t *turn) calledOff(e TouchPerformed) bool {
	if !strings.HasSuffix(e.Touch, cancelling) {
		return false
	}
	at := slices.IndexFunc(t.lead.Invited, func(i Invitation) bool { return i.Touch == e.Touch })
	if at < 0 {
		return true // told already
	}
	i, others := t.lead.Invited[at], without(t.lead.Invited, func(i Invitation) bool { return i.Touch == e.Touch })
	t.lead.Invited = others
	switch e.Status {
	case Sent, Unknown:
		t.toldOff(e)
		return true
	case Suppressed, Cancelled:
		t.record(Entry{What: TouchDropped, Rule: StopMeansStop, Touch: e.Touch, Detail: "the cancellation of a call is not sent"})
		return true
	case Deferred, NoReason, Failed, NoAddress:
	}
	i.RetryAt = later(e.RetryAt, t.now.Add(backOff(1))).UTC()
	if e.Status == Failed || e.Status == NoAddress || t.lead.Stage.Final() || !i.RetryAt.Before(i.At) {
		t.untold()
		return true
	}
	t.lead.Invited = append(others, i)
	t.record(Entry{What: TouchPutOff, Rule: BothCalendars, Touch: e.Touch, Until: i.RetryAt, Detail: "the mail could not be handed over: " + e.Detail})
	return true
}

// toldOff notes that a cancellation went out, or may have.
func (t *turn) toldOff(e TouchPerformed) {
	t.record(Entry{What: TouchMade, Rule: BothCalendars, Touch: e.Touch, Detail: string(ByEmail) + " " + t.pb.Cancellation + " " + string(e.Status) + detail(e.Detail)})
}

// cancellationOpen reports a call that is being called off.
func (l Lead) cancellationOpen() bool {
	return slices.ContainsFunc(l.Invited, func(i Invitation) bool { return i.Off })
}

func without(all []Invitation, which func(Invitation) bool) []Invitation {
	return slices.DeleteFunc(slices.Clone(all), which)
}
