package inbox

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// Dialer reaches the IMAP servers of mailboxes.
type Dialer struct {
	TLS      *tls.Config                                                          // which certificates are trusted; nil: those that the system trusts
	Answer   time.Duration                                                        // how long a server may take to answer; 1 minute when zero
	Transfer time.Duration                                                        // how long it may take to hand over one message; 5 minutes when zero
	Dial     func(ctx context.Context, network, address string) (net.Conn, error) // nil: net.Dialer's
}

// server is where and as whom to log in.
type server struct {
	host, port     string
	user, password string
	implicit       bool // TLS from the first byte (RFC 8314), else STARTTLS
}

// parseServer reads imaps://user:password@host:993 or imap://user:password@host:143.
func parseServer(address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User == nil || u.Scheme != "imap" && u.Scheme != "imaps" {
		return server{}, fail(BadAddress, errors.New("not an IMAP address")) // the parser's error would show the password
	}
	s := server{host: u.Hostname(), port: cmp.Or(u.Port(), "143"), user: u.User.Username(), implicit: u.Scheme == "imaps"}
	s.password, _ = u.User.Password()
	if s.implicit {
		s.port = cmp.Or(u.Port(), "993")
	}
	return s, nil
}

// here reports whether the server is on this machine, where nobody listens in.
func (s server) here() bool {
	ip, err := netip.ParseAddr(s.host)
	return s.host == "localhost" || err == nil && ip.IsLoopback()
}

// conn is a connection that somebody is logged in to. It ends with its context.
type conn struct {
	*imapclient.Client
	raw      net.Conn
	detach   func() bool
	answer   time.Duration
	transfer time.Duration
	news     chan struct{} // the selected folder has more messages, maybe
}

// connect logs in. It fails with an *Error.
func (d Dialer) connect(ctx context.Context, address string) (*conn, error) {
	s, err := parseServer(address)
	if err != nil {
		return nil, err
	}
	c := &conn{answer: cmp.Or(d.Answer, time.Minute), transfer: cmp.Or(d.Transfer, 5*time.Minute), news: make(chan struct{}, 1)}
	dial := d.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: c.answer, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}}).DialContext
	}
	if c.raw, err = dial(ctx, "tcp", net.JoinHostPort(s.host, s.port)); err != nil {
		return nil, fail(Unreachable, err)
	}
	c.detach = context.AfterFunc(ctx, func() { _ = c.raw.Close() })
	if err := c.within(c.answer, func() error { return c.greet(ctx, s, d.TLS) }); err != nil {
		c.close()
		return nil, err
	}
	if err := c.within(c.answer, func() error { return c.login(s) }); err != nil {
		c.close()
		return nil, fail(ofLogin(err), err)
	}
	return c, nil
}

func (c *conn) greet(ctx context.Context, s server, trusted *tls.Config) (err error) {
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: c.heard}}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if trusted != nil {
		secure = trusted.Clone()
	}
	secure.ServerName = cmp.Or(secure.ServerName, s.host)
	switch {
	case s.implicit:
		line := tls.Client(c.raw, secure)
		if err := line.HandshakeContext(ctx); err != nil {
			return fail(ofHandshake(err), err)
		}
		c.Client = imapclient.New(line, options)
	case s.here():
		c.Client = imapclient.New(c.raw, options)
	default:
		options.TLSConfig = secure
		if c.Client, err = imapclient.NewStartTLS(c.raw, options); err != nil {
			return fail(ofHandshake(err), err)
		}
	}
	return fail(Unreachable, c.WaitGreeting())
}

// heard is told what the server says unasked.
func (c *conn) heard(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case c.news <- struct{}{}:
	default: // somebody will look anyway
	}
}

// login prefers AUTHENTICATE, which takes passwords outside of ASCII.
func (c *conn) login(s server) error {
	if c.Caps().Has(imap.AuthCap(sasl.Plain)) {
		return c.Authenticate(sasl.NewPlainClient("", s.user, s.password))
	}
	return c.Login(s.user, s.password).Wait()
}

// within hangs up when do takes longer: the client itself would wait for ever.
func (c *conn) within(limit time.Duration, do func() error) error {
	timer := time.AfterFunc(limit, func() { _ = c.raw.Close() })
	defer timer.Stop()
	return do()
}

// close hangs up and waits for the client's reader to end.
func (c *conn) close() {
	c.detach()
	_ = c.raw.Close()
	if c.Client != nil {
		_ = c.Close()
	}
}
