package inbox_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
)

// certificate is one for example.com, and who trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
}

// troubleOf connects for sent mail, which is the shortest way, and says what came of it.
func troubleOf(t *testing.T, d inbox.Dialer, address string) inbox.Trouble {
	t.Helper()
	sent, err := d.Sent(t.Context(), address)
	if err == nil {
		sent.Close()
		return ""
	}
	known, ok := errors.AsType[*inbox.Error](err)
	require.True(t, ok, err)
	require.NotContains(t, err.Error(), user)
	require.NotContains(t, err.Error(), password)
	return known.Trouble
}

func TestAConnectionIsMadeSafelyOrNotAtAll(t *testing.T) {
	server, client := certificate(t)
	starttls, implicit, plain := newMailServer(t, server, false), newMailServer(t, server, true), newMailServer(t, nil, false)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for _, s := range []*mailServer{starttls, implicit, plain} {
		require.NoError(t, s.user.Create("Sent", nil))
	}
	login := user + ":" + password + "@"
	for name, c := range map[string]struct {
		address string
		to      string
		trusted *tls.Config
		want    inbox.Trouble
	}{
		"STARTTLS":                             {"imap://" + login + "example.com", starttls.address, client, ""},
		"TLS from the start":                   {"imaps://" + login + "example.com", implicit.address, client, ""},
		"in the clear on this machine":         {"imap://" + login + "localhost:1143", plain.address, nil, ""},
		"in the clear elsewhere":               {"imap://" + login + "example.com", plain.address, client, inbox.NoTLS},
		"STARTTLS with a stranger":             {"imap://" + login + "example.com", starttls.address, nil, inbox.NoTLS},
		"TLS with a stranger":                  {"imaps://" + login + "example.com", implicit.address, nil, inbox.NoTLS},
		"TLS with another name":                {"imaps://" + login + "example.org", implicit.address, client, inbox.NoTLS},
		"TLS where there is none":              {"imaps://" + login + "example.com", plain.address, client, inbox.NoTLS},
		"a login in the clear that is refused": {"imap://" + login + "127.0.0.1", starttls.address, nil, inbox.NoTLS},
		"another password":                     {"imap://" + user + ":other@localhost", plain.address, nil, inbox.NoLogin},
		"another user":                         {"imap://other:" + password + "@localhost", plain.address, nil, inbox.NoLogin},
		"nobody there":                         {"imap://" + login + "localhost", closed.Addr().String(), nil, inbox.Unreachable},
		"no user":                              {"imap://example.com", plain.address, nil, inbox.BadAddress},
		"another protocol":                     {"pop3://" + login + "example.com", plain.address, nil, inbox.BadAddress},
		"not encoded":                          {"imap://" + user + ":s3s%me@example.com", plain.address, nil, inbox.BadAddress},
		"no host":                              {"imap://" + login, plain.address, nil, inbox.BadAddress},
	} {
		t.Run(name, func(t *testing.T) {
			d := inbox.Dialer{TLS: c.trusted, Dial: dial(c.to, func(*line) {})}
			require.Equal(t, c.want, troubleOf(t, d, c.address))
		})
	}
}

// What the server cannot check now says nothing against the password.
func TestALoginIsJudgedByTheServersCode(t *testing.T) {
	s := newMailServer(t, nil, false)
	for code, want := range map[imap.ResponseCode]inbox.Trouble{
		"":                                    inbox.NoLogin,
		imap.ResponseCodeAuthenticationFailed: inbox.NoLogin,
		imap.ResponseCodeExpired:              inbox.NoLogin,
		imap.ResponseCodeUnavailable:          inbox.BadAnswer,
		imap.ResponseCodeLimit:                inbox.BadAnswer,
		imap.ResponseCodePrivacyRequired:      inbox.NoTLS,
	} {
		s.refuse.Store(&imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: "no, " + user})
		require.Equal(t, want, troubleOf(t, inbox.Dialer{}, s.url()), code)
	}
}

func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	for _, scheme := range []string{"imap", "imaps"} {
		start := time.Now()
		d := inbox.Dialer{Answer: 50 * time.Millisecond}
		require.Equal(t, inbox.Unreachable, troubleOf(t, d, scheme+"://"+user+":"+password+"@"+silent.Addr().String()))
		require.Less(t, time.Since(start), 5*time.Second)
	}
}

func TestALoginThatIsRefusedIsNotInsistedOn(t *testing.T) {
	s := newSetting(t)
	s.refuse.Store(&imap.Error{Type: imap.StatusResponseTypeNo, Text: "no"})
	w := s.watcher()
	w.Timing.RetryLogin, w.Timing.RetryLoginMost = time.Hour, time.Hour
	s.run(w)
	s.eventually(func() bool { return s.row().trouble == "login" }, "the login is refused")
	s.eventually(s.renewals(3), "time passes")
	require.EqualValues(t, 1, s.logins.Load())

	s.refuse.Store(nil)
	changed := s.box // somebody mends it
	changed.Connections.IMAP = strings.Replace(s.url(), "127.0.0.1", "localhost", 1)
	s.list(changed)
	s.started()
}

func TestEveryTroubleIsExplained(t *testing.T) {
	for _, trouble := range []inbox.Trouble{inbox.BadAddress, inbox.Unreachable, inbox.NoTLS, inbox.NoLogin, inbox.NoFolder, inbox.BadAnswer, inbox.NotTaken} {
		require.Greater(t, len(trouble.Explain()), 30)
	}
}
