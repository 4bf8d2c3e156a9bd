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
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// Decision is the answer to everything a person decides about a lead: where it
// stands now, what comes next, and why.
type Decision struct {
	Lead        uuid.UUID             `json:"lead_id"`
	Pending     bool                  `json:"pending,omitempty" doc:"With 202: the lead has not answered yet; send the same request again"`
	From        sequence.Stage        `json:"from_stage"`
	Stage       sequence.Stage        `json:"stage"`
	Play        sequence.Play         `json:"play,omitempty"`
	Outcome     *uuid.UUID            `json:"outcome_id,omitempty" doc:"Of the outcome recorded; by this id it can be taken back"`
	NextStep    string                `json:"next_step" doc:"What the lead waits for now"`
	NextAt      *time.Time            `json:"next_at,omitempty"`
	Explanation *sequence.Explanation `json:"explanation,omitempty"`
}

// OutcomeBody is what a rep says happened.
type OutcomeBody struct {
	Outcome       sequence.Outcome `json:"outcome" enum:"no_answer,voicemail,call_scheduled,send_information,interested,non_committal,not_now,not_interested,no_show,wrong_person,objection,wrong_number,not_qualified,stay_in_touch,won,stop"`
	With          *uuid.UUID       `json:"with,omitempty" format:"uuid" doc:"The stakeholder who was talked to; the lead if left out"`
	TaskID        *uuid.UUID       `json:"task_id,omitempty" format:"uuid" doc:"The call task that this answers"`
	Discussed     string           `json:"discussed,omitempty" maxLength:"10000" doc:"What was said; shown in the next brief (R23)"`
	NextStep      *NextStepBody    `json:"next_step,omitempty" doc:"What was agreed (R20)"`
	Reason        string           `json:"reason,omitempty" maxLength:"2000" doc:"Why not, of a no"`
	DecisionMaker bool             `json:"decision_maker,omitempty" doc:"The no came from the one who decides (R62)"`
	Permission    *PermissionBody  `json:"permission,omitempty" doc:"The leave to stay in touch that was given (R04); required for stay_in_touch"`
	Minutes       int32            `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"How long the call took; as the playbook assumes if left out (R13)"`
}

// OutcomeView is an outcome as it was recorded.
type OutcomeView struct {
	ID        uuid.UUID        `json:"id"`
	Outcome   sequence.Outcome `json:"outcome"`
	With      uuid.UUID        `json:"with" doc:"Who was talked to"`
	By        string           `json:"by,omitempty" doc:"Who recorded it"`
	At        time.Time        `json:"at"`
	Discussed string           `json:"discussed,omitempty"`
	NextAt    *time.Time       `json:"next_at,omitempty"`
	WhyNone   string           `json:"why_none,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Minutes   int32            `json:"minutes,omitempty"`
	TakenBack *time.Time       `json:"taken_back_at,omitempty"`
}

// OutcomeList is what was said, the last first.
type OutcomeList struct {
	Outcomes []OutcomeView `json:"outcomes"`
}

func (a *API) listOutcomes(ctx context.Context, in *struct {
	LeadPath
	Limit int32 `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*body[OutcomeList], error) {
	if _, err := a.lead(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := a.Store.EveryOutcomeOf(ctx, db.EveryOutcomeOfParams{LeadID: in.ID, Most: in.Limit})
	list := OutcomeList{Outcomes: []OutcomeView{}}
	for _, o := range rows {
		list.Outcomes = append(list.Outcomes, OutcomeView{
			o.ID, sequence.Outcome(o.Outcome), o.PersonID, o.ByName, o.RecordedAt, o.Discussed, o.NextAt, o.WhyNone, o.Reason, o.Minutes, o.TakenBackAt,
		})
	}
	return reply(list), postgres.Translate(err)
}

// NextStepBody is the agreed next step, or why there is none.
type NextStepBody struct {
	At      time.Time `json:"at,omitempty" doc:"When you talk next"`
	WhyNone string    `json:"why_none,omitempty" maxLength:"2000" doc:"Why no time was agreed"`
}

func (a *API) outcomes(api huma.API) {
	type reported struct {
		LeadPath
		Body OutcomeBody
	}
	record := operation(http.MethodPost, "/leads/{id}/outcomes", "recordOutcome", "Say what happened on a call or in a meeting; get the new stage, the next step and why", people...)
	route(api, record, func(ctx context.Context, in *reported) (*answer, error) { return a.outcome(ctx, in.ID, in.Body) })
	route(api, beside(record), func(ctx context.Context, in *reported) (*body[Preview], error) {
		return a.previewOutcome(ctx, in.ID, in.Body)
	})
	route(api, operation(http.MethodGet, "/leads/{id}/outcomes", "listOutcomes", "What was said, the last first; also what was taken back", people...), a.listOutcomes)
	undo := operation(http.MethodPost, "/leads/{id}/outcomes/{outcome_id}/undo", "takeBackOutcome",
		"Take the last outcome back, while nothing irreversible followed; what followed is named", people...)
	type named struct {
		LeadPath
		OutcomeID uuid.UUID `path:"outcome_id"`
		Body      nothing
	}
	route(api, undo, func(ctx context.Context, in *named) (*answer, error) {
		r, err := a.living(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return a.ask(ctx, r, workflows.TakeBackOutcome, ruling{
			event: takenBack(ctx, in.OutcomeID),
			keep: func(ctx context.Context) error {
				now := a.now()
				return a.Store.TakeBackOutcome(ctx, db.TakeBackOutcomeParams{At: &now, ID: in.OutcomeID, LeadID: in.ID})
			},
		})
	})
	route(api, beside(undo), func(ctx context.Context, in *named) (*body[Preview], error) {
		r, err := a.living(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return a.preview(ctx, r, supposed{events: []sequence.Event{takenBack(ctx, in.OutcomeID)}})
	})
}

func takenBack(ctx context.Context, outcome uuid.UUID) sequence.Event {
	return sequence.OutcomeTakenBack{By: by(ctx), ID: outcome.String()}
}

// answer is a Decision, or 202 when the lead's answer is not known in time.
type answer struct {
	Status     int
	RetryAfter string `header:"Retry-After"`
	Body       Decision
}

// recording is an outcome on its way to the lead.
type recording struct {
	ruling
	lead db.LeadViewRow
	row  db.InsertOutcomeParams
	task *db.Task // that it answers; may be nil
}

// recording checks an outcome and writes nothing.
func (a *API) recording(ctx context.Context, id uuid.UUID, b OutcomeBody) (rec recording, err error) {
	r, err := a.living(ctx, id)
	if err != nil {
		return rec, err
	}
	person, err := a.talkedTo(ctx, r, b.With)
	if err != nil {
		return rec, err
	}
	if b.TaskID != nil {
		t, err := a.Store.Task(ctx, *b.TaskID)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && t.LeadID != id {
			return rec, invalid([]Fault{{"body.task_id", "is no task of this lead"}})
		}
		if err != nil {
			return rec, err
		}
		rec.task = &t
	}
	c := callerOf(ctx)
	event := sequence.OutcomeRecorded{By: by(ctx), ID: derivedID(ctx, "outcome").String(), Outcome: b.Outcome, DecisionMaker: b.DecisionMaker, Reason: clean(b.Reason) != ""}
	row := db.InsertOutcomeParams{
		ID: derivedID(ctx, "outcome"), LeadID: id, PersonID: person, TaskID: b.TaskID, ByUser: c.User, Outcome: string(b.Outcome),
		Discussed: b.Discussed, Reason: b.Reason, RecordedAt: a.now(), Minutes: b.Minutes,
	}
	if b.Permission != nil {
		g, faults := a.permission(ctx, r, row.ID, *b.Permission) // by its id it ends when the outcome is taken back
		if len(faults) > 0 {
			return rec, under("permission", invalid(faults))
		}
		event.Grant = &sequence.Grant{Channel: g.event.Channel, Every: g.event.Every, Until: g.event.Until}
		rec.keep = g.keep
	}
	if person != r.PersonID {
		event.With = person.String()
	}
	if n := b.NextStep; n != nil {
		event.NextAt, event.WhyNone = n.At, clean(n.WhyNone) != ""
		row.NextAt, row.WhyNone = instantOrNone(n.At), n.WhyNone
	}
	rec.lead, rec.row, rec.event = r, row, event
	rec.first = func(ctx context.Context, ruled *ruling) error { // the next text may quote it
		written, err := a.Store.InsertOutcome(ctx, row)
		ruled.undo = func(ctx context.Context) error {
			if written == 0 {
				return nil // by an earlier attempt, which the lead may have taken
			}
			return a.Store.DropOutcome(ctx, row.ID)
		}
		return postgres.Translate(err)
	}
	return rec, nil
}

func (a *API) outcome(ctx context.Context, id uuid.UUID, b OutcomeBody) (*answer, error) {
	rec, err := a.recording(ctx, id, b)
	if err != nil {
		return nil, err
	}
	var out *answer
	if b.Outcome == sequence.StopOutcome { // must hold at once, and when Temporal is away
		if err = rec.first(ctx, &rec.ruling); err == nil {
			out, err = a.stop(ctx, rec.lead, rec.row.PersonID, "rep")
		}
	} else {
		out, err = a.ask(ctx, rec.lead, workflows.RecordOutcome, rec.ruling)
	}
	if err != nil {
		return nil, err
	}
	out.Body.Outcome = &rec.row.ID
	if out.Status != http.StatusAccepted && rec.task != nil && a.answers(*rec.task, b.Outcome) {
		err = a.closeCall(ctx, *rec.task, b.Outcome)
	}
	return out, err
}

// talkedTo is whom an outcome is about: the lead, or a stakeholder named before.
func (a *API) talkedTo(ctx context.Context, r db.LeadViewRow, with *uuid.UUID) (uuid.UUID, error) {
	if with == nil || *with == r.PersonID {
		return r.PersonID, nil
	}
	others, err := a.Store.StakeholdersOf(ctx, r.ID)
	if err != nil {
		return uuid.Nil, err
	}
	for _, o := range others {
		if o.ID == *with {
			return o.ID, nil
		}
	}
	return uuid.Nil, invalid([]Fault{{"body.with", "is no stakeholder of this lead; name them first: POST /v1/leads/{id}/stakeholders"}})
}

// answers reports whether a task is done by an outcome: an attempt before the promised
// time that reached nobody leaves the promise standing.
func (a *API) answers(t db.Task, o sequence.Outcome) bool {
	return !t.Promised || !t.DueAt.After(a.now()) || o.Conversation()
}

// closeCall marks the task that an outcome answers as done.
func (a *API) closeCall(ctx context.Context, t db.Task, o sequence.Outcome) error {
	now := a.now()
	if _, err := a.Store.CompleteTask(ctx, db.CompleteTaskParams{At: &now, Result: string(o), ID: t.ID}); err != nil {
		return fmt.Errorf("close task %s: %w", t.ID, err) // the same request again closes it
	}
	return nil
}

// living finds a lead that can still be decided about. A request that came before
// may have ended it: the lead itself knows.
func (a *API) living(ctx context.Context, id uuid.UUID) (db.LeadViewRow, error) {
	r, err := a.lead(ctx, id)
	if err == nil && sequence.Stage(r.Stage).Final() && !callerOf(ctx).Repeats {
		return r, over(r)
	}
	return r, err
}

func over(r db.LeadViewRow) error {
	return &sequence.Refusal{
		Code: "lead_is_final", Message: "this lead is " + r.Stage,
		Remedy: "a finished life takes no more decisions; enrol the person again if there is a new beginning",
	}
}

// ask lets a decision reach the lead, keeps it until the lead has written it, shows
// the new state so that the next read sees it, and says what it means.
func (a *API) ask(ctx context.Context, r db.LeadViewRow, update string, ruled ruling) (*answer, error) {
	id := r.ID.String()
	if ruled.first != nil {
		if err := ruled.first(ctx, &ruled); err != nil {
			return nil, err
		}
	}
	agreed := postgres.Agreed{Lead: r.ID, Update: update, ID: derivedID(ctx, "update").String(), At: a.now(), Event: ruled.event}
	l, err := a.Lives.Ask(ctx, id, update, agreed.ID, ruled.event)
	if errors.Is(err, engine.ErrPending) {
		return &answer{http.StatusAccepted, "2", Decision{
			Lead: r.ID, Pending: true, From: sequence.Stage(r.Stage), Stage: sequence.Stage(r.Stage),
			NextStep: "the lead has not answered yet; send the same request with the same Idempotency-Key again to learn the result",
		}}, nil
	}
	if errors.Is(err, engine.ErrNotRunning) && sequence.Stage(r.Stage).Final() {
		err = over(r)
	}
	if err != nil {
		if ruled.undo != nil && !errors.Is(err, engine.ErrUnanswered) { // the lead may have agreed
			if undone := ruled.undo(context.WithoutCancel(ctx)); undone != nil {
				slog.ErrorContext(ctx, "what was refused stays in the records", "lead", id, "update", update, "error", undone)
			}
		}
		return nil, fmt.Errorf("ask lead %s to %s: %w", id, update, err)
	}
	if ruled.keep != nil {
		if err := ruled.keep(ctx); err != nil { // the same request again keeps it
			return nil, fmt.Errorf("keep what lead %s agreed to (%s): %w", id, update, err)
		}
	}
	if err := a.Store.Agree(ctx, agreed, a.saved(l)); err != nil { // the same request again keeps it
		return nil, fmt.Errorf("keep what lead %s agreed to (%s): %w", id, update, err)
	}
	e, err := a.explain(l, r)
	if err != nil {
		return nil, err
	}
	return &answer{http.StatusOK, "", decision(r, l, e)}, nil
}

// saved is a lead as it is written through.
func (a *API) saved(l sequence.Lead) activities.Save {
	s := activities.Save{Lead: l}
	if pb, ok := a.Playbook(l.Playbook); ok {
		s.Worth = sequence.WorthOf(l, a.now(), pb).Value
	}
	return s
}

func decision(r db.LeadViewRow, l sequence.Lead, e sequence.Explanation) Decision {
	d := Decision{Lead: r.ID, From: sequence.Stage(r.Stage), Stage: l.Stage, Play: l.Play, NextStep: e.Waiting, Explanation: &e}
	if !e.Until.IsZero() {
		d.NextAt = &e.Until
	}
	return d
}

// stop ends all contact with a person, who is the lead or a stakeholder of it. It
// is known without asking the lead. A stakeholder's stop is theirs alone.
func (a *API) stop(ctx context.Context, r db.LeadViewRow, person uuid.UUID, via string) (*answer, error) {
	if err := a.Door.Stop(ctx, person, via, callerOf(ctx).actor()); err != nil {
		return nil, err
	}
	if person != r.PersonID {
		l, err := stateOf(r.State)
		if err != nil {
			return nil, err
		}
		e, err := a.explain(l, r)
		return &answer{http.StatusOK, "", decision(r, l, e)}, err
	}
	e := sequence.Explanation{
		Stage: sequence.DoNotContact, Since: a.now(), Waiting: "nothing: they said stop, and nothing is sent any more",
		Because: []sequence.Ground{{Rule: sequence.StopMeansStop, Title: sequence.StopMeansStop.Title()}},
	}
	return &answer{http.StatusOK, "", Decision{Lead: r.ID, From: sequence.Stage(r.Stage), Stage: sequence.DoNotContact, NextStep: e.Waiting, Explanation: &e}}, nil
}
