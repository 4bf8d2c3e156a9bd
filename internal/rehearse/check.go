package rehearse

import (
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// This file finds the faults of a line.

// details are the keys that only go with another one.
func (h Happening) details() map[string][]string {
	given := map[string][]string{}
	need := func(key string, is bool, owners ...string) {
		if is {
			given[key] = owners
		}
	}
	need("next", h.Next != "", "outcome", "invitation")
	need("why_none", h.WhyNone != "", "outcome")
	need("reason", h.Reason != "", "outcome")
	need("decision_maker", h.DecisionMaker, "outcome")
	need("with", h.With != "", "outcome")
	need("from", h.From != "", "reply", "invitation")
	need("until", h.Until != "", "pause")
	need("every", h.Every != "", "times")
	return given
}

// check finds the faults of a line and tells how many things happen in it.
func (h Happening) check(f faulty) int {
	var named []string
	for _, k := range kinds() {
		if k.value(h) == "" {
			continue
		}
		named = append(named, k.key)
		if k.check != nil {
			k.check(f, h)
		}
	}
	h.checkDetails(f, named)
	oneOf(f, "mail", h.Mail, sequence.Unknown, sequence.Suppressed, sequence.NoAddress, sequence.Deferred, sequence.NoReason, sequence.Failed)
	if h.Rep != nil {
		h.Rep.check(faulty{f.path + ".rep", f.found})
	}
	switch {
	case len(named) > 1:
		f.add("", "several things happen in one line: "+strings.Join(named, ", "), "write a line for each; a line without a moment follows the one above at once")
	case len(named) == 0 && h.Mail == "" && h.Rep == nil && h.Chapter == "" && h.Expect == "":
		f.add("", "nothing happens here", "say what: outcome, engagement, reply, stop, ... (docs/rehearsal.md lists them)")
	}
	if h.Mail != "" || h.Rep != nil || h.Expect != "" {
		return len(named) + 1
	}
	return len(named)
}

func (h Happening) checkDetails(f faulty, named []string) {
	details := h.details()
	for _, key := range []string{"next", "why_none", "reason", "decision_maker", "with", "from", "until", "every"} {
		owner, is := details[key]
		switch {
		case !is || slices.ContainsFunc(owner, func(o string) bool { return slices.Contains(named, o) }):
		case key == "every" && h.Times > 0:
		default:
			f.add(key, "it says nothing by itself", "give it together with "+strings.Join(owner, " or "))
		}
	}
}

func (f faulty) moment(key, text string) {
	if text == "" {
		return
	}
	_, err := parseMoment(text)
	f.err(key, err)
}

func checkOutcome(f faulty, h Happening) {
	oneOf(f, "outcome", h.Outcome, sequence.Outcomes()...)
	f.moment("next", h.Next)
	if h.Permission != nil {
		h.Permission.check(f)
	}
}

func momentUnlessTrue(f faulty, h Happening) { f.moment("out_of_office", notTrue(h.OutOfOffice)) }

func (l Leave) check(f faulty) {
	oneOf(f, "permission.channel", l.Channel, sequence.ByEmail, sequence.ByCall, sequence.ByManual)
	f.moment("permission.until", l.Until)
	if l.Channel == "" {
		f.add("permission", "it is not said by which channel", "write permission: { channel: email, every: 2 months }")
	}
	if l.Every != "" {
		_, err := parseLength(l.Every)
		f.err("permission.every", err)
	}
}
