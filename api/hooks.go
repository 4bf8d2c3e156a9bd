package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/sequence"
)

// Sources lists who may report by webhook.
type Sources struct {
	Sources []hook.Source `json:"sources"`
}

// SourceView is a source and the address that its service calls.
type SourceView struct {
	hook.Source
	URL string `json:"url" doc:"The address to give the service, exactly so"`
}

// HookPath is the path of a source of webhooks.
type HookPath struct {
	Name string `path:"name" maxLength:"63" doc:"The end of its address" example:"demo-form"`
}

// DeliveryPath is the path of one webhook that came.
type DeliveryPath struct {
	HookPath
	ID uuid.UUID `path:"id" doc:"Id of the delivery"`
}

// DeliveryPage is one page of webhooks that came, the newest first.
type DeliveryPage struct {
	Deliveries []hook.View `json:"deliveries"`
	Next       *uuid.UUID  `json:"next,omitempty" doc:"Give it as before to get the next page"`
}

// hookSources registers who may report by webhook, and what they brought. Secrets go in and
// never come out; they are given by PUT, whose answers are not kept.
func (a *API) hookSources(api huma.API) {
	route(api, operation(http.MethodGet, "/hooks", "listHooks", "Services that report by webhook", managers...),
		func(ctx context.Context, _ *struct{}) (*body[Sources], error) {
			all, err := a.Hooks.List(ctx)
			return reply(Sources{all}), err
		})
	route(api, operation(http.MethodPut, "/hooks/{name}", "saveHook", "Let a service report by webhook, or change how; secrets that are left out stay as they are", managers...), a.saveHook)
	route(api, operation(http.MethodDelete, "/hooks/{name}", "removeHook", "Take nothing more from a service, and drop what it brought", managers...),
		func(ctx context.Context, in *HookPath) (*struct{}, error) {
			err := a.Hooks.Remove(ctx, in.Name)
			if errors.Is(err, hook.ErrNoSource) { // removed before, by this request perhaps
				err = nil
			}
			return nil, err
		})
	route(api, operation(http.MethodGet, "/hooks/{name}/deliveries", "listHookDeliveries", "What a service reported, and what came of it", managers...), a.listHookDeliveries)
	route(api, operation(http.MethodGet, "/hooks/{name}/deliveries/{id}", "readDelivery", "A webhook as it came", managers...),
		func(ctx context.Context, in *DeliveryPath) (*body[hook.View], error) {
			v, err := a.Hooks.Delivery(ctx, in.Name, in.ID)
			return reply(v), err
		})
	route(api, operation(http.MethodPost, "/hooks/{name}/deliveries/{id}/again", "processDeliveryAgain", "Process again what failed or was ignored, by the mapping as it is now", managers...),
		func(ctx context.Context, in *struct {
			DeliveryPath
			Body nothing
		},
		) (*body[hook.View], error) {
			if err := a.Hooks.Again(ctx, in.Name, in.ID); err != nil {
				return nil, err
			}
			a.handleSoon(ctx, in.ID)
			v, err := a.Hooks.Delivery(ctx, in.Name, in.ID)
			v.Headers, v.Body = nil, "" // the answer is kept, and what was brought is not to be kept twice
			return reply(v), err
		})
}

func (a *API) saveHook(ctx context.Context, in *struct {
	HookPath
	Body hook.Settings
},
) (*body[SourceView], error) {
	faults := a.kindFault("body.engagement", sequence.Kind(in.Body.Engagement))
	if len(faults) > 0 {
		return nil, invalid(faults)
	}
	err := a.Hooks.Save(ctx, in.Name, in.Body)
	var wrong hook.Faults
	if errors.As(err, &wrong) {
		for _, f := range wrong {
			place := "body." + f.Field
			if f.Field == "name" {
				place = "path.name"
			}
			faults = append(faults, Fault{place, f.Says})
		}
		return nil, invalid(faults)
	}
	if err != nil {
		return nil, err
	}
	all, err := a.Hooks.List(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(s hook.Source) bool { return s.Name == in.Name })
	if at < 0 {
		return nil, hook.ErrNoSource // removed at the same moment
	}
	return reply(SourceView{all[at], hook.URL(a.PublicURL, in.Name)}), nil
}

func (a *API) listHookDeliveries(ctx context.Context, in *struct {
	HookPath
	State  string    `query:"state" enum:"received,done,failed,ignored"`
	Before uuid.UUID `query:"before" doc:"The next of the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*body[DeliveryPage], error) {
	all, err := a.Hooks.Deliveries(ctx, in.Name, in.State, idOrNone(in.Before), in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := DeliveryPage{Deliveries: all}
	if len(all) > in.Limit {
		page.Deliveries = all[:in.Limit]
		page.Next = &page.Deliveries[in.Limit-1].ID
	}
	return reply(page), nil
}
