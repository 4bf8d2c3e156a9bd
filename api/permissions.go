package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

// PermissionView is a yes to stay in touch, as it was recorded.
type PermissionView struct {
	ID        uuid.UUID        `json:"id"`
	Channel   sequence.Channel `json:"channel"`
	Every     string           `json:"every,omitempty" doc:"How often; the playbook's rhythm if left out"`
	GrantedAt time.Time        `json:"granted_at"`
	Until     *time.Time       `json:"until,omitempty"`
	Current   bool             `json:"current" doc:"Whether it has not ended"`
}

// Permissions lists what a lead's person has agreed to, the newest first.
type Permissions struct {
	Permissions []PermissionView `json:"permissions"`
}

func (a *API) permissions(api huma.API) {
	route(api, operation(http.MethodGet, "/leads/{id}/permissions", "listPermissions", "What the lead has agreed to (R04)", people...),
		func(ctx context.Context, in *LeadPath) (*body[Permissions], error) {
			r, err := a.lead(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := a.Store.PermissionsOf(ctx, r.PersonID)
			list := Permissions{Permissions: []PermissionView{}}
			for _, p := range rows {
				list.Permissions = append(list.Permissions, PermissionView{
					ID: p.ID, Channel: sequence.Channel(p.Channel), Every: p.Every, GrantedAt: p.GrantedAt, Until: p.Until,
					Current: p.Until == nil || p.Until.After(a.now()),
				})
			}
			return reply(list), postgres.Translate(err)
		})
}
