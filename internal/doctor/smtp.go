package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/textproto"
	"os"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// outgoing is a login to a submission server.
type outgoing struct {
	line
	*smtp.Client
}

func (o *outgoing) close() {
	if o != nil {
		_ = o.Client.Close()
	}
}

// openSMTP reaches the submission server, secures the line, logs in and asks whether
// the mailbox may send. Nil when it could not log in.
func (v *visit) openSMTP(ctx context.Context) *outgoing {
	if v.box.Connections.SMTP == "" {
		v.problem(SMTP, "Give the mailbox a server, or set SMTP_URL: smtp://user:password@host:587.", "no submission server is known: nothing can be sent")
		return nil
	}
	s, err := parseServer("smtp", v.box.Connections.SMTP)
	if err != nil {
		v.problem(SMTP, "Correct the address: "+err.Error()+".", "the submission server's address cannot be read")
		return nil
	}
	v.keep(s)
	o, state := v.reachSMTP(ctx, s)
	if o == nil {
		return nil
	}
	if !v.secureSMTP(ctx, s, o, state) || !v.loginSMTP(ctx, s, o) {
		o.close()
		return nil
	}
	v.sender(ctx, o)
	v.features(o)
	return o
}

func (v *visit) reachSMTP(ctx context.Context, s server) (*outgoing, *tls.ConnectionState) {
	state := new(tls.ConnectionState)
	l, err := v.reach(ctx, s)
	if err != nil {
		v.problem(SMTP, "See that host and port are right and that this machine's firewall and provider let it out to port "+s.port+" (25 is often closed; 587 and 465 are for submission).",
			"%s cannot be reached: %s", s.address(), err)
		return nil, nil
	}
	conn := l.conn
	if s.implicitTLS() {
		if conn, err = l.handshake(ctx, anyTLS(s, state)); err != nil {
			v.problem(SMTPTLS, "If the server speaks STARTTLS on this port, write smtp:// instead of smtps://.", "%s does not begin TLS: %s", s.address(), err)
			_ = l.conn.Close()
			return nil, nil
		}
	}
	o := &outgoing{line: l}
	err = l.step(ctx, func() (err error) {
		if o.Client, err = smtp.NewClient(conn, s.host); err != nil {
			return err
		}
		return o.Hello(helloName())
	})
	if err != nil {
		v.problem(SMTP, "If the server speaks TLS at once on this port, as 465 does, write smtps:// instead of smtp://.", "%s does not greet as a mail server: %s", s.address(), err)
		_ = l.conn.Close()
		return nil, nil
	}
	v.ok(SMTP, "%s answers", s.address())
	return o, state
}

func helloName() string {
	name, _ := os.Hostname()
	return cmp.Or(name, "localhost")
}

// secureSMTP is false when a password would be seen by others on the way.
func (v *visit) secureSMTP(ctx context.Context, s server, o *outgoing, state *tls.ConnectionState) bool {
	if s.implicitTLS() {
		return v.judgeTLS(SMTPTLS, s, *state)
	}
	if auth, _ := o.Extension("AUTH"); auth && !s.local() {
		v.warning(SMTPTLS, "Let the server offer AUTH over TLS only (RFC 8314); Postfix: smtpd_tls_auth_only = yes.", "logins are offered before the line is encrypted")
	}
	if offered, _ := o.Extension("STARTTLS"); !offered {
		if s.local() {
			v.ok(SMTPTLS, "not encrypted, which does no harm on this machine")
			return true
		}
		v.problem(SMTPTLS, "Use smtps:// with port 465 if the server has it, else switch STARTTLS on there.", "STARTTLS is not offered: password and mail would be readable on the way; no password was sent")
		return false
	}
	if err := o.step(ctx, func() error { return o.StartTLS(anyTLS(s, state)) }); err != nil {
		v.problem(SMTPTLS, "See the mail server's log; its certificate or key may not be loaded.", "STARTTLS is offered but fails: %s", err)
		return false
	}
	return v.judgeTLS(SMTPTLS, s, *state)
}

func (v *visit) loginSMTP(ctx context.Context, s server, o *outgoing) bool {
	if s.user == "" {
		v.ok(SMTPLogin, "not asked for: the address names no user")
		return true
	}
	_, offered := o.Extension("AUTH")
	auth := login(s, o, strings.Fields(offered))
	if auth == nil {
		v.problem(SMTPLogin, "Switch on PLAIN or LOGIN over TLS there; providers that only take OAuth often offer app passwords.",
			"no login that Rekindle knows is offered (offered: %s)", cmp.Or(offered, "none"))
		return false
	}
	if err := o.step(ctx, func() error { return o.Auth(auth) }); err != nil {
		v.problem(SMTPLogin, providerOf(s.host).loginRemedy(), "the login is refused: %s", err)
		return false
	}
	v.ok(SMTPLogin, "accepted")
	return true
}

// login is the best way to log in that is offered, in the order in which mail is sent
// later; nil when there is none.
func login(s server, o *outgoing, offered []string) smtp.Auth {
	state, _ := o.TLSConnectionState()
	for _, known := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256-PLUS", smtp.ScramSHA256PlusAuth(s.user, s.password, &state)},
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.user, s.password)},
		{"SCRAM-SHA-1-PLUS", smtp.ScramSHA1PlusAuth(s.user, s.password, &state)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(s.user, s.password)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(s.user, s.password)},
		{"PLAIN", smtp.PlainAuth("", s.user, s.password, s.host, false)},
		{"LOGIN", smtp.LoginAuth(s.user, s.password, s.host, false)},
	} {
		for _, o := range offered {
			if strings.EqualFold(o, known.name) {
				return known.auth
			}
		}
	}
	return nil
}

// sender asks whether the mailbox may be the envelope's sender, and withdraws.
func (v *visit) sender(ctx context.Context, o *outgoing) {
	err := o.step(ctx, func() error { return o.Mail("<" + v.box.Address + ">") })
	var refused *textproto.Error
	switch {
	case errors.As(err, &refused) && refused.Code < 500:
		v.warning(SMTPSender, "Wait and check again; if it stays, ask whoever runs the server.", "the server does not take mail from this address now: %s", err)
	case err != nil:
		v.problem(SMTPSender, "Allow this user to send as "+v.box.Address+" (\"send as\" or an alias), or log in as the user it belongs to.", "the server takes no mail from this address: %s", err)
		return
	default:
		v.ok(SMTPSender, "may send as %s", v.box.Address)
	}
	_ = o.step(ctx, o.Reset)
}

// smallMail is what an ordinary mail with an invitation stays below, in bytes.
const smallMail = 1 << 20

func (v *visit) features(o *outgoing) {
	offers := func(extension string) string {
		if has, _ := o.Extension(extension); has {
			return extension
		}
		return "no " + extension
	}
	rest := offers("8BITMIME") + ", " + offers("SMTPUTF8")
	_, limit := o.Extension("SIZE")
	size, _ := strconv.ParseInt(limit, 10, 64)
	switch {
	case size <= 0:
		v.ok(SMTPFeatures, "no limit of size named; %s", rest)
	case size < smallMail:
		v.warning(SMTPFeatures, "Raise the limit; Postfix: message_size_limit.", "mails above %d KB are refused; %s", size>>10, rest)
	default:
		v.ok(SMTPFeatures, "mails up to %d MB; %s", size>>20, rest)
	}
}
