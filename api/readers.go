package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// Me is who asks.
type Me struct {
	UserID  *uuid.UUID `json:"user_id,omitempty" doc:"None for a key that belongs to nobody"`
	Name    string     `json:"name,omitempty"`
	Role    string     `json:"role" enum:"rep,manager,integration,admin"`
	OwnOnly bool       `json:"own_only,omitempty" doc:"Sees only leads of their own"`
}

// Colleague is somebody who works here.
type Colleague struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Role string    `json:"role" enum:"rep,manager,admin"`
}

// Colleagues are all who work here.
type Colleagues struct {
	Users []Colleague `json:"users"`
}

func (a *API) readers(api huma.API) {
	route(api, operation(http.MethodGet, "/me", "readMe", "Who this key or session belongs to", everybody...),
		func(ctx context.Context, _ *struct{}) (*body[Me], error) {
			c := callerOf(ctx)
			me := Me{UserID: c.User, Role: c.Role, OwnOnly: c.OwnOnly}
			if c.User == nil {
				return reply(me), nil
			}
			u, err := a.Store.User(ctx, *c.User)
			if err != nil {
				return nil, fmt.Errorf("read user %s: %w", c.User, err)
			}
			me.Name = u.Name
			return reply(me), nil
		})
	route(api, operation(http.MethodGet, "/users", "listUsers", "Who works here and can own leads and tasks", people...),
		func(ctx context.Context, _ *struct{}) (*body[Colleagues], error) {
			rows, err := a.Store.Users(ctx)
			if err != nil {
				return nil, fmt.Errorf("list users: %w", err)
			}
			all := Colleagues{Users: []Colleague{}}
			for _, u := range rows {
				all.Users = append(all.Users, Colleague{u.ID, strings.TrimSpace(u.Name), u.Role})
			}
			return reply(all), nil
		})
}
