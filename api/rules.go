package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/sequence"
)

// RuleList is the catalogue of the business rules.
type RuleList struct {
	Rules []sequence.Description `json:"rules"`
}

type rehearsalBody struct {
	Script   string `json:"script" maxLength:"200000" doc:"A rehearsal script in YAML; see docs/rehearsal.md"`
	Playbook string `json:"playbook,omitempty" doc:"A published version; the current one if left out"`

	Files PlaybookFiles `json:"files,omitempty" doc:"A playbook that is not published yet, instead"`
}

func (a *API) rules(api huma.API) {
	route(api, operation(http.MethodGet, "/rules", "listRules", "The business rules, and where each has its threshold", everybody...),
		func(context.Context, *struct{}) (*body[RuleList], error) {
			return reply(RuleList{sequence.Catalogue()}), nil
		})
	route(api, operation(http.MethodPost, "/rehearsals", "rehearse", "Play one lead with a scripted prospect; nothing is kept", people...), a.rehearse)
}

func (a *API) rehearse(ctx context.Context, in *struct{ Body rehearsalBody }) (*body[rehearse.Rehearsal], error) {
	pb := a.Door.Playbook()
	if in.Body.Playbook != "" || len(in.Body.Files) > 0 {
		var err error
		if pb, err = a.either(ctx, "playbook", in.Body.Playbook, in.Body.Files); err != nil {
			return nil, err
		}
	}
	script, err := rehearse.Parse([]byte(in.Body.Script))
	if err != nil {
		return nil, invalid([]Fault{{"body.script", err.Error()}})
	}
	played, err := rehearse.Run(script, pb)
	if err != nil {
		return nil, invalid([]Fault{{"body.script", err.Error()}})
	}
	return reply(played), nil
}
