package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Program is any other server that is to live no longer than this process: what to start, as ourselves.
type Program struct {
	Name   string // for messages
	Path   string
	Args   []string
	Env    []string // nil: ours
	Output *os.File // a file because such programs have children of their own, which may hold it for longer
}

// Running is a Program that was started.
type Running struct {
	proc *process
	life *os.File // closed, by us or by our end, it ends the program's whole group
}

// guarded runs the program beside a guard that ends their group when the pipe on file descriptor 3 is closed. The kernel's
// signal at a parent's death would not do: a program that changes its user on the way is spared.
const guarded = `(trap "" TERM INT; read -r _ <&3; kill -KILL 0) & exec "$@" 3<&-`

// Run starts a program in a process group of its own, which is killed when this process ends in whatever way.
func Run(p Program) (*Running, error) {
	read, life, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer read.Close()
	proc, err := start(command{
		name: p.Name, path: "/bin/sh", args: append([]string{"-c", guarded, p.Name, p.Path}, p.Args...), env: p.Env,
		file: p.Output, extra: read,
	})
	if err != nil {
		return nil, errors.Join(err, life.Close())
	}
	return &Running{proc: proc, life: life}, nil
}

// Await calls ready every few milliseconds until it answers nil. The program's end or ctx's ends the wait with an error.
func (r *Running) Await(ctx context.Context, ready func(context.Context) error) error {
	return r.proc.await(ctx, 5*time.Millisecond, ready)
}

// Stop sends SIGTERM to the program and its children, kills what is left of them when the program has ended or ctx has,
// and returns when the program has ended. Stopping twice is fine.
func (r *Running) Stop(ctx context.Context) {
	r.proc.stopping.Store(true)
	select {
	case <-r.proc.done: // its number may be another's by now
	default:
		_ = syscall.Kill(-r.proc.cmd.Process.Pid, syscall.SIGTERM) // the only error is that all have ended already
	}
	select {
	case <-r.proc.done:
	case <-ctx.Done():
	}
	_ = r.life.Close() // twice is fine
	<-r.proc.done
}

// FreePort is a port of the loopback that nobody held a moment ago.
func FreePort() (int, error) { return freePort() }
