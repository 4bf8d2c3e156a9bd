package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// duplicates: no mail twice, by its Message-ID, and by lead, touch and recipient.
func (i *index) duplicates() Check {
	c := Check{Name: "mails that went out twice"}
	for _, id := range slices.Sorted(maps.Keys(i.kept)) {
		c.Of++
		if n := i.kept[id]; n > 1 {
			c.wrong("%s is in the mail server %d times", id, n)
		}
	}
	other := map[string][]string{}
	for _, m := range i.Mails {
		t := touchOf(m.MessageID)
		key := t.lead + " " + t.touch + " " + m.To
		if m.Kept && !slices.Contains(other[key], m.MessageID) {
			other[key] = append(other[key], m.MessageID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(other)) {
		if ids := other[key]; len(ids) > 1 {
			c.wrong("touch %s of lead %s went out as %s", touchOf(ids[0]).touch, touchOf(ids[0]).lead, strings.Join(ids, " and as "))
		}
	}
	return c
}

// strayMails: what the mail server has, the ledger calls sent, or unknown.
func (i *index) strayMails() Check {
	c := Check{Name: "mails that the ledger does not know of"}
	for _, m := range i.Mails {
		if !m.Kept {
			continue
		}
		c.Of++
		s := i.sends[touchOf(m.MessageID)]
		switch {
		case s == nil:
			c.wrong("%s has no row", m.MessageID)
		case s.State != "sent" && s.State != "unknown":
			c.wrong("%s is %s in the ledger", m.MessageID, s.State)
		case !s.Begun:
			c.wrong("%s went out, and it was not noted that it begins", m.MessageID)
		case s.MessageID != m.MessageID:
			c.wrong("%s is called %s in the ledger", m.MessageID, s.MessageID)
		}
	}
	return c
}

// lostMails: what the ledger calls sent, the mail server has.
func (i *index) lostMails() Check {
	c := Check{Name: "mails sent by the ledger and lost"}
	for _, s := range i.Sends {
		if s.State != "sent" {
			continue
		}
		c.Of++
		if i.kept[s.MessageID] == 0 {
			c.wrong("%s is sent, and the mail server does not have it", s.MessageID)
		}
	}
	return c
}

// untoldMails: what was sent, or perhaps sent, stands in the lead's timeline.
func (i *index) untoldMails() Check {
	c := Check{Name: "mails missing from the timeline"}
	for _, s := range i.Sends {
		lead := i.leads[s.Lead]
		if s.State != "sent" && s.State != "unknown" || lead == nil || !lead.Final && !lead.Life.Asleep {
			continue // a turn that is under way has not told yet
		}
		c.Of++
		if i.made[touch{s.Lead, s.Touch}] == 0 {
			c.wrong("touch %s of lead %s (%s) is %s, and no touch is in its timeline", s.Touch, s.Lead, s.Text, s.State)
		}
	}
	return c
}

// afterStop: no mail begins to go out once a stop was acknowledged.
func (i *index) afterStop() Check {
	c := Check{Name: "mails begun after an acknowledged stop"}
	first := map[string]time.Time{}
	for _, a := range i.Acks {
		if at, ok := first[a.Email]; a.What == Stopped && (!ok || a.At.Before(at)) {
			first[a.Email] = a.At
		}
	}
	c.Of = len(first)
	underway := 0
	for _, m := range i.Mails {
		stop, ok := first[m.To]
		if !ok || !m.EndAt.After(stop) {
			continue
		}
		begun, by := i.begun(m)
		if begun.After(stop) {
			c.wrong("%s began %s after the stop (%s), which was acknowledged at %s", m.MessageID, begun.Sub(stop).Round(time.Microsecond), by, stop.Format(stamp))
			continue
		}
		underway++
	}
	if underway > 0 {
		c.Note = fmt.Sprintf("%d were begun before and ended after it", underway)
	}
	return c
}

const stamp = "15:04:05.000"

// stopsHold: whoever was told that they are stopped is on the list, and their lead is
// over.
func (i *index) stopsHold() Check {
	c := Check{Name: "acknowledged stops that were lost"}
	for _, a := range i.Acks {
		if a.What != Stopped {
			continue
		}
		c.Of++
		if !i.Suppressed[a.Email] {
			c.wrong("a stop of %s is not on the list", i.leadOf(a.Email))
		}
		for _, l := range i.Leads {
			if l.Email == a.Email && !l.Final {
				c.wrong("lead %s is %s although the person was stopped at %s", l.ID, l.Stage, a.At.Format(stamp))
			}
		}
	}
	return c
}

// leadOf names a person by the lead.
func (i *index) leadOf(email string) string {
	for _, l := range i.Leads {
		if l.Email == email {
			return "lead " + l.ID
		}
	}
	return "somebody who is no lead"
}

// windows: nothing is decided to go out while the lead's window is closed.
func (i *index) windows() Check {
	c := Check{Name: "mails outside the lead's window or on a holiday"}
	for _, s := range i.Sends {
		if !s.Begun {
			continue
		}
		c.Of++
		if !s.Open {
			c.wrong("touch %s of lead %s (%s) at %s", s.Touch, s.Lead, s.Text, s.At.Format(time.RFC3339))
		}
	}
	return c
}

// limits: a mailbox sends no more in a day, and no faster, than it may.
func (i *index) limits() Check {
	c := Check{Name: "mails above a mailbox's limits"}
	for _, box := range i.Mailboxes {
		var slots []time.Time
		days := map[string]int{}
		for _, s := range i.Sends {
			if s.Mailbox == box.Name && s.Begun && !s.Slot.IsZero() {
				slots = append(slots, s.Slot)
				days[s.Slot.In(box.Zone).Format(time.DateOnly)]++
			}
		}
		c.Of += len(slots)
		slices.SortFunc(slots, time.Time.Compare)
		for n := 1; n < len(slots); n++ {
			if gap := slots[n].Sub(slots[n-1]); gap < box.Gap {
				c.wrong("%s sent %s and %s later", box.Name, slots[n-1].Format(time.RFC3339), gap)
			}
		}
		for _, day := range slices.Sorted(maps.Keys(days)) {
			if days[day] > box.Daily {
				c.wrong("%s sent %d on %s, and may send %d", box.Name, days[day], day, box.Daily)
			}
		}
	}
	return c
}
