package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// View is a batch as it is looked at.
type View struct {
	ID        uuid.UUID      `json:"id"`
	Act       Act            `json:"act" enum:"pause,resume,snooze,reassign,enrol"`
	Terms     Terms          `json:"terms"`
	Choice    Choice         `json:"choice"`
	Undoes    *uuid.UUID     `json:"undoes,omitempty" doc:"The batch that this one takes back"`
	UndoneBy  *uuid.UUID     `json:"undone_by,omitempty" doc:"The batch that takes this one back"`
	StartedBy string         `json:"started_by"`
	CreatedAt time.Time      `json:"created_at"`
	Leads     int            `json:"leads" doc:"How many were chosen"`
	State     string         `json:"state" enum:"open,running,stopped,ended"`
	Results   map[string]int `json:"results" doc:"How many leads came to what"`
	EndedAt   *time.Time     `json:"ended_at,omitempty"`

	Sources []sequence.Kind `json:"sources,omitempty" doc:"enrol: as what people can come in"`

	pass int
}

// Undoable reports whether Undo may be asked for now.
func (v View) Undoable() bool {
	return v.Undoes == nil && v.UndoneBy == nil && v.Act != Enrol && (v.State == Stopped || v.State == Ended) && v.Results[Done] > 0
}

// Look reads a batch and how far it is. Errors: postgres.ErrNotFound.
func (b Batches) Look(ctx context.Context, id uuid.UUID) (View, error) {
	row, err := b.Store.BatchByID(ctx, id)
	if err != nil {
		return View{}, fmt.Errorf("read batch %s: %w", id, postgres.Translate(err))
	}
	v, err := b.view(ctx, row)
	if v.Act == Enrol {
		v.Sources = slices.Sorted(maps.Keys(b.Door.Playbook().Sources))
	}
	return v, err
}

// List reads the last batches, the newest first.
func (b Batches) List(ctx context.Context, most int) (views []View, err error) {
	rows, err := b.Store.ListBatches(ctx, int32(most))
	if err != nil {
		return nil, fmt.Errorf("list the batches: %w", err)
	}
	for _, row := range rows {
		v, err := b.view(ctx, db.BatchByIDRow(row))
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// view is a batch with how many leads came to what.
func (b Batches) view(ctx context.Context, row db.BatchByIDRow) (View, error) {
	v, err := viewOf(row)
	if err != nil || row.State == Ended {
		return v, err
	}
	counts, err := b.Store.CountOfBatch(ctx, row.ID)
	for _, c := range counts {
		v.Results[c.Result] = int(c.Count)
	}
	return v, err
}

func viewOf(row db.BatchByIDRow) (View, error) {
	v := View{
		ID: row.ID, Act: Act(row.Act), Undoes: row.Undoes, UndoneBy: row.UndoneBy, StartedBy: row.StartedBy, CreatedAt: row.CreatedAt,
		Leads: int(row.Leads), State: row.State, EndedAt: row.EndedAt, Results: map[string]int{}, pass: int(row.Pass),
	}
	if err := errors.Join(json.Unmarshal(row.Terms, &v.Terms), json.Unmarshal(row.Choice, &v.Choice)); err != nil {
		return v, fmt.Errorf("decode batch %s: %w", row.ID, err)
	}
	return v, json.Unmarshal(row.Results, &v.Results)
}

// Chosen is a lead of a batch.
type Chosen struct {
	Lead    uuid.UUID      `json:"lead_id"`
	Name    string         `json:"name"`
	Erased  bool           `json:"erased,omitempty" doc:"Who it was is not known any more"`
	Owner   string         `json:"owner"`
	Stage   sequence.Stage `json:"stage"`
	Blocked string         `json:"blocked,omitempty" doc:"Why nothing goes out now"`
	Result  string         `json:"result" enum:"waiting,asked,done,refused,moved_on"`
	Code    string         `json:"code,omitempty" doc:"Of a refusal"`
	Detail  string         `json:"detail,omitempty" doc:"Why it refused; before the batch begins, why it would"`
	Made    *uuid.UUID     `json:"new_lead_id,omitempty" doc:"The lead that began anew"`
}

// Leads reads leads of a batch in the order of their ids, after one, and what came of
// each. Before it begins, those say so that would refuse.
func (b Batches) Leads(ctx context.Context, id uuid.UUID, result string, after uuid.UUID, most int) ([]Chosen, error) {
	v, err := b.Look(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := b.Store.LeadsOfBatch(ctx, db.LeadsOfBatchParams{BatchID: id, Result: some(result), After: after, Most: int32(most)})
	if err != nil {
		return nil, fmt.Errorf("list the leads of batch %s: %w", id, err)
	}
	all := make([]Chosen, 0, len(rows))
	for _, r := range rows {
		c := Chosen{
			Lead: r.LeadID, Name: r.Name, Erased: r.Erased, Owner: r.Owner, Stage: sequence.Stage(r.Stage), Blocked: r.Blocked,
			Result: r.Result, Code: r.Code, Detail: r.Detail, Made: r.Made,
		}
		if v.State == Open && v.Act != Enrol && v.Undoes == nil {
			if refused, err := b.would(v, r); err != nil {
				return nil, err
			} else if refused != nil {
				c.Code, c.Detail = refused.Code, refused.Message
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// would is the refusal that a lead would give now, decided by the code that gives it.
func (b Batches) would(v View, r db.LeadsOfBatchRow) (*sequence.Refusal, error) {
	if r.Final != nil && *r.Final {
		return over(r.Stage), nil
	}
	if len(r.State) == 0 || len(v.Act.lacks(v.Terms, b.Door.Now(), b.Door.Playbook())) > 0 {
		return nil, nil
	}
	var l sequence.Lead
	if err := json.Unmarshal(r.State, &l); err != nil {
		return nil, fmt.Errorf("decode the state of lead %s: %w", r.LeadID, err)
	}
	pb, known := b.Playbook(l.Playbook)
	if !known {
		return nil, nil
	}
	_, _, err := sequence.Decide(l, v.step().event, b.Door.Now(), pb)
	var refused *sequence.Refusal
	errors.As(err, &refused)
	return refused, nil
}
