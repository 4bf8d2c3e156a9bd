package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// drain compares leads that are all due at the same moment with workflows that
// sleep until a moment and perform one activity, and then lets the playbook spread
// the same touches over its hours.
func drain(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.openServed(ctx, "drain")
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.rawWork(); err != nil {
		return nil, err
	}
	n := b.size(1000)
	if err := w.warmUp(ctx); err != nil {
		return nil, err
	}
	var raws, ours, rawEach, ourEach, p50, p99, rawP50, rawP99, spread50, spread99 []float64
	for range b.Rounds {
		r, err := patiently(w.b, n, func(due time.Time) (drained, error) { return w.rawBurst(ctx, n, due) })
		if err != nil {
			return nil, err
		}
		o, err := patiently(w.b, n, func(due time.Time) (drained, error) { return w.burst(ctx, n, due) })
		if err != nil {
			return nil, err
		}
		s, err := patiently(w.b, n, func(due time.Time) (drained, error) { return w.spread(ctx, n, due, o.rate()*sparing) })
		if err != nil {
			return nil, err
		}
		b.say("processor time: an activity %s; a touch %s", r.by(n), o.by(n))
		raws, ours = append(raws, r.rate()), append(ours, o.rate())
		rawEach, ourEach = append(rawEach, r.each(n)), append(ourEach, o.each(n))
		rawP50, rawP99 = append(rawP50, percentile(r.late, 50)), append(rawP99, percentile(r.late, 99))
		p50, p99 = append(p50, percentile(o.late, 50)), append(p99, percentile(o.late, 99))
		spread50, spread99 = append(spread50, percentile(s.late, 50)), append(spread99, percentile(s.late, 99))
	}
	rate, each, base50, base99 := sampleOf(raws...), sampleOf(rawEach...), sampleOf(rawP50...), sampleOf(rawP99...)
	return []Row{
		Row{Name: fmt.Sprintf("%d touches due at once", n), Unit: "/s", Baseline: &rate, Ours: sampleOf(ours...)}.against(Budget{AtLeast: 0.9, OfRatio: true}),
		{Name: "processor time of a touch", Unit: "ms", Baseline: &each, Ours: sampleOf(ourEach...)},
		{Name: "lateness p50, all due at once", Unit: "ms", Baseline: &base50, Ours: sampleOf(p50...)},
		{Name: "lateness p99, all due at once", Unit: "ms", Baseline: &base99, Ours: sampleOf(p99...)},
		{Name: "lateness p50, spread by the playbook", Unit: "ms", Ours: sampleOf(spread50...)},
		{Name: "lateness p99, spread by the playbook", Unit: "ms", Ours: sampleOf(spread99...)},
	}, nil
}

// warmUp drains a few of both, so that connections, caches and plans are there when
// it counts.
func (w *world) warmUp(ctx context.Context) error {
	if w.b.Rounds == 1 {
		return nil // nothing is judged by one round
	}
	_, err := patiently(w.b, atOnce, func(due time.Time) (drained, error) { return w.rawBurst(ctx, atOnce, due) })
	if err == nil {
		_, err = patiently(w.b, 4*atOnce, func(due time.Time) (drained, error) { return w.burst(ctx, 4*atOnce, due) })
	}
	return err
}

// fastest is the fastest clock on which a morning is played: faster, a second's delay
// would miss the window.
const fastest = 900

// sparing is the share of what could be drained at which the spread is played.
const sparing = 0.5

// drained is how a number of things that were due came out.
type drained struct {
	stretch           // from the first moment due to the last thing done
	late    []float64 // milliseconds after each was due
}

func (d drained) rate() float64 { return d.stretch.rate(len(d.late)) }

// errLate: they did not all sleep when they came due.
var errLate = errors.New("the machine is too slow for so many at once: use a smaller --scale")

// patiently gives n workflows time to start and to sleep before they are due, and
// more if that was too little, also to those after them.
func patiently[T any](b *bench, n int, do func(due time.Time) (T, error)) (result T, err error) {
	for range 6 {
		wait := 5*time.Second + time.Duration(b.patience*float64(n)*float64(time.Second)/12)
		if result, err = do(time.Now().Add(wait)); !errors.Is(err, errLate) {
			break
		}
		b.say("not all slept after %s: more time for them (%v)", wait.Round(time.Second), err)
		b.patience *= 1.5
	}
	return result, err
}

// rawBurst lets n baselines come due at the same moment.
func (w *world) rawBurst(ctx context.Context, n int, due time.Time) (d drained, err error) {
	before := len(w.raw.performed())
	ids, err := w.raw.start(ctx, n, sleeper, rawQueue, due)
	if err != nil {
		return d, err
	}
	d.stretch, err = w.watch(ctx, due, ids[max(0, n-atOnce):], func() bool { return len(w.raw.performed())-before == n })
	for _, at := range w.raw.performed()[before:] {
		d.late = append(d.late, millis(at.Sub(due))...)
	}
	return d, err
}

// watch waits for a moment, by which all must sleep, and until all is done.
func (w *world) watch(ctx context.Context, due time.Time, last []string, done func() bool) (s stretch, err error) {
	before, cancel := context.WithDeadline(ctx, due)
	defer cancel()
	err = w.asleep(before, last...)
	if err == nil {
		<-before.Done() // they are due
	}
	s, failed := timed(func() error {
		return poll(ctx, 2*time.Millisecond, "all are done", func(context.Context) (bool, error) { return done(), nil })
	})
	switch {
	case failed != nil:
		return s, failed
	case err != nil:
		return s, fmt.Errorf("%w: %w", errLate, err)
	}
	return s, nil
}

// burst lets n leads' emails come due at the same moment.
func (w *world) burst(ctx context.Context, n int, at time.Time) (d drained, err error) {
	lead, due, err := w.beforeMail()
	if err != nil {
		return d, err
	}
	leads := make([]sequence.Lead, n)
	for i := range leads { // each the same, so that the playbook spreads nothing
		leads[i] = lead
		leads[i].ID = w.newcomer().ID
	}
	return w.play(ctx, leads, &workflows.Clock{Epoch: at, Base: due, Speed: 1})
}

// spread lets n leads' emails come due as the playbook spreads them over the hours
// of a morning, on a clock so fast that so many come up a second.
func (w *world) spread(ctx context.Context, n int, at time.Time, perSecond float64) (d drained, err error) {
	var leads []sequence.Lead
	var due []time.Time
	for range n {
		lead, at, err := w.beforeMail()
		if err != nil {
			return d, err
		}
		leads, due = append(leads, lead), append(due, at)
	}
	first, last := slices.MinFunc(due, time.Time.Compare), slices.MaxFunc(due, time.Time.Compare)
	speed := min(fastest, last.Sub(first).Seconds()*perSecond/float64(n))
	d, err = w.play(ctx, leads, &workflows.Clock{Epoch: at, Base: first, Speed: speed})
	if err != nil {
		return d, err
	}
	return d, w.end(ctx, leads) // on their fast clock they would act again soon
}

// play puts leads to sleep on a clock and waits for their emails.
func (w *world) play(ctx context.Context, leads []sequence.Lead, clock *workflows.Clock) (d drained, err error) {
	if err := w.sow(ctx, leads, clock.Base); err != nil {
		return d, err
	}
	before := w.sink.count()
	if err := w.wakeUp(ctx, leads, clock); err != nil {
		return d, err
	}
	due := map[string]time.Time{}
	for _, l := range leads {
		due[addressOf(l)] = clock.Epoch.Add(clock.Until(l.Next.At, clock.Epoch))
	}
	ids := workflowsOf(leads)
	d.stretch, err = w.watch(ctx, clock.Epoch, ids[max(0, len(ids)-atOnce):], func() bool { return w.sink.count()-before == len(leads) })
	if err != nil {
		return d, err
	}
	for _, m := range w.sink.since(before) {
		d.late = append(d.late, millis(m.ended.Sub(due[m.to]))...)
	}
	return d, nil
}

// end terminates workflows.
func (w *world) end(ctx context.Context, leads []sequence.Lead) error {
	return each(ctx, leads, func(ctx context.Context, l sequence.Lead) error {
		return w.Temporal.TerminateWorkflow(ctx, workflows.WorkflowID(l.ID), "", "the measurement is over")
	})
}
