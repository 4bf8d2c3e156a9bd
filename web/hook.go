package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/hook"
)

// sourcePage is one service that reports by webhook.
type sourcePage struct {
	sourceLine
	Secret     string // shown once
	Made       bool   // now
	Form       sourceForm
	Open       bool // the form
	Deliveries []hook.View
	Next       string
	State      string // of the deliveries that are shown; "": all
}

func (p *Pages) source(v *visit) error {
	return p.sourceWith(v, http.StatusOK, v.Param("name"), sourcePage{}, Said{})
}

// sourceWith shows a source; d has what is not in the records.
func (p *Pages) sourceWith(v *visit, status int, name string, d sourcePage, said Said) error {
	var all api.Sources
	var one api.SourceView
	if err := v.get(sourceAt(name), &one); err != nil {
		return err
	}
	if err := v.get("/v1/hooks", &all); err != nil {
		return err
	}
	d.sourceLine, d.State = lineOf(one), v.Query("state")
	if d.Form.Kind == "" {
		d.Form = formOf(one.Source, all.Engagements)
	}
	if id := v.Query("example"); id != "" {
		var came hook.View
		if err := v.get(sourceAt(name)+"/deliveries/"+url.PathEscape(id), &came); err != nil {
			return err
		}
		d.Form.Example, d.Open = came.Body, true
	}
	q := url.Values{"limit": {"50"}}
	for _, key := range []string{"state", "before"} {
		if value := v.Query(key); value != "" {
			q.Set(key, value)
		}
	}
	var page api.DeliveryPage
	if err := v.get(sourceAt(name)+"/deliveries?"+q.Encode(), &page); err != nil {
		return err
	}
	d.Deliveries = page.Deliveries
	if page.Next != nil {
		q.Set("before", page.Next.String())
		q.Del("limit")
		d.Next = "/hooks/" + url.PathEscape(name) + "?" + q.Encode()
	}
	return v.show(status, "hook", "Incoming webhook "+name, said, d)
}

// changeSource does what a form of its page asks for.
func (p *Pages) changeSource(v *visit) error {
	name, act := v.Param("name"), v.Param("act")
	d := sourcePage{Open: act == "save"}
	var all api.Sources
	var one api.SourceView
	if err := v.get(sourceAt(name), &one); err != nil {
		return err
	}
	if err := v.get("/v1/hooks", &all); err != nil {
		return err
	}
	if act == "save" {
		d.Form = v.sourceTyped(one.Source, all.Engagements)
	}
	var changed api.SavedSource
	err := v.change(one, act, &d, &changed)
	switch {
	case err != nil:
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.sourceWith(v, status, name, d, said)
	case d.Form.Trial != nil:
		return p.sourceWith(v, http.StatusOK, name, d, Said{})
	case changed.Secret != "":
		return p.sourceWith(v, http.StatusOK, name, sourcePage{Secret: changed.Secret}, Said{})
	case act == "remove":
		v.Redirect(http.StatusSeeOther, "/hooks")
	default:
		v.Redirect(http.StatusSeeOther, "/hooks/"+url.PathEscape(name))
	}
	return nil
}

func (v *visit) change(s api.SourceView, act string, d *sourcePage, out *api.SavedSource) error {
	at := sourceAt(s.Name)
	switch act {
	case "save":
		if v.PostForm("do") == "try" {
			return v.trySource(&d.Form)
		}
		return v.ask(http.MethodPut, at, "", d.Form.settings(s.Off, ""), out)
	case "on", "off":
		return v.ask(http.MethodPut, at, "", formOf(s.Source, nil).settings(act == "off", ""), out)
	case "secret":
		both, err := strconv.Atoi(v.PostForm("both_for_hours"))
		if err != nil {
			return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "that is no number of hours", Remedy: "give a number from 0 to 720"}
		}
		body := map[string]any{"both_for_hours": both}
		if secret := v.PostForm("secret"); secret != "" {
			body["secret"] = secret
		}
		return v.ask(http.MethodPut, at+"/secret", "", body, out)
	case "again":
		return v.post(at+"/again", v.PostForm("once"), map[string]any{}, nil)
	case "remove":
		if v.PostForm("sure") != "yes" {
			return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "nothing was removed", Remedy: "say that you are sure"}
		}
		return v.ask(http.MethodDelete, at, "", nil, nil)
	}
	return &api.Problem{Status: http.StatusNotFound, Detail: "there is nothing here"}
}
