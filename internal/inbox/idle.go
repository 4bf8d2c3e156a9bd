package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// wait returns when there may be something new: the server said so (IDLE, RFC
// 2177), or it is time to ask. It fails when the connection is gone.
func (r *reading) wait(ctx context.Context) error {
	var caps imap.CapSet
	if err := r.conn.within(r.conn.answer, func() error { caps = r.conn.Caps(); return nil }); err != nil {
		return err
	}
	if r.deaf || !caps.Has(imap.CapIdle) {
		return r.listen(ctx, r.timing.Poll)
	}
	err := r.idle(ctx)
	if _, refused := errors.AsType[*imap.Error](err); refused {
		slog.InfoContext(ctx, "a mail server refuses IDLE and is polled", "mailbox", r.mailbox)
		r.deaf = true
		return nil
	}
	return err
}

// idle has the server tell. It is left now and then, so that what the server did
// not tell is found, a connection that died silently is noticed, and the server
// does not take us for dead.
func (r *reading) idle(ctx context.Context) error {
	var idling *imapclient.IdleCommand
	err := r.conn.within(r.conn.answer, func() (err error) {
		idling, err = r.conn.Idle()
		return err
	})
	if err != nil {
		return err
	}
	heard := r.listen(ctx, r.timing.Idle)
	ended := r.conn.within(r.conn.answer, func() error { return errors.Join(idling.Close(), idling.Wait()) })
	return errors.Join(heard, ended)
}

var errHungUp = errors.New("the mail server hung up")

func (r *reading) listen(ctx context.Context, atMost time.Duration) error {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-r.conn.Closed():
		return fail(Unreachable, errHungUp)
	case <-r.conn.news: // not in a circle with a server that tells at each look
		rest(ctx, time.Until(r.looked.Add(r.timing.Retry)))
	case <-timer.C:
	}
	return nil
}
