package rehearse

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// This file lets time pass: from deadline to deadline of the core, and from task
// to task of the owner.

// advance lives until the beat's moment, or the end where it never comes.
func (p *performance) advance(b beat, end time.Time, wanted bool) (bool, error) {
	var base time.Time
	for range 100_000 {
		at, comes := end, false
		if wanted {
			if from, ok := b.comes(p); ok && (base.IsZero() || b.waits == "call") {
				base = from
			}
			if comes = !base.IsZero(); comes {
				at = b.when.of(p.began, base.In(p.began.Location()))
				at, comes = p.notPast(at, b), !at.After(end)
			}
		}
		limit := at
		if !comes {
			limit = end
		}
		next, isTask := p.next()
		if next.IsZero() || next.After(limit) {
			p.life.Now = limit
			return comes, nil
		}
		if err := p.step(next, isTask); err != nil {
			return false, err
		}
	}
	return false, errors.New("the lead does not get on: 100,000 steps")
}

// notPast keeps the lines in their order: one whose moment has gone by happens
// at once.
func (p *performance) notPast(at time.Time, b beat) time.Time {
	if !at.Before(p.life.Now) {
		return at
	}
	if b.when.from != fromNow {
		p.missed(fmt.Sprintf("%s: it comes late: %s had gone by", b.path, at.Format("Mon 2006-01-02 15:04")))
	}
	return p.life.Now
}

// next is the next instant at which something is due, and the task if it is one.
func (p *performance) next() (time.Time, *task) {
	at, _ := p.life.Lead.Deadline()
	if t := p.tasks.next(); t != nil && !p.life.Lead.Stage.Final() && (at.IsZero() || t.at.Before(at)) {
		return t.at, t
	}
	return at, nil
}

func (p *performance) step(at time.Time, t *task) error {
	if at.After(p.life.Now) {
		p.life.Now = at
	}
	if t != nil {
		return p.work(t)
	}
	return p.life.Let(sequence.DeadlineReached{})
}

func (b beat) why() string {
	switch b.waits {
	case "call":
		return "no call was agreed"
	case "stage":
		return "the lead was not in " + strings.TrimSuffix(string(b.stage)+"/"+string(b.play), "/")
	case "touch", "email":
		return b.line.After + " was not made"
	}
	return "the script ends before"
}
