// Package webhooks tells other systems what happens to leads: CloudEvents, signed by
// Standard Webhooks, delivered in order for each lead. What is told is written down by
// the database (migrations/00017_webhooks.sql); this package keeps the endpoints and
// delivers.
//
// It knows the records and HTTP; it must not know Temporal, nor any name or address of
// a person.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// The errors that callers tell apart.
var (
	// ErrNoEndpoint: there is none of that name.
	ErrNoEndpoint = errors.New("there is no webhook of this name")
	// ErrNoDelivery: the endpoint has none of that number.
	ErrNoDelivery = errors.New("this webhook has no delivery of this number")
	// errParked: nothing is delivered there, or it is deleted.
	errParked = errors.New("the webhook is parked")
)

// Why an endpoint is parked.
const (
	ByHand  = "by_hand"
	Failing = "failing" // it took nothing for a day
	Gone    = "gone"    // it said 410
	Sealed  = "sealed"  // no key opens its secret
)

// Kinds are what can be told, without the prefix of their type.
func Kinds() []string {
	return []string{"lead.stage_changed", "lead.opted_out", "touch.sent", "outcome.recorded", "outcome.taken_back", "task.created", "task.closed", "task.reopened"}
}

// Webhooks keeps endpoints and delivers to them.
type Webhooks struct {
	Store  *postgres.Store
	Seal   mailbox.Seal
	Target Target           // where it may deliver to
	Source string           // of the events: where this Rekindle is reached
	Now    func() time.Time // on the leads' clock
	Clock  func() time.Time // real time; nil: time.Now
}

func (w Webhooks) clock() time.Time {
	if w.Clock == nil {
		return time.Now().UTC()
	}
	return w.Clock().UTC()
}

const (
	// WakesAgain is after how long a workflow is woken once more for what still waits:
	// the call may have been lost with who made it.
	WakesAgain = 5 * time.Minute
	// Overtaken is after how long it is woken for what was committed too late to be
	// seen the first time.
	Overtaken = 10 * time.Second
)

// Waker wakes the workflow of an endpoint, or begins it.
type Waker interface {
	WakeWebhook(ctx context.Context, endpoint string) error
}

// Wake wakes the workflows of endpoints that have something new, each once however many
// processes look.
func (w Webhooks) Wake(ctx context.Context, engine Waker) error {
	now := w.clock()
	ids, err := w.Store.WakeWebhooks(ctx, db.WakeWebhooksParams{At: &now, Lost: now.Add(-WakesAgain), Late: now.Add(-Overtaken)})
	if err != nil {
		return fmt.Errorf("look for what waits for webhooks: %w", err)
	}
	var failed []error
	for _, id := range ids {
		if err := engine.WakeWebhook(ctx, id.String()); err != nil { // whoever looks next tries again
			failed = append(failed, err, w.Store.SleeplessWebhook(ctx, id))
		}
	}
	return errors.Join(failed...)
}
