package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/workflows"
)

// Clock sets the stack's virtual clock: on from where it stood when the stack was
// last alive, or from the coming Monday morning, with a day taking that long.
func Clock(ctx context.Context, s *postgres.Store, day time.Duration) (*workflows.Clock, error) {
	if day < 100*time.Millisecond || day > 24*time.Hour {
		return nil, fmt.Errorf("--day: %s is not between 100ms and 24h", day)
	}
	c := &workflows.Clock{Epoch: time.Now().UTC().Round(time.Microsecond), Speed: float64(24*time.Hour) / float64(day)}
	row, err := s.VirtualClock(ctx)
	switch {
	case err == nil:
		was := workflows.Clock{Epoch: row.Epoch, Base: row.Base, Speed: row.Speed}
		c.Base = was.At(row.Seen).UTC().Round(time.Microsecond)
	case errors.Is(err, pgx.ErrNoRows):
		n, err := s.CountLeads(ctx)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, errors.New("this database holds leads that live in real time; a development stack needs a database of its own")
		}
		c.Base = nextMonday(c.Epoch)
	default:
		return nil, fmt.Errorf("read the virtual clock: %w", err)
	}
	return c, s.SetVirtualClock(ctx, db.SetVirtualClockParams{Epoch: c.Epoch, Base: c.Base, Speed: c.Speed})
}

// SetClock is the virtual clock as it was set, for further processes of the stack.
func SetClock(ctx context.Context, s *postgres.Store) (*workflows.Clock, error) {
	row, err := s.VirtualClock(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the virtual clock: %w", err)
	}
	return &workflows.Clock{Epoch: row.Epoch.UTC(), Base: row.Base.UTC(), Speed: row.Speed}, nil
}

func nextMonday(t time.Time) time.Time {
	y, m, d := t.Date()
	days := (int(time.Monday) - int(t.Weekday()) + 7) % 7
	return time.Date(y, m, d+days, 8, 0, 0, 0, time.UTC)
}

// Reset tells every living lead the clock, before any worker lets it act: the
// time that the stack stood still has not passed for them.
func Reset(ctx context.Context, s *postgres.Store, w door.Workflows, c *workflows.Clock) error {
	living, err := s.LivingLeads(ctx)
	if err != nil {
		return fmt.Errorf("list living leads: %w", err)
	}
	for _, lead := range living {
		m, err := json.Marshal(workflows.Message[workflows.Clock]{ID: uuid.NewString(), Event: *c})
		if err != nil {
			return err
		}
		err = w.Signal(ctx, lead.String(), workflows.ClockSignal, m)
		if err != nil && !errors.Is(err, door.ErrNoWorkflow) {
			return fmt.Errorf("set the clock of lead %s: %w", lead, err)
		}
	}
	return nil
}

// Tick notes once a second that the stack is alive, until ctx ends.
func Tick(ctx context.Context, s *postgres.Store) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = s.ClockSeen(context.WithoutCancel(ctx), time.Now()) // a second more or less
			return
		case now := <-ticker.C:
			_ = s.ClockSeen(ctx, now)
		}
	}
}
