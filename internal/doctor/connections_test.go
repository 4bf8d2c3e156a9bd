package doctor_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

var sent = map[string]imap.MailboxAttr{"Gesendet": imap.MailboxAttrSent}

func TestAHealthyMailboxIsFoundWell(t *testing.T) {
	for _, scheme := range []string{"STARTTLS", "TLS"} {
		t.Run(scheme, func(t *testing.T) {
			p := &post{T: t, size: 35 << 20, folders: sent, caps: []imap.Cap{imap.CapIdle}}
			m := box()
			if scheme == "TLS" {
				m.Connections.SMTP = strings.Replace(m.Connections.SMTP, "smtp:", "smtps:", 1)
				m.Connections.IMAP = strings.Replace(m.Connections.IMAP, "imap:", "imaps:", 1)
			}
			found := p.serve().Examine(t.Context(), []mailbox.Mailbox{m})
			for check, says := range map[doctor.Check]string{
				doctor.SMTP: "answers", doctor.SMTPTLS: "TLS 1.3, certificate of mail.acme.example valid for 90 days more", doctor.SMTPLogin: "accepted",
				doctor.SMTPSender: "may send as ann@acme.example", doctor.SMTPFeatures: "mails up to 35 MB; 8BITMIME, SMTPUTF8",
				doctor.IMAP: "answers", doctor.IMAPTLS: "valid for 90 days", doctor.IMAPLogin: "accepted", doctor.IMAPInbox: "opens, 0 mails",
				doctor.IMAPIdle: "offered", doctor.IMAPSent: `"Gesendet" is the folder of sent mail`,
			} {
				requireOne(t, found, check, doctor.OK, says, "")
			}
			require.Empty(t, p.delivered, "nothing is sent unless asked for")
		})
	}
}

func TestFaultsOfTheServersAreNamedWithARemedy(t *testing.T) {
	for name, c := range map[string]struct {
		post   post
		check  doctor.Check
		level  doctor.Level
		says   string
		remedy string
	}{
		"no STARTTLS to send":     {post{noTLS: true}, doctor.SMTPTLS, doctor.Problem, "STARTTLS is not offered", "smtps:// with port 465"},
		"no STARTTLS to read":     {post{noTLS: true}, doctor.IMAPTLS, doctor.Problem, "STARTTLS is refused", "imaps:// with port 993"},
		"certificate over":        {post{validFor: -48 * time.Hour}, doctor.SMTPTLS, doctor.Problem, "is valid from", "Renew the certificate of mail.acme.example"},
		"certificate over, read":  {post{validFor: -48 * time.Hour}, doctor.IMAPTLS, doctor.Problem, "is valid from", "Renew"},
		"certificate soon over":   {post{validFor: 5 * 24 * time.Hour}, doctor.SMTPTLS, doctor.Warning, "valid for 5 days more", "Renew the certificate of mail.acme.example"},
		"certificate for another": {post{certificateFor: "other.example"}, doctor.SMTPTLS, doctor.Problem, "is for other.example, not for mail.acme.example", "Write a name that the certificate has"},
		"unknown authority":       {post{selfSigned: true}, doctor.SMTPTLS, doctor.Problem, "signed by nobody this machine trusts", "SSL_CERT_FILE"},
		"old TLS":                 {post{oldTLS: true}, doctor.SMTPTLS, doctor.Problem, "only TLS 1.1 is spoken", "TLS 1.2 or 1.3"},
		"only logins we lack":     {post{mechanisms: []string{"XOAUTH2"}}, doctor.SMTPLogin, doctor.Problem, "offered: XOAUTH2", "app password"},
		"sender refused":          {post{refuseSender: &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not yours"}}, doctor.SMTPSender, doctor.Problem, "553", "Allow this user to send as ann@acme.example"},
		"sender refused for now":  {post{refuseSender: &smtp.SMTPError{Code: 451, Message: "later"}}, doctor.SMTPSender, doctor.Warning, "451", "Wait"},
		"small mails only":        {post{size: 200 << 10}, doctor.SMTPFeatures, doctor.Warning, "above 200 KB are refused", "message_size_limit"},
		"no folder of sent mail":  {post{}, doctor.IMAPSent, doctor.Warning, "no folder of sent mail", "folder named Sent"},
		"named but not marked":    {post{folders: map[string]imap.MailboxAttr{"Sent Items": ""}}, doctor.IMAPSent, doctor.OK, `"Sent Items" is the folder of sent mail, by its name`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.post.T = t
			requireOne(t, c.post.serve().Examine(t.Context(), []mailbox.Mailbox{box()}), c.check, c.level, c.says, c.remedy)
		})
	}
}

func TestLoginsInTheClearAreAWarningAndTheLoginWaitsForTLS(t *testing.T) {
	p := &post{T: t, plainLogins: true}
	found := p.serve().Examine(t.Context(), []mailbox.Mailbox{box()})
	require.Len(t, of(found, doctor.SMTPTLS), 2)
	require.Equal(t, doctor.Warning, of(found, doctor.SMTPTLS)[0].Level)
	require.Contains(t, of(found, doctor.SMTPTLS)[0].Remedy, "smtpd_tls_auth_only = yes")
	requireOne(t, found, doctor.SMTPLogin, doctor.OK, "accepted", "")
}

func TestARefusedLoginNeverRepeatsThePassword(t *testing.T) {
	p := &post{T: t}
	m := box()
	const wrong = "wrong-battery"
	m.Connections.SMTP = strings.Replace(m.Connections.SMTP, password, wrong, 1)
	m.Connections.IMAP = strings.Replace(m.Connections.IMAP, password, wrong, 1)
	found := p.serve().Examine(t.Context(), []mailbox.Mailbox{m})
	requireOne(t, found, doctor.SMTPLogin, doctor.Problem, "535", "app password")
	require.Contains(t, of(found, doctor.SMTPLogin)[0].Says, "not the password: …", "the server repeated it, the finding does not")
	requireOne(t, found, doctor.IMAPLogin, doctor.Problem, "refused", "Correct user and password")
	all, err := json.Marshal(found)
	require.NoError(t, err)
	require.NotContains(t, string(all), wrong)
}

func TestAPasswordThatIsAWordOfOursDoesNotShow(t *testing.T) {
	m := box()
	m.Connections.SMTP = strings.Replace(m.Connections.SMTP, password, "answers", 1)
	requireOne(t, (&post{T: t}).serve().Examine(t.Context(), []mailbox.Mailbox{m}), doctor.SMTP, doctor.OK, "mail.acme.example:587 answers", "")
}

func TestNoPasswordIsSentWhereTheCertificateIsNotTrusted(t *testing.T) {
	p := &post{T: t, selfSigned: true}
	found := p.serve().Examine(t.Context(), []mailbox.Mailbox{box()})
	require.Empty(t, of(found, doctor.SMTPLogin))
	require.Empty(t, of(found, doctor.IMAPLogin))
}

func TestAddressesOfServersThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		smtp, imap string
		check      doctor.Check
		level      doctor.Level
		says       string
		remedy     string
	}{
		"none to send":       {"", "", doctor.SMTP, doctor.Problem, "no submission server is known", "SMTP_URL"},
		"none to read":       {"", "", doctor.IMAP, doctor.Warning, "not watched", "imaps://"},
		"not an address":     {"mail.acme.example:587", "", doctor.SMTP, doctor.Problem, "cannot be read", "smtp://user:password@host:587"},
		"not percent-coded":  {"smtp://ann:se%ret@mail.acme.example", "", doctor.SMTP, doctor.Problem, "cannot be read", "percent-encoded"},
		"of another kind":    {"", "smtp://mail.acme.example", doctor.IMAP, doctor.Problem, "cannot be read", "imaps://user:password@host:993"},
		"out of reach":       {"smtp://mail.acme.example:2525", "", doctor.SMTP, doctor.Problem, "cannot be reached", "firewall"},
		"TLS where it isn't": {"smtps://mail.acme.example:587", "", doctor.SMTPTLS, doctor.Problem, "does not begin TLS", "write smtp:// instead of smtps://"},
		"and the other way":  {"smtp://mail.acme.example:465", "", doctor.SMTP, doctor.Problem, "does not greet", "write smtps:// instead of smtp://"},
		"TLS, to read":       {"", "imaps://mail.acme.example:143", doctor.IMAP, doctor.Problem, "does not begin TLS", "write imap:// instead of imaps://"},
		"and back, to read":  {"", "imap://mail.acme.example:993", doctor.IMAP, doctor.Problem, "does not begin TLS", "write imaps:// instead of imap://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := (&post{T: t}).serve()
			d.Patience = time.Second
			found := d.Examine(t.Context(), []mailbox.Mailbox{{Address: address, Connections: mailbox.Connections{SMTP: c.smtp, IMAP: c.imap}}})
			requireOne(t, found, c.check, c.level, c.says, c.remedy)
			all, err := json.Marshal(found)
			require.NoError(t, err)
			require.NotContains(t, string(all), "se%ret")
		})
	}
}

func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	d := doctor.Doctor{Patience: 200 * time.Millisecond, Resolver: (&zone{T: t}).serve()}
	found := d.Examine(t.Context(), []mailbox.Mailbox{{Address: address, Connections: mailbox.Connections{
		SMTP: "smtp://" + l.Addr().String(), IMAP: "imaps://" + l.Addr().String(),
	}}})
	requireOne(t, found, doctor.SMTP, doctor.Problem, "no answer within 200ms", "")
	requireOne(t, found, doctor.IMAP, doctor.Problem, "no answer within 200ms", "")
}

func TestOnThisMachineNothingNeedBeEncrypted(t *testing.T) {
	p := &post{T: t, noTLS: true, plainLogins: true, folders: sent}
	d := p.serve()
	m := box()
	m.Connections.SMTP = strings.Replace(m.Connections.SMTP, host, "localhost", 1)
	m.Connections.IMAP = strings.Replace(m.Connections.IMAP, host, "127.0.0.1", 1)
	found := d.Examine(t.Context(), []mailbox.Mailbox{m})
	requireOne(t, found, doctor.SMTPTLS, doctor.OK, "no harm on this machine", "")
	requireOne(t, found, doctor.SMTPLogin, doctor.OK, "accepted", "")
	requireOne(t, found, doctor.IMAPTLS, doctor.OK, "no harm on this machine", "")
	requireOne(t, found, doctor.IMAPLogin, doctor.OK, "accepted", "")
}

func TestTheHousesServerStandsInWhereAMailboxNamesNone(t *testing.T) {
	d := (&post{T: t}).serve()
	d.SMTP = box().Connections.SMTP
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{{Address: address}}), doctor.SMTPLogin, doctor.OK, "accepted", "")
}

func TestFindingsComeByMailboxInTheOrderGiven(t *testing.T) {
	var boxes []mailbox.Mailbox
	var want []string
	for _, name := range strings.Fields("m l k j i h g f e d c b a") {
		boxes = append(boxes, mailbox.Mailbox{Address: name + "@gmail.com"})
		want = append(want, name+"@gmail.com")
	}
	var got []string
	for _, f := range of((doctor.Doctor{Resolver: (&zone{T: t}).serve()}).Examine(t.Context(), boxes), doctor.Domain) {
		got = append(got, f.Mailbox)
	}
	require.Equal(t, want, got)
}
