package doctor_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
)

// zone is a name server on this machine that holds these records and no others.
type zone struct {
	*testing.T
	records []dns.RR
	silent  string // suffix of the names whose queries it fails
	asked   atomic.Int32
}

// serve starts the name server and returns a resolver that asks it.
func (z *zone) serve(records ...string) doctor.Resolver {
	for _, r := range records {
		rr, err := dns.NewRR(r)
		require.NoError(z, err, r)
		z.records = append(z.records, rr)
	}
	conn, listener := z.onePort()
	for _, s := range []*dns.Server{{PacketConn: conn, Handler: z}, {Listener: listener, Handler: z}} {
		go func() { _ = s.ActivateAndServe() }()
		z.Cleanup(func() { _ = s.Shutdown() })
	}
	return doctor.ResolverAt(conn.LocalAddr().String())
}

// onePort is free for both kinds of question: those whose answers are too long for one
// packet are asked again over TCP.
func (z *zone) onePort() (net.PacketConn, net.Listener) {
	for range 100 {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(z, err)
		listener, err := net.Listen("tcp", conn.LocalAddr().String())
		if err == nil {
			return conn, listener
		}
		require.NoError(z, conn.Close())
	}
	require.FailNow(z, "no port is free for both UDP and TCP")
	return nil, nil
}

func (z *zone) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	z.asked.Add(1)
	answer := new(dns.Msg)
	answer.SetReply(q)
	answer.RecursionAvailable = true
	name := strings.ToLower(q.Question[0].Name)
	if z.silent != "" && strings.HasSuffix(name, z.silent) {
		answer.Rcode = dns.RcodeServerFailure
	} else {
		answer.Rcode = dns.RcodeNameError
		for _, rr := range z.records {
			there := strings.ToLower(rr.Header().Name)
			if dns.IsSubDomain(name, there) {
				answer.Rcode = dns.RcodeSuccess
			}
			if there == name && rr.Header().Rrtype == q.Question[0].Qtype {
				answer.Answer = append(answer.Answer, rr)
			}
		}
	}
	if w.RemoteAddr().Network() == "udp" {
		answer.Truncate(dns.MinMsgSize)
	}
	_ = w.WriteMsg(answer)
}
