package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// largest is how much of a message is read: what providers deliver, about.
const largest = 25 << 20

// takeWithin is how long a Taker may take for one message.
const takeWithin = 2 * time.Minute

var (
	errPanic  = errors.New("taking the message in panicked")
	errNoBody = errors.New("the server does not give the message out")
)

// stuck is the message that a mailbox does not get past.
type stuck struct {
	uid   imap.UID
	tries int
	since time.Time
}

// tries is how often a message is tried at least.
const tries = 5

// take has the first of these messages taken in. One that it does not get past is
// passed over after a while, or the mailbox would wait for ever, and with it
// somebody's stop: when it crashes its Taker, or when the server does not give it
// out though it gives out the next. While the Taker says that it cannot, nothing
// is passed over.
func (r *reading) take(ctx context.Context, uids []imap.UID) error {
	err := r.tryToTake(ctx, uids[0])
	if err == nil || ctx.Err() != nil {
		return err
	}
	if r.stuck.uid != uids[0] {
		r.stuck = stuck{uid: uids[0], since: time.Now()}
	}
	r.stuck.tries++
	if r.stuck.tries < tries || time.Since(r.stuck.since) < r.timing.GiveUp || !r.hopeless(err, uids[1:]) {
		return err
	}
	slog.ErrorContext(ctx, "a message is passed over", "mailbox", r.mailbox, "uid", uids[0], "trouble", troubleOf(err))
	r.Passed++ // kept with the cursor that moves on now
	return nil
}

func (r *reading) hopeless(err error, others []imap.UID) bool {
	if errors.Is(err, errPanic) {
		return true
	}
	_, refused := errors.AsType[*imap.Error](err)
	if !refused && !errors.Is(err, errNoBody) || len(others) == 0 {
		return false
	}
	found, err := r.fetch(others[0], &Incoming{})
	return found && err == nil
}

func (r *reading) tryToTake(ctx context.Context, uid imap.UID) error {
	m := Incoming{Mailbox: r.mailbox}
	found, err := r.fetch(uid, &m)
	if err != nil || !found {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, takeWithin)
	defer cancel()
	return fail(NotTaken, contained(ctx, r.Taker, m))
}

// contained turns a panic into an error. What it says stays out of the log: it
// may quote the message.
func contained(ctx context.Context, t Taker, m Incoming) (err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "taking in a message panicked", "mailbox", m.Mailbox, "kind", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return t.Take(ctx, m)
}

// fetch reads one message; false when it is gone.
func (r *reading) fetch(uid imap.UID, m *Incoming) (found bool, err error) {
	most := cmp.Or(r.Largest, largest)
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: int64(most)}}
	err = r.conn.within(r.conn.transfer, func() error {
		fetching := r.conn.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}})
		defer fetching.Close()
		for data := fetching.Next(); data != nil; data = fetching.Next() {
			if err := m.read(data, most); err != nil {
				return err
			}
		}
		return fetching.Close()
	})
	if err != nil || m.Raw != nil {
		return err == nil, err
	}
	// Nothing came: it is gone, or the server answers in a way that the client
	// does not take for an answer. Only the first is a reason to go on.
	left, err := r.search(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(uid)}})
	if err == nil && len(left) > 0 {
		err = fail(BadAnswer, errNoBody)
	}
	return false, err
}

// read takes over what was asked for, and no more of a body than that even if the
// server sends it.
func (m *Incoming) read(data *imapclient.FetchMessageData, most int) error {
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataInternalDate:
			m.ReceivedAt = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			m.Raw = make([]byte, min(item.Literal.Size(), int64(most)))
			if _, err := io.ReadFull(item.Literal, m.Raw); err != nil {
				return err
			}
		}
	}
	return nil
}
