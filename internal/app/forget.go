package app

import (
	"context"
	"errors"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// How long is kept what is of use for a while only. What happened is in the records
// and in the audit trail for good.
const (
	keepKeys          = 7 * 24 * time.Hour  // of requests: a client that repeats one does so soon
	keepDispatches    = 30 * 24 * time.Hour // that were handed over: a rebuild may hand over again what is newer than Temporal's last state
	keepNotifications = 90 * 24 * time.Hour
	keepImports       = 30 * 24 * time.Hour // the rows of files; what came of them is counted for good
	keepBatches       = 90 * 24 * time.Hour // which leads were chosen; what came of them is counted for good
	keepHooks         = 30 * 24 * time.Hour // what a webhook brought; that it came is known for good, so that it never counts twice

	forgetAtOnce = 5000 // rows, so that nobody waits for housekeeping
	leastKept    = 5 * time.Minute
)

// forget drops what is older than that, a part of it each time.
func (a *App) forget(ctx context.Context) error {
	return errors.Join(
		a.Store.ForgetKeys(ctx, db.ForgetKeysParams{Before: a.past(keepKeys), Most: forgetAtOnce}),
		a.Store.ForgetDispatches(ctx, db.ForgetDispatchesParams{Before: a.past(keepDispatches), Most: forgetAtOnce}),
		a.Store.ForgetImports(ctx, a.Door.Now().Add(-keepImports)),
		a.Store.ForgetBatches(ctx, a.Door.Now().Add(-keepBatches)),
		a.Store.ForgetWebhookEvents(ctx, db.ForgetWebhookEventsParams{Before: time.Now().Add(-webhooks.Kept), Most: forgetAtOnce}),
		a.Store.ForgetDeliveries(ctx, db.ForgetDeliveriesParams{Before: a.Door.Now().Add(-keepHooks), Most: forgetAtOnce}),
		a.Store.ForgetSignIns(ctx, time.Now().Add(-24*time.Hour)),
		a.Store.ForgetNotifications(ctx, db.ForgetNotificationsParams{Before: a.Door.Now().Add(-keepNotifications), Most: forgetAtOnce}),
	)
}

// retainEvery is how often it is looked whether something is kept for too long, in
// real time: that reads through what is old.
const retainEvery = time.Hour

// retain forgets what the house has decided not to keep.
func (a *App) retain(ctx context.Context) error {
	if time.Since(a.retained) < retainEvery {
		return nil
	}
	err := a.rights().Retain(ctx, a.config.Keep)
	if err == nil {
		a.retained = time.Now()
	}
	return err
}

// past is the instant of real time that lies so long ago on the leads' clock. On a
// fast one a few minutes are kept all the same: programs repeat requests in real
// time.
func (a *App) past(ago time.Duration) time.Time {
	if c := a.config.Clock; c != nil {
		ago = max(time.Duration(float64(ago)/c.Speed), leastKept)
	}
	return time.Now().Add(-ago)
}
