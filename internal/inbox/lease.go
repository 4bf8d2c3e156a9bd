package inbox

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// endsWithin is how long letting go of a mailbox may take.
const endsWithin = 5 * time.Second

// elsewhere is after how many failures in a row to reach a server another worker
// may try: perhaps it is our network.
const elsewhere = 3

// watch is one mailbox that this worker watches, or waits to.
type watch struct {
	*Watcher
	timing   Timing
	mailbox  uuid.UUID
	imap     string
	failures int // in a row
	last     Trouble
	stuck    stuck
}

func (w *watch) run(ctx context.Context) {
	for ctx.Err() == nil {
		asked := time.Now()
		holder := uuid.New()
		progress, held, err := w.Watches.Hold(ctx, w.mailbox, holder, w.timing.Lease)
		switch {
		case err != nil && ctx.Err() == nil:
			slog.WarnContext(ctx, "a mailbox cannot be held", "mailbox", w.mailbox, "error", err)
		case held:
			w.hold(ctx, holder, progress, asked.Add(w.timing.Lease))
		}
		rest(ctx, max(w.pause(), spread(w.timing.Renew)))
	}
}

// hold watches the mailbox until the lease is lost, ctx ends or another should try.
func (w *watch) hold(ctx context.Context, holder uuid.UUID, p Progress, until time.Time) {
	held, lose := context.WithCancel(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		defer lose()
		w.renew(held, holder, until)
	}()
	w.keepReading(held, holder, p)
	lose()
	<-renewing
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endsWithin)
	defer cancel()
	if err := w.Watches.Release(ctx, w.mailbox, holder); err != nil {
		slog.WarnContext(ctx, "a mailbox is let go by its lease only", "mailbox", w.mailbox, "error", err)
	}
}

// renew renews the lease until it is lost: another has it, or it ran out while
// the database could not be asked. Postgres counts the lease from when it hears of
// it, we from before we asked, so we never think that we hold it for longer.
func (w *watch) renew(ctx context.Context, holder uuid.UUID, until time.Time) {
	for rest(ctx, min(w.timing.Renew, time.Until(until))) {
		asked := time.Now()
		ask, cancel := context.WithDeadline(ctx, until)
		err := w.Watches.Renew(ask, w.mailbox, holder, w.timing.Lease)
		cancel()
		switch {
		case err == nil:
			until = asked.Add(w.timing.Lease)
		case errors.Is(err, ErrLost), !time.Now().Before(until):
			slog.WarnContext(ctx, "a mailbox is held no more", "mailbox", w.mailbox)
			return
		}
	}
}

// keepReading connects again and again.
func (w *watch) keepReading(ctx context.Context, holder uuid.UUID, p Progress) {
	for {
		r := &reading{watch: w, holder: holder, Progress: p}
		err := r.run(ctx)
		p = r.Progress
		if ctx.Err() != nil || errors.Is(err, ErrLost) {
			return
		}
		w.failures++
		w.last = troubleOf(err)
		w.report(ctx, holder, err)
		if w.last == Unreachable && w.failures >= elsewhere || !rest(ctx, w.pause()) {
			return
		}
	}
}

// report makes a failure known. A line that broke once is none: servers hang up.
func (w *watch) report(ctx context.Context, holder uuid.UUID, err error) {
	if w.last == Unreachable && w.failures == 1 {
		slog.DebugContext(ctx, "a mailbox is connected to again", "mailbox", w.mailbox)
		return
	}
	attrs := []any{"mailbox", w.mailbox, "trouble", w.last, "failures", w.failures}
	if w.last == NotTaken {
		attrs = append(attrs, "error", errors.Unwrap(err)) // ours, not the server's
	}
	slog.WarnContext(ctx, "a mailbox cannot be read now", attrs...)
	if err := w.Watches.Trouble(ctx, w.mailbox, holder, w.last); err != nil && ctx.Err() == nil {
		slog.WarnContext(ctx, "a mailbox's trouble cannot be noted", "mailbox", w.mailbox, "error", err)
	}
}

// pause is how long to wait after the last failure; zero when all is well.
func (w *watch) pause() time.Duration {
	if w.failures == 0 {
		return 0
	}
	first, most := w.timing.Retry, w.timing.RetryMost
	if w.last == NoLogin || w.last == BadAddress {
		first, most = w.timing.RetryLogin, w.timing.RetryLoginMost
	}
	return spread(min(most, first<<min(w.failures-1, 16)))
}

// spread makes a pause shorter by up to half, by chance, so that many do not come
// at once.
func spread(d time.Duration) time.Duration { return d - rand.N(d/2+1) }
