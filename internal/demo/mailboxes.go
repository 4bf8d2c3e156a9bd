package demo

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/rekindlehq/rekindle/internal/mailroom"
)

// Mailboxes gives every rep a mailbox on the development mail server, whose inbox
// is watched, and the house one for inquiries.
func Mailboxes(ctx context.Context, room mailroom.Room, imap string) error {
	for _, u := range team {
		if u.Role != "rep" {
			continue
		}
		name, _, _ := strings.Cut(u.Email, "@")
		if err := mailboxOf(ctx, room, imap, name, u.Email, mailroom.Settings{User: u.Email}); err != nil {
			return err
		}
	}
	return mailboxOf(ctx, room, imap, "info", "info@rekindle.example", mailroom.Settings{Inquiries: true, Sender: "Rekindle Demo"})
}

func mailboxOf(ctx context.Context, room mailroom.Room, imap, name, address string, s mailroom.Settings) error {
	server := url.URL{Scheme: "imap", Host: imap, User: url.UserPassword(address, "any")}
	s.Address, s.Zone, s.Daily, s.IMAP = address, "Europe/Berlin", 40, server.String()
	if _, err := room.Save(ctx, name, s); err != nil {
		return fmt.Errorf("make the mailbox %s: %w", address, err)
	}
	return nil
}
