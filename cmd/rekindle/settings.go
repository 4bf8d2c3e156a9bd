package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/rights"
)

// database is the one setting that every command about records needs.
type database struct {
	URL string `name:"database-url" env:"DATABASE_URL" required:"" help:"Address of Postgres: postgres://user:password@host:5432/database"`
}

// temporalOptions come from Temporal's own environment (TEMPORAL_ADDRESS,
// TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TLS, profiles), so Temporal Cloud works.
func temporalOptions() (client.Options, error) {
	o, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return o, fmt.Errorf("read Temporal's settings: %w", err)
	}
	if o.Namespace == "" {
		o.Namespace = client.DefaultNamespace
	}
	o.Logger = log.NewStructuredLogger(slog.Default())
	return o, nil
}

// sender says who the mail comes from.
type sender struct {
	PublicURL     string `env:"REKINDLE_PUBLIC_URL" required:"" help:"Address of the API as the world sees it; unsubscribe links and calendar addresses begin with it."`
	Company       string `env:"REKINDLE_COMPANY" required:"" help:"Name of your company, in texts and signatures."`
	SecretKey     string `env:"REKINDLE_SECRET_KEY" help:"Opens what mailboxes keep sealed; rekindle mailbox key makes one. Several, separated by commas, while keys are changed."`
	TemporalUI    string `name:"temporal-ui" env:"REKINDLE_TEMPORAL_UI" help:"Address of your Temporal UI's workflows, which links to a lead's workflow begin with: https://temporal.example.com/namespaces/default/workflows/"`
	PostalAddress string `env:"REKINDLE_POSTAL_ADDRESS" required:"" help:"Postal address below every mail; the law asks for it."`
	Keep          keep   `embed:""`
	Loopback      bool   `name:"webhooks-to-loopback" env:"REKINDLE_WEBHOOKS_TO_LOOPBACK" help:"Deliver webhooks to this machine too, also by http. For development only."`
	VirtualClock  bool   `env:"REKINDLE_VIRTUAL_CLOCK" hidden:"" help:"Run on the virtual clock of the database, which a development stack has set."`
}

// keep is for how long what is about people is kept; 0: until they ask.
type keep struct {
	MailDays      int `env:"REKINDLE_KEEP_MAIL_DAYS" default:"0" help:"Forget what mail said, out and in, after so many days; 0: never."`
	StrangersDays int `env:"REKINDLE_KEEP_STRANGERS_DAYS" default:"0" help:"Forget mail that belongs to no lead after so many days; 0: never."`
	ClosedDays    int `env:"REKINDLE_KEEP_CLOSED_DAYS" default:"0" help:"Erase people whose leads are all over, so many days after the last that was heard of them; 0: never."`
}

func (k keep) times() rights.Keep {
	const day = 24 * time.Hour
	return rights.Keep{Mail: time.Duration(k.MailDays) * day, Strangers: time.Duration(k.StrangersDays) * day, Closed: time.Duration(k.ClosedDays) * day}
}

func (s sender) config(ctx context.Context, databaseURL string) (c app.Config, err error) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	c = app.Config{
		DatabaseURL: databaseURL, PublicURL: s.PublicURL, Company: s.Company, PostalAddress: s.PostalAddress,
		LeadURL: s.PublicURL + "/leads/", TemporalUI: s.TemporalUI, Version: version, SecretKey: s.SecretKey, Loopback: s.Loopback,
	}
	c.Keep = s.Keep.times()
	if c.Temporal, err = temporalOptions(); err != nil || !s.VirtualClock {
		return c, err
	}
	err = withStore(ctx, databaseURL, func(store *postgres.Store) error {
		c.Clock, err = demo.SetClock(ctx, store)
		return err
	})
	return c, err
}

// databasePatience is how long a process waits for the database when it starts.
// After that it ends and says why; whatever runs it starts it again.
const databasePatience = time.Minute

// open is what serve and work begin with. A database that starts at the same time,
// or is away for a moment, is waited for; one that refuses is not.
func open(ctx context.Context, c app.Config) (*app.App, error) {
	for waited := time.Now(); ; {
		a, err := app.Open(ctx, c)
		if err == nil {
			return a, nil
		}
		if !postgres.Away(err) || time.Since(waited) > databasePatience {
			return nil, fmt.Errorf("start: %w", err)
		}
		slog.Warn("the database does not answer yet", "error", err)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("start: %w", err)
		case <-time.After(2 * time.Second):
		}
	}
}
