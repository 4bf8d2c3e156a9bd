package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// Webhooks tells other systems what happens to leads.
func (a *App) Webhooks() webhooks.Webhooks {
	return webhooks.Webhooks{
		Store: a.Store, Seal: a.seal, Source: a.config.PublicURL, Now: a.Door.Now,
		Target: webhooks.Target{Loopback: a.config.Loopback, Roots: a.config.Roots},
	}
}

// wakeWebhooks has workflows deliver what was written, every second until ctx ends. While
// there is no endpoint that is one look at an empty table.
func (a *App) wakeWebhooks(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for failed := false; ; {
		err := a.Webhooks().Wake(ctx, engine.Engine{Client: a.Temporal})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed: // once, not every second of an outage
			slog.WarnContext(ctx, "webhooks cannot be woken", "error", err)
		case err == nil && failed:
			slog.InfoContext(ctx, "webhooks are woken again")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
