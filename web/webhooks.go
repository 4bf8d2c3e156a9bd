package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// endpoints are where other systems are told what happens to leads.
type endpoints struct {
	Webhooks []webhooks.Endpoint
	Kinds    []string
}

// endpoint is one of them.
type endpoint struct {
	webhooks.Endpoint
	Secret     string // shown once
	Kinds      []string
	Deliveries []webhooks.Delivery
	Next       string // page of deliveries
	State      string // of the deliveries that are shown; "": all
}

// Tells reports whether a kind of event is told.
func (e endpoint) Tells(kind string) bool { return slices.Contains(e.Events, kind) }

func (p *Pages) webhooks(v *visit) error { return p.webhooksWith(v, http.StatusOK, Said{}) }

func (p *Pages) webhooksWith(v *visit, status int, said Said) error {
	var all api.WebhookList
	if err := v.get("/v1/webhooks", &all); err != nil {
		return err
	}
	return v.show(status, "webhooks", "Outgoing webhooks", said, endpoints{all.Webhooks, webhooks.Kinds()})
}

// makeWebhook shows the new secret at once: it is nowhere to be had later.
func (p *Pages) makeWebhook(v *visit) error {
	name := v.PostForm("name")
	var made api.SavedWebhook
	err := v.get(endpointAt(name), nil)
	if name == "" {
		err = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "it needs a name", Remedy: "give it a short one, such as crm"}
	} else if err == nil {
		err = &api.Problem{Status: http.StatusConflict, Detail: "there is a webhook of this name", Remedy: "choose another name, or change that one"}
	} else {
		err = v.saveEndpoint(name, &made)
	}
	if err != nil {
		said, status, err := v.said("make", err)
		if err != nil {
			return err
		}
		return p.webhooksWith(v, status, said)
	}
	return p.webhookWith(v, http.StatusOK, name, made.Secret, Said{})
}

func (v *visit) saveEndpoint(name string, out any) error {
	body := map[string]any{"url": v.PostForm("url")}
	if kinds := v.PostFormArray("events"); len(kinds) > 0 {
		body["events"] = kinds
	}
	return v.ask(http.MethodPut, endpointAt(name), "", body, out)
}

func endpointAt(name string) string { return "/v1/webhooks/" + url.PathEscape(name) }

func (p *Pages) webhook(v *visit) error {
	return p.webhookWith(v, http.StatusOK, v.Param("name"), "", Said{})
}

func (p *Pages) webhookWith(v *visit, status int, name, secret string, said Said) error {
	e := endpoint{Secret: secret, Kinds: webhooks.Kinds(), State: v.Query("state")}
	if err := v.get(endpointAt(name), &e.Endpoint); err != nil {
		return err
	}
	q := url.Values{"limit": {"50"}}
	for _, key := range []string{"state", "before"} {
		if value := v.Query(key); value != "" {
			q.Set(key, value)
		}
	}
	var page api.WebhookDeliveries
	if err := v.get(endpointAt(name)+"/deliveries?"+q.Encode(), &page); err != nil {
		return err
	}
	e.Deliveries = page.Deliveries
	if page.Next != nil {
		q.Set("before", strconv.FormatInt(*page.Next, 10))
		q.Del("limit")
		e.Next = "/webhooks/" + url.PathEscape(name) + "?" + q.Encode()
	}
	return v.show(status, "webhook", "Outgoing webhook "+e.Name, said, e)
}

func (p *Pages) changeWebhook(v *visit) error {
	name, act := v.Param("name"), v.Param("act")
	var changed api.SavedWebhook
	err := v.changeEndpoint(name, act, &changed)
	switch {
	case err != nil:
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.webhookWith(v, status, name, "", said)
	case changed.Secret != "":
		return p.webhookWith(v, http.StatusOK, name, changed.Secret, Said{})
	case act == "delete":
		v.Redirect(http.StatusSeeOther, "/webhooks")
	default:
		v.Redirect(http.StatusSeeOther, "/webhooks/"+url.PathEscape(name))
	}
	return nil
}

func (v *visit) changeEndpoint(name, act string, out *api.SavedWebhook) error {
	once := v.PostForm("once")
	switch act {
	case "save":
		return v.saveEndpoint(name, out)
	case "secret":
		both, err := strconv.Atoi(v.PostForm("both_for_hours"))
		if err != nil {
			return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "that is no number of hours", Remedy: "give a number from 0 to 720"}
		}
		return v.ask(http.MethodPut, endpointAt(name)+"/secret", "", map[string]any{"both_for_hours": both}, out)
	case "park":
		return v.post(endpointAt(name)+"/park", once, map[string]any{"why": v.PostForm("why")}, nil)
	case "ping", "resume":
		return v.post(endpointAt(name)+"/"+act, once, map[string]any{}, nil)
	case "deliver":
		return v.post(endpointAt(name)+"/deliveries/"+url.PathEscape(v.PostForm("n"))+"/replay", once, map[string]any{}, nil)
	case "replay":
		since, err := v.instantOf("since")
		if err != nil {
			return err
		}
		return v.post(endpointAt(name)+"/replay", once, map[string]any{"since": since}, nil)
	case "delete":
		if v.PostForm("sure") != "yes" {
			return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "nothing was deleted", Remedy: "say that you are sure"}
		}
		return v.ask(http.MethodDelete, endpointAt(name), "", nil, nil)
	}
	return &api.Problem{Status: http.StatusNotFound, Detail: "there is nothing here"}
}
