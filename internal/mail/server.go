package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/rekindlehq/rekindle/activities"
)

// Server is a submission server (RFC 6409).
type Server struct {
	host     string
	port     int
	user     string
	password string
	implicit bool // TLS from the first byte (RFC 8314)
	plain    bool // no TLS asked for: on this machine only
	roots    *x509.CertPool
}

// The time limits of a submission (RFC 5321, 4.5.3.2 allows more).
const (
	dialWithin    = 10 * time.Second
	answersWithin = 15 * time.Second
	takesWithin   = 25 * time.Second // the message, after its end
)

// ParseServer reads smtp://user:password@host:587 (STARTTLS, required unless the
// host is this machine) or smtps://host:465 (RFC 8314). ?tls=required insists on
// TLS on this machine too.
func ParseServer(address string) (Server, error) {
	bad := errors.New("SMTP_URL is not a mail server's address: write smtp://user:password@host:587 or smtps://user:password@host:465")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return Server{}, bad
	}
	s := Server{host: u.Hostname(), port: 587, user: u.User.Username(), implicit: u.Scheme == "smtps"}
	s.password, _ = u.User.Password()
	if s.implicit {
		s.port = 465
	}
	s.plain = !s.implicit && thisMachine(s.host) && u.Query().Get("tls") != "required"
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil {
			return Server{}, bad
		}
	}
	return s, nil
}

// Trusting trusts these authorities instead of the system's; nil: the system's.
func (s Server) Trusting(roots *x509.CertPool) Server {
	s.roots = roots
	return s
}

// WithRoots trusts these authorities instead of the system's, and insists on TLS.
func (s Server) WithRoots(roots *x509.CertPool) Server {
	s.roots, s.plain = roots, false
	return s
}

func thisMachine(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// stage is how far a submission came.
type stage int

const (
	connecting stage = iota
	authenticating
	naming     // the sender: MAIL FROM
	addressing // the recipient: RCPT TO
	beginning  // the note that the message goes out
	handing    // the message, up to its end
	awaiting   // the server's answer to its end
)

// stopped is an error and where it came.
type stopped struct {
	at  stage
	err error
}

func (s *stopped) Error() string { return s.err.Error() }
func (s *stopped) Unwrap() error { return s.err }

// errNeedsUTF8: the recipient's address cannot be written in ASCII and the server
// takes no others (RFC 6531).
var errNeedsUTF8 = errors.New("the address needs a mail server that speaks SMTPUTF8")

// submit hands a message over; a *stopped error says how far it came. begin is
// asked before the message, when the server has taken both addresses. Once ctx
// ends the connection is cut.
func (s Server) submit(ctx context.Context, letter message, begin activities.Begin) error {
	c, err := s.connect(ctx)
	if err != nil {
		return &stopped{connecting, err}
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if err := s.login(c); err != nil {
		return &stopped{authenticating, err}
	}
	from, to, raw := letter.from, letter.to, letter.raw
	options := &smtp.MailOptions{UTF8: !ascii(from) || !ascii(to)}
	if utf8, _ := c.Extension("SMTPUTF8"); options.UTF8 && !utf8 {
		return &stopped{addressing, errNeedsUTF8}
	}
	if size, _ := c.Extension("SIZE"); size {
		options.Size = int64(len(raw))
	}
	var recipient *smtp.RcptOptions
	if reports, _ := c.Extension("DSN"); reports { // RFC 3461: what comes back names the message
		options.Return, options.EnvelopeID = smtp.DSNReturnHeaders, letter.id
		recipient = &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyFailure, smtp.DSNNotifyDelayed}}
	}
	if err := c.Mail(from, options); err != nil {
		return &stopped{naming, err}
	}
	if err := c.Rcpt(to, recipient); err != nil {
		return &stopped{addressing, err}
	}
	if err := begin(ctx); err != nil {
		return &stopped{beginning, err}
	}
	w, err := c.Data()
	if err != nil {
		return &stopped{handing, err}
	}
	if _, err := w.Write(raw); err != nil {
		return &stopped{handing, err}
	}
	if err := w.Close(); err != nil {
		return &stopped{awaiting, err}
	}
	_ = c.Quit() // its answer changes nothing
	return nil
}

// connect reaches the server, by TLS wherever it is not this machine.
func (s Server) connect(ctx context.Context) (*smtp.Client, error) {
	dialer := net.Dialer{Timeout: dialWithin}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return nil, fmt.Errorf("reach the mail server: %w", err)
	}
	_ = conn.SetDeadline(time.Now().Add(dialWithin)) // for TLS and greeting; the client sets its own later
	secure := &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	var c *smtp.Client
	switch {
	case s.implicit:
		conn = tls.Client(conn, secure)
		c = smtp.NewClient(conn)
	case s.plain:
		c = smtp.NewClient(conn)
	default:
		if c, err = smtp.NewClientStartTLS(conn, secure); err != nil {
			conn.Close()
			return nil, fmt.Errorf("secure the connection: %w", err)
		}
	}
	c.CommandTimeout, c.SubmissionTimeout = answersWithin, takesWithin
	if err := c.Hello(helloName()); err != nil {
		c.Close()
		return nil, fmt.Errorf("greet the mail server: %w", err)
	}
	return c, nil
}

// helloName is an address literal: it is true on every machine and names none.
func helloName() string { return "[127.0.0.1]" }

func (s Server) login(c *smtp.Client) error {
	if s.user == "" {
		return nil
	}
	if _, secure := c.TLSConnectionState(); !secure && !thisMachine(s.host) {
		return errors.New("no password goes over a line that is not secured")
	}
	if c.SupportsAuth(sasl.Plain) {
		return c.Auth(sasl.NewPlainClient("", s.user, s.password))
	}
	if c.SupportsAuth(sasl.Login) {
		return c.Auth(sasl.NewLoginClient(s.user, s.password))
	}
	return &smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 4}, Message: "the server offers no login that we know"}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Probe connects and logs in, and sends nothing.
func (s Server) Probe(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.login(c); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	_ = c.Quit()
	return nil
}
