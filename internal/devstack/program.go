package devstack

import (
	"context"
	"io"
	"syscall"
	"time"
)

// Program is any other server that is to live no longer than this process: what to start, as ourselves.
type Program struct {
	Name string // for messages
	Path string
	Args []string
	Log  io.Writer // its output; nil discards it
}

// Running is a Program that was started.
type Running struct{ proc *process }

// Run starts a program in a process group of its own. It gets SIGTERM when this process ends in whatever way.
func Run(p Program) (*Running, error) {
	proc, err := start(command{name: p.Name, path: p.Path, args: p.Args, log: p.Log, deathSignal: syscall.SIGTERM})
	if err != nil {
		return nil, err
	}
	return &Running{proc: proc}, nil
}

// Await calls ready every few milliseconds until it answers nil. The program's end or ctx's ends the wait with an error
// that holds the program's last lines.
func (r *Running) Await(ctx context.Context, ready func(context.Context) error) error {
	return r.proc.await(ctx, 5*time.Millisecond, ready)
}

// Stop sends SIGTERM, and SIGKILL when ctx ends first. Stopping twice is fine.
func (r *Running) Stop(ctx context.Context) error {
	return r.proc.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
}

// FreePort is a port of the loopback that nobody held a moment ago.
func FreePort() (int, error) { return freePort() }
