package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

const (
	temporalPatience = 60 * time.Second
	temporalHost     = "127.0.0.1"
)

// TemporalOptions says where a development server keeps its state and how it is reached.
type TemporalOptions struct {
	Bin              string // from FindTemporal
	Dir              string // empty: state is kept in memory and ends with the server
	Port, UIPort     int    // 0: any free port
	Namespace        string // empty: "default"
	SearchAttributes map[string]string
	Log              io.Writer // the server's output; nil discards it
}

// Temporal is a running development server.
type Temporal struct {
	proc         *process
	port, uiPort int
}

// StartTemporal runs a development server, after stopping one that an earlier run left over in Dir, and returns when
// its frontend answers and the namespace exists. Search attributes map a name to its type, such as Keyword; those that
// are there already are left as they are. It returns ErrInUse when another living process runs from Dir.
//
// ctx bounds the start only; the server runs until Stop, or until this process ends in whatever way.
func StartTemporal(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	server, err := startTemporal(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start temporal in %q: %w", opts.Dir, err)
	}
	return server, nil
}

func startTemporal(ctx context.Context, opts TemporalOptions) (*Temporal, error) {
	if opts.Namespace == "" {
		opts.Namespace = client.DefaultNamespace
	}
	for _, port := range []*int{&opts.Port, &opts.UIPort} {
		if *port == 0 {
			var err error
			if *port, err = freePort(); err != nil {
				return nil, err
			}
		}
	}
	state, err := openState(ctx, opts.Dir)
	if err != nil {
		return nil, err
	}
	proc, err := start(command{
		name: "Temporal", path: opts.Bin, args: temporalArguments(opts, state.file), env: withoutTemporalEnv(os.Environ()),
		log: opts.Log, deathSignal: syscall.SIGKILL, onExit: state.close,
	})
	if err != nil {
		state.close()
		return nil, err
	}
	server := &Temporal{proc: proc, port: opts.Port, uiPort: opts.UIPort}
	if err := errors.Join(state.notePID(proc.cmd.Process.Pid), server.await(ctx, opts)); err != nil {
		return nil, errors.Join(err, server.abort())
	}
	return server, nil
}

func temporalArguments(opts TemporalOptions, stateFile string) []string {
	args := []string{
		"server", "start-dev", "--ip", temporalHost, "--port", strconv.Itoa(opts.Port),
		"--ui-port", strconv.Itoa(opts.UIPort), "--namespace", opts.Namespace, "--log-level", "warn",
	}
	if stateFile != "" {
		args = append(args, "--db-filename", stateFile,
			"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL")
	}
	for _, name := range slices.Sorted(maps.Keys(opts.SearchAttributes)) {
		args = append(args, "--search-attribute", name+"="+opts.SearchAttributes[name])
	}
	return args
}

// withoutTemporalEnv keeps the client settings of whoever started us (TEMPORAL_ADDRESS and so on) from the server.
func withoutTemporalEnv(env []string) []string {
	return slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, "TEMPORAL_") })
}

func (t *Temporal) await(ctx context.Context, opts TemporalOptions) error {
	ctx, cancel := context.WithTimeout(ctx, temporalPatience)
	defer cancel()
	return awaitTemporal(ctx, t.proc, t.Address(), opts.Namespace, func(ctx context.Context, c client.Client) error {
		return addSearchAttributes(ctx, c, opts.Namespace, opts.SearchAttributes)
	})
}

// awaitTemporal waits until a server answers and has been made ready.
func awaitTemporal(ctx context.Context, proc *process, address, namespace string, prepare func(context.Context, client.Client) error) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort: address, Namespace: namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	return proc.await(ctx, 50*time.Millisecond, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			return err
		}
		return prepare(ctx, c)
	})
}

func (t *Temporal) abort() error {
	ctx, cancel := context.WithTimeout(context.Background(), pipePatience)
	defer cancel()
	return t.proc.stop(ctx, syscall.SIGKILL, syscall.SIGKILL)
}

// Address is the host and port of the frontend, for clients.
func (t *Temporal) Address() string { return temporalHost + ":" + strconv.Itoa(t.port) }

// UIAddress is the address of the web UI, for a browser.
func (t *Temporal) UIAddress() string { return "http://" + temporalHost + ":" + strconv.Itoa(t.uiPort) }

// Exited delivers one error when the server ends although nobody stopped it, with its last lines of output. It is
// closed when the server has ended, so after Stop it delivers nil.
func (t *Temporal) Exited() <-chan error { return t.proc.exited }

// Stop shuts the server down, and kills it when ctx ends first; its state is safe in both cases. Stopping twice is fine.
func (t *Temporal) Stop(ctx context.Context) error {
	return t.proc.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
}
