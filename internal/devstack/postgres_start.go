package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func startPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	c, err := openCluster(opts)
	if err != nil {
		return nil, err
	}
	held, err := lock(c.dir + ".lock")
	if err != nil {
		return nil, err
	}
	release := func() { _ = held.Close() }
	if err := c.clearLeftover(ctx); err != nil {
		release()
		return nil, err
	}
	password, err := c.prepare(ctx)
	if err != nil {
		release()
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		pg, err := c.serve(ctx, opts, password, release)
		portTaken := err != nil && opts.Port == 0 && strings.Contains(err.Error(), "could not bind")
		if !portTaken || attempt == portAttempts {
			return pg, err
		}
		if held, err = lock(c.dir + ".lock"); err != nil {
			return nil, err
		}
	}
}

// serve runs the server; release is called when it has ended, be it here or later.
func (c cluster) serve(ctx context.Context, opts PostgresOptions, password string, release func()) (*Postgres, error) {
	port := opts.Port
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			release()
			return nil, err
		}
	}
	proc, err := start(command{
		name: "PostgreSQL", path: filepath.Join(c.binDir, "postgres"), args: c.arguments(port), env: c.environment(),
		as: c.as, log: opts.Log, deathSignal: syscall.SIGINT, onExit: release,
	})
	if err != nil {
		release()
		return nil, err
	}
	pg := &Postgres{proc: proc, port: port, password: password}
	ctx, cancel := context.WithTimeout(ctx, postgresPatience)
	defer cancel()
	if err := proc.await(ctx, 20*time.Millisecond, pg.createDatabase); err != nil {
		return nil, errors.Join(err, pg.abort())
	}
	return pg, nil
}

func (c cluster) arguments(port int) []string {
	args := []string{
		"-D", c.dir, "-c", "port=" + strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "max_connections=200",
	}
	if c.unsafe {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	return args
}

// clearLeftover stops a postmaster that outlived an earlier run, and removes a pid file whose number now belongs to
// some other program. A pid file of a dead process is left to PostgreSQL, which checks more than we could.
func (c cluster) clearLeftover(ctx context.Context) error {
	pidFile := filepath.Join(c.dir, "postmaster.pid")
	raw, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", pidFile, err)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return os.Remove(pidFile)
	}
	ours := func() bool {
		line := commandLine(pid)
		return strings.Contains(line, "postgres") && strings.Contains(line+" ", " -D "+c.dir+" ")
	}
	if ours() {
		return leftover{name: "PostgreSQL", pid: pid, ours: ours}.stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
	}
	if syscall.Kill(pid, 0) == nil {
		return os.Remove(pidFile)
	}
	return nil
}
