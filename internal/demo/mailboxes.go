package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/devmail"
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

// looksAfter is how long a parked mailbox rests before the demo's manager has seen
// to it.
const looksAfter = 2 * 24 * time.Hour

// manage resumes mailboxes that have been parked for a while, as a manager would
// who has seen to the reason.
func (c *Cast) manage(ctx context.Context, now time.Time) {
	var all struct {
		Mailboxes []struct {
			Name     string     `json:"name"`
			ParkedAt *time.Time `json:"parked_at"`
		} `json:"mailboxes"`
	}
	if err := c.Client.Get(ctx, "/mailboxes", &all); err != nil {
		return
	}
	for _, m := range all.Mailboxes {
		if m.ParkedAt == nil || now.Sub(*m.ParkedAt) < looksAfter {
			continue
		}
		if err := c.Client.Post(ctx, "/mailboxes/"+m.Name+"/resume", map[string]any{}, nil); err != nil && ctx.Err() == nil {
			slog.Info("demo: a mailbox could not be resumed", "mailbox", m.Name, "error", err)
		}
	}
}

// Inquire lets somebody who is no lead yet write to the house.
func Inquire(m *Mail, now time.Time) error {
	const from, to = "nina@falcon.example", "info@rekindle.example"
	raw := fmt.Sprintf("From: Nina Falk <%s>\r\nTo: %s\r\nDate: %s\r\nMessage-ID: <inquiry-1@falcon.example>\r\nSubject: What does it cost?\r\n\r\n"+
		"Hello,\r\n\r\nwe are twelve people and lose track of our leads. What does it cost, and can we see it?\r\n\r\nBest regards\r\nNina Falk\r\n",
		from, to, now.Format(time.RFC1123Z))
	_, err := m.Deliver(devmail.Delivery{From: from, To: []string{to}, Raw: []byte(raw), By: "inquirer"})
	if err != nil {
		return fmt.Errorf("write to the house: %w", err)
	}
	return nil
}
