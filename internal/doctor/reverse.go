package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// reverse checks the names of the submission host's addresses. Receivers look at the
// host that hands mail to them, so it only matters where that is the same one.
func (v *visit) reverse(ctx context.Context, h hosts) {
	const matters = "it matters only if this host itself delivers to the recipients' servers"
	switch {
	case h.name == "":
		return
	case providerOf(h.name).name != "":
		v.ok(ReverseDNS, "%s sends by hosts of its own and sees to their names", providerOf(h.name).name)
		return
	case len(h.addresses) == 0:
		v.ok(ReverseDNS, "no address of %s is known: nothing to check", h.name)
		return
	}
	for _, ip := range h.addresses {
		reversed, _ := dns.ReverseAddr(ip.String()) // of an address it never fails
		record := reversed + " PTR " + h.name + "."
		if ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			v.ok(ReverseDNS, "%s is private: the world sees another address", ip)
			continue
		}
		found, err := ask(ctx, v.names, ip.String(), func(ctx context.Context, _ string) ([]string, error) {
			return v.resolver.LookupAddr(ctx, ip.String())
		})
		switch {
		case err != nil:
			v.noAnswer(ReverseDNS, err)
		case len(found) == 0:
			v.warning(ReverseDNS, "Ask whoever rents you the address for "+record, "%s has no name; %s", ip, matters)
		default:
			v.confirm(ctx, ip.String(), found, record, matters)
		}
	}
}

// confirm looks whether a name leads back to the address.
func (v *visit) confirm(ctx context.Context, ip string, found []string, record, matters string) {
	for _, name := range found {
		back, err := v.addresses(ctx, name)
		if err != nil {
			v.noAnswer(ReverseDNS, err)
			return
		}
		for _, b := range back {
			if b.String() == ip {
				v.ok(ReverseDNS, "%s is %s, and back", ip, strings.TrimSuffix(name, "."))
				return
			}
		}
	}
	slices.Sort(found)
	v.warning(ReverseDNS, "Let the name lead back to the address, or ask whoever rents you the address for "+record,
		"%s is called %s, which does not lead back to it; %s", ip, strings.TrimSuffix(found[0], "."), matters)
}
