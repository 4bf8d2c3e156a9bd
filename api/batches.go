package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/batch"
)

// BatchPath is embedded where a route is below a batch.
type BatchPath struct {
	ID uuid.UUID `path:"id" doc:"Id of the batch"`
}

// BatchBody says what is to be done to which leads.
type BatchBody struct {
	Act    batch.Act    `json:"act" enum:"pause,resume,snooze,reassign,enrol"`
	Terms  batch.Terms  `json:"terms,omitempty" doc:"Until when, to whom, why; they can be said later too"`
	Choice batch.Choice `json:"choice,omitempty" doc:"Which leads; all of them if nothing is said"`
}

// BatchList is the last batches, the newest first.
type BatchList struct {
	Batches []batch.View `json:"batches"`
}

// BatchLeads are leads of a batch and what came of them.
type BatchLeads struct {
	Leads []batch.Chosen `json:"leads"`
	Next  *uuid.UUID     `json:"next,omitempty" doc:"Give it as after to get the next leads"`
}

// BatchLeadFilter says which leads are listed.
type BatchLeadFilter struct {
	BatchPath
	Result string    `query:"result" enum:"waiting,asked,done,refused,moved_on"`
	After  uuid.UUID `query:"after" doc:"The next of the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// batches registers what is done to many leads at once.
func (a *API) batches(api huma.API) {
	op := operation(http.MethodPost, "/batches", "makeBatch", "Choose leads, and say what is to be done to all of them; nothing is done yet", managers...)
	op.DefaultStatus = http.StatusCreated
	route(api, op, func(ctx context.Context, in *struct{ Body BatchBody }) (*body[batch.View], error) {
		id := derivedID(ctx, "batch")
		return a.madeBatch(ctx, id, within("body.", "", a.Batches.Make(ctx, id, in.Body.Act, in.Body.Terms, in.Body.Choice, callerOf(ctx).actor())))
	})
	route(api, operation(http.MethodGet, "/batches", "listBatches", "The last hundred batches", managers...),
		func(ctx context.Context, _ *struct{}) (*body[BatchList], error) {
			views, err := a.Batches.List(ctx, 100)
			return reply(BatchList{append([]batch.View{}, views...)}), err
		})
	route(api, operation(http.MethodGet, "/batches/{id}", "readBatch", "How far a batch is", managers...),
		func(ctx context.Context, in *BatchPath) (*body[batch.View], error) { return a.batch(ctx, in.ID, nil) })
	route(api, operation(http.MethodGet, "/batches/{id}/leads", "listBatchLeads", "Which leads were chosen, and what came of each or would come", managers...), a.batchLeads)
	route(api, operation(http.MethodPost, "/batches/{id}/terms", "setBatchTerms", "Say until when, to whom or why, before it begins", managers...),
		func(ctx context.Context, in *struct {
			BatchPath
			Body batch.Terms
		},
		) (*body[batch.View], error) {
			return a.batch(ctx, in.ID, within("body.", "terms.", a.Batches.SetTerms(ctx, in.ID, in.Body)))
		})
	for name, op := range map[string]struct {
		id, summary, act string
		do               func(context.Context, uuid.UUID) error
	}{
		"start": {"startBatch", "Do it, lead by lead, or go on; a lead that refuses hinders no other", "batch_begun", a.Batches.Begin},
		"stop":  {"stopBatch", "Stop after the leads that it is at; start goes on", "batch_stopped", a.Batches.Stop},
	} {
		type nothingMore struct {
			BatchPath
			Body struct{}
		}
		noted(a, api, operation(http.MethodPost, "/batches/{id}/"+name, op.id, op.summary, managers...), op.act,
			func(in *nothingMore, _ *body[batch.View]) string { return in.ID.String() },
			func(ctx context.Context, in *nothingMore) (*body[batch.View], error) {
				return a.batch(ctx, in.ID, within("", "", op.do(ctx, in.ID)))
			})
	}
	undo := operation(http.MethodPost, "/batches/{id}/undo", "undoBatch",
		"Make the batch that takes this one back, for leads that still stand as it left them; start it as any other", managers...)
	undo.DefaultStatus = http.StatusCreated
	route(api, undo, func(ctx context.Context, in *struct {
		BatchPath
		Body struct{}
	},
	) (*body[batch.View], error) {
		id, err := a.Batches.Undo(ctx, derivedID(ctx, "batch"), in.ID, callerOf(ctx).actor())
		return a.madeBatch(ctx, id, err)
	})
}

func (a *API) madeBatch(ctx context.Context, id uuid.UUID, err error) (*body[batch.View], error) {
	out, err := a.batch(ctx, id, err)
	if err == nil {
		out.Status = http.StatusCreated
	}
	return out, err
}

// batch answers with a batch as it is after something was done to it.
func (a *API) batch(ctx context.Context, id uuid.UUID, err error) (*body[batch.View], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.Batches.Look(ctx, id)
	return reply(v), err
}

// within says where in a request is what cannot stand; without a place, what has still
// to be said.
func within(place, but string, err error) error {
	var unsound batch.Unsound
	if !errors.As(err, &unsound) {
		return err
	}
	var faults []Fault
	for _, f := range unsound.Faults {
		faults = append(faults, Fault{place + strings.TrimPrefix(f.Field, but), f.Message})
	}
	return invalid(faults)
}

func (a *API) batchLeads(ctx context.Context, in *BatchLeadFilter) (*body[BatchLeads], error) {
	leads, err := a.Batches.Leads(ctx, in.ID, in.Result, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := BatchLeads{Leads: leads}
	if len(leads) > in.Limit {
		out.Leads = leads[:in.Limit]
		out.Next = &out.Leads[in.Limit-1].Lead
	}
	return reply(out), nil
}
