package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// Decision is the answer to everything a person decides about a lead: where it
// stands now, what comes next, and why.
type Decision struct {
	Lead        uuid.UUID            `json:"lead_id"`
	Pending     bool                 `json:"pending,omitempty" doc:"With 202: the lead has not answered yet; send the same request again"`
	From        sequence.Stage       `json:"from_stage"`
	Stage       sequence.Stage       `json:"stage"`
	Play        sequence.Play        `json:"play,omitempty"`
	NextStep    string               `json:"next_step" doc:"What the lead waits for now"`
	NextAt      *time.Time           `json:"next_at,omitempty"`
	Explanation sequence.Explanation `json:"explanation"`
}

// OutcomeBody is what a rep says happened.
type OutcomeBody struct {
	Outcome       sequence.Outcome `json:"outcome" enum:"no_answer,voicemail,call_scheduled,send_information,interested,non_committal,not_now,not_interested,no_show,wrong_person,objection,wrong_number,not_qualified,won,stop"`
	With          *uuid.UUID       `json:"with,omitempty" doc:"The stakeholder who was talked to; the lead if left out"`
	TaskID        *uuid.UUID       `json:"task_id,omitempty" doc:"The call task that this answers"`
	Discussed     string           `json:"discussed,omitempty" maxLength:"10000" doc:"What was said; shown in the next brief (R23)"`
	NextStep      *NextStepBody    `json:"next_step,omitempty" doc:"What was agreed (R20)"`
	Reason        string           `json:"reason,omitempty" maxLength:"2000" doc:"Why not, of a no"`
	DecisionMaker bool             `json:"decision_maker,omitempty" doc:"The no came from the one who decides (R62)"`
}

// NextStepBody is the agreed next step, or why there is none.
type NextStepBody struct {
	At      time.Time `json:"at,omitempty" doc:"When you talk next"`
	WhyNone string    `json:"why_none,omitempty" maxLength:"2000" doc:"Why no time was agreed"`
}

func (a *API) outcomes(api huma.API) {
	route(api, operation(http.MethodPost, "/leads/{id}/outcomes", "recordOutcome", "Say what happened on a call or in a meeting; get the new stage, the next step and why", people...),
		func(ctx context.Context, in *struct {
			LeadPath
			Body OutcomeBody
		},
		) (*answer, error) {
			return a.outcome(ctx, in.ID, in.Body)
		})
}

// answer is a Decision, or 202 when the lead's answer is not known in time.
type answer struct {
	Status     int
	RetryAfter string `header:"Retry-After"`
	Body       Decision
}

func (a *API) outcome(ctx context.Context, id uuid.UUID, b OutcomeBody) (*answer, error) {
	r, err := a.living(ctx, id)
	if err != nil {
		return nil, err
	}
	person := r.PersonID
	if b.With != nil {
		if person = *b.With; !a.isStakeholder(ctx, id, person) {
			return nil, invalid([]Fault{{"body.with", "is no stakeholder of this lead; name them first: POST /v1/leads/{id}/stakeholders"}})
		}
	}
	if b.TaskID != nil {
		if t, err := a.Store.Task(ctx, *b.TaskID); err != nil || t.LeadID != id {
			return nil, invalid([]Fault{{"body.task_id", "is no task of this lead"}})
		}
	}
	c := callerOf(ctx)
	event := sequence.OutcomeRecorded{By: sequence.By{Actor: c.actor()}, ID: derivedID(ctx, "outcome").String(), Outcome: b.Outcome, DecisionMaker: b.DecisionMaker, Reason: clean(b.Reason) != ""}
	if b.With != nil {
		event.With = b.With.String()
	}
	row := db.InsertOutcomeParams{
		ID: derivedID(ctx, "outcome"), LeadID: id, PersonID: person, TaskID: b.TaskID, ByUser: c.User, Outcome: string(b.Outcome),
		Discussed: b.Discussed, Reason: b.Reason, RecordedAt: a.now(),
	}
	if n := b.NextStep; n != nil {
		event.NextAt, event.WhyNone = n.At, clean(n.WhyNone) != ""
		row.WhyNone = n.WhyNone
		if !n.At.IsZero() {
			row.NextAt = &n.At
		}
	}
	if err := a.Store.InsertOutcome(ctx, row); err != nil {
		return nil, err
	}
	if b.Outcome == sequence.StopOutcome { // must hold at once, and when Temporal is away
		if err := a.Door.Stop(ctx, person, "rep", c.actor()); err != nil {
			return nil, err
		}
		if b.With == nil {
			return a.stopped(r), nil
		}
	}
	out, err := a.ask(ctx, r, workflows.RecordOutcome, event)
	var refused *sequence.Refusal
	switch {
	case errors.As(err, &refused):
		if err := a.Store.DropOutcome(ctx, row.ID); err != nil {
			slog.ErrorContext(ctx, "a refused outcome stays in the records", "outcome", row.ID, "error", err)
		}
	case err == nil && out.Status != http.StatusAccepted:
		a.closeCall(ctx, r, b)
	}
	return out, err
}

// closeCall marks the call task that an outcome answers as done.
func (a *API) closeCall(ctx context.Context, r db.LeadViewRow, b OutcomeBody) {
	id := b.TaskID
	if id == nil {
		return
	}
	now := a.now()
	if _, err := a.Store.CompleteTask(ctx, db.CompleteTaskParams{At: &now, Result: string(b.Outcome), ID: *id}); err != nil {
		slog.ErrorContext(ctx, "a call task stays cancelled instead of done", "lead", r.ID, "error", err)
	}
}

// living finds a lead that can still be decided about.
func (a *API) living(ctx context.Context, id uuid.UUID) (db.LeadViewRow, error) {
	r, err := a.lead(ctx, id)
	if err == nil && sequence.Stage(r.Stage).Final() {
		return r, &sequence.Refusal{
			Code: "lead_is_final", Message: "this lead is " + r.Stage,
			Remedy: "a finished life takes no more decisions; enrol the person again if there is a new beginning",
		}
	}
	return r, err
}

// ask lets a decision reach the lead, writes the new state through so that the
// next read sees it, and says what it means.
func (a *API) ask(ctx context.Context, r db.LeadViewRow, update string, event sequence.Event) (*answer, error) {
	id := r.ID.String()
	l, err := a.Lives.Ask(ctx, id, update, derivedID(ctx, "update").String(), event)
	if errors.Is(err, engine.ErrPending) {
		return &answer{http.StatusAccepted, "2", Decision{
			Lead: r.ID, Pending: true, From: sequence.Stage(r.Stage), Stage: sequence.Stage(r.Stage),
			NextStep: "the lead has not answered yet; send the same request with the same Idempotency-Key again to learn the result",
		}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask lead %s to %s: %w", id, update, err)
	}
	if err := a.Store.SaveLead(ctx, a.now(), activities.Save{Lead: l}); err != nil {
		slog.ErrorContext(ctx, "a lead's row is behind", "lead", id, "error", err) // the workflow writes it too
	}
	e, err := a.explain(l, r)
	if err != nil {
		return nil, err
	}
	return &answer{http.StatusOK, "", decision(r, l, e)}, nil
}

func decision(r db.LeadViewRow, l sequence.Lead, e sequence.Explanation) Decision {
	d := Decision{Lead: r.ID, From: sequence.Stage(r.Stage), Stage: l.Stage, Play: l.Play, NextStep: e.Waiting, Explanation: e}
	if !e.Until.IsZero() {
		d.NextAt = &e.Until
	}
	return d
}

// stopped is the answer to a stop: known without asking the lead.
func (a *API) stopped(r db.LeadViewRow) *answer {
	e := sequence.Explanation{
		Stage: sequence.DoNotContact, Since: a.now(), Waiting: "nothing: they said stop, and nothing is sent any more",
		Because: []sequence.Ground{{Rule: sequence.StopMeansStop, Title: sequence.StopMeansStop.Title()}},
	}
	return &answer{http.StatusOK, "", Decision{Lead: r.ID, From: sequence.Stage(r.Stage), Stage: sequence.DoNotContact, NextStep: e.Waiting, Explanation: e}}
}

func (a *API) isStakeholder(ctx context.Context, lead, person uuid.UUID) bool {
	others, err := a.Store.StakeholdersOf(ctx, lead)
	if err != nil {
		return false
	}
	for _, o := range others {
		if o.ID == person {
			return true
		}
	}
	return false
}
