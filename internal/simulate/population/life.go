package population

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// life is one lead under one playbook. A worker uses the same one for every lead,
// so that a lead costs nothing but its decisions.
type life struct {
	crowd    *crowd
	pb       *sequence.Playbook
	chance   chance
	lead     sequence.Lead
	prospect prospect
	market   market
	place    sequence.Place
	calls    sequence.Window // when reps call
	agenda   agenda
	now      time.Time
	start    time.Time // of the simulation
	firstDay int       // its day, counted from 1970
	arrived  time.Time
	end      time.Time

	brought  int    // items of the content library
	spoken   bool   // somebody who decides took part in a conversation
	answered bool   // somebody answered at least once
	planned  string // the touch that is planned, and
	plannedD int    // the day

	desks [2]sequence.Desk // what follows from a mail is decided while the mail is
	depth int
	tally *tally
	one   sample // what this lead adds to every metric
	trace func(sequence.Entry)
}

// most is more deadlines than any lead can meet in three years.
const most = 50_000

// live lives the lead with a number from its arrival to the end.
func (l *life) live(seed uint64, lead, leads int) error {
	l.chance.seed(seed, lead)
	l.arrived = l.start.Add(time.Duration(float64(l.crowd.Arrive) * 24 * float64(time.Hour) * float64(lead) / float64(leads)))
	l.born(lead)
	err := l.let(sequence.Enrolled{ID: "1", Kind: l.lead.Source})
	for range most {
		if err != nil {
			return fmt.Errorf("lead %d: %w", lead, err)
		}
		more := false
		if more, err = l.step(); err == nil && !more {
			l.closeBooks()
			return nil
		}
	}
	return fmt.Errorf("lead %d does not get on: still %s in %s", lead, l.now.Format(time.RFC3339), l.lead.Stage)
}

func (l *life) closeBooks() {
	if !l.lead.Stage.Final() {
		l.now = l.end
	}
	for _, e := range l.agenda {
		l.missed(e)
	}
	l.tally.lived(l)
}

// born makes the lead ready for its arrival.
func (l *life) born(n int) {
	l.now, l.prospect = l.arrived, l.crowd.draw(&l.chance, l.arrived)
	p, at := &l.prospect, l.crowd.Places[l.prospect.place]
	l.agenda, l.one, l.market = l.agenda[:0], sample{}, p.market
	l.brought, l.spoken, l.answered, l.planned = 0, p.decides, false, ""
	l.lead = sequence.Lead{
		ID: "lead-" + strconv.Itoa(n), Owner: "rep", Zone: at.Zone, Country: at.Country,
		NoEmail: !p.email, NoPhone: !p.phone, Source: l.crowd.Sources[p.source].Kind,
	}
	if p.known {
		l.lead.Amount = p.amount * 100
	}
	l.place = sequence.PlaceOf(l.lead, l.pb)
	l.marketUntil(l.arrived)
	if l.crowd.news > 0 {
		l.plan(errand{what: newsComes, at: l.start.Add((l.now.Sub(l.start)/l.crowd.news + 1) * l.crowd.news)})
	}
	l.plan(errand{what: engages, at: l.now.Add(time.Duration(l.chance.draw(forEngagements) * float64(month)))})
}

func (l *life) plan(e errand) { l.agenda = append(l.agenda, e) }

// step goes on to what comes next: the lead's deadline or something in the world.
func (l *life) step() (bool, error) {
	at, waits := l.lead.Deadline()
	i := l.agenda.next()
	happens := i >= 0 && (!waits || l.agenda[i].at.Before(at))
	if happens {
		at = l.agenda[i].at
	}
	if l.lead.Stage.Final() || !waits && !happens || !at.Before(l.end) {
		return false, nil
	}
	if at.After(l.now) {
		l.now = at
	}
	if happens {
		return true, l.happen(l.agenda.take(i))
	}
	return true, l.let(sequence.DeadlineReached{})
}

// let has the core decide, and does at once what follows at once.
func (l *life) let(ev sequence.Event) error {
	stage, effort := l.lead.Stage, l.lead.Effort
	desk := &l.desks[l.depth]
	timeline, actions, err := desk.Decide(&l.lead, ev, l.now, l.pb)
	if err != nil {
		return l.refused(err)
	}
	l.depth++
	defer func() { l.depth-- }()
	if l.lead.Stage != stage {
		l.tally.moved(l, stage)
	}
	l.tally.worked(l, l.lead.Effort-effort)
	for i := range timeline {
		l.note(&timeline[i])
	}
	for _, a := range actions {
		if err := l.do(a); err != nil {
			return err
		}
	}
	return nil
}

// refused counts a refusal, after which the lead is as it was.
func (l *life) refused(err error) error {
	if refusal, ok := errors.AsType[*sequence.Refusal](err); ok {
		l.tally.refused(refusal)
		return nil
	}
	return err
}

func (l *life) do(a sequence.Action) error {
	switch a := a.(type) {
	case sequence.SendEmail:
		return l.send(a)
	case sequence.CreateTask:
		l.ask(a)
	case sequence.CancelTasks:
		l.cancel(a)
	case sequence.Notify:
		if a.Who == sequence.TheManager {
			l.remind()
		}
	}
	return nil
}

// note counts a line of the timeline and remembers for which day a touch is
// planned (R80). A touch that is put off keeps its day; one that is planned anew,
// after a pause, does not.
func (l *life) note(e *sequence.Entry) {
	l.tally.rules.count(e)
	if e.What == sequence.TouchPlanned && e.Touch != "" {
		l.planned, l.plannedD = e.Touch, l.place.LocalDay(e.Until)
	}
	if l.trace != nil {
		l.trace(*e)
	}
}
