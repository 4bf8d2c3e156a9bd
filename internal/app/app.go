// Package app puts the parts together: one App per process, from which the
// commands and the end-to-end tests take the API, the worker and the relay. It
// knows every part; no part knows it.
package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/rights"
	"github.com/rekindlehq/rekindle/internal/signin"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/web"
	"github.com/rekindlehq/rekindle/worker"
	"github.com/rekindlehq/rekindle/workflows"
)

// Config is everything a process is told from outside.
type Config struct {
	DatabaseURL   string
	SMTPURL       string         // the house's server, for mailboxes without one of their own; workers only
	Webhooks      string         // secrets that sign inbound mail, see api.WebhookSecrets
	Loopback      bool           // development only: webhooks may be delivered to this machine
	SecretKey     string         // opens what mailboxes keep sealed, see mailbox.NewSeal
	Roots         *x509.CertPool // whom mail servers' certificates are trusted by; nil: the system's
	PublicURL     string         // base of unsubscribe links
	Company       string
	PostalAddress string
	LeadURL       string           // prefix of a lead's page, for the Temporal UI
	TemporalUI    string           // prefix of a workflow's page there, for the lead's page; none: no link
	SingleSignOn  *signin.Provider // none: people have passwords
	Proxies       []string         // in front of the pages, see web.Pages
	Temporal      client.Options
	Clock         *workflows.Clock // development only
	Sends         int              // activities at once in a worker
	Keep          rights.Keep      // for how long, what nobody asked to be erased
	Version       string
}

// App is one process.
type App struct {
	Store    *postgres.Store
	Temporal client.Client
	Library  *playbooks.Library
	Door     *door.Door
	config   Config
	domain   string // of Message-IDs
	seal     mailbox.Seal
	webhooks []string
	server   mail.Server
	retained time.Time // when it was last looked whether something is kept for too long
}

// Open connects to Postgres and prepares to connect to Temporal, which may be
// away. The database must be migrated.
func Open(ctx context.Context, c Config) (*App, error) {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Hostname() == "" {
		return nil, fmt.Errorf("the public URL %q is not an address: write https://rekindle.example.com", c.PublicURL)
	}
	if c.Sends == 0 {
		c.Sends = 32
	}
	a := &App{Library: new(playbooks.Library), config: c, domain: public.Hostname()}
	if c.SecretKey != "" {
		if a.seal, err = mailbox.NewSeal(c.SecretKey); err != nil {
			return nil, err
		}
	}
	if a.webhooks, err = api.WebhookSecrets(c.Webhooks); err != nil {
		return nil, err
	}
	if c.SMTPURL != "" {
		if a.server, err = mail.ParseServer(c.SMTPURL); err != nil {
			return nil, err
		}
	}
	a.server = a.server.Trusting(c.Roots)
	if a.Store, err = postgres.Open(ctx, c.DatabaseURL, int32(c.Sends)+16); err != nil {
		return nil, err
	}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	if err := a.Store.Pool.Ping(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if _, err := a.Store.VirtualClock(ctx); err == nil && a.config.Clock == nil {
		return errors.New("this database belongs to a development stack on a virtual clock; production runs on real time: use another database")
	} else if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the database (is it migrated? rekindle migrate): %w", err)
	}
	current, err := playbooks.Default()
	if err != nil {
		return fmt.Errorf("read the default playbook: %w", err)
	}
	a.Library.Add(current)
	a.Library.Release(current.ID) // until the records say otherwise
	if err := a.publish(ctx, current); err != nil {
		return err
	}
	if err := a.LoadPlaybooks(ctx); errors.Is(err, errLaterPlaybook) {
		slog.WarnContext(ctx, "leads that follow these playbooks are left to other workers", "error", err)
	} else if err != nil {
		return err
	}
	if a.Temporal, err = client.NewLazyClient(engine.Options(a.config.Temporal)); err != nil {
		return fmt.Errorf("read the Temporal settings: %w", err)
	}
	a.Door = &door.Door{Store: a.Store, Workflows: engine.Engine{Client: a.Temporal}, Playbook: a.Library.Current, Clock: a.config.Clock, Bell: door.NewBell()}
	return nil
}

// Policy changes the playbook that leads follow.
func (a *App) Policy() policy.Policy {
	return policy.Policy{Store: a.Store, Library: a.Library, Mover: engine.Engine{Client: a.Temporal}, Now: a.Door.Now}
}

// Imports are the lists of leads that come as files.
func (a *App) Imports() importing.Imports {
	return importing.Imports{Store: a.Store, Door: a.Door, Runner: engine.Engine{Client: a.Temporal}}
}

// Batches do one thing to many leads.
func (a *App) Batches() batch.Batches {
	return batch.Batches{Store: a.Store, Door: a.Door, Lives: engine.Engine{Client: a.Temporal}, Playbook: a.Library.Get}
}

// API is the HTTP interface.
func (a *App) API() http.Handler { return a.interfaces().Handler() }

func (a *App) interfaces() *api.API {
	return &api.API{
		Store: a.Store, Door: a.Door, Lives: engine.Engine{Client: a.Temporal}, Playbook: a.Library.Get, Policy: a.Policy(), Version: a.config.Version,
		PublicURL: a.config.PublicURL, Company: a.config.Company, Room: a.Room(), WebhookSecrets: a.webhooks, SignIn: a.SignIn(), Imports: a.Imports(), Batches: a.Batches(), Webhooks: a.Webhooks(),
		Hooks: hook.Hooks{Store: a.Store, Seal: a.seal, Now: a.Door.Now},
	}
}

// SignIn lets people into the pages, in real time.
func (a *App) SignIn() signin.SignIn { return signin.SignIn{Store: a.Store, Now: time.Now} }

// Pages are the API and the pages for reps and managers.
func (a *App) Pages() http.Handler {
	return (&web.Pages{
		API: a.API(), SignIn: a.SignIn(), Provider: a.config.SingleSignOn, Proxies: a.config.Proxies, Now: a.Door.Now, Company: a.config.Company, TemporalUI: a.config.TemporalUI,
		Secure: strings.HasPrefix(a.config.PublicURL, "https:"),
	}).Handler()
}

// Worker runs leads. Start and Stop it.
func (a *App) Worker() sdk.Worker {
	ledger := &postgres.Ledger{Store: a.Store, Company: a.config.Company, Domain: a.domain, PublicURL: a.config.PublicURL}
	if a.config.Clock == nil {
		ledger.Now = time.Now
	}
	return worker.New(a.Temporal,
		&workflows.Workflows{Playbook: a.Library.Get, LeadURL: a.config.LeadURL, VirtualClock: a.config.Clock != nil},
		&activities.Activities{
			Records:  a.Store,
			Ledger:   ledger,
			Moves:    moves{a.Store, engine.Engine{Client: a.Temporal}},
			Mailer:   a.post(),
			Imports:  a.Imports(),
			Batches:  a.Batches(),
			Webhooks: a.Webhooks(),
		},
		worker.Options{Sends: a.config.Sends})
}

// moves is the records and the leads together, for a move of playbooks.
type moves struct {
	*postgres.Store
	engine.Engine
}

// Housekeep relays waiting messages, wakes webhooks, loads new playbooks, begins the
// moves, imports and batches that wait for Temporal, ends sends that were abandoned, erases whom
// it was asked to, handles what other services reported and forgets what nobody asks
// for any more, until ctx ends.
func (a *App) Housekeep(ctx context.Context) {
	go a.Door.Relay(ctx, time.Second)
	go a.wakeWebhooks(ctx)
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	var week time.Time // of which the managers have been told
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := errors.Join(a.LoadPlaybooks(ctx), a.forget(ctx), a.Policy().GoOn(ctx), a.Imports().GoOn(ctx), a.Batches().GoOn(ctx), a.Store.EndAbandoned(ctx, a.Door.Now()), a.rights().GoOn(ctx), a.retain(ctx), a.weekly(ctx, &week), a.reports().Keep(ctx), a.interfaces().HandleHooks(ctx)); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "housekeeping failed", "error", err)
		}
	}
}

func (a *App) rights() rights.Rights { return rights.Rights{Store: a.Store, Door: a.Door} }

func (a *App) reports() managing.Reports {
	return managing.Reports{Store: a.Store, Playbook: a.Library.Get, Current: a.Library.Current, Now: a.Door.Now}
}

// weekly draws up what managers are told once a week, when a new one has begun.
func (a *App) weekly(ctx context.Context, done *time.Time) error {
	reports := a.reports()
	week := managing.MondayOf(a.Door.Now())
	if week.Equal(*done) {
		return nil
	}
	err := reports.TellOfColdCalls(ctx)
	if err == nil {
		*done = week
	}
	return err
}

// Close lets go of the connections.
func (a *App) Close() {
	if a.Temporal != nil {
		a.Temporal.Close()
	}
	a.Store.Close()
}
