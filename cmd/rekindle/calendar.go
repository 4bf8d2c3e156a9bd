package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

type userCalendarCmd struct {
	Database  database `embed:""`
	PublicURL string   `env:"REKINDLE_PUBLIC_URL" required:"" help:"Address of the API as the world sees it."`
	Email     string   `arg:"" help:"Address of the user, see rekindle user list."`
	Revoke    bool     `help:"Close the feed instead."`
}

func (c userCalendarCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		url, err := calendarOf(ctx, s, c)
		if err == nil && url != "" {
			fmt.Println(url)
		}
		return err
	})
}

// calendarOf is the new address of a user's feed; empty when it was closed.
func calendarOf(ctx context.Context, s *postgres.Store, c userCalendarCmd) (string, error) {
	u, err := s.UserByEmail(ctx, strings.ToLower(c.Email))
	if err != nil {
		return "", fmt.Errorf("no active user has the address %q; see rekindle user list", c.Email)
	}
	if c.Revoke {
		return "", errors.Join(s.RevokeCalendar(ctx, u.ID), noted(ctx, s, "calendar_closed", u.ID.String()))
	}
	secret, err := s.RenewCalendar(ctx, u.ID)
	return api.FeedURL(c.PublicURL, secret), errors.Join(err, noted(ctx, s, "calendar_opened", u.ID.String()))
}
