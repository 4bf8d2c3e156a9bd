package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Limits of RFC 7208 4.6.4. Receivers that meet more stop with an error, which is as
// bad as no record.
const (
	maxLookups  = 10
	maxVoid     = 2
	maxMX       = 10
	stopWalking = 60 // names asked for at most, however bad the record is
)

// spfWalk follows every term of a record, as a receiver does for a host that none of
// them matches: the most lookups that the record can cost.
type spfWalk struct {
	names
	address string // of the sender, for macros

	lookups  int
	cost     map[string]int // lookups by term of the first record
	void     []string       // names that are not there
	all      string         // the last word: "-all", "~all", "?all", "+all" or none
	passes   []netip.Prefix
	opaque   bool     // some hosts may pass that cannot be told in advance
	includes []string // domains included or redirected to, at any depth
	faults   []string // permanent errors (RFC 7208 2.6.7)
	notes    []string
	noAnswer error // of the DNS: what was found is not everything
}

// record is the one SPF record of a domain.
func (w *spfWalk) record(ctx context.Context, domain string) (string, bool) {
	all, err := w.txt(ctx, domain)
	if err != nil {
		w.noAnswer = err
		return "", false
	}
	found := slices.DeleteFunc(slices.Clone(all), func(r string) bool { return !isSPF(r) })
	switch {
	case len(all) == 0:
		w.void = append(w.void, domain)
		fallthrough
	case len(found) == 0:
		w.faults = append(w.faults, domain+" has no SPF record")
		return "", false
	case len(found) > 1:
		w.faults = append(w.faults, fmt.Sprintf("%s has %d SPF records", domain, len(found)))
		return "", false
	}
	return found[0], true
}

// follow walks the record of a domain. The path leads from the first domain to this
// one; counting is whether what passes here passes there.
func (w *spfWalk) follow(ctx context.Context, record string, path []string, counting bool) {
	domain := path[len(path)-1]
	terms, err := parseSPF(record)
	if err != nil {
		w.faults = append(w.faults, fmt.Sprintf("in the record of %s, %s", domain, err))
		return
	}
	first := len(path) == 1
	redirect := ""
	decided := false
	for _, t := range terms {
		before := w.lookups
		switch {
		case t.name == "redirect":
			redirect = t.domain
			continue
		case t.qualifier == 0:
			continue
		case decided:
			w.notes = append(w.notes, fmt.Sprintf("%q stands after all and is ignored", t.text))
			continue
		case t.name == "all":
			decided = true
			if w.top(path) {
				w.all = string(t.qualifier) + "all"
			}
			continue
		}
		w.term(ctx, t, path, counting && t.qualifier == '+')
		if first {
			w.cost[t.text] = w.lookups - before
		}
	}
	if redirect != "" && !decided {
		before := w.lookups
		w.enter(ctx, redirect, append(slices.Clone(path), "="), counting)
		if first {
			w.cost["redirect="+redirect] = w.lookups - before
		}
	}
}

// top is whether this record speaks for the first domain: it is its own, or one that
// it redirects to.
func (w *spfWalk) top(path []string) bool {
	for i := 1; i < len(path); i += 2 {
		if path[i] != "=" {
			return false
		}
	}
	return true
}

func (w *spfWalk) term(ctx context.Context, t spfTerm, path []string, counting bool) {
	switch t.name {
	case "ip4", "ip6":
		w.pass(counting, t.network)
	case "include":
		w.enter(ctx, t.domain, append(slices.Clone(path), ":"), counting)
	case "ptr":
		w.lookups++
		w.opaque = true
		w.notes = append(w.notes, fmt.Sprintf("%q should not be used (RFC 7208 5.5): it is slow, and some receivers skip it", t.text))
	case "a", "mx", "exists":
		w.lookups++
		name, known := w.target(t.domain, path)
		if !known || t.name == "exists" && strings.Contains(t.domain, "%") {
			w.opaque = true
			return
		}
		w.addressesOf(ctx, t, name, counting)
	}
}

func (w *spfWalk) target(domain string, path []string) (string, bool) {
	own := path[len(path)-1]
	if domain == "" {
		return own, true
	}
	name, known := expand(domain, w.address, own)
	return strings.ToLower(strings.TrimSuffix(name, ".")), known
}

// addressesOf asks for what a, mx and exists stand for.
func (w *spfWalk) addressesOf(ctx context.Context, t spfTerm, name string, counting bool) {
	if w.lookups > stopWalking {
		return
	}
	hosts := []string{name}
	if t.name == "mx" {
		found, err := w.mx(ctx, name)
		if err != nil {
			w.noAnswer = err
			return
		}
		if len(found) > maxMX {
			w.faults = append(w.faults, fmt.Sprintf("%q: %s has %d MX records, %d are allowed", t.text, name, len(found), maxMX))
			return
		}
		hosts = nil
		for _, mx := range found {
			hosts = append(hosts, mx.Host)
		}
		if len(hosts) == 0 {
			w.void = append(w.void, name)
		}
	}
	for _, host := range hosts {
		found, err := w.addresses(ctx, host)
		if err != nil {
			w.noAnswer = err
			continue
		}
		if len(found) == 0 && t.name != "mx" {
			w.void = append(w.void, name)
		}
		for _, ip := range found {
			if t.name == "exists" {
				w.opaque = w.opaque || counting // it lets everybody pass
				continue
			}
			w.pass(counting, t.networkAround(ip))
		}
	}
}

func (w *spfWalk) pass(counting bool, network netip.Prefix) {
	if counting {
		w.passes = append(w.passes, network)
	}
}

// enter walks an included record or one redirected to; the path ends with how.
func (w *spfWalk) enter(ctx context.Context, to string, path []string, counting bool) {
	w.lookups++
	name, known := w.target(to, path[:len(path)-1])
	if !known {
		w.opaque = true
		return
	}
	if slices.Contains(path, name) {
		w.faults = append(w.faults, fmt.Sprintf("the record of %s leads back to itself: %s", name, strings.Join(append(domains(path), name), " → ")))
		return
	}
	w.includes = append(w.includes, name)
	if w.lookups > stopWalking {
		return
	}
	if record, ok := w.record(ctx, name); ok {
		w.follow(ctx, record, append(path, name), counting)
	}
}

func domains(path []string) []string {
	return slices.DeleteFunc(slices.Clone(path), func(s string) bool { return s == ":" || s == "=" })
}
