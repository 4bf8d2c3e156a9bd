package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// TaskView is one item of the queue.
type TaskView struct {
	ID       uuid.UUID         `json:"id"`
	Lead     uuid.UUID         `json:"lead_id"`
	Kind     sequence.TaskKind `json:"kind"`
	Name     string            `json:"name"`
	Phone    *string           `json:"phone,omitempty"`
	Email    *string           `json:"email,omitempty"`
	Account  string            `json:"account,omitempty"`
	Zone     string            `json:"time_zone,omitempty"`
	Stage    sequence.Stage    `json:"stage"`
	DueAt    time.Time         `json:"due_at"`
	Prompt   string            `json:"prompt,omitempty" doc:"Suggested opening, or what is asked"`
	Rule     sequence.Rule     `json:"rule,omitempty"`
	Priority sequence.Priority `json:"priority" doc:"The parts of the order: promised, then sales-ready, then the score (R81)"`
}

// TaskQueue is the work of a rep, in order.
type TaskQueue struct {
	Tasks []TaskView `json:"tasks"`
}

func (a *API) tasks(api huma.API) {
	route(api, operation(http.MethodGet, "/queue", "readQueue", "The call queue in the order of R81; a rep's own unless said otherwise", people...), a.queue)
	route(api, operation(http.MethodGet, "/tasks/{id}", "readTask", "A task with its brief (R23)", people...), a.task)
	complete := operation(http.MethodPost, "/tasks/{id}/complete", "completeTask", "Complete a task: a call with its outcome, a diagnosis with the diagnosis, the others with a note", people...)
	route(api, complete, a.completeTask)
	route(api, beside(complete), a.previewTask)
	route(api, operation(http.MethodPost, "/tasks/{id}/snooze", "snoozeTask", "Put a task out of sight for a while; it stays due when it is due", people...), a.snoozeTask)
	route(api, operation(http.MethodPost, "/tasks/{id}/hand-over", "handOverTask", "Give one task to a colleague; the lead keeps its owner", people...), a.handOverTask)
}

func (a *API) queue(ctx context.Context, in *struct {
	OwnerID uuid.UUID `query:"owner_id" doc:"Whose; your own if left out (managers: everybody's)"`
	Kind    string    `query:"kind" enum:"call,manual,reply,diagnose,find_others,engaged"`
	Ahead   int       `query:"ahead_days" minimum:"0" maximum:"365" default:"0" doc:"Also what is due in that many days"`
	Limit   int32     `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*body[TaskQueue], error) {
	c, now := callerOf(ctx), a.now()
	owner := idOrNone(in.OwnerID)
	if owner == nil && c.Role == Rep || c.OwnOnly {
		owner = c.User
	}
	y, m, d := now.Date()
	rows, err := a.Store.Queue(ctx, db.QueueParams{
		Now: now, OwnerID: owner, Kind: optional(in.Kind), Most: max(in.Limit, enoughToSort),
		Until: time.Date(y, m, d+1+in.Ahead, 12, 0, 0, 0, time.UTC), // everywhere on Earth
	})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	q := TaskQueue{Tasks: []TaskView{}}
	for _, r := range rows {
		q.Tasks = append(q.Tasks, a.taskView(r, now))
	}
	// The rows come in the order of the values written through; what a lead is worth
	// now, and what it brings to the table, is known here.
	slices.SortStableFunc(q.Tasks, func(x, y TaskView) int {
		switch {
		case x.Priority.Before(y.Priority):
			return -1
		case y.Priority.Before(x.Priority):
			return 1
		}
		return x.DueAt.Compare(y.DueAt)
	})
	q.Tasks = q.Tasks[:min(len(q.Tasks), int(in.Limit))]
	return reply(q), nil
}

// enoughToSort is how many tasks are looked at, whatever is shown: the records know
// the order only roughly.
const enoughToSort = 500

func (a *API) taskView(r db.QueueRow, now time.Time) TaskView {
	var p sequence.Priority
	said := r.Prompt
	if l, err := stateOf(r.LeadState); err == nil {
		if pb, ok := a.Playbook(r.Playbook); ok {
			p = sequence.PriorityOf(l, r.DueAt, r.Promised, now, pb)
			p.SalesReady = p.SalesReady || r.Hot
			if filled, err := playbooks.Prompt(r.Prompt, playbooks.Fields{Asked: pb.Sources[l.Source].Opener, Account: r.Account}); err == nil {
				said = filled
			}
		}
	}
	return TaskView{
		ID: r.ID, Lead: r.LeadID, Kind: sequence.TaskKind(r.Kind), Name: r.Name, Phone: r.Phone, Email: r.Email, Account: r.Account,
		Zone: r.Zone, Stage: sequence.Stage(r.Stage), DueAt: r.DueAt, Prompt: said, Rule: sequence.Rule(r.Rule),
		Priority: p,
	}
}

// Brief is what a rep should know before they call (R23).
type Brief struct {
	Wanted      string          `json:"wanted" doc:"What they asked for, and when (R02)"`
	LocalTime   string          `json:"local_time" doc:"The time at their place now"`
	Waiting     string          `json:"waiting" doc:"Where the lead stands"`
	Engagements []BriefLine     `json:"engagements"`
	Outcomes    []BriefOutcome  `json:"outcomes" doc:"What was said before, the last first"`
	Messages    []ThreadMessage `json:"messages" doc:"The latest mail, both ways; all of it under /v1/leads/{id}/messages"`
	Others      []BriefPerson   `json:"others" doc:"Stakeholders"`
	Opening     string          `json:"opening,omitempty"`
	Voicemail   string          `json:"voicemail,omitempty" doc:"What to say to a voicemail that answers; then record the outcome voicemail"`
	Next        []sequence.Rule `json:"rules,omitempty"`
}

// BriefLine is one thing that happened.
type BriefLine struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Detail string    `json:"detail,omitempty"`
}

// BriefOutcome is one earlier conversation or attempt.
type BriefOutcome struct {
	At        time.Time `json:"at"`
	Outcome   string    `json:"outcome"`
	Discussed string    `json:"discussed,omitempty"`
	Reason    string    `json:"reason,omitempty"`
}

// BriefPerson is a stakeholder.
type BriefPerson struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Title string    `json:"title,omitempty"`
}

// TaskWithBrief is a task and everything to prepare it.
type TaskWithBrief struct {
	ID     uuid.UUID         `json:"id"`
	Lead   uuid.UUID         `json:"lead_id"`
	Kind   sequence.TaskKind `json:"kind"`
	State  string            `json:"state" enum:"open,done,cancelled"`
	Result string            `json:"result,omitempty"`
	DueAt  time.Time         `json:"due_at"`
	Brief  Brief             `json:"brief"`
}

func (a *API) task(ctx context.Context, in *struct {
	ID uuid.UUID `path:"id"`
},
) (*body[TaskWithBrief], error) {
	t, err := a.Store.Task(ctx, in.ID)
	if err = postgres.Translate(err); err != nil {
		return nil, fmt.Errorf("read task %s: %w", in.ID, err)
	}
	brief, err := a.brief(ctx, t)
	return reply(TaskWithBrief{t.ID, t.LeadID, sequence.TaskKind(t.Kind), t.State, t.Result, t.DueAt, brief}), err
}

func (a *API) brief(ctx context.Context, t db.Task) (Brief, error) {
	b := Brief{Engagements: []BriefLine{}, Outcomes: []BriefOutcome{}, Messages: []ThreadMessage{}, Others: []BriefPerson{}}
	r, err := a.lead(ctx, t.LeadID)
	if err != nil {
		return b, err
	}
	l, err := stateOf(r.State)
	if err != nil {
		return b, err
	}
	e, err := a.explain(l, r)
	if err != nil {
		return b, err
	}
	b.Waiting = e.Waiting
	if zone, ok := sequence.LoadZone(r.Zone); ok {
		b.LocalTime = a.now().In(zone).Format("Mon 15:04 MST")
	}
	engagements, err := a.Store.EngagementsOf(ctx, &t.LeadID)
	if err != nil {
		return b, err
	}
	asked := "were in touch with us"
	for i, g := range engagements {
		b.Engagements = append(b.Engagements, BriefLine{g.OccurredAt, g.Kind, g.Detail})
		if i == 0 {
			if pb, ok := a.Playbook(r.Playbook); ok && pb.Sources[sequence.Kind(g.Kind)].Opener != "" {
				asked = pb.Sources[sequence.Kind(g.Kind)].Opener
			}
			b.Wanted = "They " + asked + " on " + g.OccurredAt.Format("2 January 2006")
		}
	}
	if b.Opening, err = playbooks.Prompt(t.Prompt, playbooks.Fields{Asked: asked, Account: r.Account, Owner: r.Owner}); err != nil {
		b.Opening = t.Prompt
	}
	if b.Voicemail, err = a.voicemail(ctx, t, r, asked); err != nil {
		return b, err
	}
	outcomes, err := a.Store.OutcomesOf(ctx, t.LeadID)
	if err != nil {
		return b, err
	}
	for _, o := range outcomes {
		b.Outcomes = append(b.Outcomes, BriefOutcome{o.RecordedAt, o.Outcome, o.Discussed, o.Reason})
	}
	return b, a.briefRest(ctx, t, &b)
}

// voicemail is what whoever has the task says to a voicemail that answers; nothing where
// the lead's playbook has no such text (any more).
func (a *API) voicemail(ctx context.Context, t db.Task, r db.LeadViewRow, asked string) (string, error) {
	pb, ok := a.Playbook(r.Playbook)
	if !ok || t.Voicemail == "" {
		return "", nil
	}
	if _, known := pb.Texts[t.Voicemail]; !known {
		return "", nil
	}
	facts, err := a.Store.LetterFacts(ctx, r.ID)
	if err != nil {
		return "", fmt.Errorf("read what a voicemail may say of lead %s: %w", r.ID, err)
	}
	person, errPerson := a.Store.Person(ctx, t.PersonID)
	caller, errCaller := a.Store.User(ctx, t.OwnerID)
	if err := errors.Join(errPerson, errCaller); err != nil {
		return "", fmt.Errorf("read who calls whom for task %s: %w", t.ID, err)
	}
	f := playbooks.Fields{FirstName: firstWord(person.Name), Account: facts.Account, Asked: asked, Owner: firstWord(caller.Name), Company: a.Company}
	if person.ID != r.PersonID {
		f.Primary = firstWord(r.Name)
	}
	if facts.AskedAt != nil {
		f.AskedOn = facts.AskedAt.Format("2 January")
	}
	if facts.SpokenAt != nil {
		f.LastSpokeOn = facts.SpokenAt.Format("2 January")
	}
	_, said, err := playbooks.Render(pb, t.Voicemail, f)
	if err != nil {
		return "", nil //nolint:nilerr // of an old version that no check has seen: the brief does without
	}
	return said, nil
}

func firstWord(name string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return word
}

// briefMessages is how much mail a brief shows.
const briefMessages = 20

func (a *API) briefRest(ctx context.Context, t db.Task, b *Brief) error {
	all, err := a.messages(ctx, t.LeadID)
	if err != nil {
		return err
	}
	b.Messages = all[max(0, len(all)-briefMessages):]
	others, err := a.Store.StakeholdersOf(ctx, t.LeadID)
	for _, o := range others {
		b.Others = append(b.Others, BriefPerson{o.ID, o.Name, o.Title})
	}
	return err
}

// CompleteBody says what came of a task.
type CompleteBody struct {
	Note      string             `json:"note,omitempty" maxLength:"10000"`
	Outcome   *OutcomeBody       `json:"outcome,omitempty" doc:"Required for a call: what was said (R23)"`
	Diagnosis sequence.Diagnosis `json:"diagnosis,omitempty" enum:"wrong_person,too_fast,too_slow,value_not_seen,never_warm,timing,unknown" doc:"Required for a diagnosis"`
}

type completed struct {
	ID   uuid.UUID `path:"id"`
	Body CompleteBody
}

func (a *API) completeTask(ctx context.Context, in *completed) (*answer, error) {
	t, err := a.taskToComplete(ctx, in)
	if err != nil {
		return nil, err
	}
	if o := in.Body.Outcome; o != nil {
		out, err := a.outcome(ctx, t.LeadID, *o)
		return out, under("outcome", err)
	}
	r, update, event, err := a.completing(ctx, t, in.Body)
	if err != nil {
		return nil, err
	}
	out, err := a.ask(ctx, r, update, ruling{event: event})
	if err != nil || out.Body.Pending {
		return out, err
	}
	now := a.now()
	_, err = a.Store.CompleteTask(ctx, db.CompleteTaskParams{At: &now, Result: in.Body.Note, ID: t.ID})
	return out, err
}

func (a *API) previewTask(ctx context.Context, in *completed) (*body[Preview], error) {
	t, err := a.taskToComplete(ctx, in)
	if err != nil {
		return nil, err
	}
	if o := in.Body.Outcome; o != nil {
		out, err := a.previewOutcome(ctx, t.LeadID, *o)
		return out, under("outcome", err)
	}
	r, _, event, err := a.completing(ctx, t, in.Body)
	if err != nil {
		return nil, err
	}
	return a.preview(ctx, r, supposed{events: []sequence.Event{event}, done: &t})
}

func (a *API) taskToComplete(ctx context.Context, in *completed) (db.Task, error) {
	t, err := a.Store.Task(ctx, in.ID)
	if err = postgres.Translate(err); err != nil {
		return t, fmt.Errorf("read task %s: %w", in.ID, err)
	}
	if t.State != "open" && !callerOf(ctx).Repeats { // a repeat may have closed it itself: the lead knows
		return t, problem(http.StatusConflict, "task_closed", "this task is "+t.State+": "+t.Result, "read the queue again")
	}
	if o := in.Body.Outcome; o != nil {
		o.TaskID = &t.ID
	}
	return t, nil
}

// completing is what the lead is told of a task that is done without an outcome.
func (a *API) completing(ctx context.Context, t db.Task, b CompleteBody) (r db.LeadViewRow, update string, event sequence.Event, err error) {
	kind := sequence.TaskKind(t.Kind)
	switch {
	case kind == sequence.TaskCall:
		err = invalid([]Fault{{"body.outcome", string(sequence.Prepared) + ": a call is completed with what was discussed; give its outcome"}})
	case kind == sequence.TaskDiagnose && b.Diagnosis == "":
		err = invalid([]Fault{{"body.diagnosis", "a diagnosis is required: wrong_person, too_fast, too_slow, value_not_seen, never_warm, timing or unknown"}})
	case kind == sequence.TaskDiagnose:
		update, event = workflows.GiveDiagnosis, sequence.Diagnosed{By: by(ctx), ID: t.ID.String(), Diagnosis: b.Diagnosis}
	default:
		update, event = workflows.CompleteTask, sequence.TaskDone{By: by(ctx), ID: t.ID.String(), Kind: kind, Touch: t.Touch}
	}
	if err == nil {
		r, err = a.living(ctx, t.LeadID)
	}
	return r, update, event, err
}
