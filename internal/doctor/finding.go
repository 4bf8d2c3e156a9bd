package doctor

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// Level is how bad a finding is.
type Level string

// A problem keeps mail from going out, from being read or from being believed; a
// warning will, or does at some receivers.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Check names what was looked at.
type Check string

// The checks, in the order in which they are made.
const (
	SMTP         Check = "smtp"
	SMTPTLS      Check = "smtp tls"
	SMTPLogin    Check = "smtp login"
	SMTPSender   Check = "smtp sender"
	SMTPFeatures Check = "smtp features"
	IMAP         Check = "imap"
	IMAPTLS      Check = "imap tls"
	IMAPLogin    Check = "imap login"
	IMAPInbox    Check = "imap inbox"
	IMAPIdle     Check = "imap idle"
	IMAPSent     Check = "imap sent"
	Send         Check = "send"
	SendVerdict  Check = "send verdict"
	Domain       Check = "domain"
	MX           Check = "mx"
	SPF          Check = "spf"
	DKIM         Check = "dkim"
	DMARC        Check = "dmarc"
	Alignment    Check = "alignment"
	ReverseDNS   Check = "reverse dns"
	MTASTS       Check = "mta-sts"
	TLSRPT       Check = "tls-rpt"
)

// Finding is what one check saw and what to do about it.
type Finding struct {
	Mailbox string `json:"mailbox"` // its address
	Check   Check  `json:"check"`
	Level   Level  `json:"level"`
	Says    string `json:"says"`
	Remedy  string `json:"remedy,omitempty"` // a sentence, or the DNS record to publish; empty when all is well
}

// visit is the examination of one mailbox.
type visit struct {
	Doctor
	names
	box      mailbox.Mailbox
	domain   string      // of the address, in ASCII
	signed   []signature // seen on the mail that was sent round
	secrets  []string    // never to be repeated, even when a server does
	findings []Finding
}

func (v *visit) ok(c Check, format string, args ...any) {
	v.add(c, OK, "", fmt.Sprintf(format, v.discreet(args)...))
}

func (v *visit) warning(c Check, remedy, format string, args ...any) {
	v.add(c, Warning, remedy, fmt.Sprintf(format, v.discreet(args)...))
}

func (v *visit) problem(c Check, remedy, format string, args ...any) {
	v.add(c, Problem, remedy, fmt.Sprintf(format, v.discreet(args)...))
}

func (v *visit) add(c Check, l Level, remedy, says string) {
	v.findings = append(v.findings, Finding{v.box.Address, c, l, strings.Join(strings.Fields(says), " "), remedy})
}

// tellable is how short a password may be that nobody recognises in a sentence.
const tellable = 3

// keep notes what is secret about a login, so that it is left out should the server
// repeat it.
func (v *visit) keep(s server) {
	encode := base64.StdEncoding.EncodeToString
	for _, secret := range []string{s.password, encode([]byte(s.password)), encode([]byte("\x00" + s.user + "\x00" + s.password))} {
		if len(s.password) > tellable {
			v.secrets = append(v.secrets, secret)
		}
	}
}

// discreet leaves secrets out of what others said, which comes as errors. Our own words
// hold none; they would only show which of them is one.
func (v *visit) discreet(args []any) []any {
	for i, arg := range args {
		err, ok := arg.(error)
		if !ok {
			continue
		}
		says := err.Error()
		for _, secret := range v.secrets {
			says = strings.ReplaceAll(says, secret, "…")
		}
		args[i] = says
	}
	return args
}
