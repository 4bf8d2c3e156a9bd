package webhooks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"golang.org/x/sync/errgroup"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

const (
	atOnce      = 8                // leads whose events are on their way together
	batch       = 4 * atOnce       // events between two looks at the endpoint
	roundWithin = 30 * time.Second // then the workflow begins another
	lockedWait  = 5 * time.Second  // another worker delivers, or is thought dead
)

// delivery is one round of deliveries to an endpoint.
type delivery struct {
	Webhooks
	endpoint db.WebhookEndpoint
	client   *http.Client
	signers  []*standardwebhooks.Webhook
	beat     func()
}

// DeliverWebhooks implements activities.Webhooks: everything that is due, of each lead
// in order, until there is nothing more or the time of a round is over. Only one worker
// delivers to an endpoint at a time, also when another was thought dead: it holds a lock
// on the database. What was delivered and not written down is delivered again, under the
// same id.
func (w Webhooks) DeliverWebhooks(ctx context.Context, endpoint string, beat func()) (d activities.Delivered, err error) {
	id, err := uuid.Parse(endpoint)
	if err != nil {
		return d, fmt.Errorf("webhook %q is not an id: %w", endpoint, err)
	}
	err = w.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		alone, err := q.LockWebhook(ctx, endpoint)
		if err != nil || !alone {
			d.NextAt = w.clock().Add(lockedWait)
			return err
		}
		d, err = w.round(ctx, id, beat)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("deliver to webhook %s: %w", endpoint, err)
	}
	return d, nil
}

func (w Webhooks) round(ctx context.Context, id uuid.UUID, beat func()) (activities.Delivered, error) {
	client := w.Target.client()
	defer client.CloseIdleConnections()
	for until := w.clock().Add(roundWithin); ; {
		now := w.clock()
		d, err := w.prepare(ctx, id, client, now)
		if errors.Is(err, errParked) {
			return activities.Delivered{}, nil
		}
		if err != nil {
			return activities.Delivered{}, err
		}
		if rest := d.endpoint.NotBefore; rest != nil && rest.After(now) {
			return activities.Delivered{NextAt: *rest}, nil
		}
		due, err := w.Store.DueWebhooks(ctx, db.DueWebhooksParams{EndpointID: id, At: now, Most: batch})
		if err != nil {
			return activities.Delivered{}, err
		}
		if len(due) == 0 {
			return w.next(ctx, id)
		}
		d.beat = beat
		if err := d.all(ctx, due); err != nil {
			return activities.Delivered{}, err
		}
		if !w.clock().Before(until) {
			return activities.Delivered{More: true}, nil
		}
	}
}

// prepare reads the endpoint anew: it may have been changed meanwhile. errParked also
// says that it is gone.
func (w Webhooks) prepare(ctx context.Context, id uuid.UUID, client *http.Client, now time.Time) (*delivery, error) {
	e, err := w.Store.Webhook(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && e.Parked != "" {
		return nil, errParked
	}
	if err != nil {
		return nil, err
	}
	d := &delivery{Webhooks: w, endpoint: e, client: client}
	if d.signers, err = w.signers(e, now); errors.Is(err, mailbox.ErrSealed) {
		return nil, errors.Join(errParked, w.park(ctx, e, Sealed, "no key of REKINDLE_SECRET_KEY opens its secret"))
	}
	return d, err
}

// next says when the next attempt is due.
func (w Webhooks) next(ctx context.Context, id uuid.UUID) (activities.Delivered, error) {
	at, err := w.Store.NextWebhook(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return activities.Delivered{}, nil
	}
	if err != nil || at == nil {
		return activities.Delivered{}, err
	}
	return activities.Delivered{NextAt: *at}, nil
}

// all delivers events of different leads side by side, and notes how the endpoint fares.
func (d *delivery) all(ctx context.Context, due []db.DueWebhooksRow) error {
	verdicts := make([]verdict, len(due))
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, e := range due {
		group.Go(func() (err error) {
			verdicts[i], err = d.one(sending, e)
			return err
		})
	}
	err := group.Wait()
	if err != nil {
		return err
	}
	return d.fares(ctx, verdicts)
}

// one delivers an event and writes down what came of it.
func (d *delivery) one(ctx context.Context, e db.DueWebhooksRow) (verdict, error) {
	d.beat()
	content, err := d.encode(e)
	if err != nil {
		return verdict{}, err
	}
	now := d.clock()
	v, err := post(ctx, d.client, d.signers, d.endpoint.Url, e.Event, content, now)
	if err != nil {
		return v, err
	}
	tried := db.WebhookTriedParams{State: "delivered", At: now, Status: int32(v.status), Error: v.says, EndpointID: d.endpoint.ID, N: e.N}
	if !v.taken {
		tried.State = "waiting"
		next := d.clock().Add(max(again(int(e.Attempts)+1, rand.Float64()), v.pause))
		tried.NextAt = &next
		if e.FirstAt != nil && now.Sub(*e.FirstAt) >= GivenUpAfter {
			tried.State, tried.NextAt = "given_up", nil
		}
	}
	// Whoever waits for this worker has gone, perhaps; what the endpoint has, it has.
	return v, d.Store.WebhookTried(context.WithoutCancel(ctx), tried)
}

// fares notes what became of a batch, and parks an endpoint that has gone or has taken
// nothing for too long.
func (d *delivery) fares(ctx context.Context, verdicts []verdict) error {
	now := d.clock()
	failed, pause := true, time.Duration(0)
	for _, v := range verdicts {
		if v.gone {
			return d.park(ctx, d.endpoint, Gone, "it answered 410 Gone: it wants no events any more")
		}
		failed, pause = failed && !v.taken, max(pause, v.pause)
	}
	since := now
	if d.endpoint.FailingSince != nil {
		since = *d.endpoint.FailingSince
	}
	if failed && now.Sub(since) >= ParkedAfter {
		return d.park(ctx, d.endpoint, Failing, "it has taken nothing since "+since.UTC().Format("2 January 15:04 MST")+": "+verdicts[0].says)
	}
	if failed && len(verdicts) > atOnce/2 { // it is away: nobody else need find that out
		pause = max(pause, shunned(now.Sub(since)))
	}
	fares := db.WebhookFaresParams{Failed: failed, At: now, ID: d.endpoint.ID}
	if pause > 0 {
		until := now.Add(pause)
		fares.NotBefore = &until
	}
	return d.Store.WebhookFares(ctx, fares)
}
