package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// maxWalk is how many names a receiver asks for a policy (RFC 9989 4.10).
const maxWalk = 8

// dmarc checks the policy of the domain (RFC 9989; RFC 7489, which many receivers still
// follow). Nil when there is none that holds.
func (v *visit) dmarc(ctx context.Context) *dmarc.Record {
	at, records, err := v.policyOf(ctx)
	want := txtRecord("_dmarc."+v.domain, "v=DMARC1; p=none; rua=mailto:dmarc@"+v.domain)
	switch {
	case err != nil:
		v.noAnswer(DMARC, err)
		return nil
	case len(records) == 0:
		v.problem(DMARC, want, "%s has no DMARC record: Gmail, Yahoo and Microsoft refuse bulk mail without one", v.domain)
		return nil
	case len(records) > 1:
		v.problem(DMARC, "Keep one of the records at _dmarc."+at+".", "_dmarc.%s has %d DMARC records: receivers ignore them all", at, len(records))
		return nil
	}
	if _, has := tagList(records[0])["p"]; !has {
		v.warning(DMARC, txtRecord("_dmarc."+at, strings.Replace(records[0], "v=DMARC1", "v=DMARC1; p=none", 1)), "the record at _dmarc.%s has no p=: that means none by RFC 9989, and receivers that follow RFC 7489 ignore the record", at)
		return nil
	}
	record, err := dmarc.Parse(records[0])
	if err != nil {
		v.problem(DMARC, "Correct it, for example: "+txtRecord("_dmarc."+at, "v=DMARC1; p=none; rua=mailto:dmarc@"+at), "the record at _dmarc.%s is not valid: %s", at, strings.TrimPrefix(err.Error(), "dmarc: "))
		return nil
	}
	v.judgePolicy(ctx, at, records[0], record)
	return record
}

// policyOf walks from the domain up to the one that the organisation registered.
func (v *visit) policyOf(ctx context.Context) (at string, records []string, err error) {
	org := organisation(v.domain)
	at = v.domain
	for range maxWalk {
		records, err = v.tagged(ctx, "_dmarc."+at, "v=DMARC1")
		if err != nil || len(records) > 0 || at == org {
			return at, records, err
		}
		_, at, _ = strings.Cut(at, ".")
	}
	records, err = v.tagged(ctx, "_dmarc."+org, "v=DMARC1")
	return org, records, err
}

func (v *visit) judgePolicy(ctx context.Context, at, text string, record *dmarc.Record) {
	policy := record.Policy
	if at != v.domain && record.SubdomainPolicy != "" {
		policy = record.SubdomainPolicy
	}
	says := "p=" + string(policy)
	if at != v.domain {
		says += ", from " + at
	}
	switch {
	case len(record.ReportURIAggregate) == 0:
		v.warning(DMARC, txtRecord("_dmarc."+at, strings.TrimRight(text, "; ")+"; rua=mailto:dmarc@"+at), "%s, but nobody gets the reports (rua): you will not see who fails", says)
	case record.Percent != nil && *record.Percent < 100:
		v.warning(DMARC, "Remove pct from the record; write t=y while the policy is being tested.", "%s for %d %% of the mail; RFC 9989 no longer knows pct", says, *record.Percent)
	default:
		v.ok(DMARC, "%s, reports go to %s", says, strings.Join(record.ReportURIAggregate, ", "))
	}
	v.reportsWanted(ctx, at, record.ReportURIAggregate)
}

// reportsWanted looks whether another organisation agreed to take the reports
// (RFC 9990 4).
func (v *visit) reportsWanted(ctx context.Context, at string, uris []string) {
	for _, uri := range uris {
		_, to, _ := strings.Cut(uri, "@")
		to, _, _ = strings.Cut(strings.ToLower(to), "!")
		if to == "" || organisation(to) == organisation(at) {
			continue
		}
		name := at + "._report._dmarc." + to
		if found, err := v.tagged(ctx, name, "v=DMARC1"); err == nil && len(found) == 0 {
			v.warning(DMARC, "Ask "+to+" for "+txtRecord(name, "v=DMARC1"), "%s has not agreed to take the reports: they are not sent", to)
		}
	}
}

// alignment compares the domain that signs with the one in From (RFC 9989 4.4). The
// envelope's sender is the address itself, so SPF is always aligned.
func (v *visit) alignment(holding []signature, policy *dmarc.Record) {
	if len(holding) == 0 {
		return
	}
	strict := policy != nil && policy.DKIMAlignment == dmarc.AlignmentStrict
	aligned := func(s signature) bool {
		return s.domain == v.domain || !strict && organisation(s.domain) == organisation(v.domain)
	}
	if i := slices.IndexFunc(holding, aligned); i >= 0 {
		v.ok(Alignment, "signatures of %s count for mail from %s", holding[i].domain, v.domain)
		return
	}
	if strict {
		v.problem(Alignment, "Sign with d="+v.domain+", or write adkim=r in the DMARC record.", "signatures of %s do not count for mail from %s, because adkim=s", holding[0].domain, v.domain)
		return
	}
	v.problem(Alignment, "Sign with d="+v.domain+": switch on DKIM for your own domain at the mail service.", "signatures of %s do not count for mail from %s", holding[0].domain, v.domain)
}
