package population

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// Setup is what to simulate. The same setup gives the same report, whatever the
// number of workers.
type Setup struct {
	Population *Population
	Playbooks  []*sequence.Playbook // one, or two to compare
	Leads      int                  // 1 to 1,000,000
	Months     int                  // 1 to 36
	Seed       uint64
	Workers    int       // at least 1
	Lived      func(int) // told now and then how many more leads are done; may be nil
}

func (s Setup) check() error {
	switch {
	case len(s.Playbooks) < 1 || len(s.Playbooks) > 2:
		return errors.New("simulate: give one playbook, or two to compare")
	case s.Leads < 1 || s.Leads > 1_000_000:
		return errors.New("simulate: leads must be from 1 to 1,000,000")
	case s.Months < 1 || s.Months > maxMonths:
		return fmt.Errorf("simulate: months must be from 1 to %d", maxMonths)
	case s.Workers < 1:
		return errors.New("simulate: there must be at least one worker")
	case !s.start().AddDate(0, 0, s.Population.Arrive).Before(s.end()):
		return fmt.Errorf("simulate: leads arrive over %d days, and the simulation is over before that; give more months or arrivals_over_days: 28", s.Population.Arrive)
	}
	for _, pb := range s.Playbooks {
		if err := s.Population.Fits(pb); err != nil {
			return err
		}
	}
	return nil
}

func (s Setup) start() time.Time { return s.Population.Start.Time }
func (s Setup) end() time.Time   { return s.start().AddDate(0, s.Months, 0) }

// Run simulates every lead under every playbook. It ends early with the context.
func Run(ctx context.Context, s Setup) (*Report, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	c, workers := ready(s.Population), make([]*worker, s.Workers)
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, s.Workers)
	for i := range workers {
		workers[i] = newWorker(s, c)
		all.Go(func() { errs[i] = workers[i].run(ctx, &next) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, w := range workers[1:] {
		for i := range w.tallies {
			workers[0].tallies[i].merge(w.tallies[i])
		}
		workers[0].pairs.merge(&w.pairs)
	}
	return s.report(workers[0]), nil
}

// worker lives leads, one after the other, under every playbook.
type worker struct {
	setup   Setup
	lives   []*life
	tallies []*tally
	pairs   products
}

func newWorker(s Setup, c *crowd) *worker {
	w := &worker{setup: s}
	for _, pb := range s.Playbooks {
		whole := *pb
		pb = &whole
		pb.UndoWithin = sequence.Wait{} // nobody takes anything back here, so no lead need be remembered
		t := new(tally)
		w.tallies = append(w.tallies, t)
		w.lives = append(w.lives, &life{
			crowd: c, pb: pb, tally: t, start: s.start(), firstDay: int(s.start().Unix() / (24 * 3600)), end: s.end(), agenda: make(agenda, 0, 32), calls: overlap(c.Reps.Window, pb.Windows.Call),
		})
	}
	return w
}

// batch is how many leads a worker takes at a time.
const batch = 16

func (w *worker) run(ctx context.Context, next *atomic.Int64) error {
	for {
		from := int(next.Add(batch)) - batch
		to := min(from+batch, w.setup.Leads)
		if from >= to {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for n := from; n < to; n++ {
			if err := w.lead(n); err != nil {
				return err
			}
		}
		if w.setup.Lived != nil {
			w.setup.Lived(to - from)
		}
	}
}

func (w *worker) lead(n int) error {
	for _, l := range w.lives {
		if err := l.live(w.setup.Seed, n, w.setup.Leads); err != nil {
			return fmt.Errorf("simulate %s: %w", l.pb.ID, err)
		}
	}
	w.pairs.add(w.lives)
	return nil
}

// overlap is when both windows are open; the playbook's where they never meet.
func overlap(a, b sequence.Window) sequence.Window {
	both, open := a, false
	both.From, both.To = max(a.From, b.From), min(a.To, b.To)
	for d := range both.Days {
		both.Days[d] = a.Days[d] && b.Days[d]
		open = open || both.Days[d]
	}
	if !open || both.From >= both.To {
		return b
	}
	return both
}
