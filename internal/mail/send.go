package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// retryAfter is how long a mail waits, on the lead's clock, that the server would
// not take now: greylisting is over by then.
const retryAfter = 15 * time.Minute

// Server is a submission server.
type Server struct {
	host     string
	port     int
	user     string
	password string
	tls      gomail.TLSPolicy
	ssl      bool
	roots    *x509.CertPool // nil: the system's, which $SSL_CERT_FILE sets
}

// ParseServer reads smtp://user:password@host:587 (STARTTLS, required unless the
// host is this machine) or smtps://host:465 (RFC 8314).
func ParseServer(address string) (Server, error) {
	bad := errors.New("SMTP_URL is not a mail server's address: write smtp://user:password@host:587 or smtps://user:password@host:465")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return Server{}, bad
	}
	s := Server{host: u.Hostname(), port: 587, user: u.User.Username(), tls: gomail.TLSMandatory, ssl: u.Scheme == "smtps"}
	s.password, _ = u.User.Password()
	if s.ssl {
		s.port = 465
	}
	if s.host == "localhost" || strings.HasPrefix(s.host, "127.") || s.host == "::1" {
		s.tls = gomail.TLSOpportunistic
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil {
			return Server{}, bad
		}
	}
	return s, nil
}

// WithRoots trusts these authorities instead of the system's, and insists on TLS.
func (s Server) WithRoots(roots *x509.CertPool) Server {
	s.roots, s.tls = roots, gomail.TLSMandatory
	return s
}

func (s Server) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(s.port), gomail.WithTLSPolicy(s.tls), gomail.WithTimeout(15 * time.Second)}
	if s.roots != nil {
		options = append(options, gomail.WithTLSConfig(&tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}))
	}
	if s.ssl {
		options = append(options, gomail.WithSSL())
	}
	if s.user != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.user), gomail.WithPassword(s.password))
	}
	return gomail.NewClient(s.host, options...)
}

// Send hands a message over and judges the answer by its code. Details carry
// codes and our words only, never what the server wrote: it may quote addresses.
func (p Post) Send(ctx context.Context, m activities.Message) activities.Verdict {
	letter := m.(message)
	later := func(why string) activities.Verdict {
		return activities.Verdict{Status: sequence.Deferred, Detail: why, RetryAt: letter.at.Add(retryAfter)}
	}
	client, err := p.Server.client()
	if err != nil {
		return later("the mail server's settings are not valid")
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return later("the mail server cannot be reached or refuses the login")
	}
	err = client.Send(letter.Msg)
	_ = client.Close() // the answer to QUIT changes nothing
	if err == nil || letter.IsDelivered() {
		return activities.Verdict{Status: sequence.Sent}
	}
	return judge(err, later)
}

func judge(err error, later func(string) activities.Verdict) activities.Verdict {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return later("the mail server hung up")
	}
	code := failed.ErrorCode()
	said := fmt.Sprintf("the mail server said %d %s", code, failed.EnhancedStatusCode())
	switch {
	case failed.Reason == gomail.ErrSMTPDataClose && code == 0:
		return activities.Verdict{Status: sequence.Unknown, Detail: "the connection was lost before the server's answer"}
	case code == 0 && (failed.Reason == gomail.ErrGetSender || failed.Reason == gomail.ErrGetRcpts || failed.Reason == gomail.ErrNoUnencoded):
		return activities.Verdict{Status: sequence.Failed, Detail: "the message is not valid: " + failed.Reason.String()}
	case code < 500:
		return later(strings.TrimSpace(said))
	case failed.Reason == gomail.ErrSMTPRcptTo && !strings.HasPrefix(failed.EnhancedStatusCode(), "5.7"):
		return activities.Verdict{Status: sequence.NoAddress, Detail: strings.TrimSpace(said)}
	}
	return activities.Verdict{Status: sequence.Failed, Detail: strings.TrimSpace(said)}
}
