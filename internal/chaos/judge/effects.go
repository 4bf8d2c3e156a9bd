package judge

import (
	"slices"
	"strings"
	"time"
)

// A worker that dies may have written a turn that its workflow never took; the trail
// keeps both. Lines of a turn that another one contradicts may be of either, and tell of
// an effect without proving that it happened once more.

// told counts the lines of a lead that tell of something: all, and those of turns that
// nothing contradicts.
func (i *index) told(lead string, tells func(Entry) bool) (all, certain int) {
	entries := i.entries[lead]
	variants := map[int]int{}
	for _, e := range entries {
		variants[e.N]++
	}
	contradicted := map[time.Time]bool{} // by the turn
	for _, e := range entries {
		if variants[e.N] > 1 {
			contradicted[e.Written] = true
		}
	}
	for _, e := range entries {
		if !tells(e) {
			continue
		}
		all++
		if !contradicted[e.Written] {
			certain++
		}
	}
	return all, certain
}

// once says of an acknowledged record whether its effect is in the trail exactly once.
func (i *index) once(c *Check, lead, record string, tells func(Entry) bool) {
	all, certain := i.told(lead, tells)
	switch {
	case certain > 1:
		c.wrong("%s took effect %d times on lead %s", record, certain, lead)
	case all == 0 && !i.underway(lead) && !i.tooLate(lead, record):
		c.wrong("%s had no effect on lead %s", record, lead)
	}
}

// underway: a turn is being made, or waits for a worker; it will tell.
func (i *index) underway(lead string) bool {
	l := i.leads[lead]
	return l != nil && !l.Final && l.Life.Due
}

// tooLate: the life was over when its workflow was told, or the two crossed, or what
// ended it was waiting with this for the same turn, which takes stops first.
func (i *index) tooLate(lead, record string) bool {
	delivered, ok := i.Delivered[record]
	l := i.leads[lead]
	if !ok || l == nil || !l.Final {
		return false
	}
	for _, e := range i.entries[lead] {
		if e.What == "stage_changed" && ends(e) && (delivered.After(e.Written.Add(-crossing)) || !i.toldBetween(lead, delivered, e.Written)) {
			return true
		}
	}
	return false
}

// toldBetween: a turn was written down after an instant and before another.
func (i *index) toldBetween(lead string, from, to time.Time) bool {
	return slices.ContainsFunc(i.entries[lead], func(e Entry) bool { return e.Written.After(from) && e.Written.Before(to) })
}

// crossing is how long a turn may take to be written down.
const crossing = 2 * time.Minute

func ends(e Entry) bool {
	return slices.Contains([]string{"won", "disqualified", "do_not_contact"}, e.To)
}

// recorded is the line of an event: what, perhaps a kind, and the id of its record.
func recorded(what, id string) func(Entry) bool {
	return func(e Entry) bool {
		return e.What == "recorded" && strings.HasPrefix(e.Detail, what+":") && strings.HasSuffix(e.Detail, ":"+id)
	}
}

func (i *index) enrolments() Check {
	c := Check{Name: "acknowledged enrolments lost or doubled"}
	for _, a := range i.Acks {
		if a.What != Enrolled {
			continue
		}
		c.Of++
		if i.leads[a.Lead] == nil {
			c.wrong("lead %s is not there", a.Lead)
			continue
		}
		i.once(&c, a.Lead, a.Record, began(a.Record))
	}
	return c
}

// began is the line with which a life begins, because of an engagement.
func began(engagement string) func(Entry) bool {
	return func(e Entry) bool {
		return e.What == "stage_changed" && slices.ContainsFunc(e.Evidence, func(s string) bool {
			return strings.HasPrefix(s, "engagement:") && strings.HasSuffix(s, ":"+engagement)
		})
	}
}

func (i *index) engagements() Check {
	c := Check{Name: "acknowledged engagements lost or doubled"}
	for _, a := range i.Acks {
		if a.What != Engaged {
			continue
		}
		c.Of++
		if !i.Records[a.Record] {
			c.wrong("engagement %s is not there", a.Record)
		} else if a.Lead != "" { // somebody who was stopped has none
			tells := recorded("engagement", a.Record)
			if all, _ := i.told(a.Lead, tells); all == 0 { // of somebody whose last life was over: a new one began with it
				tells = began(a.Record)
			}
			i.once(&c, a.Lead, a.Record, tells)
		}
	}
	return c
}

func (i *index) replies() Check {
	c := Check{Name: "acknowledged replies lost or doubled"}
	for _, a := range i.Acks {
		if a.What != Replied {
			continue
		}
		c.Of++
		id, ok := i.Replies[a.Record]
		if !ok {
			c.wrong("a reply to lead %s at %s is not there", a.Lead, a.At.Format(stamp))
			continue
		}
		all := recorded("reply", id)
		automatic := recorded("auto_reply", id)
		i.once(&c, a.Lead, id, func(e Entry) bool { return all(e) || automatic(e) })
	}
	return c
}

func (i *index) outcomes() Check {
	c := Check{Name: "acknowledged outcomes lost or doubled"}
	for _, a := range i.Acks {
		if a.What != Reported {
			continue
		}
		c.Of++
		if !i.Records[a.Record] {
			c.wrong("outcome %s is not there", a.Record)
		}
		if l := i.leads[a.Lead]; l == nil || !slices.Contains(l.Life.Outcomes, a.Record) {
			c.wrong("outcome %s is not in the history of lead %s", a.Record, a.Lead)
		}
		i.once(&c, a.Lead, a.Record, recorded("outcome", a.Record))
	}
	return c
}
