package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Stopped reports whether a person may not be contacted at all.
func Stopped(ctx context.Context, q *db.Queries, p db.Person) (bool, error) {
	if p.ErasedAt != nil {
		return true, nil
	}
	return q.PersonStopped(ctx, db.PersonStoppedParams{
		Email: hashOf(text(p.Email)), Domain: hashOf(Domain(text(p.Email))), Phone: hashOf(text(p.Phone)), PersonID: p.ID,
	})
}

// mailStopped reports whether no mail may go to the person's address.
func mailStopped(ctx context.Context, q *db.Queries, person uuid.UUID, email string) (bool, error) {
	return q.MailStopped(ctx, db.MailStoppedParams{Email: hashOf(email), Domain: hashOf(Domain(email)), PersonID: person})
}

// SuppressPerson adds every address of a person to the suppression list and
// takes back what anybody was to do about them, in tx.
func SuppressPerson(ctx context.Context, tx pgx.Tx, q *db.Queries, p db.Person, via string, at time.Time) error {
	if err := lockAddress(ctx, tx, text(p.Email), exclusive); err != nil {
		return err
	}
	if err := q.CancelTasksOfPerson(ctx, db.CancelTasksOfPersonParams{At: &at, PersonID: p.ID}); err != nil {
		return err
	}
	for kind, value := range map[string]string{"email": text(p.Email), "phone": text(p.Phone)} {
		if value == "" {
			continue
		}
		err := q.InsertSuppression(ctx, db.InsertSuppressionParams{
			ID: uuid.New(), Kind: kind, ValueHash: Hash(value), Via: via, PersonID: &p.ID, CreatedAt: at,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
