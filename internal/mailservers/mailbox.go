package mailservers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// The servers' programs, where Debian puts them.
const (
	postfixMaster = "/usr/lib/postfix/sbin/master"
	postmap       = "/usr/sbin/postmap"
	dovecot       = "/usr/sbin/dovecot"
	sievec        = "/usr/bin/sievec"
)

type mailbox struct {
	password string
	full     bool
}

// AddUser makes a mailbox with a login for each address; connections made from now on know them.
func (s *Servers) AddUser(addresses ...string) {
	s.t.Helper()
	for _, address := range addresses {
		s.users[address] = &mailbox{password: rand.Text()}
	}
	s.writeUsers()
}

// Full leaves no room in a mailbox: mail for it is taken over and comes back as a delivery report (552 5.2.2).
func (s *Servers) Full(address string) {
	s.t.Helper()
	s.user(address).full = true
	s.writeUsers()
}

// Password is the login's.
func (s *Servers) Password(address string) string {
	s.t.Helper()
	return s.user(address).password
}

// SubmissionURL is smtp://user:password@127.0.0.1:port of the submission port with STARTTLS.
func (s *Servers) SubmissionURL(address string) string { return s.url("smtp", s.Submission, address) }

// SubmissionsURL is smtps://user:password@127.0.0.1:port.
func (s *Servers) SubmissionsURL(address string) string {
	return s.url("smtps", s.Submissions, address)
}

// StrippedURL is like SubmissionURL, of the port that offers no STARTTLS.
func (s *Servers) StrippedURL(address string) string { return s.url("smtp", s.Stripped, address) }

// IMAPURL is imap://user:password@127.0.0.1:port, with STARTTLS.
func (s *Servers) IMAPURL(address string) string { return s.url("imap", s.IMAP, address) }

// IMAPSURL is imaps://user:password@127.0.0.1:port.
func (s *Servers) IMAPSURL(address string) string { return s.url("imaps", s.IMAPS, address) }

func (s *Servers) url(scheme string, line *Line, address string) string {
	s.t.Helper()
	return (&url.URL{Scheme: scheme, User: url.UserPassword(address, s.Password(address)), Host: line.Addr()}).String()
}

// Sieve gives a mailbox its filter (RFC 5228; Pigeonhole's extensions).
func (s *Servers) Sieve(address, script string) {
	s.t.Helper()
	s.user(address)
	for _, folder := range []string{"", "sieve"} {
		name := filepath.Join("mail", address, folder)
		require.NoError(s.t, os.MkdirAll(s.path(name), 0o700))
		s.give(name, "nobody", "nogroup")
	}
	file := filepath.Join(s.dir, "mail", address, "sieve", "main.sieve")
	require.NoError(s.t, os.WriteFile(file, []byte(script), 0o644))
	out, err := exec.Command(sievec, "-c", s.path("dovecot.conf"), file).CombinedOutput()
	require.NoError(s.t, err, "the Sieve script of %s: %s", address, out)
	active := filepath.Join(s.dir, "mail", address, "active.sieve")
	if err := os.Symlink("sieve/main.sieve", active); err != nil && !os.IsExist(err) {
		require.NoError(s.t, err)
	}
}

// OutOfOffice has a mailbox answer everything with this text (RFC 5230), mailings included as Exchange does: left to
// itself, Dovecot answers nothing that can be unsubscribed from.
func (s *Servers) OutOfOffice(address, subject, text string) {
	s.t.Helper()
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	s.Sieve(address, fmt.Sprintf(`require ["vacation-seconds", "editheader"];
deleteheader "List-Unsubscribe";
deleteheader "List-Unsubscribe-Post";
vacation :seconds 0 :subject "%s" "%s";
`, quoted.Replace(subject), quoted.Replace(text)))
}

// Letters is what lies in a mailbox's inbox, oldest first, raw.
func (s *Servers) Letters(address string) (letters [][]byte) {
	s.t.Helper()
	s.user(address)
	files, err := filepath.Glob(s.path(filepath.Join("mail", address, "Maildir", "[nc][eu][wr]", "*")))
	require.NoError(s.t, err)
	sort.Slice(files, func(i, j int) bool { return filepath.Base(files[i]) < filepath.Base(files[j]) })
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue // a client has just moved it
		}
		require.NoError(s.t, err)
		letters = append(letters, raw)
	}
	return letters
}

// AwaitLetter waits until a letter that contains the text lies in the inbox: the oldest that does.
func (s *Servers) AwaitLetter(address, text string) (letter []byte) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		for _, letter = range s.Letters(address) {
			if bytes.Contains(letter, []byte(text)) {
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond, "no letter with %q came to %s", text, address)
	return letter
}

func (s *Servers) user(address string) *mailbox {
	s.t.Helper()
	u, ok := s.users[address]
	require.True(s.t, ok, "%s has no mailbox: give it to Start or AddUser", address)
	return u
}

// writeUsers writes what the two servers know of the mailboxes. Dovecot reads its file again when it has changed.
func (s *Servers) writeUsers() {
	s.t.Helper()
	var logins, known strings.Builder
	for address, u := range s.users {
		quota := ""
		if u.full {
			quota = "userdb_quota_rule=*:bytes=1"
		}
		fmt.Fprintf(&logins, "%s:{PLAIN}%s::::::%s\n", address, u.password, quota)
		fmt.Fprintf(&known, "%s yes\n", address)
	}
	fresh := s.path("users.new")
	require.NoError(s.t, os.WriteFile(fresh, []byte(logins.String()), 0o644))
	require.NoError(s.t, os.Rename(fresh, s.path("users")))
	require.NoError(s.t, os.WriteFile(s.path("mailboxes"), []byte(known.String()), 0o644))
	out, err := exec.Command(postmap, "-c", s.dir, "hash:"+s.path("mailboxes")).CombinedOutput()
	require.NoError(s.t, err, "postmap: %s", out)
	s.written++
	changed := time.Now().Add(time.Duration(s.written) * time.Second) // Postfix tells changes apart by the second
	require.NoError(s.t, os.Chtimes(s.path("mailboxes.db"), changed, changed))
}
