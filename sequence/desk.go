package sequence

import "time"

// Desk decides one event after the other and uses its memory again, for whoever
// plays millions of lives. It decides as Decide does. The zero Desk is ready; it
// is for one goroutine.
type Desk struct {
	turn turn
	lead Lead // of Decide, which is given none to change
}

// Decide changes the lead, unless the event is refused. The lead must share nothing
// with another one, not even with a copy of itself. It gives the new lines of the
// timeline and the other actions, which hold until the desk decides again.
func (d *Desk) Decide(l *Lead, ev Event, now time.Time, pb *Playbook) ([]Entry, []Action, error) {
	was := *l
	if err := d.turn.let(l, ev, now, pb); err != nil {
		*l = was
		return nil, nil, err
	}
	if was.Next != nil && was.Next != l.Next && (l.Undo == nil || l.Undo.Was == nil) { // which may have it still
		d.turn.spare = append(d.turn.spare, was.Next)
	}
	return d.turn.timeline, d.turn.actions, nil
}
