package chaos

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/cable"
	"github.com/rekindlehq/rekindle/internal/chaos/judge"
	"github.com/rekindlehq/rekindle/internal/chaos/sink"
)

// hand hurts the parts and cables of a world by a plan, and heals them afterwards.
type hand struct {
	parts   map[string]*part
	cables  map[string]*cable.Cable
	sinkDir string

	mu    sync.Mutex
	blows []judge.Blow
}

// note remembers what was done.
func (h *hand) note(on, does string, from, to time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blows = append(h.blows, judge.Blow{On: on, Does: does, From: from, To: to})
}

// strike does what is planned, each in its time, and returns when all of it is over and
// healed, or soon after ctx ended.
func (h *hand) strike(ctx context.Context, plan []Event) {
	began := time.Now()
	var striking sync.WaitGroup
	for _, e := range plan {
		if h.parts[e.On] == nil && h.cables[e.On] == nil {
			continue // the development server keeps its state in no Postgres
		}
		sleep(ctx, time.Until(began.Add(e.At)))
		if ctx.Err() != nil {
			break
		}
		slog.Info("strike", "on", e.On, "does", e.Does, "for", e.For)
		striking.Go(func() { h.do(ctx, e) })
	}
	striking.Wait()
}

func (h *hand) do(ctx context.Context, e Event) {
	if c := h.cables[e.On]; c != nil {
		h.bend(ctx, c, e)
		return
	}
	p := h.parts[e.On]
	switch e.Does {
	case Kill:
		p.kill(ctx, e.For)
	case Pause:
		p.pause(ctx, e.For)
	case Crash:
		p.crash()
	default:
		h.upset(ctx, e)
	}
}

// bend does something to a cable.
func (h *hand) bend(ctx context.Context, c *cable.Cable, e Event) {
	from := time.Now()
	switch e.Does {
	case Cut:
		c.Set(cable.Cut, 0)
	case Stall:
		c.Set(cable.Stalled, 0)
	case Slow:
		c.Set(cable.Whole, e.By)
	case Reset:
		c.Reset()
	case Kill, Crash, Pause:
		panic("a cable cannot be killed")
	}
	sleep(ctx, e.For)
	c.Set(cable.Whole, 0)
	h.note(e.On, string(e.Does), from, time.Now())
}

// upset changes the mail server's mood.
func (h *hand) upset(ctx context.Context, e Event) {
	from := time.Now()
	if err := sink.SetMood(h.sinkDir, sink.Mood{Does: sink.Does(e.Does), Until: from.Add(e.For)}); err != nil {
		slog.Error("the mail server cannot be upset", "error", err)
		return
	}
	sleep(ctx, e.For)
	h.note(e.On, string(e.Does), from, time.Now())
}
