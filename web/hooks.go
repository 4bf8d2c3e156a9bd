package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/hook"
)

// service is a kind of source as people choose it.
type service struct {
	Kind, Title, Brings string
	Setup               string // what to do there with address and secret
}

var services = []service{
	{hook.Typeform, "Typeform", "Every finished response of a form.", "In Typeform open the form, Connect, Webhooks, Add a webhook; paste the address, then edit it and set the secret."},
	{hook.Cal, "Cal.com", "Calls that are booked, moved, called off or missed.", "In Cal.com open Settings, Developer, Webhooks, New; give the address and the secret, and no payload template of your own."},
	{hook.HubSpot, "HubSpot", "Forms and contacts, by a workflow or by an app.", "In HubSpot add Send a webhook to a contact workflow: method POST, exactly this address, and Include request signature in header with the id of your app."},
	{hook.Generic, "Another service", "Any JSON that is signed by Standard Webhooks; you say where things are in it.", "Give the service the address and the secret. It signs by Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature."},
}

func serviceOf(kind string) (service, bool) {
	at := slices.IndexFunc(services, func(s service) bool { return s.Kind == kind })
	if at < 0 {
		return service{}, false
	}
	return services[at], true
}

// sourceLine is a source, and what is wrong with it.
type sourceLine struct {
	api.SourceView
	Service service
	Trouble *hook.Refusal // calls are turned away, and nothing came since
}

// sourceList is who reports by webhook, and who could.
type sourceList struct {
	Sources  []sourceLine
	Services []service
}

// newSource is a source that is to be made.
type newSource struct {
	Service service
	Name    string
	Form    sourceForm
}

func lineOf(s api.SourceView) sourceLine {
	line := sourceLine{SourceView: s}
	line.Service, _ = serviceOf(s.Kind)
	last := s.LastAt
	for _, r := range s.Refused {
		if r.LastAt.After(last) {
			last, line.Trouble = r.LastAt, &r
		}
	}
	return line
}

// sources lists them, or has the form for a new one of a kind.
func (p *Pages) sources(v *visit) error {
	var all api.Sources
	if err := v.get("/v1/hooks", &all); err != nil {
		return err
	}
	if of, ok := serviceOf(v.Query("kind")); ok {
		return v.show(http.StatusOK, "hook_new", "New incoming webhook", Said{}, newSource{Service: of, Form: formOf(hook.Source{Kind: of.Kind}, all.Engagements)})
	}
	d := sourceList{Services: services}
	for _, s := range all.Sources {
		d.Sources = append(d.Sources, lineOf(s))
	}
	return v.show(http.StatusOK, "hooks", "Incoming webhooks", Said{}, d)
}

// makeSource makes one, and shows its secret at once: it is nowhere to be had later. Or
// it tries what was typed.
func (p *Pages) makeSource(v *visit) error {
	var all api.Sources
	if err := v.get("/v1/hooks", &all); err != nil {
		return err
	}
	of, ok := serviceOf(v.PostForm("kind"))
	if !ok {
		return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "there is no such kind of service", Remedy: "choose one of the list"}
	}
	d := newSource{Service: of, Name: v.PostForm("name"), Form: v.sourceTyped(hook.Source{Kind: of.Kind}, all.Engagements)}
	var made api.SavedSource
	var err error
	switch {
	case v.PostForm("do") == "try":
		err = v.trySource(&d.Form)
	case d.Name == "":
		err = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "it needs a name", Remedy: "give it a short one, such as demo-form"}
	case slices.ContainsFunc(all.Sources, func(s api.SourceView) bool { return s.Name == d.Name }):
		err = &api.Problem{Status: http.StatusConflict, Detail: "there is an incoming webhook of this name", Remedy: "choose another name, or change that one"}
	default:
		err = v.ask(http.MethodPut, sourceAt(d.Name), "", d.Form.settings(false, v.PostForm("secret")), &made)
		if err == nil {
			return p.sourceWith(v, http.StatusOK, d.Name, sourcePage{Secret: made.Secret, Made: true}, Said{})
		}
	}
	said, status := Said{}, http.StatusOK
	if err != nil {
		if said, status, err = v.said("make", err); err != nil {
			return err
		}
	}
	return v.show(status, "hook_new", "New incoming webhook", said, d)
}

func sourceAt(name string) string { return "/v1/hooks/" + url.PathEscape(name) }
