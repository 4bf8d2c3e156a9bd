// Package mailservers runs real mail servers for tests: Postfix, which takes mail over (submission with STARTTLS or
// implicit TLS, and the port where the outside world delivers), and Dovecot, which keeps it (IMAP, Sieve). Each Start is
// a private pair in a folder of its own on 127.0.0.1, with a certificate authority of its own; nothing in /etc is read,
// no name is looked up, and no mail leaves this machine.
//
// It knows mail servers, and how to make them late, full, greylisting or lost. It must not know what the product sends
// or reads. Only tests import it.
//
// Mail for rekindle.test and prospects.test is refused at once when nobody has that address (550 5.1.1). The domain
// bounces.test takes mail for anybody and returns a delivery report later; away.test takes it too, cannot deliver it, and
// tells the sender that it is delayed.
package mailservers

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

// RequireVariable decides about tests on a machine without the servers: with 1 they fail, else they are skipped. With 0
// they are skipped everywhere.
const RequireVariable = "REKINDLE_REQUIRE_MAIL_SERVERS"

// Servers is a running pair with the lines to it. Its methods fail the test they were started for.
type Servers struct {
	Postfix, Dovecot *Daemon

	Submission  *Line // STARTTLS is required before the login (RFC 6409)
	Submissions *Line // implicit TLS (RFC 8314)
	Stripped    *Line // a submission port that offers no STARTTLS, as if someone in between took the offer out
	MX          *Line // where the outside world delivers
	IMAP        *Line // with STARTTLS
	IMAPS       *Line

	CA     *x509.CertPool // vouches for localhost and 127.0.0.1
	CAFile string         // the same as PEM, for $SSL_CERT_FILE of a child process
	TLS    *tls.Config    // of a client that trusts it

	t       testing.TB
	dir     string
	policy  *policy
	users   map[string]*mailbox // by address
	written int                 // how often they were
}

// Start starts both servers with a mailbox for each of the addresses. The test's end stops them and removes all they
// kept; when it failed, it shows their logs. On a machine without the servers the test is skipped, or fails where
// $REKINDLE_REQUIRE_MAIL_SERVERS is 1.
func Start(t testing.TB, addresses ...string) *Servers {
	t.Helper()
	if err := find(); err != nil {
		if os.Getenv(RequireVariable) == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &Servers{t: t, users: map[string]*mailbox{}}
	s.prepare()
	s.AddUser(addresses...)
	for _, d := range []*Daemon{s.Dovecot, s.Postfix} {
		d.Start()
		t.Cleanup(d.Kill)
	}
	return s
}

// find says what is missing to run the servers, and the remedy.
func find() error {
	if os.Getenv(RequireVariable) == "0" {
		return errors.New("left out: " + RequireVariable + "=0")
	}
	for _, program := range []string{postfixMaster, postmap, dovecot, sievec, "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp"} {
		if _, err := os.Stat(program); err != nil {
			return errors.New("no " + program + ": install the mail servers with make mail-servers (as root, on Debian)")
		}
	}
	if os.Geteuid() != 0 {
		return errors.New("not root, and Postfix starts as root only: run the tests as root, in a container for example")
	}
	version, err := exec.Command(dovecot, "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "2.3.") {
		return errors.New("the configuration in internal/mailservers is for Dovecot 2.3 (Debian 12), and here is " + string(version))
	}
	return nil
}

// prepare lays out the folder and opens the lines.
func (s *Servers) prepare() {
	s.t.Helper()
	dir, err := devstack.ProcessFolder("rekindle-mail-")
	require.NoError(s.t, err)
	s.dir = dir
	s.t.Cleanup(func() { require.NoError(s.t, os.RemoveAll(dir)) })
	s.t.Cleanup(s.showLogs)

	s.policy, err = newPolicy()
	require.NoError(s.t, err)
	s.t.Cleanup(s.policy.close)
	for _, line := range []**Line{&s.Submission, &s.Submissions, &s.Stripped, &s.MX, &s.IMAP, &s.IMAPS} {
		*line, err = newLine()
		require.NoError(s.t, err)
		s.t.Cleanup((*line).close)
	}
	s.certify()
	s.layOut()
	known := fields{Dir: dir, Policy: s.policy.port(), MX: s.MX.port()}
	s.Postfix = &Daemon{
		t: s.t, name: "Postfix", path: postfixMaster, args: []string{"-c", dir, "-d"}, config: "master.cf", fields: known,
		lines: map[string]*Line{"smtp": s.MX, "submission": s.Submission, "submissions": s.Submissions, "stripped": s.Stripped},
	}
	s.Dovecot = &Daemon{
		t: s.t, name: "Dovecot", path: dovecot, args: []string{"-F", "-c", s.path("dovecot.conf")}, config: "dovecot.conf", fields: known,
		lines: map[string]*Line{"imap": s.IMAP, "imaps": s.IMAPS},
	}
	require.NoError(s.t, s.Postfix.configure("main.cf"))
}

func (s *Servers) certify() {
	s.t.Helper()
	ca, err := newAuthority()
	require.NoError(s.t, err)
	cert, key, err := ca.issue()
	require.NoError(s.t, err)
	s.CA, s.CAFile = ca.pool(), s.path("ca.pem")
	s.TLS = &tls.Config{RootCAs: s.CA, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	require.NoError(s.t, os.WriteFile(s.CAFile, ca.pem(), 0o644))
	require.NoError(s.t, os.WriteFile(s.path("cert.pem"), cert, 0o644))
	require.NoError(s.t, os.WriteFile(s.path("key.pem"), key, 0o600))
}

// layOut makes the folders with the owners that the servers insist on: Postfix's as its own `postfix check` would.
func (s *Servers) layOut() {
	s.t.Helper()
	for _, f := range []struct {
		owner, group string
		mode         os.FileMode
		names        string
	}{
		{"root", "root", 0o755, "queue queue/pid run"},
		{"postfix", "root", 0o700, "data queue/active queue/bounce queue/corrupt queue/defer queue/deferred queue/flush queue/hold queue/incoming queue/private queue/saved queue/trace"},
		{"postfix", "postdrop", 0o710, "queue/public"},
		{"postfix", "postdrop", 0o730, "queue/maildrop"},
		{"nobody", "nogroup", 0o755, "mail"},
	} {
		for _, name := range strings.Fields(f.names) {
			require.NoError(s.t, os.Mkdir(s.path(name), f.mode))
			s.give(name, f.owner, f.group)
			require.NoError(s.t, os.Chmod(s.path(name), f.mode)) // whatever the umask
		}
	}
}

func (s *Servers) give(name, owner, group string) {
	s.t.Helper()
	u, err := user.Lookup(owner)
	require.NoError(s.t, err)
	g, err := user.LookupGroup(group)
	require.NoError(s.t, err)
	uid, err := strconv.Atoi(u.Uid)
	require.NoError(s.t, err)
	gid, err := strconv.Atoi(g.Gid)
	require.NoError(s.t, err)
	require.NoError(s.t, os.Lchown(s.path(name), uid, gid))
}

func (s *Servers) path(name string) string { return filepath.Join(s.dir, name) }

// showLogs shows the end of the servers' logs with a test that failed.
func (s *Servers) showLogs() {
	if !s.t.Failed() {
		return
	}
	for _, name := range []string{"Postfix.out", "Dovecot.out", "postfix.log", "dovecot.log"} {
		raw, err := os.ReadFile(s.path(name))
		if err != nil {
			s.t.Logf("%s: %v", name, err)
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
		s.t.Logf("%s:\n%s", name, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
}
