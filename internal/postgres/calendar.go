package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// RenewCalendar gives a user's feed a new secret address; the one before it stops
// working. ErrNotFound when there is no such active user.
func (s *Store) RenewCalendar(ctx context.Context, user uuid.UUID) (secret string, err error) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, s.setCalendar(ctx, user, CalendarHash(secret))
}

// RevokeCalendar closes a user's feed. ErrNotFound when there is no such active
// user.
func (s *Store) RevokeCalendar(ctx context.Context, user uuid.UUID) error {
	return s.setCalendar(ctx, user, nil)
}

func (s *Store) setCalendar(ctx context.Context, user uuid.UUID, hash []byte) error {
	n, err := s.SetCalendarHash(ctx, db.SetCalendarHashParams{Hash: hash, ID: user})
	if err != nil {
		return fmt.Errorf("set the calendar of user %s: %w", user, err)
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

// CalendarHash is how the secret of a feed is kept. 256 random bits need no slow
// hash.
func CalendarHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
