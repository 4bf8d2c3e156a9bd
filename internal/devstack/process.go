package devstack

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// pipePatience bounds the wait for a grandchild that still holds the output pipe after the child itself has ended.
const pipePatience = 3 * time.Second

// command says what to start, and as whom.
type command struct {
	name        string // for messages
	path        string
	args        []string
	env         []string
	extra       *os.File // file descriptor 3; may be nil
	as          *account // nil: as ourselves
	log         io.Writer
	file        *os.File       // takes the output instead, so that grandchildren that hold it keep nobody waiting; may be nil
	deathSignal syscall.Signal // sent to the child when we die, where the kernel can do that
	onExit      func()         // called before the exit is reported; may be nil
}

// process is a running child.
type process struct {
	name     string
	cmd      *exec.Cmd
	out      *output
	stopping atomic.Bool
	done     chan struct{} // closed when the child has ended
	exited   chan error
}

// start starts the child. The goroutine that forks it stays locked to its thread until the child ends, because Linux
// sends the parent-death signal when the forking thread ends, not the process.
func start(c command) (*process, error) {
	cmd := exec.Command(c.path, c.args...)
	cmd.Env = c.env
	cmd.Dir = "/" // a child must not pin, or need to enter, the folder we were started in
	cmd.WaitDelay = pipePatience
	cmd.SysProcAttr = childAttributes(c.as, c.deathSignal)
	p := &process{name: c.name, cmd: cmd, out: &output{to: c.log}, done: make(chan struct{}), exited: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if c.extra != nil {
		cmd.ExtraFiles = []*os.File{c.extra}
	}
	if c.file != nil {
		cmd.Stdout, cmd.Stderr = c.file, c.file
	}

	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		if c.onExit != nil {
			c.onExit()
		}
		p.finish(err)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	return p, nil
}

func (p *process) finish(err error) {
	if !p.stopping.Load() {
		p.exited <- p.diedBecause(err)
	}
	close(p.exited)
	close(p.done)
}

func (p *process) diedBecause(err error) error {
	if err == nil {
		return fmt.Errorf("%s ended by itself; its last lines:\n%s", p.name, p.out.tail())
	}
	return fmt.Errorf("%s ended by itself: %w; its last lines:\n%s", p.name, err, p.out.tail())
}

// stop asks politely, and firmly when ctx ends first. It may be called more than once and after the child has died.
func (p *process) stop(ctx context.Context, polite, firm syscall.Signal) error {
	p.stopping.Store(true)
	_ = p.cmd.Process.Signal(polite) // the only error is that it has ended already
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	_ = p.cmd.Process.Signal(firm)
	select {
	case <-p.done:
	case <-time.After(pipePatience):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
	return fmt.Errorf("stop %s in time: %w", p.name, ctx.Err())
}

// kill ends the child without a word, as a power cut would.
func (p *process) kill() {
	p.stopping.Store(true)
	_ = p.cmd.Process.Kill() // the only error is that it has ended already
	<-p.done
}

// await calls ready until it answers nil; the child's end or ctx's ends the wait with what the child said last.
func (p *process) await(ctx context.Context, every time.Duration, ready func(context.Context) error) error {
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // a question put to the wrong server must not outlive the child
		select {
		case <-p.done:
			cancel()
		case <-alive.Done():
		}
	}()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := ready(alive)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return <-p.exited
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to answer: %w (%w); its last lines:\n%s", p.name, ctx.Err(), err, p.out.tail())
		case <-tick.C:
		}
	}
}
