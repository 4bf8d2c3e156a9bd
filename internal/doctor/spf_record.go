package doctor

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// spfTerm is one mechanism or modifier of a record (RFC 7208 4.6.1).
type spfTerm struct {
	text      string // as written
	name      string // lower case: all, include, a, mx, ptr, ip4, ip6, exists, redirect, exp, ...
	qualifier byte   // '+', '-', '~' or '?'; 0: a modifier
	domain    string // may hold macros; empty: the domain of the record
	network   netip.Prefix
	bits4     int // lengths of the networks around the addresses of a and mx
	bits6     int
}

var (
	spfModifier  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$`)
	spfMechanism = regexp.MustCompile(`^([+?~-]?)([A-Za-z][A-Za-z0-9]*)(?::([^/]*(?:%\{[^}]*\}[^/]*)*))?(?:/(\d+))?(?://(\d+))?$`)
	spfNetwork   = regexp.MustCompile(`^([+?~-]?)(?i:(ip4|ip6)):(.+)$`)
	spfMacro     = regexp.MustCompile(`%(\{[slodiphcrtvSLODIPHCRTV]\d*r?[.+,/_=-]*\}|%|_|-)`)
)

// isSPF is whether a TXT record is meant as an SPF record.
func isSPF(record string) bool {
	version, _, _ := strings.Cut(record, " ")
	return strings.EqualFold(version, "v=spf1")
}

// parseSPF reads a record. The error names the term that is not valid.
func parseSPF(record string) ([]spfTerm, error) {
	var terms []spfTerm
	once := map[string]bool{}
	for _, text := range strings.Fields(record)[1:] {
		t, err := parseTerm(text)
		if err != nil {
			return nil, fmt.Errorf("%q %w", text, err)
		}
		if t.name == "redirect" || t.name == "exp" {
			if once[t.name] {
				return nil, fmt.Errorf("%q is the second of its kind", text)
			}
			once[t.name] = true
		}
		terms = append(terms, t)
	}
	return terms, nil
}

func parseTerm(text string) (spfTerm, error) {
	t := spfTerm{text: text, qualifier: '+', bits4: 32, bits6: 128}
	if m := spfModifier.FindStringSubmatch(text); m != nil {
		t.name, t.domain, t.qualifier = strings.ToLower(m[1]), m[2], 0
		if (t.name == "redirect" || t.name == "exp") && t.domain == "" {
			return t, fmt.Errorf("names no domain")
		}
		return t, macrosValid(t.domain)
	}
	if m := spfNetwork.FindStringSubmatch(text); m != nil {
		t.qualify(m[1])
		t.name = strings.ToLower(m[2])
		return t, t.readNetwork(m[3])
	}
	m := spfMechanism.FindStringSubmatch(text)
	if m == nil {
		return t, fmt.Errorf("is not a term of SPF")
	}
	t.qualify(m[1])
	t.name, t.domain = strings.ToLower(m[2]), m[3]
	ranged := m[4] != "" || m[5] != ""
	colon := strings.Contains(text, ":")
	switch t.name {
	case "all":
		if colon || ranged {
			return t, fmt.Errorf("takes nothing after all")
		}
	case "include", "exists":
		if t.domain == "" || ranged {
			return t, fmt.Errorf("needs a domain, and nothing else")
		}
	case "ptr":
		if ranged || colon && t.domain == "" {
			return t, fmt.Errorf("takes a domain at most")
		}
	case "a", "mx":
		if colon && t.domain == "" {
			return t, fmt.Errorf("names no domain after the colon")
		}
		if err := t.readBits(m[4], m[5]); err != nil {
			return t, err
		}
	default:
		return t, fmt.Errorf("is not a mechanism that SPF knows")
	}
	return t, macrosValid(t.domain)
}

func (t *spfTerm) qualify(sign string) {
	if sign != "" {
		t.qualifier = sign[0]
	}
}

func (t *spfTerm) readBits(four, six string) (err error) {
	if four != "" {
		if t.bits4, err = strconv.Atoi(four); err != nil || t.bits4 > 32 {
			return fmt.Errorf("has a network longer than 32 bits")
		}
	}
	if six != "" {
		if t.bits6, err = strconv.Atoi(six); err != nil || t.bits6 > 128 {
			return fmt.Errorf("has a network longer than 128 bits")
		}
	}
	return nil
}

func (t *spfTerm) readNetwork(text string) error {
	network, err := netip.ParsePrefix(text)
	if ip, notNetwork := netip.ParseAddr(text); notNetwork == nil {
		network, err = netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	if err != nil || network.Addr().Is4() != (t.name == "ip4") || network.Addr().Zone() != "" {
		return fmt.Errorf("is not an address or network of its kind")
	}
	t.network = network.Masked()
	return nil
}

// networkAround is what an address of a or mx lets send.
func (t *spfTerm) networkAround(ip netip.Addr) netip.Prefix {
	bits := t.bits6
	if ip.Is4() {
		bits = t.bits4
	}
	return netip.PrefixFrom(ip, bits).Masked()
}

func macrosValid(s string) error {
	if strings.Contains(spfMacro.ReplaceAllString(s, ""), "%") {
		return fmt.Errorf("has a %% that begins no macro (RFC 7208 7)")
	}
	return nil
}

// expand fills in the macros that do not depend on the host that sends; false when
// others remain.
func expand(s, address, domain string) (string, bool) {
	local, own, _ := strings.Cut(address, "@")
	known := map[string]string{
		"%%": "%", "%_": " ", "%-": "%20",
		"%{s}": address, "%{l}": local, "%{o}": own, "%{d}": domain,
	}
	complete := true
	expanded := spfMacro.ReplaceAllStringFunc(s, func(macro string) string {
		value, ok := known[strings.ToLower(macro)]
		complete = complete && ok
		return value
	})
	return expanded, complete
}
