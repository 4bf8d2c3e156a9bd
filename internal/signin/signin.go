// Package signin lets people into the pages: by password, by a link that works once,
// or by the company's single sign-on; and it remembers them for a while. It knows
// users and sessions; it knows neither pages nor leads.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// How long a session lasts at most, and without being used.
const (
	Lasts = 14 * 24 * time.Hour
	Idle  = 3 * 24 * time.Hour
)

// LinkLasts is how long a link can be used.
const LinkLasts = 15 * time.Minute

// seenEvery is how exactly it is known when a session was last used.
const seenEvery = time.Minute

// How somebody signed in.
const (
	byPassword     = "password"
	byLink         = "link"
	bySingleSignOn = "single_sign_on"
)

var (
	// ErrWrong is returned when address and password do not belong together, by
	// Password; or a link or a session is unknown or over, by Link and Who.
	ErrWrong = errors.New("this does not open a session")
	// ErrNoUser is returned by SingleSignOn for an address that no active user has.
	ErrNoUser = errors.New("no active user has this address")
)

// SignIn opens sessions.
type SignIn struct {
	Store *postgres.Store
	Now   func() time.Time // real time, never the leads' clock
}

// Cookie is the name under which a browser keeps its session's token.
const Cookie = "rekindle_session"

// Reader is who has signed in.
type Reader struct {
	User    uuid.UUID
	Name    string
	Role    string
	OwnOnly bool   // sees only leads of their own
	Zone    string // IANA; none: as the browser says
}

// Password opens a session. from is the address that the request came from. Errors:
// ErrWrong, *TooMany.
func (s SignIn) Password(ctx context.Context, email, password, from string) (token string, err error) {
	email = strings.ToLower(strings.TrimSpace(email))
	u, err := s.Store.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("find a user: %w", err)
	}
	if err := s.try(ctx, email, from); err != nil {
		return "", fmt.Errorf("sign in: %w", errors.Join(err, s.locked(ctx, err, email, from, u.ID)))
	}
	right, err := matches(ctx, password, u.Password) // as slow when there is no such user
	if err != nil {
		return "", err
	}
	if !right {
		return "", errors.Join(ErrWrong, s.failed(ctx, from, u.ID))
	}
	if err := s.forgive(ctx, email); err != nil {
		return "", fmt.Errorf("forget failures: %w", err)
	}
	return s.open(ctx, u.ID, byPassword)
}

// NewLink makes the token of a link that opens one session of a user.
func (s SignIn) NewLink(ctx context.Context, user uuid.UUID, lasts time.Duration) (token string, err error) {
	token = newToken()
	err = s.Store.InsertSignInLink(ctx, db.InsertSignInLinkParams{Hash: hash(token), UserID: user, EndsAt: s.Now().Add(lasts)})
	return token, postgres.Translate(err)
}

// Link opens a session with the token of a link, which works once. Errors: ErrWrong.
func (s SignIn) Link(ctx context.Context, link string) (token string, err error) {
	user, err := s.Store.TakeSignInLink(ctx, db.TakeSignInLinkParams{Hash: hash(link), Now: s.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrWrong
	}
	if err != nil {
		return "", fmt.Errorf("take a link: %w", err)
	}
	return s.open(ctx, user, byLink)
}

// Who tells whose session a token belongs to. Errors: ErrWrong.
func (s SignIn) Who(ctx context.Context, token string) (who Reader, err error) {
	now := s.Now()
	r, err := s.Store.SessionByHash(ctx, db.SessionByHashParams{Hash: hash(token), Now: now, IdleSince: now.Add(-Idle)})
	if errors.Is(err, pgx.ErrNoRows) {
		return who, ErrWrong
	}
	if err != nil {
		return who, fmt.Errorf("find a session: %w", err)
	}
	if now.Sub(r.SeenAt) > seenEvery {
		err = s.Store.SessionSeen(ctx, db.SessionSeenParams{Now: now, ID: r.ID})
	}
	return Reader{User: r.UserID, Name: r.Name, Role: r.Role, OwnOnly: r.Role == "rep" && r.Sees == "own", Zone: r.Zone}, err
}

// Out ends a session.
func (s SignIn) Out(ctx context.Context, token string) error {
	return s.Store.EndSession(ctx, hash(token))
}

// OutEverywhere ends all sessions of a user, and reports how many there were.
func (s SignIn) OutEverywhere(ctx context.Context, user uuid.UUID) (int64, error) {
	return s.Store.EndSessionsOf(ctx, user)
}

// Session is one of a user's.
type Session struct {
	Via    string
	Began  time.Time
	SeenAt time.Time
}

// Sessions lists where a user is signed in, the last used first.
func (s SignIn) Sessions(ctx context.Context, user uuid.UUID) (all []Session, err error) {
	now := s.Now()
	rows, err := s.Store.SessionsOf(ctx, db.SessionsOfParams{UserID: user, Now: now, IdleSince: now.Add(-Idle)})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	for _, r := range rows {
		all = append(all, Session{r.Via, r.BeganAt, r.SeenAt})
	}
	return all, nil
}

// ChangePassword replaces the password of somebody who knows the one before, or has
// none; their sessions end. Errors: ErrWrong, *TooMany, *Weak.
func (s SignIn) ChangePassword(ctx context.Context, user uuid.UUID, old, password string) error {
	u, err := s.Store.User(ctx, user)
	if err != nil {
		return fmt.Errorf("read user %s: %w", user, postgres.Translate(err))
	}
	if u.Password != "" {
		if err := s.try(ctx, u.Email, ""); err != nil {
			return fmt.Errorf("change a password: %w", err)
		}
		right, err := matches(ctx, old, u.Password)
		if err != nil {
			return err
		}
		if !right {
			return ErrWrong
		}
		if err := s.forgive(ctx, u.Email); err != nil {
			return fmt.Errorf("forget failures: %w", err)
		}
	}
	return s.SetPassword(ctx, user, password)
}

// SetZone is in which zone a user's times are shown; "" is their browser's.
func (s SignIn) SetZone(ctx context.Context, user uuid.UUID, zone string) error {
	return s.Store.SetZone(ctx, db.SetZoneParams{Zone: zone, ID: user})
}

// SetPassword replaces a user's password and ends their sessions.
func (s SignIn) SetPassword(ctx context.Context, user uuid.UUID, password string) error {
	if err := strong(password); err != nil {
		return err
	}
	hashed, err := hashed(ctx, password)
	if err != nil {
		return err
	}
	return s.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		n, err := q.SetPassword(ctx, db.SetPasswordParams{Password: hashed, ID: user})
		if err == nil && n == 0 {
			err = postgres.ErrNotFound
		}
		if err == nil {
			_, err = q.EndSessionsOf(ctx, user)
		}
		return err
	})
}

func (s SignIn) open(ctx context.Context, user uuid.UUID, via string) (token string, err error) {
	token, now := newToken(), s.Now()
	err = s.Store.InsertSession(ctx, db.InsertSessionParams{ID: uuid.New(), UserID: user, Hash: hash(token), Via: via, Now: now, EndsAt: now.Add(Lasts)})
	if err == nil {
		err = s.note(ctx, uuid.Must(uuid.NewV7()), user.String(), "signed_in_by_"+via, user)
	}
	if err != nil {
		return "", fmt.Errorf("open a session: %w", postgres.Translate(err))
	}
	return token, nil
}

// newToken is 256 random bits.
func newToken() string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
