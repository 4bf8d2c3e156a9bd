package webhooks

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// park stops deliveries to an endpoint and tells the managers, once. What it has not
// taken is kept.
func (w Webhooks) park(ctx context.Context, e db.WebhookEndpoint, why, detail string) error {
	at := w.clock()
	err := w.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		n, err := q.ParkWebhook(ctx, db.ParkWebhookParams{ID: e.ID, Why: why, Detail: detail, At: at})
		if err != nil || n == 0 || why == ByHand {
			return err
		}
		return q.NotifyManagers(ctx, db.NotifyManagersParams{
			ID: uuid.New(), At: w.Now(), About: fmt.Sprintf("the webhook %s is parked: %s", e.Name, detail),
		})
	})
	if err != nil {
		return fmt.Errorf("park webhook %s: %w", e.Name, err)
	}
	return nil
}

// Park stops deliveries until somebody resumes them.
func (w Webhooks) Park(ctx context.Context, name, why string) error {
	e, err := w.byName(ctx, name)
	if err != nil {
		return err
	}
	return w.park(ctx, e, ByHand, why)
}

// Resume lets deliveries go on with what waits, the oldest of each lead first.
func (w Webhooks) Resume(ctx context.Context, name string) error {
	e, err := w.byName(ctx, name)
	if err != nil {
		return err
	}
	return w.Store.ResumeWebhook(ctx, e.ID)
}
