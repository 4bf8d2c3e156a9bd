package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/api"
)

// starts compares enrolment with the start of an empty workflow on the same server:
// from the first request until the last workflow runs. Nobody works, on either side.
func starts(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.open(ctx, "starts", onMonday())
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.serve(ctx); err != nil {
		return nil, err
	}
	w.keepHouse(ctx)
	baseline := &raw{client: w.Temporal}
	n, people := b.size(2000), 0
	var answered time.Time
	ways := []struct {
		start       func() error
		rates, each []float64
	}{
		{start: func() error {
			_, err := baseline.start(ctx, n, empty, nobody)
			return err
		}},
		{start: func() error {
			if err := w.enrolBulk(ctx, people, n); err != nil {
				return err
			}
			answered = time.Now()
			return w.delivered(ctx)
		}},
		{start: func() error { return w.enrolEach(ctx, people, n) }},
	}
	var answers []float64
	for range b.Rounds {
		for i := range ways {
			began := time.Now()
			s, err := timed(ways[i].start)
			if err != nil {
				return nil, err
			}
			ways[i].rates, ways[i].each = append(ways[i].rates, s.rate(n)), append(ways[i].each, s.each(n))
			if i == 1 {
				answers = append(answers, perSecond(n, answered.Sub(began)))
			}
			people += n
		}
	}
	rate, each := sampleOf(ways[0].rates...), sampleOf(ways[0].each...)
	return []Row{
		Row{Name: "enrolment in bulk, until the lives begin", Unit: "/s", Baseline: &rate, Ours: sampleOf(ways[1].rates...)}.against(Budget{AtLeast: 0.8, OfRatio: true}),
		{Name: "enrolment in bulk, until it is accepted", Unit: "/s", Baseline: &rate, Ours: sampleOf(answers...)},
		{Name: "enrolment one by one, until the lives begin", Unit: "/s", Baseline: &rate, Ours: sampleOf(ways[2].rates...)},
		{Name: "processor time of an enrolment in bulk", Unit: "ms", Baseline: &each, Ours: sampleOf(ways[1].each...)},
		{Name: "processor time of an enrolment alone", Unit: "ms", Baseline: &each, Ours: sampleOf(ways[2].each...)},
	}, nil
}

// person is somebody new.
func person(i int) map[string]any {
	return map[string]any{
		"name": fmt.Sprintf("Person %d", i), "email": fmt.Sprintf("p%d@account%d.example", i, i/5), "phone": fmt.Sprintf("+4940%08d", i),
		"account": fmt.Sprintf("Account %d", i/5), "time_zone": "Europe/Berlin", "country": "DE", "source": "info_request",
	}
}

// enrolEach enrols people by a request each.
func (w *world) enrolEach(ctx context.Context, from, n int) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := from; i < from+n; i++ {
		group.Go(func() error { return w.post(inner, "/v1/leads", person(i), nil) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return w.delivered(ctx)
}

// inOneRequest is how many are enrolled by one request, and bulksAtOnce how many
// such requests are made at a time.
const inOneRequest, bulksAtOnce = 500, 2

// enrolBulk enrols people by a few requests.
func (w *world) enrolBulk(ctx context.Context, from, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bulksAtOnce)
	for first := from; first < from+n; first += inOneRequest {
		var leads []map[string]any
		for i := first; i < min(first+inOneRequest, from+n); i++ {
			leads = append(leads, person(i))
		}
		group.Go(func() error {
			var answer api.BulkAnswer
			if err := w.post(ctx, "/v1/leads/bulk", map[string]any{"leads": leads}, &answer); err != nil {
				return err
			}
			if answer.Refused > 0 {
				return fmt.Errorf("%d of %d enrolments were refused", answer.Refused, len(leads))
			}
			return nil
		})
	}
	return group.Wait()
}

// delivered waits until every life has begun.
func (w *world) delivered(ctx context.Context) error {
	return poll(ctx, 20*time.Millisecond, "all lives begin", func(ctx context.Context) (bool, error) {
		waiting, err := w.number(ctx, "SELECT count(*) FROM (SELECT FROM dispatches WHERE delivered_at IS NULL LIMIT 1) AS one")
		return waiting == 0, err
	})
}
