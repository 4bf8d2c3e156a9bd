package web

import (
	"net/http"
	"net/url"

	"github.com/rekindlehq/rekindle/api"
)

// foreseen is what a form would do now, or why it cannot be done.
type foreseen struct {
	*api.Preview
	Problem *api.Problem
}

// foresee asks what a form would do. Nothing is done, and what was filled in stays.
func (v *visit) foresee(act, path string, body map[string]any, err error) (Said, int, error) {
	f := foreseen{Preview: new(api.Preview)}
	if err == nil {
		err = v.post(path+"/preview", "", body, f.Preview)
	}
	if err != nil {
		said, status, err := v.said(act, err)
		said.Once, said.Foreseen, said.Problem = v.PostForm("once"), &foreseen{Problem: said.Problem}, nil
		return said, status, err
	}
	return Said{Act: act, Once: v.PostForm("once"), Form: v.Request.PostForm, Foreseen: &f}, http.StatusOK, nil
}

// foreseeAct shows it on the lead's page, above the form.
func (p *Pages) foreseeAct(v *visit) error {
	act := v.Param("act")
	path, body, err := v.order("/v1/leads/"+url.PathEscape(v.Param("id")), act)
	said, status, err := v.foresee(act, path, body, err)
	if err != nil {
		return err
	}
	return p.leadWith(v, status, said)
}

// foreseeWork shows it at the desk.
func (p *Pages) foreseeWork(v *visit) error {
	id, act := v.Param("id"), v.Param("act")
	body, err := v.completion(act)
	said, status, err := v.foresee(act, "/v1/tasks/"+url.PathEscape(id)+"/complete", body, err)
	if err != nil {
		return err
	}
	return p.deskWith(v, status, id, said)
}

// Foresaw is what was foreseen of a form; nil for the others.
func (s Said) Foresaw(act string) *foreseen {
	if s.Act != act {
		return nil
	}
	return s.Foreseen
}
