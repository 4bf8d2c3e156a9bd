package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// stops lets people opt out in the middle of a burst that their own emails are part
// of, and looks in the mail server for any that began after the opt-out had been
// acknowledged.
func stops(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.openServed(ctx, "stops")
	if err != nil {
		return nil, err
	}
	defer w.close()
	n := b.size(1000)
	var p50, p99, after, silence []float64
	for range b.Rounds {
		s, err := patiently(w.b, n, func(due time.Time) (silenced, error) { return w.stopped(ctx, n, due) })
		if err != nil {
			return nil, err
		}
		all := millis(s.took...)
		p50, p99 = append(p50, percentile(all, 50)), append(p99, percentile(all, 99))
		after, silence = append(after, float64(s.after)), append(silence, s.silence)
		b.say("%d opted out, %d of them before their mail went out", len(s.took), s.before)
	}
	return []Row{
		{Name: "opt-out until it is acknowledged, while emails are due, p50", Unit: "ms", Ours: sampleOf(p50...)},
		{Name: "opt-out until it is acknowledged, while emails are due, p99", Unit: "ms", Ours: sampleOf(p99...)},
		{Name: "from the acknowledgement until no email can begin", Unit: "ms", Ours: sampleOf(silence...)},
		Row{Name: "emails that began after an acknowledged opt-out", Unit: "emails", Ours: sampleOf(after...)}.against(Budget{None: true, Count: true}),
	}, nil
}

// silenced is what came of opt-outs.
type silenced struct {
	took          []time.Duration // until they were acknowledged
	before, after int             // emails that never went out, and that began too late
	silence       float64         // the longest time from an acknowledgement to a beginning email, in ms
}

// stopped lets every tenth of n people opt out at random moments of their burst.
func (w *world) stopped(ctx context.Context, n int, at time.Time) (s silenced, err error) {
	lead, due, err := w.beforeMail()
	if err != nil {
		return s, err
	}
	leads := make([]sequence.Lead, n)
	for i := range leads {
		leads[i] = lead
		leads[i].ID = w.newcomer().ID
	}
	clock := &workflows.Clock{Epoch: at, Base: due, Speed: 1}
	if err := w.sow(ctx, leads, due); err != nil {
		return s, err
	}
	if err := w.wakeUp(ctx, leads, clock); err != nil {
		return s, err
	}
	before := w.sink.count()
	inTime, cancel := context.WithDeadline(ctx, at)
	defer cancel()
	if err := w.asleep(inTime, workflowsOf(leads[max(0, n-atOnce):])...); err != nil {
		return s, errors.Join(fmt.Errorf("%w: %w", errLate, err), ctx.Err(), w.settled(ctx, leads, due))
	}
	<-inTime.Done() // they are due

	var mu sync.Mutex
	acknowledged := map[string]time.Time{}
	order := rand.New(rand.NewPCG(1, uint64(n))).Perm(n)[:max(1, n/10)]
	err = eachOf(ctx, 4, order, func(ctx context.Context, i int) error {
		began := time.Now()
		if err := w.post(ctx, "/v1/leads/"+leads[i].ID+"/opt-out", map[string]any{"via": "phone"}, nil); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		acknowledged[addressOf(leads[i])] = time.Now()
		s.took = append(s.took, time.Since(began))
		return nil
	})
	if err != nil {
		return s, err
	}
	if err := w.settled(ctx, leads, due); err != nil {
		return s, err
	}
	written := map[string]bool{}
	for _, m := range w.sink.since(before) {
		at, stopped := acknowledged[m.to]
		written[m.to] = true
		if stopped && m.began.After(at) {
			s.after++
			s.silence = max(s.silence, millis(m.began.Sub(at))[0])
		}
	}
	for to := range acknowledged {
		if !written[to] {
			s.before++
		}
	}
	return s, nil
}

// settled waits until every lead has done what was due, or is over.
func (w *world) settled(ctx context.Context, leads []sequence.Lead, due time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	var ids []string
	for _, l := range leads {
		ids = append(ids, l.ID)
	}
	err := poll(ctx, 100*time.Millisecond, "the burst is over", func(ctx context.Context) (bool, error) {
		n, err := w.number(ctx, "SELECT count(*) FROM leads WHERE id = ANY($1::uuid[]) AND NOT final AND next_at <= $2", ids, due)
		return n == 0, err
	})
	if err != nil {
		return fmt.Errorf("let %d leads act: %w", len(leads), err)
	}
	return nil
}
