package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Resolver asks the DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// ResolverAt asks one name server (host:port; port 53 when none is named) instead of
// the machine's.
func ResolverAt(server string) *net.Resolver {
	if _, _, err := net.SplitHostPort(server); err != nil {
		server = net.JoinHostPort(strings.Trim(server, "[]"), "53")
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
}

// names asks for complete names only, within a time. A name that is not there and one
// without such records are the same: an empty answer (a void lookup, RFC 7208 4.6.4).
type names struct {
	resolver Resolver
	limit    time.Duration
}

func (n names) txt(ctx context.Context, name string) ([]string, error) {
	return ask(ctx, n, name, n.resolver.LookupTXT)
}

func (n names) mx(ctx context.Context, name string) ([]*net.MX, error) {
	return ask(ctx, n, name, n.resolver.LookupMX)
}

func (n names) addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	found, err := ask(ctx, n, name, func(ctx context.Context, name string) ([]netip.Addr, error) {
		return n.resolver.LookupNetIP(ctx, "ip", name)
	})
	for i, ip := range found {
		found[i] = ip.Unmap()
	}
	return found, err
}

func ask[T any](ctx context.Context, n names, name string, lookup func(context.Context, string) ([]T, error)) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, n.limit)
	defer cancel()
	found, err := lookup(ctx, strings.TrimSuffix(name, ".")+".")
	var failed *net.DNSError
	switch {
	case err == nil || errors.As(err, &failed) && (failed.IsNotFound || len(found) > 0):
		return found, nil
	case errors.As(err, &failed):
		return nil, fmt.Errorf("the DNS gives no answer for %s: %s", strings.TrimSuffix(name, "."), failed.Err)
	}
	return nil, fmt.Errorf("the DNS gives no answer for %s: %w", strings.TrimSuffix(name, "."), err)
}

// tagged are the TXT records of a name that begin with a version, as in v=DMARC1.
func (n names) tagged(ctx context.Context, name, version string) ([]string, error) {
	records, err := n.txt(ctx, name)
	return slices.DeleteFunc(records, func(r string) bool {
		first, _, _ := strings.Cut(r, ";")
		return strings.ReplaceAll(strings.TrimSpace(first), " ", "") != version
	}), err
}

// tagList reads "v=DKIM1; k=rsa; p=..." (RFC 6376 3.2).
func tagList(record string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(part, "=")
		tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
	}
	return tags
}

// txtRecord is a record as it stands in a zone file; strings end at 255 bytes.
func txtRecord(name, value string) string {
	const most = 255
	var quoted []string
	for len(value) > most {
		quoted, value = append(quoted, `"`+value[:most]+`"`), value[most:]
	}
	return name + ". TXT " + strings.Join(append(quoted, `"`+value+`"`), " ")
}

// domainOf is the domain of an address in ASCII; false when it is not an address.
func domainOf(address string) (string, bool) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(address[strings.LastIndexByte(address, '@')+1:])
	return domain, err == nil
}

// dns checks what the world reads of the address' domain.
func (v *visit) dns(ctx context.Context) {
	if suffix, _ := publicsuffix.PublicSuffix(v.domain); suffix == v.domain || slices.Contains(freeMail, v.domain) {
		v.warning(Domain, "Send from a domain of your own: Gmail, Yahoo and Microsoft throttle or refuse sales mail from shared domains, and no record can be published for them.",
			"%s is shared with everybody; its SPF, DKIM and DMARC are not yours and were not checked", v.domain)
		return
	}
	hosts := v.submissionHost(ctx)
	v.receives(ctx)
	v.spf(ctx, hosts)
	holding := v.dkim(ctx)
	v.alignment(holding, v.dmarc(ctx))
	v.reverse(ctx, hosts)
	v.transport(ctx)
}

// hosts are the submission server and its addresses.
type hosts struct {
	name      string
	addresses []netip.Addr
}

// submissionHost is empty when none is known; that was found before.
func (v *visit) submissionHost(ctx context.Context) hosts {
	s, err := parseServer("smtp", v.box.Connections.SMTP)
	if err != nil {
		return hosts{}
	}
	if ip, err := netip.ParseAddr(s.host); err == nil {
		return hosts{s.host, []netip.Addr{ip.Unmap()}}
	}
	if s.local() {
		return hosts{s.host, nil}
	}
	found, _ := v.addresses(ctx, s.host)
	return hosts{s.host, found}
}

// receives checks that answers to the domain can be delivered.
func (v *visit) receives(ctx context.Context) {
	found, err := v.mx(ctx, v.domain)
	switch {
	case err != nil:
		v.noAnswer(MX, err)
	case len(found) == 0:
		v.problem(MX, v.domain+". MX 10 <host that takes the domain's mail>.", "%s has no MX record: answers may not be delivered", v.domain)
	case found[0].Host == ".":
		v.problem(MX, "Remove the record "+v.domain+". MX 0 . and publish the host that takes the domain's mail.", "%s says that it takes no mail (RFC 7505)", v.domain)
	default:
		v.ok(MX, "mail for %s goes to %s", v.domain, strings.TrimSuffix(found[0].Host, "."))
	}
}

func (v *visit) noAnswer(c Check, err error) {
	v.warning(c, "Check again; if it stays, see that this machine and the domain's name servers answer.", "%s", err)
}

// transport checks what protects mail on its way to the domain: nice to have.
func (v *visit) transport(ctx context.Context) {
	for _, t := range []struct {
		check         Check
		name, version string
		says          string
	}{
		{MTASTS, "_mta-sts.", "v=STSv1", "answers to %s may be sent unencrypted where somebody interferes; MTA-STS (RFC 8461) would forbid it"},
		{TLSRPT, "_smtp._tls.", "v=TLSRPTv1", "nobody reports failures of TLS to %s; that would be RFC 8460"},
	} {
		found, err := v.tagged(ctx, t.name+v.domain, t.version)
		switch {
		case err != nil:
			v.noAnswer(t.check, err)
		case len(found) > 1:
			v.warning(t.check, "Keep one of the records at "+t.name+v.domain+".", "there are %d records: they are ignored", len(found))
		case len(found) == 1:
			v.ok(t.check, "%s", found[0])
		default:
			v.ok(t.check, "none, which does no harm: "+t.says, v.domain)
		}
	}
}
