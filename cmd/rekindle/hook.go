package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/intake"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

type hookCmd struct {
	Add        hookAddCmd        `cmd:"" help:"Let a service report by webhook, or change how; secrets that are left out stay as they are."`
	List       hookListCmd       `cmd:"" help:"List the services that report by webhook."`
	Remove     hookRemoveCmd     `cmd:"" help:"Take nothing more from a service, and drop what it brought; leads stay."`
	Deliveries hookDeliveriesCmd `cmd:"" help:"List what a service reported and what came of it."`
	Again      hookAgainCmd      `cmd:"" help:"Have what failed or was ignored processed again, by the mapping as it is now."`
}

// hooked is what commands about webhooks need.
type hooked struct {
	Database  database `embed:""`
	SecretKey string   `env:"REKINDLE_SECRET_KEY" help:"Under which secrets are kept; rekindle mailbox key makes one."`
}

// hooks opens the records and does something with the sources in them.
func (c hooked) hooks(ctx context.Context, do func(hook.Hooks) error) error {
	var seal mailbox.Seal
	if c.SecretKey != "" {
		var err error
		if seal, err = mailbox.NewSeal(c.SecretKey); err != nil {
			return err
		}
	}
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		now, err := leadsClock(ctx, s)
		if err != nil {
			return err
		}
		return do(hook.Hooks{Store: s, Seal: seal, Now: now})
	})
}

type hookAddCmd struct {
	hooked     `embed:""`
	Name       string            `arg:"" help:"The end of its address: small letters, digits, - and _."`
	Kind       string            `enum:"generic,typeform,cal,hubspot" required:"" help:"The service: generic (Standard Webhooks), typeform, cal (Cal.com) or hubspot."`
	Engagement string            `required:"" help:"Kind of engagement that it reports, of the playbook, such as info_request."`
	Map        map[string]string `placeholder:"FIELD=PATH" help:"From which field of what it sends something comes, such as email=data.contact.email; several joined by a blank: name=data.first+data.last."`
	Owner      string            `help:"Address of the user who gets new leads; the rep with the fewest if left out."`
	Secret     []string          `env:"REKINDLE_HOOK_SECRET" help:"By which the service signs; best given in the environment. Several while they are changed. Made for a new source if left out, except for HubSpot, which has its own."`
	Off        bool              `help:"Take nothing from it for now."`
	PublicURL  string            `env:"REKINDLE_PUBLIC_URL" help:"Address of the API as the world sees it."`
}

func (c hookAddCmd) Run(ctx context.Context) error {
	settings := hook.Settings{Kind: c.Kind, Engagement: c.Engagement, Secrets: c.Secret, Owner: c.Owner, Off: c.Off, Mapping: hook.Mapping{}}
	for field, paths := range c.Map {
		settings.Mapping[field] = strings.Split(paths, "+")
	}
	if err := withPolicy(ctx, c.Database.URL, func(p policy.Policy) error { return knownKind(ctx, p, c.Engagement) }); err != nil {
		return err
	}
	return c.hooks(ctx, func(h hook.Hooks) error {
		made, err := h.Save(ctx, c.Name, settings)
		if err != nil {
			return fmt.Errorf("source %s: %w", c.Name, err)
		}
		fmt.Println("address:", hook.URL(c.PublicURL, c.Name))
		if made != "" {
			fmt.Println("secret: ", made, "(shown once)")
		}
		return nil
	})
}

// knownKind checks a kind of engagement by the playbook that new leads follow.
func knownKind(ctx context.Context, p policy.Policy, kind string) error {
	current, err := released(ctx, p.Store)
	if err != nil || current == "" {
		return err // a fresh database: the server says so when something comes
	}
	pb, err := p.Version(ctx, current)
	if err != nil {
		return err
	}
	if says := intake.Kind(pb, sequence.Kind(kind)); says != "" {
		return errors.New("--engagement: " + says)
	}
	return nil
}

type hookListCmd struct {
	hooked `embed:""`
	JSON   bool `name:"json" help:"Print everything, as JSON."`
}

func (c hookListCmd) Run(ctx context.Context) error {
	return c.hooks(ctx, func(h hook.Hooks) error {
		all, err := h.List(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(all)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "name\tkind\tengagement\towner\twaiting\tfailed\tstate")
		for _, s := range all {
			state := "on"
			if s.Off {
				state = "off"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s\n", s.Name, s.Kind, s.Engagement, s.Owner, s.Waiting, s.Failed, state)
		}
		return w.Flush()
	})
}

type hookRemoveCmd struct {
	hooked `embed:""`
	Name   string `arg:"" help:"Name of the source."`
}

func (c hookRemoveCmd) Run(ctx context.Context) error {
	return c.hooks(ctx, func(h hook.Hooks) error { return h.Remove(ctx, c.Name) })
}

type hookDeliveriesCmd struct {
	hooked `embed:""`
	Name   string `arg:"" help:"Name of the source."`
	State  string `enum:"received,done,failed,ignored," default:"" help:"Only those: received, done, failed or ignored."`
	Limit  int    `default:"50" help:"How many, the newest first."`
	JSON   bool   `name:"json" help:"Print everything, as JSON."`
}

func (c hookDeliveriesCmd) Run(ctx context.Context) error {
	return c.hooks(ctx, func(h hook.Hooks) error {
		all, err := h.Deliveries(ctx, c.Name, c.State, nil, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(all)
		}
		for _, d := range all {
			fmt.Printf("%s  %s  %s  %s\n", d.ID, d.ReceivedAt.Format(time.RFC3339), d.State, d.Event)
			if d.Reason != "" {
				fmt.Println("   ", d.Reason)
			}
			if d.Remedy != "" {
				fmt.Println("    do:", d.Remedy)
			}
		}
		return nil
	})
}

type hookAgainCmd struct {
	hooked    `embed:""`
	Name      string      `arg:"" help:"Name of the source."`
	Delivery  []uuid.UUID `arg:"" optional:"" help:"Ids of deliveries, as rekindle hook deliveries lists them."`
	AllFailed bool        `help:"All that failed."`
}

// Validate is called before Run: something is to be done.
func (c hookAgainCmd) Validate() error {
	if (len(c.Delivery) > 0) == c.AllFailed {
		return errors.New("name deliveries, or give --all-failed")
	}
	return nil
}

func (c hookAgainCmd) Run(ctx context.Context) error {
	return c.hooks(ctx, func(h hook.Hooks) error {
		if c.AllFailed {
			n, err := h.AllAgain(ctx, c.Name)
			if err == nil {
				fmt.Println(plural(int(n), "delivery", "deliveries"), "will be processed again by the server, in some seconds")
			}
			return err
		}
		for _, id := range c.Delivery {
			if err := h.Again(ctx, c.Name, id); err != nil {
				return fmt.Errorf("delivery %s: %w", id, err)
			}
		}
		fmt.Println(plural(len(c.Delivery), "delivery", "deliveries"), "will be processed again by the server, in some seconds")
		return nil
	})
}
