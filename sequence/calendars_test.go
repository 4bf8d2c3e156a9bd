package sequence_test

import (
	"fmt"
	"slices"

	"github.com/rekindlehq/rekindle/sequence"
)

// This file keeps the books of other people's calendars, apart from the code.

// playMails are the emails that a play sends. A cancellation belongs to none: it
// goes out at once, and after a win, too.
func playMails(actions []sequence.Action) []sequence.SendEmail {
	return slices.DeleteFunc(only[sequence.SendEmail](actions), func(s sequence.SendEmail) bool { return s.Cancel != nil })
}

// meeting is what an invitation or its cancellation is about, and to whom it goes.
type meeting struct{ uid, to string }

// whatStandsInACalendarIsAgreedOrIsCalledOffOnce: only what stands in somebody's
// calendar is called off, under a higher SEQUENCE and by its organizer; and when
// no mail is on its way, nothing stands there that is to come and not agreed,
// unless the owner was asked to say so.
func whatStandsInACalendarIsAgreedOrIsCalledOffOnce() promise {
	type entry struct {
		sequence.SendEmail
		by string
	}
	sent, stands, off := map[string]entry{}, map[meeting]entry{}, map[string]bool{}
	highest := map[meeting]int{}
	return func(d decision) string {
		if ev, ok := d.event.(sequence.TouchPerformed); ok && d.err == nil {
			if s, ok := sent[ev.Touch]; ok && s.Invite != nil && (ev.Status == sequence.Sent || ev.Status == sequence.Unknown) {
				m := meeting{s.Invite.UID, s.To}
				stands[m] = s
				highest[m] = max(highest[m], s.Invite.Seq) // one that the server did not take is in no calendar
			}
			delete(sent, ev.Touch)
		}
		if ev, ok := d.event.(sequence.InvitationAnswered); ok && d.err == nil && ev.Answer == sequence.Declined && d.before.Call != nil && d.after.Call == nil {
			delete(stands, meeting{ev.UID, ev.From}) // they need not be told
		}
		for _, s := range only[sequence.SendEmail](d.actions) {
			if s.Cancel != nil {
				for _, other := range sent {
					if other.Invite != nil && other.Invite.UID == s.Cancel.UID && other.To == s.To {
						return "a cancellation that the invitation itself may overtake"
					}
				}
				if wrong := wrongCancellation(s, stands[meeting{s.Cancel.UID, s.To}].by, off[s.Touch], highest[meeting{s.Cancel.UID, s.To}], d); wrong != "" {
					return wrong
				}
				off[s.Touch] = true
				highest[meeting{s.Cancel.UID, s.To}] = s.Cancel.Seq
			}
			sent[s.Touch] = entry{s, d.after.Owner}
		}
		for m, e := range stands {
			agreed := d.after.Call != nil && d.after.Call.UID == m.uid
			known := slices.ContainsFunc(d.after.Invited, func(i sequence.Invitation) bool { return i.UID == m.uid && i.To == m.to })
			switch {
			case !agreed && !known:
				delete(stands, m) // called off, or over, or the owner was asked
				if e.Invite.At.After(d.at) && d.after.Stage != sequence.DoNotContact && !excused(d) {
					return "a call stands in a calendar for good: " + m.uid
				}
			case !agreed && e.Invite.At.After(d.at) && !beingDone(d.after.Invited, m):
				return "a call stands in a calendar that is not agreed: " + m.uid
			case !known && e.Invite.At.After(d.at):
				return "an invitation is forgotten: " + m.uid
			}
		}
		return ""
	}
}

// beingDone reports that mail about the meeting is on its way, or waits for the
// mail server.
func beingDone(all []sequence.Invitation, m meeting) bool {
	return slices.ContainsFunc(all, func(i sequence.Invitation) bool { return i.UID == m.uid && i.To == m.to && i.Touch != "" })
}

func wrongCancellation(s sequence.SendEmail, by string, again bool, highest int, d decision) string {
	switch {
	case d.after.Stage == sequence.DoNotContact:
		return "a cancellation after a stop"
	case by == "":
		return "a cancellation of what stands in no calendar"
	case s.Cancel.By != by:
		return "a cancellation by another organizer"
	case !s.Cancel.At.After(d.at):
		return "a cancellation of a call that is over"
	case !again && s.Cancel.Seq <= highest || again && s.Cancel.Seq != highest:
		return fmt.Sprintf("a cancellation under SEQUENCE %d, after %d", s.Cancel.Seq, highest)
	case d.after.Call != nil && d.after.Call.UID == s.Cancel.UID:
		return "a cancellation of a call that is agreed"
	}
	return ""
}

// excused reports why a call that was called off leaves no trace: the
// cancellation went out, or cannot, and the owner was told.
func excused(d decision) bool {
	if ev, ok := d.event.(sequence.TouchPerformed); ok {
		switch ev.Status {
		case sequence.Sent, sequence.Unknown, sequence.Suppressed, sequence.Cancelled:
			return true
		}
	}
	return slices.ContainsFunc(only[sequence.Notify](d.actions), func(n sequence.Notify) bool { return n.Rule == sequence.BothCalendars })
}
