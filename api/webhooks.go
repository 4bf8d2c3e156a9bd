package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// WebhookList lists where events go.
type WebhookList struct {
	Webhooks []webhooks.Endpoint `json:"webhooks"`
}

// SavedWebhook is a webhook, with its secret when that is new.
type SavedWebhook struct {
	webhooks.Endpoint
	Secret string `json:"secret,omitempty" doc:"Signs what is delivered (Standard Webhooks). Shown once, when it is made"`
}

// WebhookDeliveries is one page of deliveries, the newest first.
type WebhookDeliveries struct {
	Deliveries []webhooks.Delivery `json:"deliveries"`
	Next       *int64              `json:"next,omitempty" doc:"Give it as before to get the next page"`
}

// WebhookReplayed says how much is sent again.
type WebhookReplayed struct {
	Events int64 `json:"events"`
}

// WebhookPath is the path of a webhook.
type WebhookPath struct {
	Name string `path:"name" maxLength:"63" example:"crm"`
}

// DeliveryFilter says which deliveries are listed.
type DeliveryFilter struct {
	WebhookPath
	State  string    `query:"state" enum:"waiting,delivered,given_up"`
	Lead   uuid.UUID `query:"lead_id"`
	Before int64     `query:"before" minimum:"0" doc:"The next of the page before"`
	Limit  int32     `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type listedDeliveries struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)"`
	Body WebhookDeliveries
}

// webhooks registers where other systems are told what happens to leads. Secrets come
// out by PUT: the answers of POSTs are kept.
func (a *API) webhooks(api huma.API) {
	route(api, operation(http.MethodGet, "/webhooks", "listWebhooks", "Where other systems are told what happens, and how they fare", managers...),
		func(ctx context.Context, _ *struct{}) (*body[WebhookList], error) {
			all, err := a.Webhooks.Statuses(ctx, nil)
			return reply(WebhookList{all}), err
		})
	route(api, operation(http.MethodGet, "/webhooks/{name}", "readWebhook", "One webhook", managers...),
		func(ctx context.Context, in *WebhookPath) (*body[webhooks.Endpoint], error) {
			return a.webhookNamed(ctx, in.Name)
		})
	noted(a, api, operation(http.MethodPut, "/webhooks/{name}", "saveWebhook", "Make a webhook, or change it; the secret of a new one is shown once", managers...),
		"webhook_saved", func(in *newWebhook, _ *body[SavedWebhook]) string { return in.Name }, a.saveWebhook)
	noted(a, api, operation(http.MethodDelete, "/webhooks/{name}", "deleteWebhook", "Delete a webhook, with what it has not taken", managers...),
		"webhook_removed", func(in *WebhookPath, _ *struct{}) string { return in.Name },
		func(ctx context.Context, in *WebhookPath) (*struct{}, error) {
			return nil, a.Webhooks.Delete(ctx, in.Name)
		})
	noted(a, api, operation(http.MethodPut, "/webhooks/{name}/secret", "rotateWebhookSecret", "Another secret, shown once; the one before signs beside it for a while", managers...),
		"webhook_secret_renewed", func(in *rotatedWebhook, _ *body[SavedWebhook]) string { return in.Name }, a.rotateWebhook)
	route(api, operation(http.MethodPost, "/webhooks/{name}/ping", "pingWebhook", "Send an event that means nothing", managers...),
		func(ctx context.Context, in *struct {
			WebhookPath
			Body nothing
		},
		) (*body[webhooks.Delivery], error) {
			d, err := a.Webhooks.Ping(ctx, in.Name, derivedID(ctx, "ping"))
			return reply(d), err
		})
	route(api, operation(http.MethodPost, "/webhooks/{name}/park", "parkWebhook", "Deliver nothing for now; events are kept for 30 days", managers...),
		func(ctx context.Context, in *struct {
			WebhookPath
			Body parkBody
		},
		) (*body[webhooks.Endpoint], error) {
			if err := a.Webhooks.Park(ctx, in.Name, in.Body.Why); err != nil {
				return nil, err
			}
			return a.webhookNamed(ctx, in.Name)
		})
	route(api, operation(http.MethodPost, "/webhooks/{name}/resume", "resumeWebhook", "Deliver again, beginning with what waits", managers...),
		func(ctx context.Context, in *struct {
			WebhookPath
			Body nothing
		},
		) (*body[webhooks.Endpoint], error) {
			if err := a.Webhooks.Resume(ctx, in.Name); err != nil {
				return nil, err
			}
			return a.webhookNamed(ctx, in.Name)
		})
	a.webhookDeliveries(api)
}

func (a *API) webhookDeliveries(api huma.API) {
	route(api, operation(http.MethodGet, "/webhooks/{name}/deliveries", "listWebhookDeliveries", "What was and is to be delivered, the newest first", managers...), a.listDeliveries)
	route(api, operation(http.MethodPost, "/webhooks/{name}/deliveries/{n}/replay", "replayWebhookDelivery", "Send one event again", managers...),
		func(ctx context.Context, in *struct {
			WebhookPath
			N    int64 `path:"n" minimum:"1"`
			Body nothing
		},
		) (*body[webhooks.Delivery], error) {
			d, err := a.Webhooks.Replay(ctx, in.Name, in.N)
			return reply(d), err
		})
	route(api, operation(http.MethodPost, "/webhooks/{name}/replay", "replayWebhook", "Send everything again that was written since an instant", managers...),
		func(ctx context.Context, in *struct {
			WebhookPath
			Body struct {
				Since time.Time `json:"since" doc:"Real time; events are kept for 30 days"`
			}
		},
		) (*body[WebhookReplayed], error) {
			n, err := a.Webhooks.ReplaySince(ctx, in.Name, in.Body.Since)
			return reply(WebhookReplayed{n}), err
		})
}

func (a *API) webhookNamed(ctx context.Context, name string) (*body[webhooks.Endpoint], error) {
	s, err := a.Webhooks.Status(ctx, name)
	return reply(s), err
}

type newWebhook struct {
	WebhookPath
	Body webhooks.EndpointSettings
}

func (a *API) saveWebhook(ctx context.Context, in *newWebhook) (*body[SavedWebhook], error) {
	secret, err := a.Webhooks.Save(ctx, in.Name, in.Body)
	var wrong webhooks.Faults
	if errors.As(err, &wrong) {
		var faults []Fault
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
	return a.savedWebhook(ctx, in.Name, secret)
}

type rotatedWebhook struct {
	WebhookPath
	Body struct {
		BothForHours *int `json:"both_for_hours,omitempty" minimum:"0" maximum:"720" doc:"How long the secret before signs as well, 24 if left out; 0: it is revoked at once"`
	}
}

func (a *API) rotateWebhook(ctx context.Context, in *rotatedWebhook) (*body[SavedWebhook], error) {
	both := 24
	if in.Body.BothForHours != nil {
		both = *in.Body.BothForHours
	}
	secret, err := a.Webhooks.Rotate(ctx, in.Name, time.Duration(both)*time.Hour)
	if err != nil {
		return nil, err
	}
	return a.savedWebhook(ctx, in.Name, secret)
}

func (a *API) savedWebhook(ctx context.Context, name, secret string) (*body[SavedWebhook], error) {
	s, err := a.Webhooks.Status(ctx, name)
	return reply(SavedWebhook{s, secret}), err
}

func (a *API) listDeliveries(ctx context.Context, in *DeliveryFilter) (*listedDeliveries, error) {
	all, err := a.Webhooks.Deliveries(ctx, in.Name, webhooks.Filter{State: optional(in.State), Lead: idOrNone(in.Lead), Before: in.Before, Most: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	out := &listedDeliveries{Body: WebhookDeliveries{Deliveries: all}}
	if len(all) <= int(in.Limit) {
		return out, nil
	}
	out.Body.Deliveries = all[:in.Limit]
	next := all[in.Limit-1].N
	out.Body.Next = &next
	q := url.Values{"before": {strconv.FormatInt(next, 10)}, "limit": {strconv.Itoa(int(in.Limit))}}
	if in.State != "" {
		q.Set("state", in.State)
	}
	if in.Lead != uuid.Nil {
		q.Set("lead_id", in.Lead.String())
	}
	out.Link = fmt.Sprintf("</v1/webhooks/%s/deliveries?%s>; rel=\"next\"", in.Name, q.Encode())
	return out, nil
}
