package api

import (
	"context"
	"fmt"
	"time"

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
	tasks, err := a.Store.OpenTasksOf(ctx, in.ID)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of lead %s: %w", in.ID, err)
	}
	var open []sequence.CreateTask
	for _, t := range tasks {
		open = append(open, sequence.CreateTask{Touch: t.Touch, Kind: sequence.TaskKind(t.Kind), DueAt: t.DueAt, Promised: t.Promised})
	}
	entries, err := rehearse.Ahead(l, open, pb, now, out.Until)
	if err != nil {
		return nil, fmt.Errorf("look ahead of lead %s: %w", in.ID, err)
	}
	zone, ok := sequence.LoadZone(r.Zone)
	if !ok {
		zone = time.UTC
	}
	for _, e := range entries {
		out.Entries = append(out.Entries, TimelineEntry{e, simulate.Line(e, zone)})
	}
	return reply(out), nil
}
