package devstack

import (
	"errors"
	"syscall"
	"time"
)

// This file is what servers must survive: they are killed without a word and held still.

// childrenPatience is how long a postmaster's children may take to see that it is gone.
const childrenPatience = 10 * time.Second

// Kill ends the postmaster as a power cut would (SIGKILL) and returns when its children are gone too: before that no
// other may start in their folder.
func (p *Postgres) Kill() {
	children := childrenOf(p.proc.cmd.Process.Pid)
	p.proc.kill()
	for deadline := time.Now().Add(childrenPatience); ; time.Sleep(10 * time.Millisecond) {
		left := false
		for _, pid := range children {
			if commandLine(pid) == "" {
				continue
			}
			left = true
			_ = syscall.Kill(pid, syscall.SIGCONT) // one that stands still sees nothing
			if time.Now().After(deadline) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		if !left {
			return
		}
	}
}

// Crash kills one of the postmaster's children, its latest, so that it ends all sessions and recovers in place.
func (p *Postgres) Crash() error {
	children := childrenOf(p.proc.cmd.Process.Pid)
	if len(children) == 0 {
		return errors.New("crash PostgreSQL: it has no children")
	}
	return syscall.Kill(children[len(children)-1], syscall.SIGKILL)
}

// Pause holds the server and its sessions (SIGSTOP).
func (p *Postgres) Pause() error { return p.signalAll(syscall.SIGSTOP) }

// Resume lets it go on (SIGCONT).
func (p *Postgres) Resume() error { return p.signalAll(syscall.SIGCONT) }

func (p *Postgres) signalAll(signal syscall.Signal) error {
	err := p.proc.cmd.Process.Signal(signal) // first, so that no more children come
	for _, pid := range childrenOf(p.proc.cmd.Process.Pid) {
		_ = syscall.Kill(pid, signal) // the only error is that it has ended
	}
	return err
}

// Kill ends the server as a power cut would (SIGKILL), and returns when it has ended.
func (t *Temporal) Kill() { t.proc.kill() }

// Pause holds the process (SIGSTOP).
func (t *Temporal) Pause() error { return t.proc.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets it go on (SIGCONT).
func (t *Temporal) Resume() error { return t.proc.cmd.Process.Signal(syscall.SIGCONT) }

// Kill ends the program and its whole group as a power cut would (SIGKILL), and returns when it has ended.
func (r *Running) Kill() {
	r.proc.stopping.Store(true)
	_ = r.signal(syscall.SIGKILL)
	<-r.proc.done
	_ = r.life.Close() // twice is fine
}

// Pause holds the program and its group (SIGSTOP).
func (r *Running) Pause() error { return r.signal(syscall.SIGSTOP) }

// Resume lets them go on (SIGCONT).
func (r *Running) Resume() error { return r.signal(syscall.SIGCONT) }

func (r *Running) signal(s syscall.Signal) error {
	select {
	case <-r.proc.done: // its number may be another's by now
		return nil
	default:
		return syscall.Kill(-r.proc.cmd.Process.Pid, s)
	}
}

// Exited delivers one error when the program ends although nobody stopped it; it is closed when the program has ended.
func (r *Running) Exited() <-chan error { return r.proc.exited }
