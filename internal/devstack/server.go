package devstack

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
)

// ServerOptions says where a Temporal server keeps its state and how it is reached.
type ServerOptions struct {
	Bin, SQLTool     string // from FindTemporalServer
	Dir              string // for its configuration; the ports stay the same over restarts from one folder
	PostgresURL      string // of a superuser, of any database of the cluster in which the server's two databases are or will be
	Namespace        string // empty: "default"
	SearchAttributes map[string]string
	Port             int           // of the frontend; 0: any free port
	Shards           int           // of the history, fixed when the databases are made; 0: 4
	Retention        time.Duration // for which closed workflows are kept, at least a day; 0: a day
	Log              io.Writer     // the server's output; nil discards it
}

// Server is a running Temporal server with its state in Postgres: the one that production runs, all its services in
// one process. It has no UI.
type Server struct {
	proc *process
	port int
}

// StartTemporalServer brings the databases to the server's schema, runs it, and returns when the frontend answers and
// the namespace exists with its search attributes.
//
// ctx bounds the start only; the server runs until Stop, or until this process ends in whatever way.
func StartTemporalServer(ctx context.Context, opts ServerOptions) (*Server, error) {
	server, err := startTemporalServer(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start the temporal server in %q: %w", opts.Dir, err)
	}
	return server, nil
}

func startTemporalServer(ctx context.Context, opts ServerOptions) (*Server, error) {
	if opts.Namespace == "" {
		opts.Namespace = client.DefaultNamespace
	}
	if opts.Retention == 0 {
		opts.Retention = 24 * time.Hour
	}
	postgres, err := url.Parse(opts.PostgresURL)
	if err != nil {
		return nil, fmt.Errorf("read the address of Postgres: %w", err)
	}
	if err := prepareTemporalDatabases(ctx, opts.SQLTool, postgres); err != nil {
		return nil, err
	}
	config, err := configureServer(opts, postgres)
	if err != nil {
		return nil, err
	}
	proc, err := start(command{
		name: "the Temporal server", path: opts.Bin, args: []string{"--config-file", config.file, "--allow-no-auth", "start"},
		env: withoutTemporalEnv(os.Environ()), log: opts.Log, deathSignal: syscall.SIGKILL,
	})
	if err != nil {
		return nil, err
	}
	server := &Server{proc: proc, port: config.Ports.Frontend}
	if err := server.await(ctx, opts); err != nil {
		server.Kill()
		return nil, err
	}
	return server, nil
}

func (s *Server) await(ctx context.Context, opts ServerOptions) error {
	ctx, cancel := context.WithTimeout(ctx, 3*temporalPatience)
	defer cancel()
	return awaitTemporal(ctx, s.proc, s.Address(), opts.Namespace, func(ctx context.Context, c client.Client) error {
		if err := registerNamespace(ctx, c, opts.Namespace, opts.Retention); err != nil {
			return err
		}
		return addSearchAttributes(ctx, c, opts.Namespace, opts.SearchAttributes)
	})
}

// Address is the host and port of the frontend, for clients.
func (s *Server) Address() string { return temporalHost + ":" + strconv.Itoa(s.port) }

// PID is the process, for whoever measures it.
func (s *Server) PID() int { return s.proc.cmd.Process.Pid }

// Exited delivers one error when the server ends although nobody stopped it, with its last lines of output. It is
// closed when the server has ended, so after Stop and Kill it delivers nil.
func (s *Server) Exited() <-chan error { return s.proc.exited }

// Stop shuts the server down, and kills it when ctx ends first; its state is safe in both cases.
func (s *Server) Stop(ctx context.Context) error {
	return s.proc.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
}

// Kill ends the server as a power cut would (SIGKILL), and returns when it has ended.
func (s *Server) Kill() { s.proc.kill() }

// Pause and Resume hold the process and let it go on (SIGSTOP, SIGCONT).
func (s *Server) Pause() error  { return s.proc.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *Server) Resume() error { return s.proc.cmd.Process.Signal(syscall.SIGCONT) }

// FindTemporalServer returns the paths of the server and of its schema tool in binDir. It returns ErrNoTemporal when
// they are not both there; BuildTemporalServer makes them.
func FindTemporalServer(binDir string) (server, sqlTool string, err error) {
	binDir, err = filepath.Abs(binDir)
	if err != nil {
		return "", "", err
	}
	server, sqlTool = filepath.Join(binDir, "temporal-server"), filepath.Join(binDir, "temporal-sql-tool")
	for _, path := range []string{server, sqlTool} {
		if _, err := os.Stat(path); err != nil {
			return "", "", fmt.Errorf("look for %s: %w", path, ErrNoTemporal)
		}
	}
	return server, sqlTool, nil
}

// BuildTemporalServer builds both, as pinned by the module server in toolsDir. See BuildTemporal.
func BuildTemporalServer(ctx context.Context, toolsDir, binDir string, log io.Writer) error {
	fmt.Fprintln(log, "Building the Temporal server for Postgres from source. The first time this takes some minutes; it is kept in", binDir)
	for name, pkg := range map[string]string{"temporal-server": "go.temporal.io/server/cmd/server", "temporal-sql-tool": "go.temporal.io/server/cmd/tools/sql"} {
		if err := buildTool(ctx, filepath.Join(toolsDir, "server"), pkg, filepath.Join(binDir, name), log); err != nil {
			return fmt.Errorf("build %s in %s: %w", name, toolsDir, err)
		}
	}
	return nil
}
