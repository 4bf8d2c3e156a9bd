package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/sequence"
)

// Sources lists who may report by webhook.
type Sources struct {
	Sources     []SourceView    `json:"sources"`
	Engagements []sequence.Kind `json:"engagements" doc:"The kinds of engagement that one can report, of the playbook for new leads"`
}

// SourceView is a source and the address that its service calls.
type SourceView struct {
	hook.Source
	URL string `json:"url" doc:"The address to give the service, exactly so"`
}

// SavedSource is a source as it was made or changed.
type SavedSource struct {
	SourceView
	Secret string `json:"secret,omitempty" doc:"Made for a new source that was given none: shown here and never again"`
}

type newSecretBody struct {
	Secret       string `json:"secret,omitempty" maxLength:"500" doc:"The new one; made if left out, except for HubSpot, which has its own"`
	BothForHours *int   `json:"both_for_hours,omitempty" minimum:"0" maximum:"720" doc:"For how long the former ones count beside it, so that the service can be changed over; 24 if left out, 0 revokes them"`
}

// ProcessedAgain is how much will be processed again.
type ProcessedAgain struct {
	Again int64 `json:"again" doc:"Deliveries that wait from now on"`
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
			list := Sources{Sources: []SourceView{}, Engagements: slices.Sorted(maps.Keys(a.Door.Playbook().Sources))}
			for _, s := range all {
				list.Sources = append(list.Sources, a.shownSource(s))
			}
			return reply(list), err
		})
	route(api, operation(http.MethodGet, "/hooks/{name}", "readHook", "One of them", managers...),
		func(ctx context.Context, in *HookPath) (*body[SourceView], error) {
			s, err := a.Hooks.Source(ctx, in.Name)
			return reply(a.shownSource(s)), err
		})
	noted(a, api, operation(http.MethodPut, "/hooks/{name}", "saveHook", "Let a service report by webhook, or change how; secrets that are left out stay as they are", managers...),
		"hook_saved", func(in *savedHook, _ *body[SavedSource]) string { return in.Name }, a.saveHook)
	noted(a, api, operation(http.MethodPut, "/hooks/{name}/secret", "renewHookSecret", "Have a service sign by another secret", managers...),
		"hook_secret_renewed", func(in *renewedHook, _ *body[SavedSource]) string { return in.Name }, a.renewHookSecret)
	noted(a, api, operation(http.MethodDelete, "/hooks/{name}", "removeHook", "Take nothing more from a service, and drop what it brought", managers...),
		"hook_removed", func(in *HookPath, _ *struct{}) string { return in.Name },
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
	route(api, operation(http.MethodPost, "/hooks/{name}/again", "processAllAgain", "Process again, soon, all that failed, by the mapping as it is then", managers...),
		func(ctx context.Context, in *struct {
			HookPath
			Body nothing
		},
		) (*body[ProcessedAgain], error) {
			n, err := a.Hooks.AllAgain(ctx, in.Name)
			return reply(ProcessedAgain{n}), err
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

type savedHook struct {
	HookPath
	Body hook.Settings
}

func (a *API) saveHook(ctx context.Context, in *savedHook) (*body[SavedSource], error) {
	faults := a.kindFault("body.engagement", sequence.Kind(in.Body.Engagement))
	if len(faults) > 0 {
		return nil, invalid(faults)
	}
	made, err := a.Hooks.Save(ctx, in.Name, in.Body)
	if err != nil {
		return nil, faulty(err)
	}
	return a.savedSource(ctx, in.Name, made)
}

type renewedHook struct {
	HookPath
	Body newSecretBody
}

func (a *API) renewHookSecret(ctx context.Context, in *renewedHook) (*body[SavedSource], error) {
	hours := 24
	if in.Body.BothForHours != nil {
		hours = *in.Body.BothForHours
	}
	made, err := a.Hooks.Renew(ctx, in.Name, in.Body.Secret, time.Duration(hours)*time.Hour)
	if err != nil {
		return nil, faulty(err)
	}
	return a.savedSource(ctx, in.Name, made)
}

// faulty names the fields that are at fault in what a source is given.
func faulty(err error) error {
	var wrong hook.Faults
	if !errors.As(err, &wrong) {
		return err
	}
	var faults []Fault
	for _, f := range wrong {
		place := "body." + f.Field
		if f.Field == "name" {
			place = "path.name"
		}
		faults = append(faults, Fault{place, f.Says})
	}
	return invalid(faults)
}

// savedSource is a source after it was saved, unless it was removed at the same moment.
func (a *API) savedSource(ctx context.Context, name, made string) (*body[SavedSource], error) {
	s, err := a.Hooks.Source(ctx, name)
	return reply(SavedSource{a.shownSource(s), made}), err
}

func (a *API) shownSource(s hook.Source) SourceView {
	return SourceView{s, hook.URL(a.PublicURL, s.Name)}
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
