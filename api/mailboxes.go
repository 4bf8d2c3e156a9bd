package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/mailroom"
)

// Mailboxes lists the mailboxes and how they fare.
type Mailboxes struct {
	Mailboxes []mailroom.Status `json:"mailboxes"`
}

// MailboxPath is the path of a mailbox.
type MailboxPath struct {
	Name string `path:"name" maxLength:"63" doc:"By which playbooks call it" example:"robin"`
}

type parkBody struct {
	Why string `json:"why,omitempty" maxLength:"200" doc:"What the managers are told"`
}

type (
	parked struct {
		MailboxPath
		Body parkBody
	}
	resumed struct {
		MailboxPath
		Body nothing
	}
)

// MailboxResumed says what became of the touches that waited for a mailbox.
type MailboxResumed struct {
	Slots   int             `json:"slots" doc:"Waiting touches that got a slot within its limits, the most valuable leads first"`
	Mailbox mailroom.Status `json:"mailbox"`
}

// mailboxes registers where mail goes out from and comes in to. Secrets go in and
// never come out; they are given by PUT, whose answers are not kept.
func (a *API) mailboxes(api huma.API) {
	route(api, operation(http.MethodGet, "/mailboxes", "listMailboxes", "Mailboxes, and how they fare", people...),
		func(ctx context.Context, _ *struct{}) (*body[Mailboxes], error) {
			all, err := a.Room.Statuses(ctx)
			return reply(Mailboxes{all}), err
		})
	noted(a, api, operation(http.MethodPut, "/mailboxes/{name}", "saveMailbox", "Make a mailbox, or change it; secrets that are left out stay as they are", managers...),
		"mailbox_saved", func(_ *savedMailbox, out *body[mailroom.Status]) string { return out.Body.Name }, a.saveMailbox)
	noted(a, api, operation(http.MethodPost, "/mailboxes/{name}/park", "parkMailbox", "Stop a mailbox; its leads wait and lose nothing", managers...),
		"mailbox_parked", func(in *parked, _ *body[mailroom.Status]) string { return in.Name },
		func(ctx context.Context, in *parked) (*body[mailroom.Status], error) {
			if err := a.Room.Park(ctx, in.Name, in.Body.Why); err != nil {
				return nil, err
			}
			s, err := a.mailbox(ctx, in.Name)
			return reply(s), err
		})
	noted(a, api, operation(http.MethodPost, "/mailboxes/{name}/resume", "resumeMailbox", "Let a parked mailbox send again", managers...),
		"mailbox_resumed", func(in *resumed, _ *body[MailboxResumed]) string { return in.Name },
		func(ctx context.Context, in *resumed) (*body[MailboxResumed], error) {
			n, err := a.Room.Resume(ctx, in.Name)
			if err != nil {
				return nil, err
			}
			s, err := a.mailbox(ctx, in.Name)
			return reply(MailboxResumed{n, s}), err
		})
}

type savedMailbox struct {
	MailboxPath
	Body mailroom.Settings
}

func (a *API) saveMailbox(ctx context.Context, in *savedMailbox) (*body[mailroom.Status], error) {
	_, err := a.Room.Save(ctx, in.Name, in.Body)
	var wrong mailroom.Faults
	if errors.As(err, &wrong) {
		var faults []Fault
		for _, f := range wrong {
			place := "body." + f.Field
			if f.Field == "name" {
				place = "path.name"
			}
			faults = append(faults, Fault{place, f.Says})
		}
		return nil, invalid(faults)
	}
	if err != nil {
		return nil, err
	}
	s, err := a.mailbox(ctx, in.Name)
	return reply(s), err
}

func (a *API) mailbox(ctx context.Context, name string) (mailroom.Status, error) {
	all, err := a.Room.Statuses(ctx)
	if err != nil {
		return mailroom.Status{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return mailroom.Status{}, mailroom.ErrNoMailbox
}
