package doctor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

func txt(name, value string) string { return name + `. 60 IN TXT "` + value + `"` }

// includes are n domains, each with an SPF record, and the terms that include them.
func includes(n int) (records []string, terms string) {
	for i := range n {
		name := fmt.Sprintf("s%d.example", i)
		records = append(records, txt(name, "v=spf1 ip4:192.0.2.1 -all"))
		terms += "include:" + name + " "
	}
	return records, terms
}

// examineDNS checks a mailbox of acme.example that has no servers, or only the name of
// one, against these records.
func examineDNS(t *testing.T, submission string, records ...string) []doctor.Finding {
	d := doctor.Doctor{
		Resolver: (&zone{T: t}).serve(records...),
		Patience: 5 * time.Second,
		Dial:     (&post{T: t}).nowhere,
	}
	return d.Examine(t.Context(), []mailbox.Mailbox{{Address: address, Connections: mailbox.Connections{SMTP: submission}}})
}

func TestSPFLookupsAreCountedAsReceiversCountThem(t *testing.T) {
	ten, tenTerms := includes(10)
	eleven, elevenTerms := includes(11)
	for name, c := range map[string]struct {
		record  string
		others  []string
		lookups int
	}{
		"addresses cost nothing":            {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", nil, 0},
		"a, mx, ptr and exists cost one":    {"v=spf1 a mx ptr exists:acme.example -all", []string{"acme.example. A 192.0.2.1", "acme.example. MX 1 acme.example."}, 4},
		"addresses of mail hosts are free":  {"v=spf1 mx -all", []string{"acme.example. MX 1 a.acme.example.", "acme.example. MX 2 b.acme.example.", "a.acme.example. A 192.0.2.1", "b.acme.example. A 192.0.2.2"}, 1},
		"ten includes are allowed":          {"v=spf1 " + tenTerms + "-all", ten, 10},
		"eleven are not":                    {"v=spf1 " + elevenTerms + "-all", eleven, 11},
		"includes within includes":          {"v=spf1 include:o.example -all", []string{txt("o.example", "v=spf1 include:i.example a:h.example -all"), txt("i.example", "v=spf1 mx:h.example ~all"), "h.example. A 192.0.2.1", "h.example. MX 1 h.example."}, 4},
		"the same include twice":            {"v=spf1 include:o.example ?include:o.example -all", []string{txt("o.example", "v=spf1 a:h.example -all"), "h.example. A 192.0.2.1"}, 4},
		"a redirect costs one":              {"v=spf1 redirect=o.example", []string{txt("o.example", "v=spf1 a:h.example -all"), "h.example. A 192.0.2.1"}, 2},
		"not when all decides first":        {"v=spf1 redirect=o.example -all", nil, 0},
		"what follows all is not asked":     {"v=spf1 -all a:h.example", nil, 0},
		"an explanation is free":            {"v=spf1 exp=why.example -all", nil, 0},
		"unknown modifiers are free":        {"v=spf1 ra=postmaster -all", nil, 0},
		"macros that only a receiver knows": {"v=spf1 include:%{i}._spf.example exists:%{ir}.%{v}._spf.o.example -all", nil, 2},
		"macros that we know":               {"v=spf1 include:_spf.%{d} a:%{o} -all", []string{txt("_spf.acme.example", "v=spf1 mx -all"), "_spf.acme.example. MX 1 acme.example.", "acme.example. A 192.0.2.1"}, 3},
		"upper case":                        {"V=SPF1 A:H.Example -ALL", []string{"h.example. A 192.0.2.1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := examineDNS(t, "", slices.Concat(c.others, []string{txt("acme.example", c.record)})...)
			if c.lookups > 10 {
				found := of(all, doctor.SPF)
				require.Equal(t, doctor.Problem, found[0].Level)
				require.Contains(t, found[0].Says, fmt.Sprintf("costs %d lookups", c.lookups))
				return
			}
			var said []string
			for _, f := range of(all, doctor.SPF) {
				require.NotEqual(t, doctor.Problem, f.Level, "%v", f)
				said = append(said, f.Says)
			}
			require.Contains(t, strings.Join(said, "\n"), fmt.Sprintf("(%d of 10 lookups)", c.lookups))
		})
	}
}

func TestFaultsOfSPFAreNamedWithTheRecordToPublish(t *testing.T) {
	eleven, elevenTerms := includes(11)
	big := func(n int) (records []string) {
		for i := range n {
			records = append(records, fmt.Sprintf("acme.example. MX %d m%d.acme.example.", i, i))
		}
		return records
	}
	for name, c := range map[string]struct {
		records      []string
		level        doctor.Level
		says, remedy string
	}{
		"none":               {nil, doctor.Problem, "has no SPF record", `acme.example. TXT "v=spf1 mx ~all"`},
		"something else":     {[]string{txt("acme.example", "v=spf10 -all")}, doctor.Problem, "has no SPF record", ""},
		"two":                {[]string{txt("acme.example", "v=spf1 a -all"), txt("acme.example", "v=spf1 include:o.example a -all")}, doctor.Problem, "has 2 SPF records", `acme.example. TXT "v=spf1 a include:o.example -all"`},
		"too many lookups":   {slices.Concat(eleven, []string{txt("acme.example", "v=spf1 "+elevenTerms+"-all")}), doctor.Problem, "costs 11 lookups, 10 are allowed", "Lookups by term: include:s0.example 1, "},
		"which cost most":    {slices.Concat(eleven, []string{txt("acme.example", "v=spf1 include:s1.example include:o.example -all"), txt("o.example", "v=spf1 "+elevenTerms+"-all")}), doctor.Problem, "costs 13 lookups", "include:o.example 12, include:s1.example 1"},
		"a loop":             {[]string{txt("acme.example", "v=spf1 include:o.example -all"), txt("o.example", "v=spf1 include:acme.example -all")}, doctor.Problem, "leads back to itself: acme.example → o.example → acme.example", "Correct or remove"},
		"a loop of itself":   {[]string{txt("acme.example", "v=spf1 redirect=acme.example")}, doctor.Problem, "acme.example → acme.example", "Correct or remove"},
		"void lookups":       {[]string{txt("acme.example", "v=spf1 a:x.example a:y.example mx:z.example -all")}, doctor.Problem, "3 names in the record are not there, 2 are allowed", "x.example, y.example, z.example"},
		"one void lookup":    {[]string{txt("acme.example", "v=spf1 a:x.example -all")}, doctor.Warning, "names what is not there: x.example", "Remove the term"},
		"include of none":    {[]string{txt("acme.example", "v=spf1 include:o.example -all"), txt("o.example", "something else")}, doctor.Problem, "o.example has no SPF record", "Correct or remove"},
		"ten mail hosts":     {append(big(11), txt("acme.example", "v=spf1 mx -all")), doctor.Problem, "11 MX records, 10 are allowed", "Correct or remove"},
		"unknown mechanism":  {[]string{txt("acme.example", "v=spf1 includ:o.example -all")}, doctor.Problem, `"includ:o.example" is not a mechanism that SPF knows`, "Correct or remove"},
		"a bad network":      {[]string{txt("acme.example", "v=spf1 ip4:192.0.2.0/33 -all")}, doctor.Problem, `"ip4:192.0.2.0/33" is not an address`, "Correct or remove"},
		"the other kind":     {[]string{txt("acme.example", "v=spf1 ip4:2001:db8::1 -all")}, doctor.Problem, "of its kind", "Correct or remove"},
		"a bad length":       {[]string{txt("acme.example", "v=spf1 a/40 -all")}, doctor.Problem, "longer than 32 bits", "Correct or remove"},
		"a bad macro":        {[]string{txt("acme.example", "v=spf1 exists:%{z}.o.example -all")}, doctor.Problem, "begins no macro", "Correct or remove"},
		"include of no one":  {[]string{txt("acme.example", "v=spf1 include: -all")}, doctor.Problem, `"include:" needs a domain`, "Correct or remove"},
		"two redirects":      {[]string{txt("acme.example", "v=spf1 redirect=a.example redirect=b.example")}, doctor.Problem, "second of its kind", "Correct or remove"},
		"fault further in":   {[]string{txt("acme.example", "v=spf1 include:o.example -all"), txt("o.example", "v=spf1 ipv4:192.0.2.1 -all")}, doctor.Problem, "in the record of o.example", "for its owner to mend"},
		"everybody":          {[]string{txt("acme.example", "v=spf1 ip4:192.0.2.1 +all")}, doctor.Problem, "everybody may send", `acme.example. TXT "v=spf1 ip4:192.0.2.1 ~all"`},
		"everybody, short":   {[]string{txt("acme.example", "v=spf1 all")}, doctor.Problem, "everybody may send", `acme.example. TXT "v=spf1 ~all"`},
		"neutral":            {[]string{txt("acme.example", "v=spf1 ip4:192.0.2.1 ?all")}, doctor.Warning, "does not end in", `acme.example. TXT "v=spf1 ip4:192.0.2.1 ~all"`},
		"no end":             {[]string{txt("acme.example", "v=spf1 ip4:192.0.2.1")}, doctor.Warning, "does not end in", `acme.example. TXT "v=spf1 ip4:192.0.2.1 ~all"`},
		"redirected end":     {[]string{txt("acme.example", "v=spf1 redirect=o.example"), txt("o.example", "v=spf1 ip4:192.0.2.1 -all")}, doctor.OK, "(1 of 10 lookups)", ""},
		"redirected, no end": {[]string{txt("acme.example", "v=spf1 redirect=o.example"), txt("o.example", "v=spf1 ip4:192.0.2.1")}, doctor.Warning, "does not end in", "Let the record that redirect=o.example leads to end in ~all"},
		"its include's end":  {[]string{txt("acme.example", "v=spf1 include:o.example"), txt("o.example", "v=spf1 ip4:192.0.2.1 -all")}, doctor.Warning, "does not end in", "include:o.example ~all"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOne(t, examineDNS(t, "", c.records...), doctor.SPF, c.level, c.says, c.remedy)
		})
	}
}

func TestSPFSaysWhetherTheSubmissionHostMaySend(t *testing.T) {
	hosts := []string{host + ". A 192.0.2.25", host + ". AAAA 2001:db8::25", txt("o.example", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all")}
	for name, c := range map[string]struct {
		submission, record string
		level              doctor.Level
		says, remedy       string
	}{
		"by its name":           {"smtp://" + host, "v=spf1 a:" + host + " -all", doctor.OK, "may send for acme.example", ""},
		"by network, further":   {"smtp://" + host, "v=spf1 include:o.example -all", doctor.OK, "may send for acme.example", ""},
		"one of two addresses":  {"smtp://" + host, "v=spf1 ip4:192.0.2.0/24 -all", doctor.OK, "add a:mail.acme.example", ""},
		"what fails is no pass": {"smtp://" + host, "v=spf1 -include:o.example ~all", doctor.OK, "does not name mail.acme.example", ""},
		"only a receiver knows": {"smtp://" + host, "v=spf1 exists:%{i}.o.example -all", doctor.OK, "only a receiver can work out", ""},
		"a service left out":    {"smtp://smtp.gmail.com", "v=spf1 ip4:192.0.2.1 -all", doctor.Warning, "goes out by Google", `acme.example. TXT "v=spf1 include:_spf.google.com ip4:192.0.2.1 -all"`},
		"a service named":       {"smtp://smtp.gmail.com", "v=spf1 include:_spf.google.com -all", doctor.OK, "Google may send", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := examineDNS(t, c.submission, slices.Concat(hosts, []string{txt("acme.example", c.record), txt("_spf.google.com", "v=spf1 ip4:198.51.100.0/24 ~all")})...)
			found := of(all, doctor.SPF)
			requireOne(t, found[len(found)-1:], doctor.SPF, c.level, c.says, c.remedy)
		})
	}
}

func TestTheRecordProposedNamesTheServiceInUse(t *testing.T) {
	for submission, source := range map[string]string{
		"smtp://smtp.gmail.com":     "include:_spf.google.com",
		"smtp://smtp.office365.com": "include:spf.protection.outlook.com",
		"smtp://" + host:            "a:" + host,
		"smtp://192.0.2.25":         "ip4:192.0.2.25",
		"smtp://[2001:db8::25]":     "ip6:2001:db8::25",
	} {
		requireOne(t, examineDNS(t, submission, host+". A 192.0.2.25"), doctor.SPF, doctor.Problem, "has no SPF record", `acme.example. TXT "v=spf1 `+source+` ~all"`)
	}
}
