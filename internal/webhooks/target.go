package webhooks

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrTarget: an address that nothing is delivered to.
var ErrTarget = errors.New("not a public address")

// Target says where webhooks may go to. An endpoint is given from outside, so it must
// lead to nothing that only we can reach (server-side request forgery).
type Target struct {
	// Loopback lets them go to this machine too, without TLS. For development.
	Loopback bool

	Roots *x509.CertPool // whom certificates are trusted by; nil: the system's

	resolver *net.Resolver // nil: the system's
}

// never are the networks without a host of the public internet, besides those that
// netip knows: IANA's special-purpose registries, and addresses of a cloud's own.
var never = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"168.63.129.16/32", // Azure's host, which answers on a public address
		"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// global is all of IPv6 that is handed out. What embeds an IPv4 address (NAT64) lies
// outside of it or is in never (6to4, Teredo).
var global = netip.MustParsePrefix("2000::/3")

// Check says of a URL, before it is kept, why nothing is delivered there; where its name
// leads is looked at when it is called, each time.
func (t Target) Check(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Host == "", u.Opaque != "":
		return errors.New("is no address; write https://example.com/webhooks")
	case u.User != nil:
		return errors.New("has a name or a password in it; the signature shows who we are")
	case u.Fragment != "":
		return errors.New("has a fragment (#), which is never sent; leave it out")
	case len(raw) > 2000:
		return errors.New("is longer than 2,000 characters")
	}
	host := u.Hostname()
	ip, literal := netip.ParseAddr(host)
	local := t.Loopback && (host == "localhost" || literal == nil && ip.Unmap().IsLoopback())
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !local):
		return errors.New("is not https; what is delivered must not be read on its way")
	case literal == nil && !local && !Public(ip), !t.Loopback && (host == "localhost" || strings.HasSuffix(host, ".localhost")):
		return errors.New("is no public address")
	case !local && !portAllowed(u.Port()):
		return errors.New("has a port of another service; use 443, or 1024 and above")
	}
	return nil
}

func portAllowed(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && (n == 443 || n >= 1024 && n < 1<<16)
}

// Public reports whether an address is one of the public internet.
func Public(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !global.Contains(ip) {
		return false
	}
	for _, p := range never {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// control looks at the address that is about to be dialled: a name that leads elsewhere
// than a moment ago (DNS rebinding) gains nothing by it.
func (t Target) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return ErrTarget
	}
	ip := at.Addr().WithZone("").Unmap()
	if t.Loopback && ip.IsLoopback() {
		return nil
	}
	if !Public(ip) {
		return ErrTarget
	}
	if !portAllowed(strconv.Itoa(int(at.Port()))) {
		return fmt.Errorf("%w: port %d", ErrTarget, at.Port())
	}
	return nil
}

func (t Target) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, Resolver: t.resolver, ControlContext: t.control}
}
