package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

type mailboxCmd struct {
	Key    mailboxKeyCmd    `cmd:"" help:"Make a key for REKINDLE_SECRET_KEY, under which the secrets of mailboxes are kept."`
	Set    mailboxSetCmd    `cmd:"" help:"Make a mailbox, or change the one of that name."`
	List   mailboxListCmd   `cmd:"" help:"List the mailboxes and how they fare."`
	Park   mailboxParkCmd   `cmd:"" help:"Stop a mailbox; its leads wait and lose nothing."`
	Resume mailboxResumeCmd `cmd:"" help:"Let a parked mailbox send again, the most valuable leads first."`
}

type mailboxKeyCmd struct{}

func (mailboxKeyCmd) Run() error {
	fmt.Println(mailbox.NewKey())
	return nil
}

// sealed is what commands about mailboxes need.
type sealed struct {
	Database  database `embed:""`
	SecretKey string   `env:"REKINDLE_SECRET_KEY" help:"Under which the secrets of mailboxes are kept; rekindle mailbox key makes one."`
}

// room opens the records and does something with the mailboxes in them.
func (c sealed) room(ctx context.Context, do func(mailroom.Room) error) error {
	var seal mailbox.Seal
	if c.SecretKey != "" {
		var err error
		if seal, err = mailbox.NewSeal(c.SecretKey); err != nil {
			return err
		}
	}
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		return do(mailroom.Room{Store: s, Seal: seal, Now: func() time.Time { return time.Now().UTC() }, Probe: probe})
	})
}

func probe(ctx context.Context, smtp string) error {
	server, err := mail.ParseServer(smtp)
	if err != nil {
		return err
	}
	return server.Probe(ctx)
}

type mailboxSetCmd struct {
	sealed        `embed:""`
	Name          string        `arg:"" help:"By which playbooks call it: small letters, digits, - and _."`
	Address       string        `required:"" help:"Address that mail goes out from and comes in to."`
	User          string        `help:"Address of the user whose mailbox it is; shared if left out."`
	Sender        string        `help:"Name beside the address; the owner's if left out."`
	Inquiries     bool          `help:"Mail from people who are no leads begins one."`
	Signature     string        `help:"Lines below the text; name and company if left out."`
	PostalAddress string        `help:"Below every mail; the company's if left out."`
	Zone          string        `default:"UTC" help:"IANA time zone by which its days are counted."`
	Hours         string        `help:"When it sends, such as mon-fri 08:00-18:00; whenever the recipient may be reached if left out."`
	Daily         int           `default:"50" help:"Mails a day."`
	Gap           time.Duration `default:"90s" help:"From one mail to the next, at least."`
	RampFrom      int           `help:"Limit of the first day of a new mailbox; no ramp if left out."`
	RampStep      int           `help:"So many more on each day after it."`
	SMTPURL       string        `name:"mailbox-smtp-url" env:"MAILBOX_SMTP_URL" help:"Its submission server, with user and password; best given in the environment. That of SMTP_URL if left out."`
	IMAPURL       string        `name:"mailbox-imap-url" env:"MAILBOX_IMAP_URL" help:"Server that is watched for answers; best given in the environment. Not watched if left out."`
	DKIMSelector  string        `name:"dkim-selector" help:"Selector of the key that signs mail here."`
	DKIMDomain    string        `name:"dkim-domain" help:"Domain that signs."`
	DKIMKey       []byte        `name:"dkim-key" type:"filecontent" help:"File with the private key (PEM)."`
}

func (c mailboxSetCmd) Run(ctx context.Context) error {
	s := mailroom.Settings{
		Address: c.Address, Sender: c.Sender, User: c.User, Inquiries: c.Inquiries, Signature: c.Signature, PostalAddress: c.PostalAddress,
		Zone: c.Zone, Hours: c.Hours, Daily: c.Daily, Gap: int(c.Gap / time.Second), RampFrom: c.RampFrom, RampStep: c.RampStep,
		SMTP: c.SMTPURL, IMAP: c.IMAPURL,
	}
	if c.DKIMSelector != "" || len(c.DKIMKey) > 0 {
		s.DKIM = &mailroom.DKIMSetting{Domain: c.DKIMDomain, Selector: c.DKIMSelector, Key: string(c.DKIMKey)}
	}
	return c.room(ctx, func(r mailroom.Room) error {
		row, err := r.Save(ctx, c.Name, s)
		if err != nil {
			return fmt.Errorf("mailbox %s: %w", c.Name, err)
		}
		fmt.Printf("%s sends from %s; see whether it can with: rekindle doctor\n", row.Name, row.Address)
		return nil
	})
}

type mailboxListCmd struct {
	sealed `embed:""`
	JSON   bool `name:"json" help:"Print everything, as JSON."`
}

func (c mailboxListCmd) Run(ctx context.Context) error {
	return c.room(ctx, func(r mailroom.Room) error {
		all, err := r.Statuses(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(all)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "name\taddress\ttoday\tplanned\twaiting\tinbox\tstate")
		for _, m := range all {
			fmt.Fprintf(w, "%s\t%s\t%d of %d\t%d\t%d\t%s\t%s\n", m.Name, m.Address, m.Used, m.Limit, m.Planned, m.Waiting, inboxState(m), mailboxState(m))
		}
		return w.Flush()
	})
}

func inboxState(m mailroom.Status) string {
	switch {
	case m.WatchError != "":
		return "trouble: " + m.WatchError
	case m.Watched != nil:
		return "watched"
	}
	return "not watched"
}

func mailboxState(m mailroom.Status) string {
	if m.Parked == "" {
		return "sends"
	}
	return "parked (" + m.Parked + "): " + m.ParkedDetail
}

type mailboxParkCmd struct {
	sealed `embed:""`
	Name   string `arg:"" help:"Name of the mailbox."`
	Why    string `help:"The reason, for those who wonder."`
}

func (c mailboxParkCmd) Run(ctx context.Context) error {
	return c.room(ctx, func(r mailroom.Room) error { return r.Park(ctx, c.Name, c.Why) })
}

type mailboxResumeCmd struct {
	sealed `embed:""`
	Name   string `arg:"" help:"Name of the mailbox."`
}

func (c mailboxResumeCmd) Run(ctx context.Context) error {
	return c.room(ctx, func(r mailroom.Room) error {
		n, err := r.Resume(ctx, c.Name)
		if err == nil {
			fmt.Printf("%s sends again; %s that waited have a slot\n", c.Name, plural(n, "touch", "touches"))
		}
		return err
	})
}

// errNoMailboxes tells the doctor's patient what to do.
var errNoMailboxes = errors.New("no mailboxes are known: make one with rekindle mailbox set, or name one with --address, --smtp-url and --imap-url")
