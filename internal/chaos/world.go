package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/chaos/cable"
	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/workflows"
)

// world is everything that runs: each part a process of its own, each on a port that it
// keeps when it is started again.
type world struct {
	Options
	*hand
	databaseURL string // straight, for ourselves
	temporal    string // the same
	key         string // of the API, manager's
	secret      string // of the mailboxes
	clock       *workflows.Clock
	ports       map[string]int
	order       []*part // in which they were started
	logs        []string
}

// open starts everything and seeds what the product needs. Close it in any case.
func open(ctx context.Context, o Options) (*world, error) {
	w := &world{
		Options: o, ports: map[string]int{}, secret: mailbox.NewKey(),
		hand: &hand{parts: map[string]*part{}, cables: map[string]*cable.Cable{}, sinkDir: filepath.Join(o.Dir, Sink)},
	}
	for _, name := range append(append([]string{Postgres, TemporalPostgres, Temporal, Sink}, apis()...), workers()...) {
		w.ports[name] = lowPort()
	}
	if err := os.MkdirAll(w.sinkDir, 0o755); err != nil {
		return w, err
	}
	for _, c := range cables() {
		laid, err := cable.Lay(w.address(c[1]))
		if err != nil {
			return w, err
		}
		w.cables[between(c[0], c[1])] = laid
	}
	for _, step := range []func(context.Context) error{w.openPostgres, w.openTemporal, w.seed, w.openProduct} {
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *world) address(part string) string { return local(w.ports[part]) }

// begin starts a part.
func (w *world) begin(ctx context.Context, name string, start func(context.Context) (server, error)) error {
	p := &part{name: name, start: start, noted: func(does string, from, to time.Time) { w.note(name, does, from, to) }}
	w.parts[name], w.order = p, append(w.order, p)
	return p.open(ctx)
}

// log is the file that a part writes to.
func (w *world) log(name string) (*os.File, error) {
	path := filepath.Join(w.Dir, name+".log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	w.logs = append(w.logs, path)
	return file, nil
}

// cluster starts a Postgres and keeps its address.
func (w *world) cluster(ctx context.Context, name string, address *string) error {
	log, err := w.log(name)
	if err != nil {
		return err
	}
	return w.begin(ctx, name, func(ctx context.Context) (server, error) {
		pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{
			Dir: filepath.Join(w.Dir, name), DirFlag: "--dir", BinDir: w.PostgresBin, Port: w.ports[name], Log: log,
		})
		if err != nil {
			return nil, err
		}
		*address = pg.URL()
		return pg, nil
	})
}

func (w *world) openPostgres(ctx context.Context) error {
	if err := w.cluster(ctx, Postgres, &w.databaseURL); err != nil {
		return err
	}
	return postgres.Migrate(ctx, w.databaseURL)
}

func (w *world) openTemporal(ctx context.Context) error {
	log, err := w.log(Temporal)
	if err != nil {
		return err
	}
	w.temporal = w.address(Temporal)
	if w.TemporalServer == "" {
		delete(w.ports, TemporalPostgres)
		ui := lowPort()
		err = w.begin(ctx, Temporal, func(ctx context.Context) (server, error) {
			return started(devstack.StartTemporal(ctx, devstack.TemporalOptions{
				Bin: w.TemporalDev, Dir: filepath.Join(w.Dir, Temporal), Port: w.ports[Temporal], UIPort: ui, SearchAttributes: workflows.SearchAttributes(), Log: log,
			}))
		})
	} else {
		var address string
		if err := w.cluster(ctx, TemporalPostgres, &address); err != nil {
			return err
		}
		through, err := w.through(address, Temporal, TemporalPostgres)
		if err != nil {
			return err
		}
		err = w.begin(ctx, Temporal, func(ctx context.Context) (server, error) {
			return started(devstack.StartTemporalServer(ctx, devstack.ServerOptions{
				Bin: w.TemporalServer, SQLTool: w.TemporalTool, Dir: filepath.Join(w.Dir, Temporal), PostgresURL: through,
				Port: w.ports[Temporal], SearchAttributes: workflows.SearchAttributes(), Log: log,
			}))
		})
		if err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	c, err := client.DialContext(ctx, client.Options{HostPort: w.temporal, Logger: quiet()})
	if err != nil {
		return fmt.Errorf("reach Temporal: %w", err)
	}
	defer c.Close()
	return engine.Register(ctx, c, client.DefaultNamespace)
}

// started makes no server of one that did not start.
func started[S server](s S, err error) (server, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// through is an address of a part by way of a cable. The part that uses it says its name.
func (w *world) through(address, from, to string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the address of %s: %w", to, err)
	}
	u.Host = w.cables[between(from, to)].Address()
	if to == Postgres {
		q := u.Query()
		q.Set("application_name", from)
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}

// close takes everything down, the last first.
func (w *world) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for i := len(w.order) - 1; i >= 0; i-- {
		w.order[i].close(ctx)
	}
	for _, c := range w.cables {
		c.Close()
	}
}

// leaks searches the logs for personal data.
func (w *world) leaks() (found []string, err error) {
	for _, path := range w.logs {
		content, readErr := os.ReadFile(path)
		err = errors.Join(err, readErr)
		text := strings.ToLower(string(content))
		for _, secret := range secrets() {
			if n := strings.Count(text, secret); n > 0 {
				found = append(found, filepath.Base(path)+" holds "+strconv.Quote(secret)+" "+strconv.Itoa(n)+" times")
			}
		}
	}
	return found, err
}
