package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// renewWithin is how long before its end a certificate should have been renewed.
const renewWithin = 14 * 24 * time.Hour

// anyTLS agrees to whatever the server can, so that it can be named; judgeTLS decides
// before a password is sent.
func anyTLS(s server, seen *tls.ConnectionState) *tls.Config {
	return &tls.Config{
		ServerName:         s.host,
		MinVersion:         tls.VersionTLS10,
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			*seen = state
			return nil
		},
	}
}

// handshake begins TLS on a line whose server speaks it at once.
func (l line) handshake(ctx context.Context, c *tls.Config) (*tls.Conn, error) {
	conn := tls.Client(l.conn, c)
	return conn, l.step(ctx, func() error { return conn.HandshakeContext(ctx) })
}

// judgeTLS says what the encryption and the certificate are worth; false when no
// password may be sent over them.
func (v *visit) judgeTLS(c Check, s server, state tls.ConnectionState) bool {
	if state.Version < tls.VersionTLS12 {
		v.problem(c, "Switch "+s.host+" to TLS 1.2 or 1.3 (RFC 8996); Postfix: smtpd_tls_mandatory_protocols = >=TLSv1.2.",
			"only %s is spoken", tls.VersionName(state.Version))
		return false
	}
	leaf := state.PeerCertificates[0]
	chain := x509.NewCertPool()
	for _, more := range state.PeerCertificates[1:] {
		chain.AddCert(more)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: v.Roots, Intermediates: chain, DNSName: s.host, CurrentTime: v.Now()})
	if err != nil {
		says, remedy := certificateFault(s, leaf, err)
		v.problem(c, remedy, "%s; no password was sent", says)
		return false
	}
	left := leaf.NotAfter.Sub(v.Now())
	says := fmt.Sprintf("%s, certificate of %s valid for %d days more", tls.VersionName(state.Version), s.host, int(left.Hours()/24))
	if left < renewWithin {
		v.warning(c, "Renew the certificate of "+s.host+", and see why that did not happen by itself.", "%s", says)
		return true
	}
	v.ok(c, "%s", says)
	return true
}

func certificateFault(s server, leaf *x509.Certificate, err error) (says, remedy string) {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate is valid from %s to %s only", leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly)),
			"Renew the certificate of " + s.host + " and let the mail server load it; or, if the dates are right, set this machine's clock."
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is for %s, not for %s", strings.Join(leaf.DNSNames, ", "), s.host),
			"Write a name that the certificate has in the server's address, or get a certificate for " + s.host + "."
	case errors.As(err, &unknown):
		return "the certificate is signed by nobody this machine trusts",
			"Let " + s.host + " send its whole chain, with a certificate of a public authority; for an authority of your own, name its file in SSL_CERT_FILE."
	}
	return "the certificate is not valid: " + err.Error(), "Get a new certificate for " + s.host + "."
}
