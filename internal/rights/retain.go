package rights

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Keep is for how long what nobody asked to be erased is kept, on the leads' clock.
// Zero is for good.
type Keep struct {
	Mail      time.Duration // what mail said, out and in, and the letters as they came
	Strangers time.Duration // mail that belongs to no lead
	Closed    time.Duration // people whose leads are all over, since the last that was heard of them
}

// retainAtOnce is how many rows change in one statement, so that nobody waits for it;
// mostRetained, how many in one go.
const (
	retainAtOnce = 500
	mostRetained = 50 * retainAtOnce
)

// Retain forgets what has been kept for long enough, a part of it each time.
func (r Rights) Retain(ctx context.Context, keep Keep) error {
	now := r.Door.Now()
	var problems []error
	if keep.Mail > 0 {
		before := now.Add(-keep.Mail)
		problems = append(
			problems,
			inParts("letters", func() (int64, error) {
				return r.Store.ForgetReceived(ctx, db.ForgetReceivedParams{Before: before, Most: retainAtOnce})
			}),
			inParts("replies", func() (int64, error) {
				return r.Store.ForgetReplies(ctx, db.ForgetRepliesParams{Before: before, Most: retainAtOnce})
			}),
			inParts("mail that went out", func() (int64, error) {
				return r.Store.ForgetSent(ctx, db.ForgetSentParams{Before: before, Most: retainAtOnce})
			}),
		)
	}
	if keep.Strangers > 0 {
		problems = append(problems, inParts("strangers' letters", func() (int64, error) {
			return r.Store.ForgetStrangers(ctx, db.ForgetStrangersParams{Before: now.Add(-keep.Strangers), Most: retainAtOnce})
		}))
	}
	if keep.Closed > 0 {
		problems = append(problems, r.eraseLongGone(ctx, now.Add(-keep.Closed)))
	}
	return errors.Join(problems...)
}

// inParts forgets a batch after the other.
func inParts(what string, forget func() (int64, error)) error {
	for range mostRetained / retainAtOnce {
		n, err := forget()
		if err != nil {
			return fmt.Errorf("forget %s: %w", what, err)
		}
		if n < retainAtOnce {
			return nil
		}
	}
	return nil
}

// actor is who erases where nobody asked for it.
const actor = "rekindle"

// eraseLongGone erases people of whom nothing was heard since; it stops nobody, so
// that who comes back comes in as new.
func (r Rights) eraseLongGone(ctx context.Context, before time.Time) error {
	var problems []error
	after := uuid.Nil
	for range mostRetained / retainAtOnce {
		gone, err := r.Store.PeopleLongGone(ctx, db.PeopleLongGoneParams{Before: before, After: after, Most: retainAtOnce})
		if err != nil {
			return fmt.Errorf("find who is long gone: %w", err)
		}
		for _, id := range gone {
			_, err := r.Erase(ctx, id, Retention, actor)
			problems = append(problems, err)
			after = id
		}
		if len(gone) < retainAtOnce {
			break
		}
	}
	return errors.Join(problems...)
}
