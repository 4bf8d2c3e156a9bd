package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/workflows"
)

const (
	relayAtOnce = 32               // messages on their way to Temporal at the same time
	relayBatch  = 8 * relayAtOnce  // messages that one relay takes for itself
	relayWithin = 20 * time.Second // a batch; what was not tried by then is taken again
)

// Bell wakes the relay of this process before its next turn.
type Bell chan struct{}

// NewBell makes a bell.
func NewBell() Bell { return make(Bell, 1) }

func (b Bell) ring() {
	select {
	case b <- struct{}{}:
	default: // it rings already, or there is none
	}
}

// Relay hands over what waits, every interval, until ctx ends. Any number of
// relays may run; each message is taken by one at a time, and taking it twice
// has one effect.
func (d *Door) Relay(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for failed := false; ; {
		n, err := 1, error(nil)
		for n > 0 {
			n, err = d.relayOnce(ctx)
		}
		switch {
		case ctx.Err() != nil:
		case err != nil && !failed: // once, not every second of an outage
			slog.Warn("messages cannot be relayed", "error", err)
		case err == nil && failed:
			slog.Info("messages are relayed again")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-d.Bell:
		case <-ticker.C:
		}
	}
}

// relayOnce takes a batch, in which each lead has one message at most, and reports how
// many it handed over.
func (d *Door) relayOnce(ctx context.Context) (delivered int, err error) {
	err = d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		waiting, err := q.WaitingDispatches(ctx, relayBatch)
		if err != nil || len(waiting) == 0 {
			return err
		}
		results := d.deliverAll(ctx, waiting)
		var done []uuid.UUID
		for i, m := range waiting {
			switch err := results[i]; {
			case err == nil:
				done = append(done, m.ID)
			case errors.Is(err, errNotTried):
			default:
				if err := q.NotDelivered(ctx, db.NotDeliveredParams{LastError: err.Error(), ID: m.ID}); err != nil {
					return err
				}
			}
		}
		delivered = len(done)
		return q.AllDelivered(ctx, done)
	})
	return delivered, err
}

// errNotTried: the time for the batch was over before.
var errNotTried = errors.New("not tried")

func (d *Door) deliverAll(ctx context.Context, messages []db.Dispatch) []error {
	ctx, cancel := context.WithTimeout(ctx, relayWithin)
	defer cancel()
	results := make([]error, len(messages))
	var group errgroup.Group
	group.SetLimit(relayAtOnce)
	for i, m := range messages {
		group.Go(func() error {
			if results[i] = errNotTried; ctx.Err() == nil {
				results[i] = d.deliver(ctx, m)
			}
			return nil
		})
	}
	_ = group.Wait() // each has its own result
	return results
}

// handNow tries right after the commit, so that usually nothing waits. The
// caller has been served already, whatever comes of it. A message does not
// overtake an older one of the same lead that still waits.
func (d *Door) handNow(ctx context.Context, messages []db.Dispatch) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for _, m := range messages {
		if !d.isNext(ctx, m) {
			return
		}
		err := d.deliver(ctx, m)
		if err == nil {
			err = d.Store.Delivered(ctx, m.ID)
		}
		if err != nil {
			slog.Debug("a message waits for the relay", "lead", m.LeadID, "message", m.Message, "error", err)
			return // in order, or later
		}
	}
}

// isNext reports whether no older message of the lead waits.
func (d *Door) isNext(ctx context.Context, m db.Dispatch) bool {
	if m.Message == startMessage {
		return true
	}
	id, err := d.Store.FirstWaiting(ctx, m.LeadID)
	return err == nil && id == m.ID
}

// deliver brings a message to the lead's workflow.
func (d *Door) deliver(ctx context.Context, m db.Dispatch) error {
	if m.Message == startMessage {
		var in workflows.Input
		if err := json.Unmarshal(m.Payload, &in); err != nil {
			return fmt.Errorf("decode the start of lead %s: %w", m.LeadID, err)
		}
		in.Clock = d.Clock
		return d.Workflows.Start(ctx, in)
	}
	err := d.Workflows.Signal(ctx, m.LeadID.String(), m.Message, m.Payload)
	if errors.Is(err, ErrNoWorkflow) {
		if lead, dbErr := d.Store.Lead(ctx, m.LeadID); dbErr == nil && lead.Final != nil && *lead.Final {
			return nil // the life is over; the record is the effect
		}
	}
	return err
}
