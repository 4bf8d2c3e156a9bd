package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// ReopenTasks puts tasks back into the queue that were closed since an instant.
func (s *Store) ReopenTasks(ctx context.Context, lead string, r sequence.ReopenTasks) error {
	id, err := parseID("lead", lead)
	if err != nil {
		return errors.Join(activities.ErrGone, err)
	}
	return s.Queries.ReopenTasks(ctx, db.ReopenTasksParams{LeadID: id, Since: r.Since, UpTo: int32(r.UpTo)})
}

// CalmAccount leaves a message for every other lead at the account (R34), and
// notes for those who are enrolled later what was told.
func (s *Store) CalmAccount(ctx context.Context, lead string, talking bool) error {
	return s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		l, err := s.lead(ctx, q, lead)
		if err != nil || l.AccountID == nil {
			return err
		}
		if err := q.LockAccount(ctx, *l.AccountID); err != nil {
			return err
		}
		if err := q.SetTalking(ctx, db.SetTalkingParams{Talking: talking, ID: l.ID}); err != nil {
			return err
		}
		others, err := q.Colleagues(ctx, db.ColleaguesParams{AccountID: l.AccountID, LeadID: l.ID})
		if err != nil {
			return err
		}
		return leave(ctx, q, others, workflows.ColleagueSignal, sequence.ColleagueTalks{Lead: lead, Over: !talking})
	})
}

// PublishNews leaves a message for every lead that may be waiting for news of
// this kind (R03, R53).
func (s *Store) PublishNews(ctx context.Context, content uuid.UUID, sources []string) error {
	return s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		leads, err := q.LeadsForNews(ctx, sources)
		if err != nil {
			return err
		}
		return leave(ctx, q, leads, workflows.NewsSignal, sequence.NewsPublished{ID: content.String()})
	})
}

// leave writes down the same signal for several leads, for the relay to hand over.
func leave[E any](ctx context.Context, q *db.Queries, leads []uuid.UUID, signal string, event E) error {
	all := db.InsertDispatchesParams{Message: signal, Leads: leads}
	for _, lead := range leads {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		payload, err := json.Marshal(workflows.Message[E]{ID: id.String(), Event: event})
		if err != nil {
			return fmt.Errorf("encode %s for lead %s: %w", signal, lead, err)
		}
		all.Ids, all.Payloads = append(all.Ids, id), append(all.Payloads, string(payload))
	}
	return q.InsertDispatches(ctx, all)
}
