package web

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/rights"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// leadPage is all there is to see of a lead.
type leadPage struct {
	Lead        api.LeadView
	Explanation sequence.Explanation
	Timeline    []api.TimelineEntry
	Ahead       []api.TimelineEntry // touches and stages only
	Said        []api.OutcomeView
	Messages    []api.ThreadMessage
	Permissions []api.PermissionView
	Others      []api.BriefPerson
	Origin      api.Origin
	Erasure     *rights.Erasure // for managers: what would be removed, or how far it is
	Actions     []action
	Form        outcomeForm
	Drawing     template.HTML
	Workflow    string // its address in the Temporal UI
}

func (p *Pages) lead(v *visit) error { return p.leadWith(v, http.StatusOK, Said{}) }

func (p *Pages) leadWith(v *visit, status int, said Said) error {
	var d leadPage
	at := "/v1/leads/" + url.PathEscape(v.Param("id"))
	var timeline api.Timeline
	var ahead api.Ahead
	var messages struct{ Messages []api.ThreadMessage }
	var permissions api.Permissions
	var others api.Stakeholders
	var outcomes api.OutcomeList
	if err := v.get(at, &d.Lead); err != nil {
		return err
	}
	err := errors.Join(v.get(at+"/explanation", &d.Explanation), v.get(at+"/timeline?limit=1000", &timeline), v.get(at+"/ahead?months=12", &ahead),
		v.get(at+"/messages", &messages), v.get(at+"/permissions", &permissions), v.get(at+"/stakeholders", &others), v.get(at+"/outcomes", &outcomes), v.get(at+"/origin", &d.Origin))
	if err == nil && v.Reader.Role != api.Rep {
		d.Erasure = new(rights.Erasure)
		err = v.get("/v1/people/"+d.Lead.PersonID.String()+"/erasure", d.Erasure)
	}
	if err != nil {
		return err
	}
	d.Timeline, d.Messages, d.Permissions, d.Others = timeline.Entries, messages.Messages, permissions.Permissions, others.Stakeholders
	d.Said = outcomes.Outcomes
	for _, e := range ahead.Entries {
		if e.What == sequence.StageChanged || e.What == sequence.TouchMade || e.What == sequence.TaskAsked {
			d.Ahead = append(d.Ahead, e)
		}
	}
	d.Drawing = v.drawLife(d.Lead, d.Timeline, ahead)
	if p.TemporalUI != "" {
		d.Workflow = p.TemporalUI + workflows.WorkflowID(d.Lead.ID.String())
	}
	if !d.Lead.Stage.Final() {
		if d.Actions, err = v.actions(d.Lead); err != nil {
			return err
		}
		d.Form = outcomeForm{Now: v.now.In(v.zone), Others: d.Others, Choices: choicesFor(sequence.TaskCall, d.Lead.Stage)}
	}
	return v.show(status, "lead", d.Lead.Name, said, d)
}

// act does what a form of the lead's page asks for.
func (p *Pages) act(v *visit) error {
	id, name := v.Param("id"), v.Param("act")
	at := "/v1/leads/" + url.PathEscape(id)
	var err error
	if name == "erase" {
		err = v.erase(at)
	} else {
		var path string
		var body map[string]any
		if path, body, err = v.order(at, name); err == nil {
			err = v.post(path, v.PostForm("once"), body, nil)
		}
	}
	if err != nil {
		said, status, err := v.said(name, err)
		if err != nil {
			return err
		}
		return p.leadWith(v, status, said)
	}
	if back := v.PostForm("back"); back != "" {
		v.Redirect(http.StatusSeeOther, own(back))
		return nil
	}
	v.Redirect(http.StatusSeeOther, "/leads/"+id)
	return nil
}

// erase forgets the lead's person, once somebody has said that they read what that is.
func (v *visit) erase(at string) error {
	if v.PostForm("sure") == "" {
		return &api.Problem{
			Status: http.StatusUnprocessableEntity, Code: "not_valid", Detail: "nothing was erased", Remedy: "read what is removed, and say that you did",
			Errors: []api.Fault{{Field: "sure", Message: "is not ticked"}},
		}
	}
	var l api.LeadView
	if err := v.get(at, &l); err != nil {
		return err
	}
	return v.post("/v1/people/"+l.PersonID.String()+"/erasure", v.PostForm("once"), map[string]any{"ground": v.PostForm("ground")}, nil)
}
