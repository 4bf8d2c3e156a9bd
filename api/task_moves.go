package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Moved is a task that was put off or handed over.
type Moved struct {
	ID           uuid.UUID  `json:"id"`
	OwnerID      uuid.UUID  `json:"owner_id"`
	DueAt        time.Time  `json:"due_at"`
	SnoozedUntil *time.Time `json:"snoozed_until,omitempty"`
}

// longestTaskSnooze keeps tasks from being put off for good.
const longestTaskSnooze = 30 * 24 * time.Hour

// openTask finds a task that can still be worked, of a lead that the caller sees.
func (a *API) openTask(ctx context.Context, id uuid.UUID) (db.Task, error) {
	t, err := a.Store.Task(ctx, id)
	if err = postgres.Translate(err); err != nil {
		return t, fmt.Errorf("read task %s: %w", id, err)
	}
	if _, err := a.lead(ctx, t.LeadID); err != nil {
		return t, err
	}
	if t.State != "open" {
		return t, problem(http.StatusConflict, "task_closed", "this task is "+t.State+": "+t.Result, "read the queue again")
	}
	return t, nil
}

func (a *API) snoozeTask(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		Until time.Time `json:"until" doc:"When it is shown again; at most 30 days from now, and not after a time that was promised"`
	}
},
) (*body[Moved], error) {
	t, err := a.openTask(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	until, now := in.Body.Until, a.now()
	switch {
	case !until.After(now):
		return nil, invalid([]Fault{{"body.until", "lies in the past; give a time to come"}})
	case until.After(now.Add(longestTaskSnooze)):
		return nil, invalid([]Fault{{"body.until", "is more than 30 days away; record an outcome, or snooze the lead"}})
	case t.Promised && until.After(t.DueAt):
		return nil, invalid([]Fault{{"body.until", "is after the time that they were promised, " + t.DueAt.UTC().Format(time.RFC3339) + "; record what you agreed instead"}})
	}
	if _, err := a.Store.SnoozeTask(ctx, db.SnoozeTaskParams{Until: &until, ID: t.ID}); err != nil {
		return nil, fmt.Errorf("snooze task %s: %w", t.ID, err)
	}
	return reply(Moved{t.ID, t.OwnerID, t.DueAt, &until}), nil
}

func (a *API) handOverTask(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		OwnerID uuid.UUID `json:"owner_id" format:"uuid" doc:"Who does it"`
	}
},
) (*body[Moved], error) {
	t, err := a.openTask(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	u, err := a.Store.User(ctx, in.Body.OwnerID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !u.Active {
		return nil, door.ErrOwner
	}
	if err != nil {
		return nil, fmt.Errorf("read user %s: %w", in.Body.OwnerID, err)
	}
	if _, err := a.Store.HandOverTask(ctx, db.HandOverTaskParams{OwnerID: u.ID, ID: t.ID}); err != nil {
		return nil, fmt.Errorf("hand task %s over: %w", t.ID, err)
	}
	return reply(Moved{t.ID, u.ID, t.DueAt, nil}), nil
}
