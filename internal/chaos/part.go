package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// server is one run of a part.
type server interface {
	Kill() // and return when it is gone
	Pause() error
	Resume() error
	Exited() <-chan error // delivers when it ended by itself
}

// part is a program that is kept alive, as a supervisor does, and hurt.
type part struct {
	name  string
	start func(context.Context) (server, error)
	noted func(does string, from, to time.Time) // what happened to it

	mu      sync.Mutex // held while it is not to be started
	running server
	closed  bool
}

// open starts the part for the first time and keeps it alive until it is closed.
func (p *part) open(ctx context.Context) error {
	var err error
	if p.running, err = p.start(ctx); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	go p.supervise(context.WithoutCancel(ctx), p.running)
	return nil
}

// startsAgainAfter is how long a supervisor waits.
const startsAgainAfter = 500 * time.Millisecond

// supervise starts the part again when it ends by itself.
func (p *part) supervise(ctx context.Context, s server) {
	err := <-s.Exited()
	if err == nil {
		return // it was killed
	}
	died := time.Now()
	slog.Warn("a part ended by itself", "part", p.name, "error", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != s || p.closed {
		return
	}
	time.Sleep(startsAgainAfter)
	p.again(ctx)
	p.noted("ended by itself", died, time.Now())
}

// again starts the part until it is up.
func (p *part) again(ctx context.Context) {
	for !p.closed {
		s, err := p.start(ctx)
		if err == nil {
			p.running = s
			go p.supervise(ctx, s)
			return
		}
		slog.Warn("a part does not start", "part", p.name, "error", err)
		time.Sleep(startsAgainAfter)
	}
}

// kill kills the part and starts it again after a while.
func (p *part) kill(ctx context.Context, down time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := time.Now()
	p.running.Kill()
	sleep(ctx, down)
	p.again(context.WithoutCancel(ctx))
	p.noted(string(Kill), from, time.Now())
}

// pause holds the part for a while.
func (p *part) pause(ctx context.Context, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := time.Now()
	if err := p.running.Pause(); err != nil {
		return // it has just ended by itself
	}
	sleep(ctx, d)
	_ = p.running.Resume() // it may have ended meanwhile
	p.noted(string(Pause), from, time.Now())
}

// crash lets a part that can do so recover in place.
func (p *part) crash() {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := time.Now()
	if c, ok := p.running.(interface{ Crash() error }); ok && c.Crash() == nil {
		p.noted(string(Crash), from, time.Now().Add(recovers))
	}
}

// recovers is about how long a Postgres takes to recover in place.
const recovers = 2 * time.Second

// close ends the part for good: politely where it can be asked.
func (p *part) close(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.running == nil {
		return
	}
	p.closed = true
	switch s := p.running.(type) {
	case interface{ Stop(context.Context) error }:
		_ = s.Stop(ctx) // killed, if need be
	case interface{ Stop(context.Context) }:
		s.Stop(ctx)
	default:
		p.running.Kill()
	}
}

// sleep waits until a time is over or ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
