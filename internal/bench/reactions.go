package bench

import (
	"context"
	"fmt"
	"time"
)

// reactions measures how long it takes from the report of an engagement until the
// lead has decided what to do and that is in the records.
func reactions(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.openServed(ctx, "reactions")
	if err != nil {
		return nil, err
	}
	defer w.close()
	n := b.size(200)
	var p50, p99 []float64
	for range b.Rounds {
		leads, err := w.sleepers(ctx, n)
		if err != nil {
			return nil, err
		}
		var took []time.Duration
		for _, l := range leads {
			before, err := w.number(ctx, "SELECT count(*) FROM audit WHERE lead_id = $1", l.ID)
			if err != nil {
				return nil, err
			}
			began := time.Now()
			if err := w.post(ctx, "/v1/engagements", map[string]any{"email": addressOf(l), "kind": "webinar_attended"}, nil); err != nil {
				return nil, err
			}
			reacted, err := w.writes(ctx, l.ID, before)
			if err != nil {
				return nil, err
			}
			took = append(took, reacted.Sub(began))
		}
		all := millis(took...)
		p50, p99 = append(p50, percentile(all, 50)), append(p99, percentile(all, 99))
	}
	return []Row{
		{Name: "engagement to reaction, p50", Unit: "ms", Ours: sampleOf(p50...)},
		{Name: "engagement to reaction, p99", Unit: "ms", Ours: sampleOf(p99...)},
	}, nil
}

// writes waits for the timeline to grow and says when the database wrote it.
func (w *world) writes(ctx context.Context, lead string, before int) (at time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err = poll(ctx, 2*time.Millisecond, "the lead reacts", func(ctx context.Context) (bool, error) {
		n, err := w.number(ctx, "SELECT count(*) FROM audit WHERE lead_id = $1", lead)
		return n > before, err
	})
	if err != nil {
		return at, err
	}
	if err := w.Store.Pool.QueryRow(ctx, "SELECT max(written) FROM audit WHERE lead_id = $1", lead).Scan(&at); err != nil {
		return at, fmt.Errorf("read when the lead reacted: %w", err)
	}
	return at, nil
}
