package api

import (
	"context"
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// Ahead is the life that a lead has before it.
type Ahead struct {
	Until   time.Time       `json:"until"`
	Entries []TimelineEntry `json:"entries" doc:"What will happen, as in the timeline, if nothing is heard and the owner's calls reach nobody"`
}

// ahead lets a copy of the lead live on by the code that runs it. Nothing is done.
func (a *API) ahead(ctx context.Context, in *struct {
	LeadPath
	Months int `query:"months" minimum:"1" maximum:"36" default:"12"`
},
) (*body[Ahead], error) {
	r, err := a.lead(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	l, err := stateOf(r.State)
	if err != nil {
		return nil, err
	}
	now := a.now()
	out := Ahead{Until: now.AddDate(0, in.Months, 0), Entries: []TimelineEntry{}}
	if l.Stage == "" || l.Stage.Final() {
		return reply(out), nil
	}
	pb, ok := a.Playbook(l.Playbook)
	if !ok {
		return nil, fmt.Errorf("playbook %s of lead %s is not loaded", l.Playbook, l.ID)
	}
	_, open, err := a.openTasks(ctx, r)
	if err != nil {
		return nil, err
	}
	entries, err := rehearse.Ahead(l, open, pb, now, out.Until)
	if err != nil {
		return nil, fmt.Errorf("look ahead of lead %s: %w", in.ID, err)
	}
	out.Entries = linesOf(entries, r.Zone)
	return reply(out), nil
}

// openTasks are those of a lead, as rows and as the core asked for them.
func (a *API) openTasks(ctx context.Context, r db.LeadViewRow) ([]db.OpenTasksOfRow, []sequence.CreateTask, error) {
	rows, err := a.Store.OpenTasksOf(ctx, r.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read the tasks of lead %s: %w", r.ID, err)
	}
	var open []sequence.CreateTask
	for _, t := range rows {
		task := sequence.CreateTask{Touch: t.Touch, Kind: sequence.TaskKind(t.Kind), DueAt: t.DueAt, Promised: t.Promised}
		if t.PersonID != r.PersonID {
			task.To = t.PersonID.String()
		}
		open = append(open, task)
	}
	return rows, open, nil
}

// linesOf are entries as a person reads them, in the lead's time zone.
func linesOf(entries []sequence.Entry, name string) []TimelineEntry {
	zone, ok := sequence.LoadZone(name)
	if !ok {
		zone = time.UTC
	}
	lines := []TimelineEntry{}
	for _, e := range entries {
		lines = append(lines, TimelineEntry{e, simulate.Line(e, zone)})
	}
	return lines
}
