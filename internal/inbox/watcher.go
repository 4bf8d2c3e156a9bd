package inbox

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// Watcher watches every mailbox that no other worker watches.
type Watcher struct {
	Taker     Taker
	Watches   Watches
	Mailboxes func(context.Context) ([]mailbox.Mailbox, error) // all there are now; those without IMAP are not watched
	Dialer    Dialer
	Timing    Timing
	Largest   int // bytes of a message that are read; 25 MB when zero
}

// Timing is how long things take, on real clocks. What is zero is as its comment
// says.
type Timing struct {
	List   time.Duration // from one look at the list of mailboxes to the next: 10 s
	Lease  time.Duration // how long a mailbox is held when nothing more is heard of its worker: 30 s
	Renew  time.Duration // how often the lease is renewed, or asked for: 10 s
	Poll   time.Duration // how often a server without IDLE is asked: 30 s
	Idle   time.Duration // how often one with IDLE is asked all the same: 5 min. RFC 2177 wants less than 29
	Reread time.Duration // how far back to read when UIDVALIDITY changed: 14 days

	Retry          time.Duration // first pause after a failure: 1 s; doubles each time
	RetryMost      time.Duration // longest: 2 min
	RetryLogin     time.Duration // first pause when the login is refused: 2 min; providers lock out who insists
	RetryLoginMost time.Duration // longest: 30 min
	GiveUp         time.Duration // how long a message is tried that crashes its Taker or that the server does not give out: 15 min
}

func (t Timing) orDefault() Timing {
	return Timing{
		List:   cmp.Or(t.List, 10*time.Second),
		Lease:  cmp.Or(t.Lease, 30*time.Second),
		Renew:  cmp.Or(t.Renew, 10*time.Second),
		Poll:   cmp.Or(t.Poll, 30*time.Second),
		Idle:   cmp.Or(t.Idle, 5*time.Minute),
		Reread: cmp.Or(t.Reread, 14*24*time.Hour),

		Retry:          cmp.Or(t.Retry, time.Second),
		RetryMost:      cmp.Or(t.RetryMost, 2*time.Minute),
		RetryLogin:     cmp.Or(t.RetryLogin, 2*time.Minute),
		RetryLoginMost: cmp.Or(t.RetryLoginMost, 30*time.Minute),
		GiveUp:         cmp.Or(t.GiveUp, 15*time.Minute),
	}
}

// running is a watch that was begun here.
type running struct {
	imap   string
	cancel context.CancelFunc
	ended  chan struct{}
}

// Run watches until ctx ends, and returns when every mailbox has been let go.
// Mailboxes that are new, changed or gone are noticed.
func (w *Watcher) Run(ctx context.Context) {
	timing := w.Timing.orDefault()
	all := map[uuid.UUID]*running{}
	for {
		if boxes, err := w.Mailboxes(ctx); err == nil {
			w.follow(ctx, timing, all, boxes)
		} else if ctx.Err() == nil {
			slog.WarnContext(ctx, "the mailboxes to watch cannot be listed", "error", err)
		}
		if !rest(ctx, timing.List) {
			break
		}
	}
	for _, r := range all {
		<-r.ended
	}
}

// follow begins and ends watches so that they are those of the list. One whose
// server changed is begun anew at the next look, when the old one has ended.
func (w *Watcher) follow(ctx context.Context, timing Timing, all map[uuid.UUID]*running, boxes []mailbox.Mailbox) {
	wanted := map[uuid.UUID]string{}
	for _, box := range boxes {
		wanted[box.ID] = box.Connections.IMAP
	}
	for id, r := range all {
		if r.imap != wanted[id] {
			r.cancel()
		}
		select {
		case <-r.ended:
			delete(all, id)
		default:
		}
	}
	for id, imap := range wanted {
		if imap == "" || all[id] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		r := &running{imap: imap, cancel: cancel, ended: make(chan struct{})}
		all[id] = r
		go func() {
			defer close(r.ended)
			defer cancel()
			(&watch{Watcher: w, timing: timing, mailbox: id, imap: imap}).run(ctx)
		}()
	}
}

// rest waits; false when ctx ended meanwhile.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
