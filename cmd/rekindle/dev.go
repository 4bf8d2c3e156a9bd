package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/devstack"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/workflows"
)

type devCmd struct {
	DataDir      string        `default:".rekindle" help:"Where the data lives."`
	Day          time.Duration `default:"4s" help:"How long a day takes."`
	Listen       int           `name:"port" default:"8080" help:"Port of the API."`
	MailPort     int           `default:"8025" help:"Port of the mailbox pages."`
	SMTPPort     int           `default:"1025" help:"Port of the mailbox's SMTP server."`
	IMAPPort     int           `name:"imap-port" default:"1143" help:"Port of the mailbox's IMAP server."`
	PostgresPort int           `default:"54329" help:"Port of the private Postgres."`
	TemporalPort int           `default:"7233" help:"Port of the private Temporal server."`
	UIPort       int           `name:"temporal-ui-port" default:"8233" help:"Port of the Temporal UI."`
	Tools        string        `default:"tools" help:"The nested module that Temporal is built from."`
	BinDir       string        `default:"bin" help:"Where built tools are kept."`
	NoDemo       bool          `help:"Do not seed or play the demo."`
	Loopback     bool          `name:"webhooks-to-loopback" env:"REKINDLE_WEBHOOKS_TO_LOOPBACK" help:"Deliver webhooks to this machine too, also by http."`

	DatabaseURL     string `env:"DATABASE_URL" help:"Use this Postgres instead of a private one."`
	TemporalAddress string `env:"TEMPORAL_ADDRESS" help:"Use this Temporal instead of a private one."`
	SMTPURL         string `name:"smtp-url" env:"SMTP_URL" help:"Send through this server instead of the mailbox."`
}

// stack is everything that runs beside the product, and the way to stop it.
type stack struct {
	databaseURL string
	temporal    client.Options
	smtpURL     string
	temporalUI  string
	mailbox     string
	imap        string
	exited      []<-chan error
	stops       []func(context.Context) error
	onMail      *demo.Mail
}

// stop takes everything down, the last first.
func (s *stack) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for i := len(s.stops) - 1; i >= 0; i-- {
		if err := s.stops[i](ctx); err != nil {
			fmt.Fprintln(os.Stderr, "rekindle:", err)
		}
	}
}

// Run brings everything up, plays the demo, and takes everything down again.
func (c devCmd) Run(ctx context.Context) (err error) {
	began := time.Now()
	if c.DataDir, err = dataDir(c.DataDir); err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(c.DataDir, "rekindle.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer logFile.Close()
	slog.SetDefault(slog.New(slog.NewTextHandler(logFile, nil)))
	if err := devstack.CheckPorts(c.ports()); err != nil {
		return err
	}
	var s stack
	defer s.stop()
	if err := c.bringUp(ctx, &s, logFile); err != nil {
		return err
	}
	return c.play(ctx, &s, began)
}

func (c devCmd) ports() []devstack.Port {
	needs := []devstack.Port{{Name: "the API", Number: c.Listen, Flag: "--port"}}
	if c.SMTPURL == "" {
		needs = append(needs, devstack.Port{Name: "the mailbox", Number: c.MailPort, Flag: "--mail-port"},
			devstack.Port{Name: "the mailbox's SMTP server", Number: c.SMTPPort, Flag: "--smtp-port"},
			devstack.Port{Name: "the mailbox's IMAP server", Number: c.IMAPPort, Flag: "--imap-port"})
	}
	return needs
}

func (c devCmd) bringUp(ctx context.Context, s *stack, log io.Writer) error {
	for _, part := range []func(context.Context, *stack, io.Writer) error{c.postgres, c.temporalServer, c.mailServer} {
		if err := part(ctx, s, log); err != nil {
			return err
		}
	}
	say("migrating the database")
	return postgres.Migrate(ctx, s.databaseURL)
}

func (c devCmd) postgres(ctx context.Context, s *stack, log io.Writer) error {
	if s.databaseURL = c.DatabaseURL; s.databaseURL != "" {
		return nil
	}
	bin, err := findPostgres(ctx)
	if err != nil {
		return err
	}
	say("starting Postgres on port %d", c.PostgresPort)
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{
		Dir: filepath.Join(c.DataDir, "postgres"), DirFlag: "--data-dir", BinDir: bin, Port: c.PostgresPort, Log: log,
	})
	if err != nil {
		return withFlag(err, "--postgres-port")
	}
	s.databaseURL = pg.URL()
	s.exited, s.stops = append(s.exited, pg.Exited()), append(s.stops, pg.Stop)
	return nil
}

func (c devCmd) temporalServer(ctx context.Context, s *stack, log io.Writer) error {
	var err error
	if s.temporal, err = temporalOptions(); err != nil {
		return err
	}
	if c.TemporalAddress != "" {
		s.temporal.HostPort = c.TemporalAddress
		return nil
	}
	bin, err := findTemporal(ctx, c.Tools, c.BinDir)
	if err != nil {
		return err
	}
	say("starting Temporal on port %d", c.TemporalPort)
	server, err := devstack.StartTemporal(ctx, devstack.TemporalOptions{
		Bin: bin, Dir: filepath.Join(c.DataDir, "temporal"), Port: c.TemporalPort, UIPort: c.UIPort,
		SearchAttributes: workflows.SearchAttributes(), Log: log,
	})
	if err != nil {
		return withFlag(err, "--temporal-port and --temporal-ui-port")
	}
	s.temporal.HostPort, s.temporalUI = server.Address(), server.UIAddress()
	s.exited, s.stops = append(s.exited, server.Exited()), append(s.stops, server.Stop)
	return nil
}

func (c devCmd) mailServer(_ context.Context, s *stack, _ io.Writer) error {
	if s.smtpURL = c.SMTPURL; s.smtpURL != "" {
		return nil
	}
	m, err := demo.OpenMail(filepath.Join(c.DataDir, "mail"), demo.MailAddresses{SMTP: local(c.SMTPPort), IMAP: local(c.IMAPPort), Web: local(c.MailPort)})
	if err != nil {
		return err
	}
	s.onMail, s.smtpURL, s.mailbox = m, "smtp://"+local(c.SMTPPort), "http://"+local(c.MailPort)
	s.imap = local(c.IMAPPort)
	s.stops = append(s.stops, m.Close)
	return nil
}

// withFlag adds the way out to an error about a port.
func withFlag(err error, flag string) error {
	if errors.Is(err, devstack.ErrInUse) || !strings.Contains(err.Error(), "port") {
		return err
	}
	return fmt.Errorf("%w (choose other ports with %s)", err, flag)
}

// dataDir makes the folder. As root the database runs as another user, who must
// be able to reach it: where the folder cannot be reached, another is taken.
func dataDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	if os.Geteuid() == 0 && !reachable(filepath.Dir(dir)) {
		h := fnv.New32a()
		h.Write([]byte(dir))
		other := filepath.Join("/var/tmp", "rekindle-"+strconv.FormatUint(uint64(h.Sum32()), 16))
		say("%s cannot be reached by Postgres' user, so the data lives in %s", dir, other)
		dir = other
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the data folder (choose another with --data-dir): %w", err)
	}
	return dir, nil
}

func reachable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func say(format string, a ...any) { fmt.Printf("· "+format+"\n", a...) }
