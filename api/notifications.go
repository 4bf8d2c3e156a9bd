package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// Notice is one notification.
type Notice struct {
	ID    uuid.UUID     `json:"id"`
	Lead  *uuid.UUID    `json:"lead_id,omitempty"`
	About string        `json:"about"`
	Rule  sequence.Rule `json:"rule,omitempty"`
	At    time.Time     `json:"at"`
}

// Notices are what somebody was told and has not read.
type Notices struct {
	Notices []Notice `json:"notifications" doc:"The newest first"`
	Unread  int64    `json:"unread" doc:"How many there are in all"`
}

// MarkedRead says how many were unread before.
type MarkedRead struct {
	Marked int64 `json:"marked" doc:"None when all of it was read before"`
}

func (a *API) notifications(api huma.API) {
	route(api, operation(http.MethodGet, "/notifications", "readNotifications", "What you were told and have not read", people...), a.unread)
	route(api, operation(http.MethodPost, "/notifications/{id}/read", "markRead", "Mark as read what you were told; for the others who were told, it stays", people...), a.markRead)
}

func (a *API) unread(ctx context.Context, in *struct {
	Limit int32 `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*body[Notices], error) {
	c := callerOf(ctx)
	rows, err := a.Store.NotificationsFor(ctx, db.NotificationsForParams{UserID: c.User, Manager: c.Role != Rep, Reader: c.actor(), Most: in.Limit})
	if err != nil {
		return nil, err
	}
	n := Notices{Notices: []Notice{}}
	for _, r := range rows {
		n.Notices = append(n.Notices, Notice{r.ID, r.LeadID, r.About, sequence.Rule(r.Rule), r.At})
		n.Unread = r.Unread
	}
	return reply(n), nil
}

func (a *API) markRead(ctx context.Context, in *struct {
	ID   uuid.UUID `path:"id" doc:"Of the notification"`
	Body struct {
		Older bool `json:"and_older,omitempty" doc:"Also everything you were told before it"`
	}
},
) (*body[MarkedRead], error) {
	c := callerOf(ctx)
	theirs, err := a.Store.ToldTo(ctx, db.ToldToParams{ID: in.ID, UserID: c.User, Manager: c.Role != Rep})
	if err == nil && !theirs {
		err = postgres.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find notification %s: %w", in.ID, err)
	}
	n, err := a.Store.ReadNotifications(ctx, db.ReadNotificationsParams{
		ID: in.ID, Older: in.Body.Older, Reader: c.actor(), At: a.now(), UserID: c.User, Manager: c.Role != Rep,
	})
	return reply(MarkedRead{n}), err
}
