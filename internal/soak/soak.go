// Package soak lets the whole product live for years in some hours: real processes,
// databases and mail, made-up people, and a fast clock. It measures once a month of
// the leads' time, and says whether anything grows that should not. It knows the
// product from outside, by HTTP, mail and what the databases say of themselves;
// nothing in the product knows it.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/workflows"
)

// Options say what to soak.
type Options struct {
	Leads        int
	Months       int
	Every        int           // months from one sample to the next
	ArriveMonths float64       // in which the leads come, evenly
	Seed         uint64        // of the people
	Day          time.Duration // how long a day takes at the beginning
	Steady       bool          // keep to Day, whatever comes
	Dir          string        // where everything lives; empty before
	Command      Command       // starts a process that calls Play
	PostgresBin  string        // see devstack.FindPostgres
	Progress     io.Writer

	TemporalServer, TemporalSQLTool string // see devstack.FindTemporalServer; empty: the development server
	TemporalBin                     string // which devstack.FindTemporal finds
}

// Run soaks, and reports what was measured. It ends early with the context.
func Run(ctx context.Context, o Options) (r *Report, err error) {
	of, err := population.Default()
	if err != nil {
		return nil, err
	}
	files, pb, err := openPlaybook()
	if err != nil {
		return nil, err
	}
	h, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	s := &soak{Options: o, began: time.Now(), start: of.Start.Time, day: o.Day, files: files}
	s.agenda = newAgenda(s.start, hands)
	acting, cancel := context.WithCancel(ctx)
	defer cancel()
	s.people = newPeople(acting, h, s.agenda, o, of, pb)
	h.sink.people.Store(s.people)
	var background sync.WaitGroup
	defer background.Wait()
	defer cancel()
	background.Go(func() { s.agenda.run(acting) })
	background.Go(func() { s.people.watchLocks(acting) })
	for _, rep := range h.reps {
		background.Go(func() { s.people.work(acting, rep) })
	}
	defer func() { err = errors.Join(err, s.people.player.Close()) }()
	return s.run(ctx)
}

// hands is how many things prospects do at the same time.
const hands = 12

// soak is a run.
type soak struct {
	Options
	people *people
	agenda *agenda
	began  time.Time         // real
	start  time.Time         // on the leads' clock
	files  map[string]string // of the playbook
	day    time.Duration
	report Report
}

func (s *soak) run(ctx context.Context) (*Report, error) {
	s.report = Report{Leads: s.Leads, Months: s.Months, Seed: s.Seed, Began: s.began}
	if err := s.people.release(ctx, s.people.playbook.ID, s.files); err != nil {
		return nil, err
	}
	if err := s.goOn(ctx, 0); err != nil {
		return nil, err
	}
	if err := s.people.mailboxes(ctx); err != nil {
		return nil, err
	}
	s.people.arrive(s.start)
	for m := s.Every; m <= s.Months; m += s.Every {
		if err := s.until(ctx, s.start.AddDate(0, m, 0)); err != nil {
			return nil, err
		}
		one, err := s.measure(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("measure month %d: %w", m, err)
		}
		one.Took, one.Day = time.Since(s.began).Seconds(), s.day.Seconds()
		s.report.Samples = append(s.report.Samples, one)
		printSample(s.Progress, one)
		if err := s.pace(ctx, one); err != nil {
			return nil, err
		}
	}
	s.agenda.stand()
	s.report.Refusals = s.people.refusals
	err := s.people.check(ctx, &s.report)
	s.report.judge()
	return &s.report, err
}

// attempts is how often a month is measured when the machine has too much to do to
// answer.
const attempts = 5

func (s *soak) measure(ctx context.Context, month int) (one Sample, err error) {
	for range attempts {
		if one, err = s.people.sample(ctx, month); err == nil || ctx.Err() != nil {
			break
		}
		fmt.Fprintf(s.Progress, "· measuring again: %v\n", err)
	}
	return one, err
}

// until waits for a time on the leads' clock.
func (s *soak) until(ctx context.Context, at time.Time) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for s.agenda.Now().Before(at) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-s.people.postgres.Exited():
			return err
		case err := <-s.people.temporal.Exited():
			return err
		case <-ticker.C:
		}
		if err := s.people.died(); err != nil {
			return err
		}
	}
	return nil
}

// goOn lets time pass, once all living leads know the clock.
func (s *soak) goOn(ctx context.Context, living int64) error {
	all := time.Second + time.Duration(living)*tellsIn
	c := workflows.Clock{Epoch: time.Now().Add(all).UTC().Round(time.Microsecond), Base: s.agenda.Now().UTC().Round(time.Microsecond), Speed: float64(24*time.Hour) / float64(s.day)}
	if err := s.people.begin(ctx, c); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Until(c.Epoch)):
	}
	s.agenda.goOn(c)
	return nil
}

// tellsIn is how long a lead takes to hear of a new clock, on a busy machine.
const tellsIn = 40 * time.Millisecond
