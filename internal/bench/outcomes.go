package bench

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/sequence"
)

// outcomes compares what a rep waits for with an update of a minimal workflow, in
// turns: first on a server that does nothing else, then while many emails are due.
func outcomes(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.openServed(ctx, "outcomes")
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.rawWork(); err != nil {
		return nil, err
	}
	n := b.size(200)
	var idle, loaded trips
	for range b.Rounds {
		p, err := w.pairs(ctx, n)
		if err != nil {
			return nil, err
		}
		if err := p.ask(ctx, &idle); err != nil {
			return nil, err
		}
		if p, err = w.pairs(ctx, n); err != nil {
			return nil, err
		}
		if err := w.underLoad(ctx, b.size(1000), func(ctx context.Context) error { return p.ask(ctx, &loaded) }); err != nil {
			return nil, err
		}
	}
	return append(idle.rows("outcome, idle", &Budget{AtMost: 1.5, OfRatio: true}), loaded.rows("outcome, while emails are due", nil)...), nil
}

// underLoad does something while n emails are due at once, with a context that ends
// when they are out.
func (w *world) underLoad(ctx context.Context, n int, do func(context.Context) error) error {
	_, err := patiently(w.b, n, func(due time.Time) (drained, error) {
		group, ctx := errgroup.WithContext(ctx)
		busy, over := context.WithCancel(ctx)
		group.Go(func() error {
			defer over()
			_, err := w.burst(ctx, n, due)
			return err
		})
		group.Go(func() error {
			select {
			case <-time.After(time.Until(due)):
				return do(busy)
			case <-ctx.Done():
				return nil // the others say why
			}
		})
		return drained{}, group.Wait()
	})
	return err
}

// pairs are workflows and leads that sleep and can be asked.
type pairs struct {
	w     *world
	raw   []string
	leads []sequence.Lead
}

func (w *world) pairs(ctx context.Context, n int) (p pairs, err error) {
	p.w = w
	if p.raw, err = w.raw.start(ctx, n, asked, rawQueue); err != nil {
		return p, err
	}
	if err := w.asleep(ctx, p.raw...); err != nil {
		return p, err
	}
	p.leads, err = w.sleepers(ctx, n)
	return p, err
}

// ask makes round trips in turns until all were asked or ctx ends; one that has
// begun is finished.
func (p pairs) ask(ctx context.Context, t *trips) error {
	whole := context.WithoutCancel(ctx)
	var raw, ours []time.Duration
	for i := 0; i < len(p.raw) && ctx.Err() == nil; i++ {
		began := time.Now()
		if err := p.w.raw.ask(whole, p.raw[i]); err != nil {
			return err
		}
		between := time.Now()
		if err := p.w.post(whole, "/v1/leads/"+p.leads[i].ID+"/outcomes", map[string]any{"outcome": "voicemail"}, nil); err != nil {
			return err
		}
		raw, ours = append(raw, between.Sub(began)), append(ours, time.Since(between))
	}
	t.add(raw, ours)
	return nil
}

// trips are the round trips of several rounds, in milliseconds.
type trips struct{ raw50, raw99, our50, our99 []float64 }

func (t *trips) add(raw, ours []time.Duration) {
	r, o := millis(raw...), millis(ours...)
	t.raw50, t.raw99 = append(t.raw50, percentile(r, 50)), append(t.raw99, percentile(r, 99))
	t.our50, t.our99 = append(t.our50, percentile(o, 50)), append(t.our99, percentile(o, 99))
}

func (t *trips) rows(name string, budget *Budget) []Row {
	raw50, raw99 := sampleOf(t.raw50...), sampleOf(t.raw99...)
	middle := Row{Name: name + ", round trip p50", Unit: "ms", Baseline: &raw50, Ours: sampleOf(t.our50...)}
	if budget != nil {
		middle = middle.against(*budget)
	}
	return []Row{middle, {Name: name + ", round trip p99", Unit: "ms", Baseline: &raw99, Ours: sampleOf(t.our99...)}}
}
