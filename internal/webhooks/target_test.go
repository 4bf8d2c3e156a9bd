package webhooks

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

func TestOnlyPublicAddressesAreDeliveredTo(t *testing.T) {
	for _, ip := range []string{"8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"} {
		require.True(t, Public(netip.MustParseAddr(ip)), ip)
	}
	for _, ip := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "127.0.0.1", "127.255.255.254", "100.64.0.1", "100.100.100.200", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
		"fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1",
	} {
		require.False(t, Public(netip.MustParseAddr(ip)), ip)
	}
}

func TestAnAddressIsCheckedBeforeItIsKept(t *testing.T) {
	for url, loopback := range map[string]bool{
		"https://crm.example.com/hooks":       false,
		"https://crm.example.com:8443/h?a=b":  false,
		"https://[2606:4700:4700::1111]/":     false,
		"https://xn--bcher-kva.example/hooks": false,
		"http://127.0.0.1:8080/":              true,
		"http://localhost:8080/":              true,
		"http://[::1]:80/":                    true,
	} {
		require.NoError(t, Target{Loopback: loopback}.Check(url), url)
		require.NoError(t, Target{Loopback: true}.Check(url), url)
		if loopback {
			require.Error(t, Target{}.Check(url), url)
			require.Error(t, Target{}.Check(strings.Replace(url, "http:", "https:", 1)), url)
		}
	}
	for _, url := range []string{
		"", "crm", "/hooks", "https://", "https:///x", "mailto:a@b.example", "ftp://a.example/", "http://a.example/", "https://u@a.example/", "https://u:p@a.example/", "https://a.example/#x",
		"https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:169.254.169.254]/", "https://[fe80::1%25eth0]/", "https://192.168.0.1:8443/",
		"https://a.example:22/", "https://a.example:0/", "https://a.example:65536/", "https://a.example:80/", "https://a.example/" + strings.Repeat("a", 2000), "https://a b.example/",
	} {
		require.Error(t, Target{}.Check(url), url)
		require.Error(t, Target{Loopback: true}.Check(url), url)
	}
}

// resolver leads every name to one address.
func resolver(t *testing.T, to string) *net.Resolver {
	ip := netip.MustParseAddr(to)
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			head := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Type: m.Questions[0].Type, Class: dnsmessage.ClassINET, TTL: 0}
			switch {
			case head.Type == dnsmessage.TypeA && ip.Is4():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}}}
			case head.Type == dnsmessage.TypeAAAA && ip.Is6():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = server.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestANameThatLeadsInsideIsNotDialled(t *testing.T) {
	reached := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	require.NoError(t, err)
	url := fmt.Sprintf("https://rebind.example.com:%s/", port)
	require.NoError(t, Target{}.Check(url), "the name itself looks harmless")
	roots := inside.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for _, to := range []string{"127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "fd00:ec2::254", "64:ff9b::7f00:1"} {
		client := Target{Roots: roots, resolver: resolver(t, to)}.client()
		_, err = client.Post(url, contentType, strings.NewReader("{}"))
		require.ErrorIs(t, err, ErrTarget, to)
		require.Equal(t, "its name leads to an address that is not public; nothing is delivered there", unreached(err), "which is not named")
	}
	require.False(t, reached)

	client := Target{Loopback: true, Roots: roots, resolver: resolver(t, "127.0.0.1")}.client()
	_, err = client.Post(strings.Replace(url, "rebind.example.com", "example.com", 1), contentType, strings.NewReader("{}"))
	require.NoError(t, err, "what the check is all that kept away")
	require.True(t, reached)
}

func TestAProxyOfTheEnvironmentIsNotAsked(t *testing.T) {
	require.Nil(t, Target{}.client().Transport.(*http.Transport).Proxy)
}

func TestAnEventWaitsLongerEachTimeAndNeverLongerThanAnHourAndABit(t *testing.T) {
	for _, luck := range []float64{0, 0.5, 1} {
		for attempts := 1; attempts < 40; attempts++ {
			wait := again(attempts, luck)
			require.Positive(t, wait)
			require.LessOrEqual(t, wait.Minutes(), 72.0)
			require.GreaterOrEqual(t, again(attempts+1, luck), wait)
		}
	}
	require.Less(t, again(1, 0), again(1, 1), "those that failed together do not come back together")
}
