package webhooks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Delivery is one event on its way to an endpoint. Times are real, but for Time.
type Delivery struct {
	N         int64      `json:"n" doc:"The events of a lead are delivered in this order"`
	ID        string     `json:"id" doc:"Of the event: the same whenever it is sent"`
	Event     string     `json:"event"`
	LeadID    *uuid.UUID `json:"lead_id,omitempty"`
	Time      *time.Time `json:"time,omitempty" doc:"When it happened, on the leads' clock"`
	WrittenAt time.Time  `json:"written_at"`
	State     string     `json:"state" enum:"waiting,delivered,given_up"`
	Attempts  int32      `json:"attempts"`
	TriedAt   *time.Time `json:"tried_at,omitempty"`
	NextAt    *time.Time `json:"next_at,omitempty" doc:"When it is tried again"`
	Status    int32      `json:"status,omitempty" doc:"HTTP status of the last answer; none: there was no answer"`
	Error     string     `json:"error,omitempty" doc:"Why it was not taken the last time"`
}

// Filter says which deliveries are looked at, the newest first.
type Filter struct {
	State  *string
	Lead   *uuid.UUID
	Before int64 // 0: from the newest on
	Most   int32
}

// Deliveries lists those of an endpoint.
func (w Webhooks) Deliveries(ctx context.Context, name string, f Filter) ([]Delivery, error) {
	e, err := w.byName(ctx, name)
	if err != nil {
		return nil, err
	}
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	rows, err := w.Store.WebhookDeliveries(ctx, db.WebhookDeliveriesParams{EndpointID: e.ID, Before: f.Before, State: f.State, LeadID: f.Lead, Most: f.Most})
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of webhook %s: %w", name, err)
	}
	all := []Delivery{}
	for _, r := range rows {
		all = append(all, deliveryOf(db.WebhookDeliveryRow(r)))
	}
	return all, nil
}

func deliveryOf(r db.WebhookDeliveryRow) Delivery {
	return Delivery{
		N: r.N, ID: r.Event, Event: r.Kind, LeadID: r.LeadID, Time: r.At, WrittenAt: r.Written, State: r.State,
		Attempts: r.Attempts, TriedAt: r.TriedAt, NextAt: r.NextAt, Status: r.Status, Error: r.Error,
	}
}

// Replay sends one event again, under its own id. Until it is taken, newer ones of its
// lead wait.
func (w Webhooks) Replay(ctx context.Context, name string, n int64) (Delivery, error) {
	e, err := w.byName(ctx, name)
	if err != nil {
		return Delivery{}, err
	}
	if _, err := w.Store.ReplayWebhook(ctx, db.ReplayWebhookParams{EndpointID: e.ID, N: n}); err != nil {
		return Delivery{}, fmt.Errorf("replay delivery %d of webhook %s: %w", n, name, err)
	}
	return w.read(ctx, e, n)
}

func (w Webhooks) read(ctx context.Context, e db.WebhookEndpoint, n int64) (Delivery, error) {
	r, err := w.Store.WebhookDelivery(ctx, db.WebhookDeliveryParams{EndpointID: e.ID, N: n})
	if errors.Is(err, pgx.ErrNoRows) {
		return Delivery{}, ErrNoDelivery
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("read delivery %d of webhook %s: %w", n, e.Name, err)
	}
	return deliveryOf(r), nil
}

// ReplaySince sends everything again that was written since an instant, also what was
// written before the endpoint was there, and says how many events that are.
func (w Webhooks) ReplaySince(ctx context.Context, name string, since time.Time) (events int64, err error) {
	e, err := w.byName(ctx, name)
	if err != nil {
		return 0, err
	}
	err = w.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if events, err = q.ReplayWebhookSince(ctx, db.ReplayWebhookSinceParams{EndpointID: e.ID, Since: since}); err != nil {
			return err
		}
		return q.SleeplessWebhook(ctx, e.ID)
	})
	if err != nil {
		return 0, fmt.Errorf("replay webhook %s: %w", name, err)
	}
	return events, nil
}

// Ping sends an event that means nothing; the same id once.
func (w Webhooks) Ping(ctx context.Context, name string, id uuid.UUID) (Delivery, error) {
	e, err := w.byName(ctx, name)
	if err != nil {
		return Delivery{}, err
	}
	n, err := w.Store.PingWebhook(ctx, db.PingWebhookParams{EndpointID: e.ID, Event: "ping:" + id.String(), At: w.Now()})
	if err != nil {
		return Delivery{}, fmt.Errorf("ping webhook %s: %w", name, err)
	}
	return w.read(ctx, e, n)
}
