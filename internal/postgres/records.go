package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

var _ activities.Records = (*Store)(nil)

// namespace derives ids from what they stand for, so that doing a thing twice
// gives the same row.
var namespace = uuid.MustParse("6f4b1c1e-6d0b-5c39-9b55-3f0f4d9b6c52")

func derived(parts ...any) uuid.UUID { return uuid.NewSHA1(namespace, []byte(fmt.Sprint(parts...))) }

// lead finds the lead of an activity; gone when its row is not there.
func (s *Store) lead(ctx context.Context, q *db.Queries, id string) (db.Lead, error) {
	u, err := parseID("lead", id)
	if err != nil {
		return db.Lead{}, errors.Join(activities.ErrGone, err)
	}
	l, err := q.Lead(ctx, u)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, fmt.Errorf("lead %s: %w", id, activities.ErrGone)
	}
	return l, err
}

// recipient is the person a touch is for: the lead's, or a named stakeholder.
func recipient(ctx context.Context, q *db.Queries, l db.Lead, to string) (db.Person, error) {
	id := l.PersonID
	if to != "" {
		u, err := parseID("stakeholder", to)
		if err != nil {
			return db.Person{}, errors.Join(activities.ErrGone, err)
		}
		id = u
	}
	p, err := q.Person(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fmt.Errorf("person %s: %w", id, activities.ErrGone)
	}
	return p, err
}

// CreateTask puts a task into the queue of the lead's owner. A suppressed person
// gets none; a newer call replaces an open one (R81). A task that was created
// before is left alone, and so is what came after it.
func (s *Store) CreateTask(ctx context.Context, lead string, at time.Time, task sequence.CreateTask) error {
	return s.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		l, err := s.lead(ctx, q, lead)
		if err != nil {
			return err
		}
		id := derived("task", l.ID, task.Touch)
		if _, err := q.Task(ctx, id); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		p, err := recipient(ctx, q, l, task.To)
		if err != nil {
			return err
		}
		stopped, err := Stopped(ctx, q, p)
		if err == nil && !stopped && task.Kind == sequence.TaskCall {
			stopped, err = q.NumberStopped(ctx, hashOf(text(p.Phone)))
		}
		if err != nil || stopped {
			return err
		}
		if task.Kind == sequence.TaskCall {
			if err := q.SupersedeCall(ctx, db.SupersedeCallParams{At: &at, PersonID: p.ID, Touch: task.Touch}); err != nil {
				return err
			}
		}
		row := db.InsertTaskParams{
			ID: id, Touch: task.Touch, Kind: string(task.Kind), PersonID: p.ID, DueAt: task.DueAt,
			Promised: task.Promised, Hot: task.Hot, Prompt: task.Prompt, Voicemail: task.Voicemail, Rule: string(task.Rule), At: at, LeadID: l.ID, ByMailbox: task.By,
		}
		if c := task.Call; c != nil {
			row.CallUid, row.CallSeq = c.UID, int32(c.Seq)
		}
		_, err = q.InsertTask(ctx, row)
		return err
	})
}

// CancelTasks closes open tasks of the lead, or of one person it is about.
func (s *Store) CancelTasks(ctx context.Context, lead string, at time.Time, c sequence.CancelTasks) error {
	u, err := parseID("lead", lead)
	if err != nil {
		return errors.Join(activities.ErrGone, err)
	}
	tasks := db.CancelTasksParams{At: &at, Why: c.Why, LeadID: u, Kind: string(c.Kind), After: int32(c.After), UpTo: int32(c.UpTo)}
	switch c.To {
	case "":
	case sequence.TheLead:
		tasks.AboutTheLead = true
	default:
		person, err := parseID("stakeholder", c.To)
		if err != nil {
			return errors.Join(activities.ErrGone, err)
		}
		tasks.PersonID = &person
	}
	return s.Queries.CancelTasks(ctx, tasks)
}

// MoveTasks gives the lead's open tasks to another owner.
func (s *Store) MoveTasks(ctx context.Context, lead, owner string) error {
	l, errLead := parseID("lead", lead)
	o, errOwner := parseID("owner", owner)
	if err := errors.Join(errLead, errOwner); err != nil {
		return errors.Join(activities.ErrGone, err)
	}
	return s.Queries.MoveTasks(ctx, db.MoveTasksParams{OwnerID: o, LeadID: l})
}

// Notify leaves one notification for the same thing on the same occasion, however
// often and whenever it is told.
func (s *Store) Notify(ctx context.Context, lead string, at time.Time, occasion string, n sequence.Notify) error {
	u, err := parseID("lead", lead)
	if err != nil {
		return errors.Join(activities.ErrGone, err)
	}
	return s.InsertNotification(ctx, db.InsertNotificationParams{
		ID: derived("notice", lead, occasion, n.Who, n.About), LeadID: u, Who: string(n.Who), About: n.About, Rule: string(n.Rule), At: at,
	})
}

// StartOutreach marks stakeholders as being written to.
func (s *Store) StartOutreach(ctx context.Context, lead string, at time.Time, people []string) error {
	l, err := parseID("lead", lead)
	if err != nil {
		return errors.Join(activities.ErrGone, err)
	}
	var ids []uuid.UUID
	for _, p := range people {
		u, err := parseID("stakeholder", p)
		if err != nil {
			return errors.Join(activities.ErrGone, err)
		}
		ids = append(ids, u)
	}
	return s.StartStakeholders(ctx, db.StartStakeholdersParams{At: at, LeadID: l, People: ids})
}

// Suppress stops every channel to the lead's person.
func (s *Store) Suppress(ctx context.Context, lead string, at time.Time, via string) error {
	return s.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		l, err := s.lead(ctx, q, lead)
		if err != nil {
			return err
		}
		p, err := recipient(ctx, q, l, "")
		if err != nil {
			return err
		}
		return SuppressPerson(ctx, tx, q, p, via, at)
	})
}
