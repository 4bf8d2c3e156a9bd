package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/sequence"
)

// Preview is what an action would do to a lead if it were taken now: the answer that
// it would give once everything is done that is due at once, and how it gets there.
type Preview struct {
	Decision
	At        time.Time         `json:"at" doc:"Now, on the leads' clock"`
	Turn      int               `json:"as_of_turn" doc:"The last entry of the timeline that was known; with another one there, ask again"`
	Planned   *Planned          `json:"planned_falls_away,omitempty" doc:"The touch that was planned next and would not be made any more"`
	FallsAway []FallingTask     `json:"tasks_fall_away" doc:"Open tasks that would be cancelled"`
	Done      *uuid.UUID        `json:"task_done,omitempty" doc:"The task that would be answered by it"`
	AtOnce    []Doing           `json:"at_once" doc:"What would be sent, asked for and told at once, if the mail server takes the mail and the mailbox has room"`
	Rules     []sequence.Ground `json:"rules" doc:"The rules that decide"`
	Entries   []TimelineEntry   `json:"entries" doc:"What the timeline would say"`
}

// Planned is a touch that was planned.
type Planned struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// FallingTask is an open task that would be cancelled.
type FallingTask struct {
	ID    uuid.UUID         `json:"id"`
	Kind  sequence.TaskKind `json:"kind"`
	DueAt time.Time         `json:"due_at"`
}

// supposed is what an action would come to.
type supposed struct {
	events []sequence.Event // none: the lead is not told
	done   *db.Task         // the task that it answers
	stops  uuid.UUID        // who is never contacted again
}

// stopping is a stop before it is said. A finished lead hears nothing of it.
func stopping(ctx context.Context, r db.LeadViewRow, person uuid.UUID, via string) supposed {
	s := supposed{stops: person}
	if person == r.PersonID && !sequence.Stage(r.Stage).Final() {
		s.events = []sequence.Event{sequence.OptedOut{By: by(ctx), ID: uuid.Nil.String(), Via: via}}
	}
	return s
}

func (a *API) previewOutcome(ctx context.Context, id uuid.UUID, b OutcomeBody) (*body[Preview], error) {
	rec, err := a.recording(ctx, id, b)
	if err != nil {
		return nil, err
	}
	s := supposed{events: []sequence.Event{rec.event}}
	if b.Outcome == sequence.StopOutcome {
		s = stopping(ctx, rec.lead, rec.row.PersonID, "rep")
	}
	if rec.task != nil && a.answers(*rec.task, b.Outcome) {
		s.done = rec.task
	}
	return a.preview(ctx, rec.lead, s)
}

// preview lets the core decide about a copy of the lead as its row has it. Nothing is
// written, and the lead is not asked.
func (a *API) preview(ctx context.Context, r db.LeadViewRow, s supposed) (*body[Preview], error) {
	l, err := stateOf(r.State)
	if err == nil && l.Stage == "" {
		err = engine.ErrNotRunning
	}
	if err != nil {
		return nil, fmt.Errorf("preview lead %s: %w", r.ID, err)
	}
	pb, ok := a.Playbook(l.Playbook)
	if !ok {
		return nil, fmt.Errorf("playbook %s of lead %s is not loaded", l.Playbook, l.ID)
	}
	tasks, open, err := a.openTasks(ctx, r)
	if err != nil {
		return nil, err
	}
	now := a.now()
	then, err := rehearse.Suppose(l, open, pb, now, s.events...)
	if err != nil {
		return nil, fmt.Errorf("preview lead %s: %w", r.ID, err)
	}
	e := sequence.Explain(then.Lead, pb, now)
	p := Preview{
		Decision: decision(r, then.Lead, e), At: now, Turn: l.EntrySeq, Planned: plannedNoMore(l, then, pb, now),
		FallsAway: []FallingTask{}, AtOnce: []Doing{}, Rules: rulesOf(then.Entries), Entries: linesOf(then.Entries, r.Zone),
	}
	if s.done != nil {
		p.Done = &s.done.ID
	}
	for i, t := range tasks {
		closed := slices.Contains(then.Closed, t.Touch) || t.PersonID == s.stops
		if closed && (s.done == nil || t.ID != s.done.ID) {
			p.FallsAway = append(p.FallsAway, FallingTask{t.ID, open[i].Kind, t.DueAt})
		}
	}
	if s.stops != uuid.Nil {
		then.Actions = append(then.Actions, sequence.Suppress{})
	}
	for _, action := range then.Actions {
		if d, ok := doing(action); ok {
			p.AtOnce = append(p.AtOnce, d)
		}
	}
	return reply(p), nil
}

// plannedNoMore is the touch that was planned and is neither planned any more nor made.
func plannedNoMore(l sequence.Lead, then rehearse.Supposition, pb *sequence.Playbook, now time.Time) *Planned {
	if l.Next == nil || l.Next.Touch == "" || then.Lead.Next != nil && then.Lead.Next.Touch == l.Next.Touch {
		return nil
	}
	made := func(e sequence.Entry) bool { return e.Touch == l.Next.Touch && e.What != sequence.TouchPlanned }
	if slices.ContainsFunc(then.Entries, made) {
		return nil
	}
	was := sequence.ProspectOf(l, pb, now)
	return &Planned{was.Next, l.Next.At}
}

func rulesOf(entries []sequence.Entry) []sequence.Ground {
	rules := []sequence.Ground{}
	for _, e := range entries {
		if e.Rule != "" && !slices.ContainsFunc(rules, func(g sequence.Ground) bool { return g.Rule == e.Rule }) {
			rules = append(rules, sequence.Ground{Rule: e.Rule, Title: e.Rule.Title()})
		}
	}
	return rules
}
