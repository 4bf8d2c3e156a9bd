package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// atOnce is how many requests are made at the same time, of the baseline and of ours.
const atOnce = 32

// monday is when the virtual clocks begin: ten in the morning in Berlin.
var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// world is the product with a database and a namespace of its own, so that no
// measurement disturbs another.
type world struct {
	*app.App
	*caller
	b         *bench
	namespace string
	database  string // URL
	sink      *sink
	owner     uuid.UUID
	clock     *workflows.Clock
	raw       *raw
	stops     []func()
	sown      int // leads that were sown
}

// onMonday is a virtual clock that begins on monday and runs as fast as real time.
func onMonday() *workflows.Clock {
	return &workflows.Clock{Epoch: time.Now(), Base: monday, Speed: 1}
}

// open makes a world, in which nothing runs yet; without a clock it lives now.
func (b *bench) open(ctx context.Context, name string, clock *workflows.Clock) (w *world, err error) {
	w = &world{b: b, namespace: "bench-" + name, clock: clock}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.database, err = b.servers.newDatabase(ctx, "bench_"+name); err != nil {
		return nil, err
	}
	if w.sink, err = newSink(); err != nil {
		return nil, err
	}
	w.stops = append(w.stops, func() { _ = w.sink.close() })
	w.App, err = app.Open(ctx, app.Config{
		DatabaseURL: w.database, SMTPURL: "smtp://" + w.sink.addr, PublicURL: "http://rekindle.example", Company: "Example",
		PostalAddress: "1 Street", Temporal: b.servers.options(w.namespace), Clock: w.clock, Version: "bench",
	})
	if err != nil {
		return nil, err
	}
	w.stops = append(w.stops, w.App.Close)
	if err := w.prepareNamespace(ctx); err != nil {
		return nil, err
	}
	return w, w.populate(ctx)
}

// openServed makes a world on monday with the API, the relay and a worker in this
// process.
func (b *bench) openServed(ctx context.Context, name string) (*world, error) {
	w, err := b.open(ctx, name, onMonday())
	if err != nil {
		return nil, err
	}
	w.keepHouse(ctx)
	if err := errors.Join(w.serve(ctx), w.work()); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// keepHouse runs the relay.
func (w *world) keepHouse(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { w.Housekeep(ctx) })
	w.stops = append(w.stops, func() {
		cancel()
		background.Wait()
	})
}

// serve runs the API.
func (w *world) serve(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.base = "http://" + l.Addr().String()
	server := &http.Server{Handler: w.API(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	w.stops = append(w.stops, func() { _ = server.Close() })
	return nil
}

// work runs a worker in this process.
func (w *world) work() error {
	worker := w.Worker()
	if err := worker.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	w.stops = append(w.stops, worker.Stop)
	return nil
}

func (w *world) close() {
	for i := len(w.stops) - 1; i >= 0; i-- {
		w.stops[i]()
	}
}

func (w *world) engine() engine.Engine { return engine.Engine{Client: w.Temporal} }

// newDatabase makes an empty database with the product's schema.
func (s *servers) newDatabase(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return "", fmt.Errorf("reach Postgres: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	u, err := url.Parse(s.postgres)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), postgres.Migrate(ctx, u.String())
}

// prepareNamespace makes the namespace and waits until it takes leads: the server
// learns of its search attributes after a while.
func (w *world) prepareNamespace(ctx context.Context) error {
	_, err := w.Temporal.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: w.namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	var known *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &known) {
		return fmt.Errorf("make the namespace %s: %w", w.namespace, err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return poll(ctx, 200*time.Millisecond, "the namespace takes leads", func(ctx context.Context) (bool, error) {
		if err := engine.Register(ctx, w.Temporal, w.namespace); err != nil {
			return false, err
		}
		probe := workflows.Input{Lead: sequence.Lead{ID: "probe", Owner: "nobody", Playbook: "none", Source: "probe"}}
		if err := w.engine().Start(ctx, probe); err != nil {
			return false, err
		}
		err := w.Temporal.TerminateWorkflow(ctx, workflows.WorkflowID("probe"), "", "it was a probe")
		var gone *serviceerror.NotFound
		return err == nil || errors.As(err, &gone), err
	})
}

// populate makes a rep, a key and something new to tell.
func (w *world) populate(ctx context.Context) error {
	u, err := w.Store.InsertUser(ctx, db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: "robin@seller.example", Role: "rep"})
	if err != nil {
		return fmt.Errorf("make a rep: %w", err)
	}
	w.owner = u.ID
	key := "rk_" + uuid.NewString()
	w.caller = newCaller("", key)
	if err := w.Store.InsertKey(ctx, db.InsertKeyParams{ID: uuid.New(), Name: "bench", Role: api.Manager, UserID: &u.ID, Hash: api.HashKey(key)}); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	for i := range 30 {
		err := w.Store.InsertContent(ctx, db.InsertContentParams{
			ID: uuid.New(), Kind: "article", Title: fmt.Sprintf("News %d", i), Sources: []string{}, PublishedAt: monday.AddDate(-1, 0, i),
		})
		if err != nil {
			return fmt.Errorf("make content: %w", err)
		}
	}
	return nil
}

// number asks the database.
func (w *world) number(ctx context.Context, query string, args ...any) (n int, err error) {
	err = w.Store.Pool.QueryRow(ctx, query, args...).Scan(&n)
	return n, err
}

// asleep waits until the workflows wait for a timer and nothing else.
func (w *world) asleep(ctx context.Context, ids ...string) error {
	for _, id := range ids { // one by one: who looks too often keeps them awake
		if err := w.asleepSoon(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) asleepSoon(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	return poll(ctx, 100*time.Millisecond, "all sleep", func(ctx context.Context) (bool, error) {
		r, err := readRun(ctx, w.Temporal, id, "")
		return err == nil && r.sleeps(), err
	})
}
