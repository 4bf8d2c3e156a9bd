package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// DeliverWebhooks is the name of the activity of webhooks.
const DeliverWebhooks = "DeliverWebhooks"

// Webhooks tells other systems what happened to leads.
type Webhooks interface {
	// DeliverWebhooks delivers what is due at an endpoint, for a while. beat says that
	// it is at work. Run twice, or by two workers, it keeps the order of each lead's
	// events; an event may be delivered again, under the same id.
	DeliverWebhooks(ctx context.Context, endpoint string, beat func()) (Delivered, error)
}

// Delivered is how far a round of deliveries came.
type Delivered struct {
	NextAt time.Time `json:"next_at,omitzero"` // when something is due again; zero: nothing waits
	More   bool      `json:"more,omitempty"`   // something is due now
}

// DeliverWebhooks delivers what is due at an endpoint.
func (a *Activities) DeliverWebhooks(ctx context.Context, endpoint string) (Delivered, error) {
	return a.Webhooks.DeliverWebhooks(ctx, endpoint, func() { activity.RecordHeartbeat(ctx) })
}
