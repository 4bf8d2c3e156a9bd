package doctor_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// nowhere is a network on which no server is reached.
func (p *post) nowhere(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("no network")
}

// policy are records of DMARC beside which nothing else is wanted.
const policy = "v=DMARC1; p=reject; rua=mailto:reports@acme.example"

func TestDMARC(t *testing.T) {
	for name, c := range map[string]struct {
		records      []string
		level        doctor.Level
		says, remedy string
	}{
		"well":                  {[]string{txt("_dmarc.acme.example", policy)}, doctor.OK, "p=reject, reports go to mailto:reports@acme.example", ""},
		"none":                  {nil, doctor.Problem, "no DMARC record", `_dmarc.acme.example. TXT "v=DMARC1; p=none; rua=mailto:dmarc@acme.example"`},
		"not one of ours":       {[]string{txt("_dmarc.acme.example", "v=DMARC2; p=none")}, doctor.Problem, "no DMARC record", ""},
		"two":                   {[]string{txt("_dmarc.acme.example", policy), txt("_dmarc.acme.example", "v=DMARC1; p=none")}, doctor.Problem, "2 DMARC records", "Keep one"},
		"a policy unknown":      {[]string{txt("_dmarc.acme.example", "v=DMARC1; p=refuse")}, doctor.Problem, "not valid: invalid policy", "v=DMARC1; p=none"},
		"no policy":             {[]string{txt("_dmarc.acme.example", "v=DMARC1; rua=mailto:r@acme.example")}, doctor.Warning, "has no p=", `"v=DMARC1; p=none; rua=mailto:r@acme.example"`},
		"no reports":            {[]string{txt("_dmarc.acme.example", "v=DMARC1; p=none;")}, doctor.Warning, "nobody gets the reports", `"v=DMARC1; p=none; rua=mailto:dmarc@acme.example"`},
		"for a part":            {[]string{txt("_dmarc.acme.example", policy+"; pct=20")}, doctor.Warning, "for 20 % of the mail", "Remove pct"},
		"reports not agreed to": {[]string{txt("_dmarc.acme.example", "v=DMARC1; p=none; rua=mailto:a@reports.example")}, doctor.Warning, "reports.example has not agreed", `acme.example._report._dmarc.reports.example. TXT "v=DMARC1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := of(examineDNS(t, "", c.records...), doctor.DMARC)
			requireOne(t, found[len(found)-1:], doctor.DMARC, c.level, c.says, c.remedy)
		})
	}
}

func TestASubdomainFollowsThePolicyOfItsOrganisation(t *testing.T) {
	for name, c := range map[string]struct{ at, record, says string }{
		"its own":              {"_dmarc.mail.sales.acme.co.uk", "v=DMARC1; p=quarantine; rua=mailto:r@acme.co.uk", "p=quarantine, reports"},
		"of the organisation":  {"_dmarc.acme.co.uk", "v=DMARC1; p=reject; rua=mailto:r@acme.co.uk", "p=reject, from acme.co.uk"},
		"between (RFC 9989)":   {"_dmarc.sales.acme.co.uk", "v=DMARC1; p=reject; rua=mailto:r@acme.co.uk", "p=reject, from sales.acme.co.uk"},
		"the one for its kind": {"_dmarc.acme.co.uk", "v=DMARC1; p=reject; sp=none; rua=mailto:r@acme.co.uk", "p=none, from acme.co.uk"},
		"never the registry's": {"_dmarc.co.uk", "v=DMARC1; p=reject; rua=mailto:r@co.uk", "has no DMARC record"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := doctor.Doctor{Resolver: (&zone{T: t}).serve(txt(c.at, c.record))}
			found := of(d.Examine(t.Context(), []mailbox.Mailbox{{Address: "ann@mail.sales.acme.co.uk"}}), doctor.DMARC)
			require.Len(t, found, 1)
			require.Contains(t, found[0].Says, c.says)
		})
	}
}

// long is a record in strings of at most 255 bytes, as a name server needs it.
func long(name, value string) string {
	var parts []string
	for len(value) > 255 {
		parts, value = append(parts, value[:255]), value[255:]
	}
	return name + `. 60 IN TXT "` + strings.Join(append(parts, value), `" "`) + `"`
}

func TestDKIM(t *testing.T) {
	private, public := rsaKey(t, 2048)
	_, other := rsaKey(t, 2048)
	weakPrivate, weak := rsaKey(t, 1024)
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ed := base64.StdEncoding.EncodeToString(edPublic)
	const at = "s1._domainkey.acme.example"
	for name, c := range map[string]struct {
		key, record  string
		level        doctor.Level
		says, remedy string
	}{
		"matches":             {private, "v=DKIM1; k=rsa; p=" + public, doctor.OK, "RSA, 2048 bits", ""},
		"no private key here": {"", "p=" + public, doctor.OK, "RSA, 2048 bits", ""},
		"Ed25519":             {pemKey(t, edPrivate), "v=DKIM1; k=ed25519; p=" + ed, doctor.OK, "Ed25519", ""},
		"none":                {pemKey(t, edPrivate), "", doctor.Problem, "has no record", at + `. TXT "v=DKIM1; k=ed25519; p=` + ed + `"`},
		"none, of a service":  {"", "", doctor.Problem, "has no record", "Publish the record that your mail service shows for the selector s1"},
		"another":             {private, "v=DKIM1; p=" + other, doctor.Problem, "holds another key", at + `. TXT "v=DKIM1; k=rsa; p=` + public[:200]},
		"another kind":        {private, "v=DKIM1; k=ed25519; p=" + ed, doctor.Problem, "holds another key", "k=rsa"},
		"revoked":             {private, "v=DKIM1; p=", doctor.Problem, "revoked", "k=rsa"},
		"cut off":             {private, "v=DKIM1; p=" + public[:255], doctor.Problem, "cut off", "k=rsa"},
		"cut off elsewhere":   {private, "v=DKIM1; p=" + public[:256], doctor.Problem, "cut off", "k=rsa"},
		"no key":              {private, "v=DKIM1; k=rsa", doctor.Problem, "has no key", "k=rsa"},
		"another version":     {private, "v=DKIM2; p=" + public, doctor.Problem, "not DKIM1", "k=rsa"},
		"for another service": {private, "v=DKIM1; s=tlsrpt; p=" + public, doctor.Problem, "not for mail", "k=rsa"},
		"old hashes only":     {private, "v=DKIM1; h=sha1; p=" + public, doctor.Problem, "sha256", "k=rsa"},
		"being tested":        {private, "v=DKIM1; t=s:y; p=" + public, doctor.Warning, "being tested", "Remove t=y"},
		"short":               {weakPrivate, "v=DKIM1; p=" + weak, doctor.Warning, "RSA, 1024 bits; 2048 are the norm", "new selector"},
		"too short":           {"", "v=DKIM1; p=" + tooShort, doctor.Problem, "RSA, 512 bits, which receivers ignore", "new selector"},
		"not a private key":   {"nonsense", "v=DKIM1; p=" + public, doctor.Problem, "private key cannot be read: it is not PEM", "openssl genrsa 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []string
			if c.record != "" {
				records = append(records, long(at, c.record))
			}
			d := doctor.Doctor{Resolver: (&zone{T: t}).serve(records...)}
			found := d.Examine(t.Context(), []mailbox.Mailbox{{Address: address, Connections: mailbox.Connections{
				DKIM: &mailbox.DKIM{Domain: "acme.example", Selector: "s1", Key: c.key},
			}}})
			requireOne(t, found, doctor.DKIM, c.level, c.says, c.remedy)
			require.Equal(t, c.level != doctor.Problem, len(of(found, doctor.Alignment)) == 1, "a signature that holds is compared with From, another is not")
		})
	}
}

// tooShort is a public key of 512 bits; Go makes none any more.
const tooShort = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALxGiYJtvHb91ZAvpzO+wgNk5joHA4GRLtOvneaR3oTfYKSbSWVTqOr8el6ITDd+DGOSO4vxHJ/q5ZKGjXBc1hMCAwEAAQ=="

func TestKeysThatSignedTheMailSentRoundAreChecked(t *testing.T) {
	_, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p := &post{T: t, stamp: "x; none\r\nDKIM-Signature: v=1; a=rsa-sha256; d=relay.example; s=r1; h=from; bh=; b="}
	d := p.sends()
	_, public := rsaKey(t, 2048)
	d.Resolver = (&zone{T: t}).serve(long("r1._domainkey.relay.example", "p="+public), txt("_dmarc.acme.example", policy))
	m := box()
	m.Connections.DKIM = &mailbox.DKIM{Domain: "acme.example", Selector: "s1", Key: pemKey(t, edPrivate)}
	found := d.Examine(t.Context(), []mailbox.Mailbox{m})
	keys := of(found, doctor.DKIM)
	require.Len(t, keys, 2, "%v", found)
	require.Contains(t, keys[0].Says, "s1._domainkey.acme.example has no record")
	require.Contains(t, keys[1].Says, "r1._domainkey.relay.example: RSA")
	requireOne(t, found, doctor.Alignment, doctor.Problem, "signatures of relay.example do not count for mail from acme.example", "Sign with d=acme.example")
}

func TestKeysOfKnownServicesAreFoundByTheirHabits(t *testing.T) {
	_, public := rsaKey(t, 2048)
	requireOne(t, examineDNS(t, "smtp://smtp.gmail.com", long("google._domainkey.acme.example", "v=DKIM1; p="+public)), doctor.DKIM, doctor.OK, "google._domainkey.acme.example", "")
	requireOne(t, examineDNS(t, "smtp://smtp.gmail.com"), doctor.DKIM, doctor.Warning, "no key is published under the selectors of Google", "Google Admin console")
	requireOne(t, examineDNS(t, ""), doctor.DKIM, doctor.Warning, "not known which key signs", "--dkim-selector")
}

func TestASignatureCountsWhenItsDomainIsTheOneInFrom(t *testing.T) {
	_, public := rsaKey(t, 2048)
	for name, c := range map[string]struct {
		domain, policy string
		level          doctor.Level
		remedy         string
	}{
		"the same":             {"sales.acme.co.uk", "v=DMARC1; p=none; adkim=s", doctor.OK, ""},
		"of one organisation":  {"acme.co.uk", "v=DMARC1; p=none", doctor.OK, ""},
		"strict":               {"acme.co.uk", "v=DMARC1; p=none; adkim=s", doctor.Problem, "adkim=r"},
		"another's":            {"other.co.uk", "v=DMARC1; p=none", doctor.Problem, "Sign with d=sales.acme.co.uk"},
		"no policy, the same":  {"sales.acme.co.uk", "", doctor.OK, ""},
		"no policy, another's": {"relay.example", "", doctor.Problem, "Sign with d=sales.acme.co.uk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := doctor.Doctor{Resolver: (&zone{T: t}).serve(txt("_dmarc.sales.acme.co.uk", c.policy), long("s1._domainkey."+c.domain, "p="+public))}
			found := d.Examine(t.Context(), []mailbox.Mailbox{{Address: "ann@sales.acme.co.uk", Connections: mailbox.Connections{
				DKIM: &mailbox.DKIM{Domain: c.domain, Selector: "s1"},
			}}})
			requireOne(t, found, doctor.Alignment, c.level, c.domain, c.remedy)
		})
	}
}

func TestTheMailHostsOfTheDomain(t *testing.T) {
	requireOne(t, examineDNS(t, "", "acme.example. MX 10 mx.acme.example."), doctor.MX, doctor.OK, "goes to mx.acme.example", "")
	requireOne(t, examineDNS(t, ""), doctor.MX, doctor.Problem, "has no MX record", "acme.example. MX 10 ")
	requireOne(t, examineDNS(t, "", "acme.example. MX 0 ."), doctor.MX, doctor.Problem, "takes no mail", "MX 0 .")
}

func TestReverseDNSOfTheSubmissionHost(t *testing.T) {
	for name, c := range map[string]struct {
		submission   string
		records      []string
		level        doctor.Level
		says, remedy string
	}{
		"and back":       {"smtp://" + host, []string{host + ". A 192.0.2.25", "25.2.0.192.in-addr.arpa. PTR " + host + "."}, doctor.OK, "192.0.2.25 is mail.acme.example, and back", ""},
		"IPv6":           {"smtp://" + host, []string{host + ". AAAA 2001:db8::25", "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR " + host + "."}, doctor.OK, "2001:db8::25 is mail.acme.example, and back", ""},
		"no name":        {"smtp://" + host, []string{host + ". A 192.0.2.25"}, doctor.Warning, "has no name; it matters only if this host itself delivers", "25.2.0.192.in-addr.arpa. PTR mail.acme.example."},
		"not back":       {"smtp://" + host, []string{host + ". A 192.0.2.25", "25.2.0.192.in-addr.arpa. PTR static-25.isp.example."}, doctor.Warning, "is called static-25.isp.example, which does not lead back", "PTR mail.acme.example."},
		"within a house": {"smtp://10.1.2.3", nil, doctor.OK, "is private", ""},
		"a service":      {"smtp://smtp.office365.com", nil, doctor.OK, "Microsoft 365 sends by hosts of its own", ""},
		"no such host":   {"smtp://" + host, nil, doctor.OK, "no address of mail.acme.example is known", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireOne(t, examineDNS(t, c.submission, c.records...), doctor.ReverseDNS, c.level, c.says, c.remedy)
		})
	}
}

func TestWhatProtectsMailOnItsWayIsToldAndNotMissed(t *testing.T) {
	found := examineDNS(t, "", txt("_mta-sts.acme.example", "v=STSv1; id=1"), txt("_smtp._tls.acme.example", "v=TLSRPTv1; rua=mailto:t@acme.example"))
	requireOne(t, found, doctor.MTASTS, doctor.OK, "v=STSv1; id=1", "")
	requireOne(t, found, doctor.TLSRPT, doctor.OK, "v=TLSRPTv1", "")
	requireOne(t, examineDNS(t, ""), doctor.MTASTS, doctor.OK, "none, which does no harm", "")
	requireOne(t, examineDNS(t, "", txt("_mta-sts.acme.example", "v=STSv1; id=1"), txt("_mta-sts.acme.example", "v=STSv1; id=2")), doctor.MTASTS, doctor.Warning, "2 records", "Keep one")
}

func TestDomainsThatBelongToEverybody(t *testing.T) {
	for _, shared := range []string{"ann@gmail.com", "ann@github.io", "ann@co.uk"} {
		z := &zone{T: t}
		found := doctor.Doctor{Resolver: z.serve()}.Examine(t.Context(), []mailbox.Mailbox{{Address: shared}})
		requireOne(t, found, doctor.Domain, doctor.Warning, "shared with everybody", "a domain of your own")
		require.Empty(t, of(found, doctor.SPF))
		require.Zero(t, z.asked.Load())
	}
}

func TestAnAddressThatIsNone(t *testing.T) {
	for _, bad := range []string{"", "ann", "ann@", "Ann <ann@acme.example>", "ann@acme..example"} {
		found := doctor.Doctor{Resolver: (&zone{T: t}).serve()}.Examine(t.Context(), []mailbox.Mailbox{{Address: bad}})
		require.Len(t, found, 1, bad)
		requireOne(t, found, doctor.Domain, doctor.Problem, "is not a mail address", "name@example.com")
	}
}

func TestADNSThatDoesNotAnswerIsNotTakenForMissingRecords(t *testing.T) {
	z := &zone{T: t, silent: "acme.example."}
	found := doctor.Doctor{Resolver: z.serve(), Patience: 3 * time.Second}.Examine(t.Context(), []mailbox.Mailbox{{Address: address}})
	for _, check := range []doctor.Check{doctor.MX, doctor.SPF, doctor.DMARC, doctor.MTASTS, doctor.TLSRPT} {
		requireOne(t, found, check, doctor.Warning, "gives no answer for", "Check again")
	}
}

func TestAnIncludedDomainThatDoesNotAnswerIsNotAFaultOfTheRecord(t *testing.T) {
	z := &zone{T: t, silent: "o.example."}
	d := doctor.Doctor{Resolver: z.serve(txt("acme.example", "v=spf1 include:o.example -all")), Patience: 3 * time.Second}
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{{Address: address}}), doctor.SPF, doctor.Warning, "gives no answer for o.example", "Check again")
}
