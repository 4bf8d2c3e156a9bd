package judge

import (
	"slices"
	"strings"
	"time"
)

// touch is the key of the send ledger.
type touch struct{ lead, touch string }

// index is the evidence, found quickly.
type index struct {
	*Evidence
	leads   map[string]*Lead
	kept    map[string]int // mails by Message-ID
	sends   map[touch]*Send
	steps   map[touch][]Step
	made    map[touch]int
	entries map[string][]Entry // by lead, in order
}

func indexed(e *Evidence) *index {
	i := &index{
		Evidence: e, leads: map[string]*Lead{}, kept: map[string]int{}, sends: map[touch]*Send{}, steps: map[touch][]Step{},
		made: map[touch]int{}, entries: map[string][]Entry{},
	}
	for n := range e.Leads {
		i.leads[e.Leads[n].ID] = &e.Leads[n]
	}
	for _, m := range e.Mails {
		if m.Kept {
			i.kept[m.MessageID]++
		}
	}
	for n, s := range e.Sends {
		i.sends[touch{s.Lead, s.Touch}] = &e.Sends[n]
	}
	for _, s := range e.Steps {
		key := touch{s.Lead, s.Touch}
		i.steps[key] = append(i.steps[key], s)
	}
	for _, steps := range i.steps {
		slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	}
	for _, entry := range e.Entries {
		i.entries[entry.Lead] = append(i.entries[entry.Lead], entry)
		if entry.What == "touch_made" && entry.Touch != "" {
			i.made[touch{entry.Lead, entry.Touch}]++
		}
	}
	return i
}

// touchOf reads a Message-ID: touch.lead@domain.
func touchOf(messageID string) touch {
	local, _, _ := strings.Cut(messageID, "@")
	t, lead, _ := strings.Cut(local, ".")
	return touch{lead, t}
}

// begun is when a mail began by the ledger, and which process began it; by the mail
// server where the ledger says nothing.
func (i *index) begun(m Mail) (at time.Time, by string) {
	at = m.DataAt
	for _, s := range i.steps[touchOf(m.MessageID)] {
		if s.Begun && s.State == "reserved" && !s.At.After(m.EndAt) {
			at, by = s.At, s.By
		}
	}
	return at, by
}
