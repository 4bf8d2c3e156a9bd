package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

// Stack says which servers are measured on.
type Stack struct {
	Dir         string // for their data; made and removed
	PostgresBin string
	Temporal    string // the development server: SQLite in a file; empty: Server and SQLTool
	Server      string // the server that production runs, on Postgres
	SQLTool     string
	Log         io.Writer
}

func (s Stack) name() string {
	if s.Temporal != "" {
		return "Temporal's development server on SQLite"
	}
	return "Temporal server on Postgres"
}

// servers are what runs beside the product.
type servers struct {
	postgres string // URL of a superuser
	temporal string // host and port
	stops    []func(context.Context) error
}

// startServers starts Postgres as it comes, with its data safe from a power cut, and
// Temporal.
func startServers(ctx context.Context, s Stack) (_ *servers, err error) {
	up := &servers{stops: []func(context.Context) error{func(context.Context) error { return os.RemoveAll(s.Dir) }}}
	defer func() {
		if err != nil {
			up.stop()
		}
	}()
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{
		Dir: filepath.Join(s.Dir, "postgres"), DirFlag: "--dir", BinDir: s.PostgresBin, Log: s.Log,
	})
	if err != nil {
		return nil, err
	}
	up.postgres, up.stops = pg.URL(), append(up.stops, pg.Stop)
	dir := filepath.Join(s.Dir, "temporal")
	if s.Temporal != "" {
		server, err := devstack.StartTemporal(ctx, devstack.TemporalOptions{Bin: s.Temporal, Dir: dir, Log: s.Log})
		if err != nil {
			return nil, err
		}
		up.temporal, up.stops = server.Address(), append(up.stops, server.Stop)
		return up, nil
	}
	server, err := devstack.StartTemporalServer(ctx, devstack.ServerOptions{
		Bin: s.Server, SQLTool: s.SQLTool, Dir: dir, PostgresURL: pg.URL(), Log: s.Log,
	})
	if err != nil {
		return nil, err
	}
	up.temporal, up.stops = server.Address(), append(up.stops, server.Stop)
	return up, nil
}

// stop ends everything, the last first.
func (s *servers) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for i := len(s.stops) - 1; i >= 0; i-- {
		if err := s.stops[i](ctx); err != nil {
			slog.Warn("a server did not stop in time", "error", err)
		}
	}
}

// options are those of a client in a namespace of its own.
func (s *servers) options(namespace string) client.Options {
	return client.Options{HostPort: s.temporal, Namespace: namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))}
}

// poll asks until the answer is yes.
func poll(ctx context.Context, every time.Duration, what string, yes func(context.Context) (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := yes(ctx)
		if err == nil && ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}
