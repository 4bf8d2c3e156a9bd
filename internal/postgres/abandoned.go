package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// abandonedAtOnce is how many are looked at in one go.
const abandonedAtOnce = 100

// EndAbandoned ends the sends whose workers were lost together with the turns that
// made them. When the life then goes another way, or waits, nobody tries them again and
// finds out. One that had begun is unknown, and its lead is told; of one that had not
// nothing went out. A live attempt holds the address, and is left alone.
func (s *Store) EndAbandoned(ctx context.Context, at time.Time) error {
	rows, err := s.PerhapsAbandoned(ctx, abandonedAtOnce)
	if err != nil {
		return fmt.Errorf("look for abandoned sends: %w", err)
	}
	for _, row := range rows {
		if err := s.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error { return endAbandoned(ctx, tx, q, row, at) }); err != nil {
			return fmt.Errorf("end touch %s of lead %s: %w", row.Touch, row.LeadID, err)
		}
	}
	return nil
}

func endAbandoned(ctx context.Context, tx pgx.Tx, q *db.Queries, row db.PerhapsAbandonedRow, at time.Time) error {
	var free bool
	err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7))", hex.EncodeToString(Hash(row.Email))).Scan(&free)
	if err != nil || !free {
		return err
	}
	n, err := q.Abandon(ctx, db.AbandonParams{LeadID: row.LeadID, Touch: row.Touch, Attempt: row.Attempt, Begun: row.Begun, Detail: "its worker was lost"})
	if err != nil || n == 0 || !row.Begun {
		return err
	}
	l, err := q.Lead(ctx, row.LeadID)
	if err != nil {
		return err
	}
	if l.Final != nil && *l.Final { // nobody is left to write it down and to tell the owner
		if err := q.TellOfTouch(ctx, db.TellOfTouchParams{LeadID: row.LeadID, Touch: row.Touch, At: at, Detail: "email unknown: its worker was lost"}); err != nil {
			return err
		}
		return q.InsertNotification(ctx, db.InsertNotificationParams{
			ID: derived("abandoned", row.LeadID, row.Touch), LeadID: row.LeadID, Who: string(sequence.TheOwner), At: at,
			About: "it is not known whether an email went out before the life was over",
		})
	}
	return leave(ctx, q, []uuid.UUID{row.LeadID}, workflows.AbandonedSignal, sequence.SendAbandoned{Touch: row.Touch})
}
