package sequence

import "time"

// Effect is what another version of the playbook does to one lead.
type Effect string

// The effects, from nothing to a refusal.
const (
	Unchanged    Effect = "unchanged"
	TouchChanges Effect = "next_touch_changes" // another touch, or another time
	StageMoves   Effect = "stage_moves"
	Refused      Effect = "refused"
)

// Effects lists them all.
func Effects() []Effect { return []Effect{Unchanged, TouchChanges, StageMoves, Refused} }

// Change is one lead under two versions of its playbook.
type Change struct {
	Lead    string   `json:"lead_id"`
	Effect  Effect   `json:"effect"`
	Before  Prospect `json:"before"`
	After   Prospect `json:"after,omitzero"`
	Refusal *Refusal `json:"refusal,omitempty"`
}

// Prospect is what comes next for a lead.
type Prospect struct {
	Stage Stage     `json:"stage"`
	Play  Play      `json:"play,omitempty"`
	Next  string    `json:"next,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Compare decides a lead under both versions, as Migrate would, and moves nothing.
func Compare(l Lead, from, to *Playbook, now time.Time) Change {
	d := desks.Get().(*Desk)
	defer desks.Put(d)
	d.lead = l
	d.lead.own()
	c := Change{Lead: l.ID, Before: d.turn.prospect(&d.lead, from, now), Effect: Unchanged}
	if refusal, ok := d.turn.migrate(&d.lead, from, to, now).(*Refusal); ok {
		c.Effect, c.Refusal = Refused, refusal
		return c
	}
	c.After = d.turn.prospect(&d.lead, to, now)
	switch {
	case c.After.Stage != c.Before.Stage || c.After.Play != c.Before.Play:
		c.Effect = StageMoves
	case c.After != c.Before:
		c.Effect = TouchChanges
	}
	return c
}

// ProspectOf is what comes next for a lead.
func ProspectOf(l Lead, pb *Playbook, now time.Time) Prospect {
	d := desks.Get().(*Desk)
	defer desks.Put(d)
	d.lead = l
	d.lead.own()
	return d.turn.prospect(&d.lead, pb, now)
}

func (t *turn) prospect(l *Lead, pb *Playbook, now time.Time) Prospect {
	p := Prospect{Stage: l.Stage, Play: l.Play}
	if n := l.Next; n != nil {
		t.open(l, now, pb, "")
		p.Next, p.At = t.inWords(t.step(n.Step)), n.At.UTC()
	}
	if l.Pause != nil { // nothing goes out before it ends
		p.At = later(p.At, l.Pause.Until)
		if l.Pause.Until.IsZero() {
			p.At = time.Time{}
		}
	}
	return p
}
