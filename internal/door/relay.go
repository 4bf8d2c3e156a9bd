package door

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/workflows"
)

// Relay hands over what waits, every interval, until ctx ends. Any number of
// relays may run; each message is taken by one at a time, and taking it twice
// has one effect.
func (d *Door) Relay(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		for n := 1; n > 0; {
			var err error
			if n, err = d.relayBatch(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("messages cannot be relayed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// RelayNow hands over what waits and can be handed over, and reports how many
// messages that were.
func (d *Door) RelayNow(ctx context.Context) (delivered int, err error) {
	for {
		n, err := d.relayBatch(ctx)
		if delivered += n; err != nil || n == 0 {
			return delivered, err
		}
	}
}

// relayBatch reports how many messages it handed over.
func (d *Door) relayBatch(ctx context.Context) (delivered int, err error) {
	err = d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		waiting, err := q.WaitingDispatches(ctx, 50)
		if err != nil {
			return err
		}
		for _, m := range waiting {
			if err := d.handOver(ctx, q, m); err != nil {
				if err := q.NotDelivered(ctx, db.NotDeliveredParams{LastError: err.Error(), ID: m.ID}); err != nil {
					return err
				}
				continue
			}
			delivered++
		}
		return nil
	})
	return delivered, err
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
		if err := d.handOver(ctx, d.Store.Queries, m); err != nil {
			slog.Debug("a message waits for the relay", "lead", m.LeadID, "message", m.Message, "error", err)
			return // in order, or later
		}
	}
}

// isNext reports whether no older message of the lead waits.
func (d *Door) isNext(ctx context.Context, m db.Dispatch) bool {
	if m.Message == workflows.StartMessage {
		return true
	}
	id, err := d.Store.FirstWaiting(ctx, m.LeadID)
	return err == nil && id == m.ID
}

func (d *Door) handOver(ctx context.Context, q *db.Queries, m db.Dispatch) error {
	var err error
	if m.Message == workflows.StartMessage {
		var in workflows.Input
		if err = json.Unmarshal(m.Payload, &in); err == nil {
			in.Clock = d.Clock
			err = d.Workflows.Start(ctx, in)
		}
	} else {
		err = d.Workflows.Signal(ctx, m.LeadID.String(), m.Message, m.Payload)
		if errors.Is(err, ErrNoWorkflow) {
			if lead, dbErr := q.Lead(ctx, m.LeadID); dbErr == nil && !lead.Runs {
				return q.TooLate(ctx, m.ID) // the life is over; the record is the effect
			}
		}
	}
	if err != nil {
		return err
	}
	return q.Delivered(ctx, m.ID)
}
