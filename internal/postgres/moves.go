package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// LeadsToMove lists the next leads of a move.
func (s *Store) LeadsToMove(ctx context.Context, b activities.Batch, most int) ([]string, error) {
	move, err := parseID("move", b.Move)
	if err != nil {
		return nil, err
	}
	after := uuid.Nil
	if b.After != "" {
		if after, err = parseID("lead", b.After); err != nil {
			return nil, err
		}
	}
	ids, err := s.Queries.LeadsToMove(ctx, db.LeadsToMoveParams{FromID: b.From, After: after, MoveID: move, Again: activities.Passing(), Most: int32(most)})
	leads := make([]string, len(ids))
	for i, id := range ids {
		leads[i] = id.String()
	}
	return leads, err
}

// Asking notes that leads of a move are being asked.
func (s *Store) Asking(ctx context.Context, move string, leads []string) error {
	m, err := parseID("move", move)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(leads))
	for i, lead := range leads {
		if ids[i], err = parseID("lead", lead); err != nil {
			return err
		}
	}
	return s.AskToMove(ctx, db.AskToMoveParams{MoveID: m, Leads: ids, Code: activities.Asked})
}

// Record notes what came of one lead of a move.
func (s *Store) Record(ctx context.Context, move, lead string, refusal *sequence.Refusal) error {
	m, err := parseID("move", move)
	if err != nil {
		return err
	}
	l, err := parseID("lead", lead)
	if err != nil {
		return err
	}
	row := db.RecordMovedParams{MoveID: m, LeadID: l, Moved: refusal == nil}
	if refusal != nil {
		row.Code, row.Detail = refusal.Code, refusal.Message
		return s.RecordMoved(ctx, row)
	}
	return s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		versions, err := q.MoveVersions(ctx, m)
		if err != nil {
			return err
		}
		change := workflows.PlaybookChange{From: versions.FromID, To: versions.ToID}
		if _, err := agree(ctx, q, Agreed{Lead: l, Update: workflows.ChangePlaybook, ID: workflows.MoveID(move), Event: change}); err != nil {
			return err
		}
		return q.RecordMoved(ctx, row)
	})
}

// Finish notes that every lead of a move was asked.
func (s *Store) Finish(ctx context.Context, move string) error {
	m, err := parseID("move", move)
	if err != nil {
		return err
	}
	return s.FinishMove(ctx, m)
}
