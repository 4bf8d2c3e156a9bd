// Package managing draws up what managers look at: follow-ups in time (R80), the
// share of cold calls (R13) and what stagnant leads cost (R82). It reads the
// records; the rules' thresholds are known to package sequence.
package managing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// Reports reads the records for managers.
type Reports struct {
	Store    *postgres.Store
	Playbook func(id string) (*sequence.Playbook, bool)
	Current  func() *sequence.Playbook
	Now      func() time.Time
}

// FollowUps is how many tasks that were due in a period were done in time (R80).
// Tasks that fell away before they were overdue were no follow-ups.
func (r Reports) FollowUps(ctx context.Context, since time.Time) (sequence.FollowUps, error) {
	now, pb := r.Now(), r.Current()
	rows, err := r.Store.DueTasks(ctx, db.DueTasksParams{Since: since, Until: now})
	if err != nil {
		return sequence.FollowUps{}, fmt.Errorf("read the tasks since %s: %w", since.Format(time.DateOnly), err)
	}
	var f sequence.FollowUps
	for _, t := range rows {
		limit := pb.FollowUpBy(t.DueAt)
		done := now
		if t.ClosedAt != nil {
			done = *t.ClosedAt
		}
		inTime := !done.After(limit)
		if t.State != "done" && inTime {
			continue // still to be done, or no longer wanted
		}
		f.Due++
		if t.State == "done" && inTime {
			f.InTime++
		}
	}
	return f, nil
}

// Rep is a rep's recorded call time in a week (R13).
type Rep struct {
	ID      uuid.UUID         `json:"id"`
	Name    string            `json:"name"`
	Time    sequence.CallTime `json:"minutes"`
	TooCold bool              `json:"too_cold"`
}

// ColdCalls is the call time of every rep in the week up to an instant.
func (r Reports) ColdCalls(ctx context.Context, until time.Time) ([]Rep, error) {
	rows, err := r.Store.CallMinutes(ctx, db.CallMinutesParams{Since: until.AddDate(0, 0, -7), Until: until})
	if err != nil {
		return nil, fmt.Errorf("read the call time before %s: %w", until.Format(time.DateOnly), err)
	}
	current, reps := r.Current(), []Rep{}
	for _, row := range rows {
		if len(reps) == 0 || reps[len(reps)-1].ID != *row.ByUser {
			reps = append(reps, Rep{ID: *row.ByUser, Name: row.Name})
		}
		var l sequence.Lead
		if err := json.Unmarshal(row.State, &l); err != nil {
			return nil, fmt.Errorf("decode a lead of %s: %w", row.ByUser, err)
		}
		pb, ok := r.Playbook(l.Playbook)
		if !ok {
			pb = current
		}
		rep := &reps[len(reps)-1]
		minutes := int(row.Minutes) + int(row.Unmeasured)*pb.Effort.Call
		if rep.Time.All += minutes; l.Cold(pb) {
			rep.Time.Cold += minutes
		}
	}
	for i := range reps {
		reps[i].TooCold = reps[i].Time.TooCold(current)
	}
	return reps, nil
}

// Stagnant is a lead without a sign of life, and what it costs (R82).
type Stagnant struct {
	Lead  uuid.UUID        `json:"lead_id"`
	Stage sequence.Stage   `json:"stage"`
	Cost  sequence.Holding `json:"cost"`
	Worth sequence.Worth   `json:"worth"`
}

// StagnantLeads is what the stagnant leads cost together, and those that cost most.
type StagnantLeads struct {
	Leads int        `json:"leads"`
	Total int64      `json:"total"` // cents
	Most  []Stagnant `json:"most"`
}

// Stagnant adds up the holding cost of every stagnant lead and lists the dearest.
func (r Reports) Stagnant(ctx context.Context, most int) (StagnantLeads, error) {
	now, h := r.Now(), StagnantLeads{Most: []Stagnant{}}
	err := r.living(ctx, func(id uuid.UUID, l sequence.Lead, pb *sequence.Playbook) error {
		h.add(id, l, now, pb, most)
		return nil
	})
	return h, err
}

// add counts a lead if it is stagnant, and keeps it if it is among the dearest.
func (h *StagnantLeads) add(id uuid.UUID, l sequence.Lead, now time.Time, pb *sequence.Playbook, most int) {
	cost := sequence.HoldingOf(l, now, pb)
	if !cost.Stagnant {
		return
	}
	h.Leads++
	h.Total += cost.Total
	at, _ := slices.BinarySearchFunc(h.Most, cost.Total, func(s Stagnant, total int64) int {
		if s.Cost.Total >= total { // the dearest first
			return -1
		}
		return 1
	})
	if at < most {
		h.Most = slices.Insert(h.Most, at, Stagnant{id, l.Stage, cost, sequence.WorthOf(l, now, pb)})
		h.Most = h.Most[:min(len(h.Most), most)]
	}
}

// living walks over every living lead whose playbook is loaded.
func (r Reports) living(ctx context.Context, visit func(uuid.UUID, sequence.Lead, *sequence.Playbook) error) error {
	for after := uuid.Nil; ; {
		rows, err := r.Store.LivingStates(ctx, db.LivingStatesParams{After: after, Most: atOnce})
		if err != nil {
			return fmt.Errorf("read the living leads: %w", err)
		}
		for _, row := range rows {
			after = row.ID
			l, err := policy.Decode(row.State)
			if err != nil {
				return fmt.Errorf("decode lead %s: %w", row.ID, err)
			}
			if pb, ok := r.Playbook(l.Playbook); ok {
				if err := visit(row.ID, l, pb); err != nil {
					return fmt.Errorf("look at lead %s: %w", row.ID, err)
				}
			}
		}
		if len(rows) < atOnce {
			return nil
		}
	}
}

// atOnce is how many leads are read at a time.
const atOnce = 2000

// TellOfColdCalls tells the managers, once a week, of every rep whose last whole
// week had too many cold calls (R13).
func (r Reports) TellOfColdCalls(ctx context.Context) error {
	monday := MondayOf(r.Now())
	reps, err := r.ColdCalls(ctx, monday)
	if err != nil {
		return err
	}
	for _, rep := range reps {
		if !rep.TooCold {
			continue
		}
		id := uuid.NewSHA1(rep.ID, []byte("cold calls in the week to "+monday.Format(time.DateOnly)))
		about := fmt.Sprintf("cold calls took %d of %d minutes of call time of user %s in the week to %s",
			rep.Time.Cold, rep.Time.All, rep.ID, monday.Format(time.DateOnly))
		if err := r.Store.NotifyManagers(ctx, db.NotifyManagersParams{ID: id, About: about, Rule: string(sequence.ColdCalls), At: r.Now()}); err != nil {
			return fmt.Errorf("tell the managers about cold calls: %w", err)
		}
	}
	return nil
}

// MondayOf is the beginning of t's week, UTC.
func MondayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d-(int(t.UTC().Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
}
