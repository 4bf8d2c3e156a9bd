package doctor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// spf checks who may send for the domain (RFC 7208).
func (v *visit) spf(ctx context.Context, h hosts) {
	found, err := v.txt(ctx, v.domain)
	if err != nil {
		v.noAnswer(SPF, err)
		return
	}
	records := slices.DeleteFunc(found, func(r string) bool { return !isSPF(r) })
	switch len(records) {
	case 0:
		v.problem(SPF, txtRecord(v.domain, "v=spf1 "+source(h)+" ~all"), "%s has no SPF record: mail from it is taken for forged, or for spam", v.domain)
		return
	case 1:
	default:
		v.problem(SPF, "Replace them by one: "+txtRecord(v.domain, merged(records)), "%s has %d SPF records: receivers accept none of them", v.domain, len(records))
		return
	}
	w := &spfWalk{names: v.names, address: v.box.Address, cost: map[string]int{}}
	w.follow(ctx, records[0], []string{v.domain}, true)
	v.judgeSPF(records[0], w)
	if len(w.faults) == 0 && w.noAnswer == nil {
		v.covers(records[0], h, w)
	}
}

// source is the term that lets a submission server's service send.
func source(h hosts) string {
	return cmp.Or(providerOf(h.name).spf, func() string {
		if h.name == "" || len(h.addresses) == 0 {
			return "mx"
		}
		if _, err := netip.ParseAddr(h.name); err == nil {
			return fmt.Sprintf("ip%d:%s", map[bool]int{true: 4, false: 6}[h.addresses[0].Is4()], h.name)
		}
		return "a:" + h.name
	}())
}

// merged is one record that lets everybody send whom one of them lets send.
func merged(records []string) string {
	var terms []string
	last := "~all"
	for _, r := range records {
		for _, t := range strings.Fields(r)[1:] {
			switch {
			case isAll(t):
				last = t
			case !slices.Contains(terms, t):
				terms = append(terms, t)
			}
		}
	}
	return strings.Join(slices.Concat([]string{"v=spf1"}, terms, []string{last}), " ")
}

func (v *visit) judgeSPF(record string, w *spfWalk) {
	for _, fault := range w.faults {
		v.problem(SPF, "Correct or remove that term; an error in an included record is for its owner to mend.", "%s: receivers take the record as not valid", fault)
	}
	if w.lookups > maxLookups {
		v.problem(SPF, "Remove what no longer sends for you, or move a service to a subdomain of its own. Lookups by term: "+dearest(w.cost)+".",
			"the record costs %d lookups, %d are allowed: receivers take it as not valid", w.lookups, maxLookups)
	}
	if len(w.void) > maxVoid {
		v.problem(SPF, "Remove the terms that name "+strings.Join(w.void, ", ")+".", "%d names in the record are not there, %d are allowed: receivers take it as not valid", len(w.void), maxVoid)
	} else if len(w.void) > 0 && len(w.faults) == 0 {
		v.warning(SPF, "Remove the term, or create the name.", "the record names what is not there: %s", strings.Join(w.void, ", "))
	}
	for _, note := range w.notes {
		v.warning(SPF, "Remove the term.", "%s", note)
	}
	if w.noAnswer != nil {
		v.noAnswer(SPF, w.noAnswer)
		return
	}
	v.lastWord(record, w)
}

// lastWord judges what the record says of everybody else.
func (v *visit) lastWord(record string, w *spfWalk) {
	if len(w.faults) > 0 {
		return
	}
	with := func(all string) string {
		if i := slices.IndexFunc(strings.Fields(record), isRedirect); i >= 0 && !slices.ContainsFunc(strings.Fields(record), isAll) {
			return "Let the record that " + strings.Fields(record)[i] + " leads to end in " + all + "."
		}
		terms := slices.DeleteFunc(strings.Fields(record), isAll)
		return txtRecord(v.domain, strings.Join(append(terms, all), " "))
	}
	switch w.all {
	case "+all":
		v.problem(SPF, with("~all"), "the record ends in +all: everybody may send as %s, and receivers distrust it", v.domain)
	case "?all", "":
		v.warning(SPF, with("~all"), "the record does not end in -all or ~all: it says nothing about who else sends as %s", v.domain)
	default:
		if w.lookups > maxLookups || len(w.void) > 0 {
			return
		}
		v.ok(SPF, "%s (%d of %d lookups)", record, w.lookups, maxLookups)
	}
}

func isAll(term string) bool {
	return strings.EqualFold(strings.TrimLeft(term, "+?~-"), "all")
}

func isRedirect(term string) bool {
	return strings.HasPrefix(strings.ToLower(term), "redirect=")
}

// dearest lists the terms that cost lookups, the dearest first.
func dearest(cost map[string]int) string {
	terms := slices.SortedFunc(maps.Keys(cost), func(a, b string) int {
		return cmp.Or(cmp.Compare(cost[b], cost[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, t := range terms {
		if cost[t] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", t, cost[t]))
		}
	}
	return strings.Join(parts, ", ")
}

// covers says whether the record names the service or the addresses that mail is
// handed to. Only a service that is known is expected there: others may send by
// further hosts.
func (v *visit) covers(record string, h hosts, w *spfWalk) {
	if p := providerOf(h.name); p.spf != "" {
		if slices.Contains(w.includes, strings.TrimPrefix(p.spf, "include:")) {
			v.ok(SPF, "%s may send for %s", p.name, v.domain)
			return
		}
		terms := strings.Fields(record)
		v.warning(SPF, txtRecord(v.domain, strings.Join(slices.Insert(terms, 1, p.spf), " ")), "mail goes out by %s, which the record does not name", p.name)
		return
	}
	if len(h.addresses) == 0 {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(h.addresses), func(ip netip.Addr) bool {
		return slices.ContainsFunc(w.passes, func(n netip.Prefix) bool { return n.Contains(ip) })
	})
	switch {
	case len(missing) == 0:
		v.ok(SPF, "%s, which mail is handed to, may send for %s", h.name, v.domain)
	case w.opaque:
		v.ok(SPF, "whether %s may send for %s depends on terms that only a receiver can work out", h.name, v.domain)
	default:
		v.ok(SPF, "the record does not name %s: well if it passes mail on to other hosts; if it delivers itself, add %s", h.name, source(h))
	}
}
