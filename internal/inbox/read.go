package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/uuid"
)

// reading is one connection to a mailbox, from connecting until it fails.
type reading struct {
	*watch
	Progress
	holder uuid.UUID
	conn   *conn
	looked time.Time // when the last look at the folder began
	deaf   bool      // the server refused IDLE though it said that it can
}

func (r *reading) run(ctx context.Context) (err error) {
	if r.conn, err = r.Dialer.connect(ctx, r.imap); err != nil {
		return err
	}
	defer r.conn.close()
	for {
		if err := r.catchUp(ctx); err != nil {
			return err
		}
		r.failures = 0
		r.ConnectedAt = time.Now()
		if err := r.Watches.Connected(ctx, r.mailbox, r.holder); err != nil {
			return fail(NotTaken, err)
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
}

// catchUp takes all that came in since, the oldest first. It opens the folder
// anew each time, read-only: that is when every server tells what is new, and
// nothing is marked as seen.
func (r *reading) catchUp(ctx context.Context) error {
	r.looked = time.Now()
	if err := r.open(ctx); err != nil {
		return err
	}
	uids, err := r.unread()
	if err != nil {
		return err
	}
	for i, uid := range uids {
		if err := r.take(ctx, uids[i:]); err != nil {
			return err
		}
		if err := r.advance(ctx, uint32(uid)); err != nil {
			return err
		}
	}
	if r.UID+1 < r.OldBelow { // the rest of them is too old
		return r.advance(ctx, r.OldBelow-1)
	}
	return nil
}

func (r *reading) open(ctx context.Context) error {
	var folder *imap.SelectData
	err := r.conn.within(r.conn.answer, func() (err error) {
		folder, err = r.conn.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if _, refused := errors.AsType[*imap.Error](err); refused {
		return fail(NoFolder, err)
	}
	switch {
	case err != nil:
		return fail(Unreachable, err)
	case folder.UIDValidity == 0 || folder.UIDNext == 0: // RFC 3501, 2.3.1.1 wants both
		return fail(BadAnswer, errors.New("the folder has no UIDs that last"))
	case folder.UIDValidity == r.Validity:
		return nil
	}
	return r.moveTo(ctx, r.restart(folder.UIDValidity, uint32(folder.UIDNext), time.Now(), r.timing.Reread))
}

func (r *reading) advance(ctx context.Context, uid uint32) error {
	to := r.Cursor
	to.UID = uid
	return r.moveTo(ctx, to)
}

func (r *reading) moveTo(ctx context.Context, to Cursor) error {
	if err := r.Watches.Advance(ctx, r.mailbox, r.holder, to); err != nil {
		return fail(NotTaken, err)
	}
	r.Cursor = to
	return nil
}

// unread is what is yet to be taken, in order.
func (r *reading) unread() ([]imap.UID, error) {
	next := imap.UID(r.UID) + 1
	var uids []imap.UID
	if below := imap.UID(r.OldBelow); next < below {
		old, err := r.search(&imap.SearchCriteria{
			UID:   []imap.UIDSet{{imap.UIDRange{Start: next, Stop: below - 1}}},
			Since: r.OldSince.UTC().AddDate(0, 0, -1), // a date in the server's zone, whichever it is
		})
		if err != nil {
			return nil, err
		}
		if uids, err = r.recent(old); err != nil {
			return nil, err
		}
		next = below
	}
	// The last message is in n:* even when its UID is less (RFC 3501, 6.4.8).
	found, err := r.search(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: next, Stop: 0}}}})
	for _, uid := range found {
		if uid >= next {
			uids = append(uids, uid)
		}
	}
	slices.Sort(uids)
	return uids, err
}

func (r *reading) search(criteria *imap.SearchCriteria) (uids []imap.UID, err error) {
	return uids, r.conn.within(r.conn.answer, func() error {
		found, err := r.conn.UIDSearch(criteria, nil).Wait()
		uids = found.AllUIDs()
		return err
	})
}

// atOnce is how many messages are named in one command; servers limit its length.
const atOnce = 500

// recent keeps those that came in since OldSince.
func (r *reading) recent(uids []imap.UID) (recent []imap.UID, err error) {
	for some := range slices.Chunk(uids, atOnce) {
		err := r.conn.within(r.conn.answer, func() error {
			found, err := r.conn.Fetch(imap.UIDSetNum(some...), &imap.FetchOptions{UID: true, InternalDate: true}).Collect()
			for _, m := range found {
				if !m.InternalDate.Before(r.OldSince) {
					recent = append(recent, m.UID)
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return recent, nil
}
