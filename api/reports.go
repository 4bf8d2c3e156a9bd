package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/sequence"
)

// ManagingReport is what a manager looks at.
type ManagingReport struct {
	Since     time.Time              `json:"since"`
	FollowUps sequence.FollowUps     `json:"follow_ups" doc:"Tasks that were due, and done in time (R80)"`
	Coverage  float64                `json:"coverage" doc:"Their share, 0 to 1"`
	ColdCalls []managing.Rep         `json:"cold_calls" doc:"Call time of each rep in the last seven days (R13)"`
	Holding   managing.StagnantLeads `json:"holding" doc:"What stagnant leads cost (R82)"`
}

func (a *API) reports(api huma.API) {
	route(api, operation(http.MethodGet, "/reports/managing", "readManagingReport", "Follow-ups in time, cold-call share, holding cost", managers...),
		func(ctx context.Context, in *struct {
			Days int `query:"days" minimum:"1" maximum:"366" default:"30"`
			Most int `query:"most" minimum:"0" maximum:"500" default:"20" doc:"How many stagnant leads to list"`
		},
		) (*body[ManagingReport], error) {
			reports := managing.Reports{Store: a.Store, Playbook: a.Playbook, Current: a.Door.Playbook, Now: a.now}
			r := ManagingReport{Since: a.now().AddDate(0, 0, -in.Days)}
			var err error
			if r.FollowUps, err = reports.FollowUps(ctx, r.Since); err != nil {
				return nil, err
			}
			r.Coverage = r.FollowUps.Share()
			if r.ColdCalls, err = reports.ColdCalls(ctx, a.now()); err != nil {
				return nil, err
			}
			r.Holding, err = reports.Stagnant(ctx, in.Most)
			return reply(r), err
		})
}
