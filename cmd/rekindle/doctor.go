package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
)

type doctorCmd struct {
	DatabaseURL  string        `name:"database-url" env:"DATABASE_URL" help:"Check the mailboxes in this database."`
	SecretKey    string        `env:"REKINDLE_SECRET_KEY" help:"Under which their secrets are kept."`
	Address      string        `env:"REKINDLE_MAILBOX" help:"Check this mailbox, by its mail address."`
	SMTPURL      string        `name:"smtp-url" env:"SMTP_URL" help:"Submission server: smtp://user:password@host:587 or smtps://user:password@host:465"`
	IMAPURL      string        `name:"imap-url" env:"IMAP_URL" help:"Reading server: imap://user:password@host:143 or imaps://user:password@host:993"`
	DKIMSelector string        `name:"dkim-selector" help:"Selector under which the key that signs is published."`
	DKIMDomain   string        `name:"dkim-domain" help:"Domain that signs; that of the address when empty."`
	DKIMKey      []byte        `name:"dkim-key" type:"filecontent" help:"File with the private key (PEM), where mail is signed here."`
	Send         time.Duration `placeholder:"2m" help:"Send the mailbox a mail from itself and wait so long for it to arrive; it is deleted again."`
	DNSServer    string        `name:"dns-server" placeholder:"1.1.1.1:53" help:"Ask this name server instead of the machine's, to see what the world sees."`
	JSON         bool          `name:"json" help:"Print the findings as JSON."`
}

// Run checks and prints. It ends with an error where there is a problem, so that it can
// stand guard in a deployment.
func (c doctorCmd) Run(ctx context.Context) error {
	boxes, err := c.mailboxes(ctx)
	if err != nil {
		return err
	}
	if len(boxes) == 0 {
		return errNoMailboxes
	}
	d := doctor.Doctor{SMTP: c.SMTPURL, Send: c.Send}
	if c.DNSServer != "" {
		d.Resolver = doctor.ResolverAt(c.DNSServer)
	}
	if !c.JSON {
		fmt.Fprintf(os.Stderr, "checking %s, which takes some seconds ...\n", plural(len(boxes), "mailbox", "mailboxes"))
	}
	findings := d.Examine(ctx, boxes)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c.JSON {
		err = printJSON(findings)
	} else {
		_, err = fmt.Print(doctorText(findings))
	}
	if err != nil {
		return err
	}
	if n := atLevel(findings, doctor.Problem); n > 0 {
		return fmt.Errorf("%s found", count(n, "problem"))
	}
	return nil
}

// mailboxes are those to check: the one that the flags describe, else all that are
// known.
func (c doctorCmd) mailboxes(ctx context.Context) ([]mailbox.Mailbox, error) {
	if c.Address == "" {
		return c.known(ctx)
	}
	m := mailbox.Mailbox{
		Address:     strings.ToLower(c.Address),
		Connections: mailbox.Connections{SMTP: c.SMTPURL, IMAP: c.IMAPURL},
	}
	if c.DKIMSelector == "" {
		if c.DKIMDomain != "" || len(c.DKIMKey) > 0 {
			return nil, errors.New("--dkim-domain and --dkim-key need --dkim-selector")
		}
		return []mailbox.Mailbox{m}, nil
	}
	_, domain, _ := strings.Cut(m.Address, "@")
	if c.DKIMDomain != "" {
		domain = strings.ToLower(c.DKIMDomain)
	}
	m.Connections.DKIM = &mailbox.DKIM{Domain: domain, Selector: c.DKIMSelector, Key: string(c.DKIMKey)}
	return []mailbox.Mailbox{m}, nil
}

// known are the mailboxes in the database.
func (c doctorCmd) known(ctx context.Context) (all []mailbox.Mailbox, err error) {
	if c.DatabaseURL == "" {
		return nil, nil
	}
	err = sealed{Database: database{c.DatabaseURL}, SecretKey: c.SecretKey}.room(ctx, func(r mailroom.Room) error {
		all, err = r.Store.Mailboxes(ctx, r.Seal)
		return err
	})
	return all, err
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
