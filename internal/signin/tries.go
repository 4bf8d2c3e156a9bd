package signin

import (
	"context"
	"time"

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
