package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
)

// BulkBody starts many new leads.
type BulkBody struct {
	Leads []BulkItem `json:"leads" minItems:"1" maxItems:"1000" doc:"Each as the body of POST /v1/leads; one that is not valid is answered by itself"`
}

// BulkItem is one EnrolBody, kept as it came until it is its turn: what is wrong
// with it refuses nobody else.
type BulkItem struct{ json.RawMessage }

// Schema says what an item should be, and lets everything through.
func (BulkItem) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[EnrolBody](), true, ""), {}}}
}

// BulkAnswer says what came of each enrolment, in the order of the request.
type BulkAnswer struct {
	Accepted int          `json:"accepted" doc:"How many leads were created"`
	Refused  int          `json:"refused"`
	Leads    []BulkResult `json:"leads"`
}

// BulkResult is one enrolment's lead, or why there is none.
type BulkResult struct {
	Lead       *uuid.UUID `json:"lead_id,omitempty"`
	Engagement *uuid.UUID `json:"engagement_id,omitempty"`
	Problem    *Problem   `json:"problem,omitempty" doc:"As the answer to POST /v1/leads would be; its fields are paths in this request"`
}

// bulk registers enrolment of many at once.
func (a *API) bulk(api huma.API) {
	op := operation(http.MethodPost, "/leads/bulk", "enrolMany",
		"Start following up to 1,000 new leads; each is answered for itself", everybody...)
	registry := api.OpenAPI().Components.Schemas
	schema := registry.Schema(reflect.TypeFor[EnrolBody](), true, "")
	route(api, op, func(ctx context.Context, in *struct{ Body BulkBody }) (*body[BulkAnswer], error) {
		answer := BulkAnswer{Leads: make([]BulkResult, len(in.Body.Leads))}
		bodies, places, enrolments := []EnrolBody{}, []int{}, []door.Enrolment{}
		for i, item := range in.Body.Leads {
			b, err := readEnrolment(registry, schema, item.RawMessage)
			if err != nil {
				answer.refuse(ctx, i, err)
				continue
			}
			e, err := a.enrolment(ctx, b)
			if err != nil {
				answer.refuse(ctx, i, err)
				continue
			}
			e.ExternalID += "/" + strconv.Itoa(i)
			bodies, places, enrolments = append(bodies, b), append(places, i), append(enrolments, e)
		}
		attempts, err := a.Door.EnrolAll(ctx, enrolments)
		if err != nil {
			return nil, err
		}
		for n, t := range attempts {
			if t.Err != nil {
				answer.refuse(ctx, places[n], enrolProblem(bodies[n], t.Err))
				continue
			}
			answer.Accepted++
			answer.Leads[places[n]] = BulkResult{Lead: &t.Lead, Engagement: &t.Engagement}
		}
		answer.Refused = len(answer.Leads) - answer.Accepted
		return reply(answer), nil
	})
}

// refuse answers an item as the single route would.
func (b *BulkAnswer) refuse(ctx context.Context, i int, err error) {
	var p *Problem
	errors.As(fail(ctx, err), &p) // fail gives nothing else
	_ = under(fmt.Sprintf("leads[%d]", i), p)
	b.Leads[i].Problem = p
}

// readEnrolment checks the form of an item as huma checks a body.
func readEnrolment(registry huma.Registry, schema *huma.Schema, item []byte) (b EnrolBody, err error) {
	var whole any
	if err := json.Unmarshal(item, &whole); err != nil {
		return b, newError(http.StatusBadRequest, "the item is no JSON")
	}
	path, found := huma.NewPathBuffer(nil, 0), huma.ValidateResult{}
	path.Push("body")
	huma.Validate(registry, schema, path, huma.ModeWriteToServer, whole, &found)
	if len(found.Errors) > 0 {
		return b, newError(http.StatusUnprocessableEntity, "validation failed", found.Errors...)
	}
	if err := json.Unmarshal(item, &b); err != nil {
		return b, newError(http.StatusUnprocessableEntity, "validation failed", err)
	}
	return b, nil
}
