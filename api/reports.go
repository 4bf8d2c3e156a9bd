package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
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
	route(api, operation(http.MethodGet, "/board", "readBoard", "What managers look at first, as it was drawn up last", managers...),
		func(ctx context.Context, _ *struct{}) (*body[managing.Board], error) {
			var b managing.Board
			row, err := a.Store.BoardRow(ctx)
			if errors.Is(err, pgx.ErrNoRows) || err == nil && row.AsOf == nil {
				p := problem(http.StatusNotFound, "board_not_drawn", "the board is being drawn up for the first time", "try again in a moment")
				p.retryAfter = "5"
				return nil, p
			}
			if err == nil {
				err = json.Unmarshal(row.Figures, &b)
			}
			if err != nil {
				return nil, fmt.Errorf("read the board: %w", err)
			}
			return reply(b), nil
		})
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

// leadsBehind lists those behind a figure of the board.
func (a *API) leadsBehind(ctx context.Context, in *LeadFilter) (*listedLeads, error) {
	if callerOf(ctx).Role == Rep {
		return nil, problem(http.StatusForbidden, "role_not_allowed", "the board is for managers", "leave behind out")
	}
	rows, err := a.Store.LeadsBehind(ctx, db.LeadsBehindParams{Figure: in.Behind, Most: in.Limit})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := &listedLeads{Body: LeadPage{Leads: []LeadView{}}}
	for _, r := range rows {
		out.Body.Leads = append(out.Body.Leads, viewOf(db.LeadViewRow(r)))
	}
	return out, nil
}
