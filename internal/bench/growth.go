package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/sequence"
)

// populations are how many leads sleep while the same things are measured again.
var populations = []int{1_000, 10_000, 100_000}

// The rows of growth.
const (
	rowWorkerMemory    = "memory of the worker"
	rowAPIMemory       = "memory of the API"
	rowBulk            = "enrolment in bulk"
	rowEnrolment       = "enrolment one by one, p50"
	rowOutcome         = "outcome, round trip p50"
	rowQueue           = "queue of a rep, p50"
	rowOurStorage      = "our database, a lead"
	rowTemporalStorage = "Temporal's databases, a lead"
)

// growth puts more and more leads to sleep, in real time, with an API and a worker
// as processes of their own, and measures what they hold and how fast they are.
func growth(ctx context.Context, b *bench) (rows []Row, err error) {
	g, err := b.openGrowth(ctx)
	if err != nil {
		return nil, err
	}
	defer g.close()
	if g.ours, g.their, err = g.sizes(ctx); err != nil {
		return nil, err
	}
	for _, n := range populations {
		n = b.size(n)
		if err := g.grow(ctx, n); err != nil {
			return rows, err
		}
		b.say("%d leads sleep", n)
		measured, err := g.measure(ctx, n)
		for i := range measured {
			measured[i].Leads = n
			if measured[i].Name == rowWorkerMemory && n == populations[len(populations)-1] {
				measured[i] = measured[i].against(Budget{AtMost: 300})
			}
		}
		rows = append(rows, measured...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// grown is a world that has grown.
type grown struct {
	*world
	worker, api *process
	leads       int
	people      int     // enrolled so far
	ours, their float64 // bytes of the databases before there were leads
	last        []sequence.Lead
}

func (b *bench) openGrowth(ctx context.Context) (g *grown, err error) {
	g = new(grown)
	if g.world, err = b.open(ctx, "growth", nil); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	g.base = "http://" + address
	if g.api, err = g.spawn(ctx, "serve", "REKINDLE_LISTEN="+address); err != nil {
		return nil, err
	}
	if g.worker, err = g.spawn(ctx, "work", "REKINDLE_LISTEN=127.0.0.1:0"); err != nil {
		return nil, err
	}
	ready, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return g, poll(ready, 100*time.Millisecond, "the API answers", func(ctx context.Context) (bool, error) {
		return true, g.get(ctx, "/readyz")
	})
}

// sownAtOnce is how many leads are written down in one statement.
const sownAtOnce = 5000

// grow puts leads to sleep until there are n.
func (g *grown) grow(ctx context.Context, n int) error {
	now := time.Now().UTC()
	for g.leads < n {
		var leads []sequence.Lead
		for i := range min(sownAtOnce, n-g.leads) { // of all ages up to two years
			l, err := g.resting(now, time.Duration(1+i%730)*day, 12*time.Hour)
			if err != nil {
				return err
			}
			leads = append(leads, l)
		}
		if err := g.sow(ctx, leads, now); err != nil {
			return err
		}
		if err := g.wakeUp(ctx, leads, nil); err != nil {
			return err
		}
		g.leads, g.last = g.leads+len(leads), leads
	}
	if err := g.asleep(ctx, workflowsOf(g.last[max(0, len(g.last)-atOnce):])...); err != nil {
		return err
	}
	_, err := g.Store.Pool.Exec(ctx, "ANALYZE")
	return err
}

// measure is one point of growth.
func (g *grown) measure(ctx context.Context, n int) ([]Row, error) {
	worker, err := g.worker.memory(ctx)
	if err != nil {
		return nil, err
	}
	bulk := g.b.size(500)
	s, err := timed(func() error {
		if err := g.enrolBulk(ctx, g.people, bulk); err != nil {
			return err
		}
		return g.delivered(ctx)
	})
	g.people += bulk
	if err != nil {
		return nil, err
	}
	alone, err := g.trips(g.b.size(100), func(i int) error { return g.post(ctx, "/v1/leads", person(g.people+i), nil) })
	g.people += g.b.size(100)
	if err != nil {
		return nil, err
	}
	asked := g.last[:min(len(g.last), g.b.size(100))]
	outcome, err := g.trips(len(asked), func(i int) error {
		return g.post(ctx, "/v1/leads/"+asked[i].ID+"/outcomes", map[string]any{"outcome": "no_answer"}, nil)
	})
	if err != nil {
		return nil, err
	}
	queue, err := g.trips(20, func(int) error { return g.get(ctx, "/v1/queue?limit=50") })
	if err != nil {
		return nil, err
	}
	api, err := g.api.memory(ctx)
	if err != nil {
		return nil, err
	}
	ours, temporals, err := g.sizes(ctx)
	row := func(name, unit string, v float64) Row { return Row{Name: name, Unit: unit, Ours: sampleOf(v)} }
	return []Row{
		row(rowWorkerMemory, "MB", worker),
		row(rowAPIMemory, "MB", api),
		row(rowBulk, "/s", s.rate(bulk)),
		row(rowEnrolment, "ms", percentile(alone, 50)),
		row(rowOutcome, "ms", percentile(outcome, 50)),
		row(rowQueue, "ms", percentile(queue, 50)),
		row(rowOurStorage, "KB", (ours-g.ours)/1024/float64(n)),
		row(rowTemporalStorage, "KB", (temporals-g.their)/1024/float64(n)),
	}, err
}

// trips makes a request so many times and gives the milliseconds of each.
func (g *grown) trips(n int, request func(i int) error) (all []float64, err error) {
	for i := range n {
		began := time.Now()
		if err := request(i); err != nil {
			return nil, err
		}
		all = append(all, millis(time.Since(began))...)
	}
	return all, nil
}

// sizes are those of our database and of Temporal's, in bytes.
func (g *grown) sizes(ctx context.Context) (ours, temporals float64, err error) {
	if err := g.Store.Pool.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&ours); err != nil {
		return 0, 0, err
	}
	conn, err := pgx.Connect(ctx, g.b.servers.postgres)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database WHERE datname LIKE 'temporal%'").Scan(&temporals)
	if err != nil {
		return 0, 0, fmt.Errorf("measure the databases: %w", err)
	}
	return ours, temporals, nil
}
