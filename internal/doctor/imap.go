package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// incoming is a login to a reading server.
type incoming struct {
	line
	*imapclient.Client
	junk string // folder, empty when there is none
	sent string
}

func (i *incoming) close() {
	if i != nil {
		_ = i.Client.Close()
	}
}

// openIMAP reaches the reading server, secures the line, logs in and looks round.
// Nil when it could not log in.
func (v *visit) openIMAP(ctx context.Context) *incoming {
	if v.box.Connections.IMAP == "" {
		v.warning(IMAP, "Give the mailbox an address to read by: imaps://user:password@host:993.", "the mailbox is not watched: replies and bounces are not seen")
		return nil
	}
	s, err := parseServer("imap", v.box.Connections.IMAP)
	if err != nil {
		v.problem(IMAP, "Correct the address: "+err.Error()+".", "the reading server's address cannot be read")
		return nil
	}
	v.keep(s)
	i := v.reachIMAP(ctx, s)
	if i == nil {
		return nil
	}
	if err := i.step(ctx, i.Login(s.user, s.password).Wait); err != nil {
		v.problem(IMAPLogin, providerOf(s.host).loginRemedy(), "the login is refused: %s", err)
		i.close()
		return nil
	}
	v.ok(IMAPLogin, "accepted")
	v.lookRound(ctx, i)
	return i
}

func (v *visit) reachIMAP(ctx context.Context, s server) *incoming {
	l, err := v.reach(ctx, s)
	if err != nil {
		v.problem(IMAP, "See that host and port are right and that this machine's firewall lets it out to port "+s.port+".", "%s cannot be reached: %s", s.address(), err)
		return nil
	}
	i := &incoming{line: l}
	if s.implicitTLS() {
		return v.greetIMAP(ctx, s, i)
	}
	state := new(tls.ConnectionState)
	err = l.step(ctx, func() (err error) {
		i.Client, err = imapclient.NewStartTLS(l.conn, &imapclient.Options{TLSConfig: anyTLS(s, state)})
		return err
	})
	var refused *imap.Error
	switch {
	case errors.As(err, &refused) && s.local():
		return v.plainIMAP(ctx, s)
	case errors.As(err, &refused):
		v.ok(IMAP, "%s answers", s.address())
		v.problem(IMAPTLS, "Use imaps:// with port 993 if the server has it, else switch STARTTLS on there.", "STARTTLS is refused: password and mail would be readable on the way; no password was sent")
		return nil
	case err != nil:
		v.problem(IMAP, "If the server speaks TLS at once on this port, as 993 does, write imaps:// instead of imap://.", "%s does not begin TLS: %s", s.address(), err)
		return nil
	}
	v.ok(IMAP, "%s answers", s.address())
	if !v.judgeTLS(IMAPTLS, s, *state) {
		i.close()
		return nil
	}
	return i
}

// greetIMAP begins TLS at once.
func (v *visit) greetIMAP(ctx context.Context, s server, i *incoming) *incoming {
	state := new(tls.ConnectionState)
	conn, err := i.handshake(ctx, anyTLS(s, state))
	if err == nil {
		i.Client = imapclient.New(conn, nil)
		err = i.step(ctx, i.WaitGreeting)
	}
	if err != nil {
		v.problem(IMAP, "If the server speaks STARTTLS on this port, as 143 does, write imap:// instead of imaps://.", "%s does not begin TLS: %s", s.address(), err)
		_ = i.conn.Close()
		return nil
	}
	v.ok(IMAP, "%s answers", s.address())
	if !v.judgeTLS(IMAPTLS, s, *state) {
		i.close()
		return nil
	}
	return i
}

// plainIMAP speaks without TLS, to servers of this machine only.
func (v *visit) plainIMAP(ctx context.Context, s server) *incoming {
	l, err := v.reach(ctx, s)
	if err != nil {
		v.problem(IMAP, "See that the server is running.", "%s cannot be reached: %s", s.address(), err)
		return nil
	}
	v.ok(IMAP, "%s answers", s.address())
	v.ok(IMAPTLS, "not encrypted, which does no harm on this machine")
	return &incoming{line: l, Client: imapclient.New(l.conn, nil)}
}

// lookRound opens the inbox without touching it and finds the folders that matter.
func (v *visit) lookRound(ctx context.Context, i *incoming) {
	err := i.step(ctx, func() error {
		inbox, err := i.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			v.ok(IMAPInbox, "opens, %d mails", inbox.NumMessages)
		}
		return err
	})
	if err != nil {
		v.problem(IMAPInbox, "See at the mail service that IMAP is switched on for this user and that an inbox exists.", "the inbox does not open: %s", err)
	}
	var caps imap.CapSet
	_ = i.step(ctx, func() error { caps = i.Caps(); return nil })
	if caps.Has(imap.CapIdle) {
		v.ok(IMAPIdle, "offered: replies are seen at once")
	} else {
		v.warning(IMAPIdle, "Nothing need be done; for faster answers use a server with IDLE (RFC 2177).", "not offered: replies are seen when the inbox is looked at next")
	}
	v.folders(ctx, i, caps)
}

// sentNames are what folders of sent mail are called where the server does not say.
var sentNames = []string{"Sent", "Sent Items", "Sent Mail", "Sent Messages", "INBOX.Sent", "[Gmail]/Sent Mail"}

func (v *visit) folders(ctx context.Context, i *incoming, caps imap.CapSet) {
	options := &imap.ListOptions{ReturnSpecialUse: caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended)}
	var folders []*imap.ListData
	err := i.step(ctx, func() (err error) {
		folders, err = i.List("", "*", options).Collect()
		return err
	})
	if err != nil {
		v.warning(IMAPSent, "See what this user may do on the server.", "the folders cannot be listed: %s", err)
		return
	}
	named := ""
	for _, f := range folders {
		switch {
		case slices.Contains(f.Attrs, imap.MailboxAttrSent):
			i.sent = f.Mailbox
		case slices.Contains(f.Attrs, imap.MailboxAttrJunk):
			i.junk = f.Mailbox
		case slices.Contains(sentNames, f.Mailbox):
			named = f.Mailbox
		}
	}
	switch {
	case i.sent != "":
		v.ok(IMAPSent, "%q is the folder of sent mail", i.sent)
	case named != "":
		i.sent = named
		v.ok(IMAPSent, "%q is the folder of sent mail, by its name; the server marks none (RFC 6154)", named)
	default:
		v.warning(IMAPSent, "Make a folder named Sent.", "no folder of sent mail is found: what reps send by hand is not seen")
	}
}
