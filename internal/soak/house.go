package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/workflows"
)

// house is everything that stands beside the people: databases, Temporal, and the
// product's processes.
type house struct {
	command  Command
	dir      string
	postgres *devstack.Postgres
	temporal temporal
	store    *postgres.Store
	client   client.Client
	sink     *sink
	told     part // the parts' settings, all but their role
	parts    []*process
	manager  demo.Client
	reps     []demo.Client
}

// temporal is a Temporal server of one kind or another.
type temporal interface {
	Address() string
	Exited() <-chan error
	Stop(ctx context.Context) error
}

// retention is how long Temporal keeps closed runs: the least that it takes. It is
// real time, whatever the leads' clock says.
const retention = time.Hour

// open brings up what the product needs, in dir.
func open(ctx context.Context, o Options) (*house, error) {
	h := &house{command: o.Command, dir: o.Dir}
	if err := h.open(ctx, o); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) open(ctx context.Context, o Options) error {
	var err error
	h.postgres, err = devstack.StartPostgres(ctx, devstack.PostgresOptions{Dir: filepath.Join(o.Dir, "postgres"), DirFlag: "--dir", BinDir: o.PostgresBin})
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, h.postgres.URL()); err != nil {
		return err
	}
	if h.store, err = postgres.Open(ctx, h.postgres.URL(), 8); err != nil {
		return err
	}
	if err := vacuumOften(ctx, h.store.Pool); err != nil {
		return err
	}
	if err := h.startTemporal(ctx, o); err != nil {
		return err
	}
	if h.client, err = client.DialContext(ctx, client.Options{HostPort: h.temporal.Address(), Logger: silent}); err != nil {
		return fmt.Errorf("reach Temporal: %w", err)
	}
	if err := h.forgetSoon(ctx); err != nil {
		return err
	}
	if h.sink, err = openSink(); err != nil {
		return err
	}
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	h.told = part{
		Database: h.postgres.URL(), Temporal: h.temporal.Address(), SMTP: h.sink.address(), Listen: listen,
		SecretKey: mailbox.NewKey(), Webhooks: webhookSecret,
	}
	return h.hire(ctx)
}

// startTemporal starts a server on the cluster, or a development server with a file
// of its own.
func (h *house) startTemporal(ctx context.Context, o Options) error {
	dir := filepath.Join(o.Dir, "temporal")
	if o.TemporalServer != "" {
		server, err := devstack.StartTemporalServer(ctx, devstack.ServerOptions{
			Bin: o.TemporalServer, SQLTool: o.TemporalSQLTool, Dir: dir, PostgresURL: h.postgres.URL(), SearchAttributes: workflows.SearchAttributes(),
		})
		if err != nil {
			return err
		}
		h.temporal = server
		return nil
	}
	server, err := devstack.StartTemporal(ctx, devstack.TemporalOptions{Bin: o.TemporalBin, Dir: dir, SearchAttributes: workflows.SearchAttributes()})
	if err != nil {
		return err
	}
	h.temporal = server
	return nil
}

// vacuumOften lets Postgres tidy up as often as it does in real time: a minute
// there is a second here, more or less.
func vacuumOften(ctx context.Context, pool *pgxpool.Pool) error {
	for _, set := range []string{"ALTER SYSTEM SET autovacuum_naptime = '5s'", "ALTER SYSTEM SET autovacuum_vacuum_cost_delay = 0", "SELECT pg_reload_conf()"} {
		if _, err := pool.Exec(ctx, set); err != nil {
			return fmt.Errorf("set up Postgres: %w", err)
		}
	}
	return nil
}

// forgetSoon has Temporal keep closed runs as briefly as it can.
func (h *house) forgetSoon(ctx context.Context) error {
	_, err := h.client.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: client.DefaultNamespace,
		Config: &namespacepb.NamespaceConfig{
			WorkflowExecutionRetentionTtl: durationpb.New(retention), HistoryArchivalState: enumspb.ARCHIVAL_STATE_DISABLED,
		},
	})
	if err != nil {
		return fmt.Errorf("set the retention of closed runs: %w", err)
	}
	return nil
}

// hire makes the manager and the reps, with a key each.
func (h *house) hire(ctx context.Context) error {
	base := "http://" + h.told.Listen
	for i, name := range staff {
		role := api.Rep
		if i == 0 {
			role = api.Manager
		}
		u, err := h.store.InsertUser(ctx, db.InsertUserParams{ID: uuid.New(), Name: name, Email: addressOf(name), Role: role})
		if err != nil {
			return fmt.Errorf("hire %s: %w", name, err)
		}
		key := "rk_soak_" + uuid.NewString()
		if err := h.store.InsertKey(ctx, db.InsertKeyParams{ID: uuid.New(), Name: name, Role: role, UserID: &u.ID, Hash: api.HashKey(key)}); err != nil {
			return fmt.Errorf("make the key of %s: %w", name, err)
		}
		if i == 0 {
			h.manager = demo.Client{Base: base, Key: key}
		} else {
			h.reps = append(h.reps, demo.Client{Base: base, Key: key})
		}
	}
	return nil
}

// release publishes the playbook, before any process of the product starts: all of
// them hold it then.
func (h *house) release(ctx context.Context, id string, files map[string]string) error {
	encoded, err := json.Marshal(files)
	if err != nil {
		return err
	}
	if err := h.store.PublishPlaybook(ctx, db.PublishPlaybookParams{ID: id, Name: "soak", Files: encoded}); err != nil {
		return fmt.Errorf("publish the playbook: %w", err)
	}
	if err := h.store.ReleasePlaybook(ctx, db.ReleasePlaybookParams{Playbook: id, ReleasedBy: "soak"}); err != nil {
		return fmt.Errorf("release the playbook: %w", err)
	}
	return nil
}

// begin sets the clock and lets the product work by it. The clock stands still until
// every living lead has been told, so that nothing is late because of it.
func (h *house) begin(ctx context.Context, c workflows.Clock) error {
	if err := h.store.SetVirtualClock(ctx, db.SetVirtualClockParams{Epoch: c.Epoch, Base: c.Base, Speed: c.Speed}); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	if err := demo.Reset(ctx, h.store, engine.Engine{Client: h.client}, &c); err != nil {
		return err
	}
	h.told.Clock = c
	for _, role := range []string{serves, works} {
		p := h.told
		p.Role = role
		up, err := h.command.start(ctx, p, h.dir)
		if err != nil {
			return err
		}
		h.parts = append(h.parts, up)
	}
	return h.manager.WaitReady(ctx)
}

// pause stops the product; the leads wait.
func (h *house) pause() error {
	var errs []error
	for i := len(h.parts) - 1; i >= 0; i-- { // the worker first: it may still use the API's links
		errs = append(errs, h.parts[i].stop())
	}
	h.parts = nil
	return errors.Join(errs...)
}

// died says which part ended by itself.
func (h *house) died() error {
	for _, p := range h.parts {
		select {
		case <-p.ended:
			return p.failure()
		default:
		}
	}
	return nil
}

func (h *house) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	errs := []error{h.pause()}
	if h.sink != nil {
		errs = append(errs, h.sink.Close())
	}
	if h.client != nil {
		h.client.Close()
	}
	if h.temporal != nil {
		errs = append(errs, h.temporal.Stop(ctx))
	}
	if h.store != nil {
		h.store.Close()
	}
	if h.postgres != nil {
		errs = append(errs, h.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}

// freeAddress is an address on this machine that nobody listens on now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
