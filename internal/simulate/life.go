// Package simulate plays a lead's life through the pure core, without Temporal:
// deadlines are reached at once, mail is taken as sent, and a script says what
// the lead and the rep do. It knows sequence and nothing else, so that what it
// shows is what the workflow does.
package simulate

import (
	"fmt"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// Life is a lead on a clock that jumps from deadline to deadline.
type Life struct {
	Lead     sequence.Lead
	Playbook *sequence.Playbook
	Now      time.Time
	Timeline []sequence.Entry
	Actions  []sequence.Action // every one ever decided, entries left out

	// Mail says what becomes of an email; sent when nil.
	Mail func(sequence.SendEmail) sequence.TouchPerformed
	// Each is called after every decision, with the actions it brought.
	Each func(before sequence.Lead, ev sequence.Event, actions []sequence.Action)
}

// Begin enrols a lead.
func Begin(l sequence.Lead, kind sequence.Kind, pb *sequence.Playbook, at time.Time) (*Life, error) {
	life := &Life{Lead: l, Playbook: pb, Now: at}
	return life, life.Let(sequence.Enrolled{ID: "e1", Kind: kind})
}

// Let lets an event happen now, and does what follows at once.
func (l *Life) Let(ev sequence.Event) error {
	before := l.Lead
	next, actions, err := sequence.Decide(l.Lead, ev, l.Now, l.Playbook)
	if err != nil {
		return err
	}
	l.Lead = next
	if l.Each != nil {
		l.Each(before, ev, actions)
	}
	for _, a := range actions {
		if e, ok := a.(sequence.Entry); ok {
			l.Timeline = append(l.Timeline, e)
			continue
		}
		l.Actions = append(l.Actions, a)
		if send, ok := a.(sequence.SendEmail); ok {
			result := sequence.TouchPerformed{Touch: send.Touch, Status: sequence.Sent}
			if l.Mail != nil {
				result = l.Mail(send)
			}
			if err := l.Let(result); err != nil {
				return err
			}
		}
	}
	return nil
}

// Until lives until an instant, deadline by deadline, and stops there.
func (l *Life) Until(end time.Time) error {
	for range 100_000 {
		at, ok := l.Lead.Deadline()
		if !ok || at.After(end) {
			l.Now = end
			return nil
		}
		if at.After(l.Now) {
			l.Now = at
		}
		if err := l.Let(sequence.DeadlineReached{}); err != nil {
			return err
		}
	}
	return fmt.Errorf("lead %s does not get on: 100,000 deadlines before %s", l.Lead.ID, end.Format(time.RFC3339))
}

// For lives for a while.
func (l *Life) For(d time.Duration) error { return l.Until(l.Now.Add(d)) }

// Line is one entry of a timeline as people read it.
func Line(e sequence.Entry, zone *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-5s %-14s", e.At.In(zone).Format("Mon 2006-01-02 15:04"), e.Rule, strings.ReplaceAll(string(e.What), "_", " "))
	if e.To != "" {
		from := string(e.From)
		if from == "" {
			from = "new"
		}
		fmt.Fprintf(&b, " %s → %s", from, e.To)
	}
	if e.What == sequence.PlayChanged {
		fmt.Fprintf(&b, " %s", e.Play)
	}
	if e.Touch != "" {
		fmt.Fprintf(&b, " %s", e.Touch)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, " %s", e.Detail)
	}
	if !e.Until.IsZero() {
		fmt.Fprintf(&b, " (%s)", e.Until.In(zone).Format("Mon 2006-01-02 15:04"))
	}
	if len(e.Evidence) > 0 {
		fmt.Fprintf(&b, " [%s]", strings.Join(e.Evidence, ", "))
	}
	return b.String()
}
