package sequence

import "time"

// Desk decides one event after the other and uses its memory again, for whoever
// plays millions of lives. It decides as Decide does. The zero Desk is ready; it
// is for one goroutine.
type Desk struct {
	turn turn
	lead Lead // of Decide, which is given none to change
}

// Decide changes the lead, which must share nothing with another one, unless the
// event is refused. It gives the new lines of the timeline and the other actions,
// which hold until the desk decides again.
func (d *Desk) Decide(l *Lead, ev Event, now time.Time, pb *Playbook) ([]Entry, []Action, error) {
	was := *l
	d.turn.many = true
	if err := d.turn.let(l, ev, now, pb); err != nil {
		*l = was
		return nil, nil, err
	}
	return d.turn.timeline, d.turn.actions, nil
}
