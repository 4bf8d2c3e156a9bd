package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// server is where a mailbox is reached, from smtp://user:password@host:587 and the like.
type server struct {
	scheme   string // "smtp" or "imap": STARTTLS; "smtps" or "imaps": TLS at once (RFC 8314)
	host     string
	port     string
	user     string
	password string
}

var ports = map[string]string{"smtp": "587", "smtps": "465", "imap": "143", "imaps": "993"}

// parseServer reads an address. What it says of a bad one does not quote it, because
// there is a password inside.
func parseServer(protocol, address string) (server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.TrimSuffix(u.Scheme, "s") != protocol {
		return server{}, fmt.Errorf("write %[1]s://user:password@host:%[2]s or %[1]ss://user:password@host:%[3]s, with special characters of user and password percent-encoded (@ is %%40)",
			protocol, ports[protocol], ports[protocol+"s"])
	}
	s := server{scheme: u.Scheme, host: u.Hostname(), port: u.Port(), user: u.User.Username()}
	s.password, _ = u.User.Password()
	if s.port == "" {
		s.port = ports[s.scheme]
	}
	return s, nil
}

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

func (s server) implicitTLS() bool { return strings.HasSuffix(s.scheme, "s") }

// local servers need no TLS: what is said to them does not leave the machine.
func (s server) local() bool {
	ip, err := netip.ParseAddr(s.host)
	return s.host == "localhost" || err == nil && ip.IsLoopback()
}

// line is a connection on which no step takes longer than the patience.
type line struct {
	conn     net.Conn
	patience time.Duration
}

func (d Doctor) reach(ctx context.Context, s server) (line, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	conn, err := d.Dial(ctx, "tcp", s.address())
	return line{conn, d.Patience}, err
}

// step does one thing on the line and hangs up when it takes too long.
func (l line) step(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	defer stop()
	err := do()
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("no answer within %s", l.patience)
	}
	return err
}
