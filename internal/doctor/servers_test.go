package doctor_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

const (
	address  = "ann@acme.example"
	host     = "mail.acme.example"
	password = "correct-horse"
)

// post is a mail service on this machine, with the faults that a test asks for.
type post struct {
	*testing.T
	roots *x509.CertPool
	user  *imapmemserver.User

	certificateFor string        // host when empty
	validFor       time.Duration // 90 days when zero; negative: over
	selfSigned     bool
	oldTLS         bool
	noTLS          bool // no STARTTLS
	plainLogins    bool // AUTH and LOGIN before TLS
	size           int64
	mechanisms     []string
	refuseSender   error
	junk           bool   // what is sent goes among the spam
	copies         bool   // what is sent also goes into the folder of sent mail
	lose           bool   // what is sent never arrives
	stamp          string // Authentication-Results of what arrives
	caps           []imap.Cap
	folders        map[string]imap.MailboxAttr
	delivered      [][]byte
}

func (p *post) tls() *tls.Config {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(p, err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(2, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	require.NoError(p, err)
	root, err := x509.ParseCertificate(caDER)
	require.NoError(p, err)
	p.roots = x509.NewCertPool()
	if !p.selfSigned {
		p.roots.AddCert(root)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(p, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{cmp.Or(p.certificateFor, host)},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(cmp.Or(p.validFor, 90*24*time.Hour) + time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), caKey)
	require.NoError(p, err)
	c := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	if p.oldTLS {
		c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	}
	return c
}

// serve starts both servers, on ports 587 and 143 of the host as the doctor sees it and
// on 465 and 993, and returns a doctor who reaches them.
func (p *post) serve() doctor.Doctor {
	secure := p.tls()
	starttls := secure
	if p.noTLS {
		starttls = nil
	}
	out, in := p.smtp(starttls), p.imap(starttls)
	at := map[string]string{
		"587": p.listen(nil, out.Serve), "465": p.listen(secure, out.Serve),
		"143": p.listen(nil, in.Serve), "993": p.listen(secure, in.Serve),
	}
	p.Cleanup(func() { _ = out.Close(); _ = in.Close() })
	return doctor.Doctor{
		Roots: p.roots, Patience: 5 * time.Second,
		Resolver: (&zone{T: p.T}).serve(),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(address)
			if err != nil || at[port] == "" {
				return nil, fmt.Errorf("connection to port %s refused", port)
			}
			return new(net.Dialer).DialContext(ctx, network, at[port])
		},
	}
}

func (p *post) listen(secure *tls.Config, serve func(net.Listener) error) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(p, err)
	at := l.Addr().String()
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	go func() { _ = serve(l) }()
	return at
}

func (p *post) smtp(secure *tls.Config) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }))
	s.Domain, s.TLSConfig, s.AllowInsecureAuth, s.MaxMessageBytes, s.EnableSMTPUTF8 = host, secure, p.plainLogins, p.size, true
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// session takes mail from the one user and puts it into the inbox.
type session struct {
	*post
	begun bool // a mail, that must be ended or reset before the next
}

func (s *session) Reset()        { s.begun = false }
func (s *session) Logout() error { return nil }
func (s *session) AuthMechanisms() []string {
	if s.mechanisms == nil {
		return []string{sasl.Plain}
	}
	return s.mechanisms
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, given string) error {
		if user != address || given != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not the password: " + given}
		}
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.begun {
		return &smtp.SMTPError{Code: 503, Message: "a mail has begun already"}
	}
	s.begun = s.refuseSender == nil
	return s.refuseSender
}

func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s *session) Data(r io.Reader) error {
	letter, err := io.ReadAll(r)
	if err != nil || s.lose {
		return err
	}
	s.delivered = append(s.delivered, letter)
	if s.stamp != "" {
		letter = append([]byte("Authentication-Results: "+s.stamp+"\r\n"), letter...)
	}
	folder := "INBOX"
	if s.junk {
		folder = "Spam"
	}
	for name, use := range s.folders {
		if use == imap.MailboxAttrSent && s.copies {
			_, err = s.user.Append(name, literal{bytes.NewReader(letter)}, &imap.AppendOptions{})
		}
	}
	if err == nil {
		_, err = s.user.Append(folder, literal{bytes.NewReader(letter)}, &imap.AppendOptions{})
	}
	return err
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (p *post) imap(secure *tls.Config) *imapserver.Server {
	p.user = imapmemserver.NewUser(address, password)
	for _, folder := range []string{"INBOX", "Spam"} {
		require.NoError(p, p.user.Create(folder, nil))
	}
	for folder := range p.folders {
		require.NoError(p, p.user.Create(folder, nil))
	}
	memory := imapmemserver.New()
	memory.AddUser(p.user)
	caps := imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}}
	for _, c := range p.caps {
		caps[c] = struct{}{}
	}
	return imapserver.New(&imapserver.Options{
		Caps: caps, TLSConfig: secure, InsecureAuth: p.plainLogins, Logger: log.New(io.Discard, "", 0),
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &reading{memory.NewSession(), p}, nil, nil
		},
	})
}

// reading marks folders by their use, which the server in memory does not.
type reading struct {
	imapserver.Session
	*post
}

func (r *reading) List(w *imapserver.ListWriter, _ string, _ []string, _ *imap.ListOptions) error {
	for name, use := range r.folders {
		data := imap.ListData{Mailbox: name, Delim: '/'}
		if use != "" {
			data.Attrs = append(data.Attrs, use)
		}
		if err := w.WriteList(&data); err != nil {
			return err
		}
	}
	return w.WriteList(&imap.ListData{Mailbox: "Spam", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrJunk}})
}

// box is the mailbox of the tests, by STARTTLS.
func box() mailbox.Mailbox {
	return mailbox.Mailbox{Address: address, Connections: mailbox.Connections{
		SMTP: "smtp://ann%40acme.example:" + password + "@" + host,
		IMAP: "imap://ann%40acme.example:" + password + "@" + host,
	}}
}

// of are the findings of one check, or of those whose names begin so.
func of(all []doctor.Finding, check doctor.Check) (found []doctor.Finding) {
	for _, f := range all {
		if f.Check == check {
			found = append(found, f)
		}
	}
	return found
}

func requireOne(t *testing.T, all []doctor.Finding, check doctor.Check, level doctor.Level, says, remedy string) {
	t.Helper()
	found := of(all, check)
	require.Len(t, found, 1, "%s among %v", check, all)
	require.Equal(t, level, found[0].Level, "%v", found[0])
	require.Contains(t, found[0].Says, says)
	require.Contains(t, found[0].Remedy, remedy)
	require.Equal(t, level == doctor.OK, found[0].Remedy == "", "what is not well has a remedy, and nothing else: %v", found[0])
}
