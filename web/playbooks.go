package web

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/policy"
)

// playbookList is what there is: the versions, and the moves between them.
type playbookList struct {
	Versions []api.Version
	Moves    []api.MoveView
}

// playbook is one version.
type playbook struct {
	api.Version
	Map    template.HTML
	Paths  []path
	Stages []stageDrawing
	Others []api.Version // that leads follow
	From   string        // whose leads would move here
	Impact *impact
}

// manage lets only those in who decide about playbooks.
func (p *Pages) manage(serve func(*visit) error) gin.HandlerFunc {
	return p.page(func(v *visit) error {
		if v.Reader.Role == api.Rep {
			return &api.Problem{Status: http.StatusForbidden, Detail: "playbooks are for managers", Remedy: "ask your manager"}
		}
		return serve(v)
	})
}

func (p *Pages) playbooks(v *visit) error {
	var d playbookList
	var versions api.Versions
	var moves api.MoveList
	if err := errors.Join(v.get("/v1/playbooks", &versions), v.get("/v1/playbook-moves", &moves)); err != nil {
		return err
	}
	d.Versions, d.Moves = versions.Playbooks, moves.Moves
	return v.show(http.StatusOK, "playbooks", "Playbooks", Said{}, d)
}

func (p *Pages) playbook(v *visit) error { return p.playbookWith(v, http.StatusOK, Said{}) }

func (p *Pages) playbookWith(v *visit, status int, said Said) error {
	var d playbook
	var versions api.Versions
	if err := errors.Join(v.get(versionAt(v), &d.Version), v.get("/v1/playbooks", &versions)); err != nil {
		return err
	}
	d.Map, d.Paths, d.Stages = drawMap(d.Version.Stages), paths(), drawStages(d.Version.Stages)
	for _, other := range versions.Playbooks {
		if other.ID != d.ID && other.Leads > 0 {
			d.Others = append(d.Others, other)
		}
	}
	if d.From = v.Query("from"); d.From != "" {
		var i policy.Impact
		if err := v.post("/v1/playbooks/impact", uuid.NewString(), map[string]any{"from": d.From, "to": d.ID}, &i); err != nil {
			return err
		}
		d.Impact = impactOf(i)
	}
	return v.show(status, "playbook", d.ID, said, d)
}

func versionAt(v *visit) string { return "/v1/playbooks/" + url.PathEscape(v.Param("id")) }

// changePlaybook releases a version, or moves the leads of another to it.
func (p *Pages) changePlaybook(v *visit) error {
	act, once, to := v.Param("act"), v.PostForm("once"), "/playbooks/"+url.PathEscape(v.Param("id"))
	var err error
	switch act {
	case "release":
		err = v.post(versionAt(v)+"/release", once, map[string]any{}, nil)
	case "move":
		var m api.MoveView
		err = v.post("/v1/playbook-moves", once, map[string]any{"from": v.PostForm("from"), "to": v.Param("id")}, &m)
		to = "/playbooks/moves/" + m.ID.String()
	default:
		err = &api.Problem{Status: http.StatusNotFound, Detail: "there is no such thing to do with a playbook"}
	}
	if err != nil {
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.playbookWith(v, status, said)
	}
	v.Redirect(http.StatusSeeOther, to)
	return nil
}

// move is how far a move of leads is.
func (p *Pages) move(v *visit) error {
	var m api.MoveView
	if err := v.get("/v1/playbook-moves/"+url.PathEscape(v.Param("move")), &m); err != nil {
		return err
	}
	return v.show(http.StatusOK, "move", "Move to "+m.To, Said{}, struct {
		api.MoveView
		Answered int64
	}{m, m.Moved + m.Refused})
}
