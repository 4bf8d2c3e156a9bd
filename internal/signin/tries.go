package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Who has failed so often within the time waits: for one user, and for one address
// on the network, behind which a whole office may sit.
const (
	failuresWithin    = 15 * time.Minute
	failuresOfUser    = 5
	failuresOfAddress = 100
)

// TooMany says that somebody has failed too often.
type TooMany struct{ Until time.Time }

func (t *TooMany) Error() string {
	return "too many attempts failed; wait until " + t.Until.UTC().Format("15:04 MST")
}

// try counts an attempt as failed before it is made, so that many at once count too,
// and refuses it when there were too many lately.
func (s SignIn) try(ctx context.Context, email, from string) error {
	user, address := who("email", email), who("from", from)
	return s.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.LockSignIn(ctx, user); err != nil {
			return err
		}
		for _, limit := range []struct {
			who  []byte
			most int32
		}{{user, failuresOfUser}, {address, failuresOfAddress}} {
			at, err := q.SignInFailures(ctx, db.SignInFailuresParams{Who: limit.who, After: s.Now().Add(-failuresWithin), Most: limit.most})
			if err != nil {
				return err
			}
			if len(at) == int(limit.most) {
				return &TooMany{at[len(at)-1].Add(failuresWithin)}
			}
		}
		if from == "" {
			return q.SignInFailed(ctx, db.SignInFailedParams{Who: [][]byte{user}, At: s.Now()})
		}
		return q.SignInFailed(ctx, db.SignInFailedParams{Who: [][]byte{user, address}, At: s.Now()})
	})
}

// forgive forgets the failures of a user who signed in.
func (s SignIn) forgive(ctx context.Context, email string) error {
	return s.Store.ForgetSignInFailures(ctx, who("email", email))
}

// who is kept as a hash: what people type is not ours to keep.
func who(kind, what string) []byte { return hash(kind + ":" + what) }

// nobody is who tries to sign in.
const nobody = "nobody"

// locked writes down that somebody has to wait, once however often they try meanwhile.
func (s SignIn) locked(ctx context.Context, why error, email, from string, user uuid.UUID) error {
	var many *TooMany
	if !errors.As(why, &many) {
		return nil
	}
	once := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(who("email", email), "%s %s", from, many.Until))
	return s.note(ctx, once, nobody, "sign_in_locked", user)
}

// failed writes down that somebody did not get in: of users each time, which is a few
// times a quarter of an hour at most; of addresses that no user has, once in that time
// for each place they are tried from.
func (s SignIn) failed(ctx context.Context, from string, user uuid.UUID) error {
	once := uuid.Must(uuid.NewV7())
	if user == uuid.Nil {
		once = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(who("from", from), " %s", s.Now().UTC().Truncate(failuresWithin)))
	}
	return s.note(ctx, once, nobody, "sign_in_failed", user)
}

// note writes down what is about a user; about nobody whom we know, it says only that
// it was.
func (s SignIn) note(ctx context.Context, id uuid.UUID, actor, act string, user uuid.UUID) error {
	row := db.InsertActParams{ID: id, At: s.Now(), Actor: actor, Act: act}
	if user != uuid.Nil {
		row.About = user.String()
	}
	return s.Store.InsertAct(ctx, row)
}
