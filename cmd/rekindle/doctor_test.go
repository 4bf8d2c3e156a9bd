package main

import (
	"net"
	"os"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
)

func TestFindingsAreReadByMailboxWithWhatToDoBelowEach(t *testing.T) {
	require.Equal(t, `
ann@acme.example
  ok       smtp           mail.acme.example:587 answers
  PROBLEM  spf            acme.example has no SPF record: mail from it is taken for forged, or for spam
                          → acme.example. TXT "v=spf1 include:one.example include:two.example include:three.example ~all"

bob@gmail.com
  WARNING  domain         gmail.com is shared with everybody; its SPF, DKIM and DMARC are not yours and were not
                          checked
                          → Send from a domain of your own: Gmail, Yahoo and Microsoft throttle or refuse sales
                            mail from shared domains.

1 problem, 1 warning, 1 ok
`, doctorText([]doctor.Finding{
		{Mailbox: "ann@acme.example", Check: doctor.SMTP, Level: doctor.OK, Says: "mail.acme.example:587 answers"},
		{
			Mailbox: "ann@acme.example", Check: doctor.SPF, Level: doctor.Problem, Says: "acme.example has no SPF record: mail from it is taken for forged, or for spam",
			Remedy: `acme.example. TXT "v=spf1 include:one.example include:two.example include:three.example ~all"`,
		},
		{
			Mailbox: "bob@gmail.com", Check: doctor.Domain, Level: doctor.Warning, Says: "gmail.com is shared with everybody; its SPF, DKIM and DMARC are not yours and were not checked",
			Remedy: "Send from a domain of your own: Gmail, Yahoo and Microsoft throttle or refuse sales mail from shared domains.",
		},
	}))
}

// run parses arguments as the program does and runs the doctor.
func runDoctor(t *testing.T, args ...string) error {
	for _, name := range []string{"SMTP_URL", "IMAP_URL", "REKINDLE_MAILBOX"} {
		if _, set := os.LookupEnv(name); !set {
			t.Setenv(name, "") // and back, whatever the test sets
		}
	}
	var c doctorCmd
	parser, err := kong.New(&c)
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
	return c.Run(t.Context())
}

func TestTheDoctorSaysWhatItNeeds(t *testing.T) {
	require.ErrorContains(t, runDoctor(t), "name one with --address")
	require.ErrorContains(t, runDoctor(t, "--address", "ann@acme.example", "--dkim-domain", "acme.example"), "need --dkim-selector")
}

func TestTheDoctorEndsWithAnErrorWhereThereIsAProblem(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, silent.Close())
	server := nameServer(t, "acme.example. MX 10 mx.acme.example.", `acme.example. TXT "v=spf1 mx -all"`,
		"mx.acme.example. A 192.0.2.1", `_dmarc.acme.example. TXT "v=DMARC1; p=none; rua=mailto:r@acme.example"`)
	args := []string{"--address", "Ann@Acme.example", "--dns-server", server, "--json"}
	t.Setenv("SMTP_URL", "smtp://ann:secret@"+silent.Addr().String())
	require.EqualError(t, runDoctor(t, args...), "1 problem found", "the server is not reached; the domain is well")
	t.Setenv("SMTP_URL", "")
	t.Setenv("REKINDLE_MAILBOX", "ann@gmail.com")
	require.EqualError(t, runDoctor(t, "--json"), "1 problem found", "no server is known; a shared domain is a warning")
}

// nameServer holds these records and no others.
func nameServer(t *testing.T, records ...string) string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(q)
		answer.RecursionAvailable = true
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err == nil && rr.Header().Name == q.Question[0].Name && rr.Header().Rrtype == q.Question[0].Qtype {
				answer.Answer = append(answer.Answer, rr)
			}
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
	return conn.LocalAddr().String()
}
