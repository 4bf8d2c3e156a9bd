package doctor_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/doctor"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// sends is a doctor who sends mail round, and waits as long as a test may take.
func (p *post) sends() doctor.Doctor {
	d := p.serve()
	d.Send = 10 * time.Second
	return d
}

func (p *post) mails(folder string) uint32 {
	status, err := p.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	require.NoError(p, err)
	return *status.NumMessages
}

func TestAMailToItselfArrivesIsJudgedAndIsDeletedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		stamp string
		level doctor.Level
		says  string
	}{
		"all well":       {"mx.acme.example; spf=pass smtp.mailfrom=acme.example; dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example", doctor.OK, "spf pass, dkim pass, dmarc pass"},
		"forged":         {"mx.acme.example; spf=softfail smtp.mailfrom=acme.example; dkim=none; dmarc=fail header.from=acme.example", doctor.Warning, "spf softfail, dkim none, dmarc fail"},
		"one of two":     {"mx.acme.example; dkim=pass header.d=acme.example; dkim=fail header.d=relay.example", doctor.OK, "spf not checked, dkim pass"},
		"nothing said":   {"", doctor.OK, "does not say"},
		"nothing to say": {"mx.acme.example; none", doctor.OK, "not checked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &post{T: t, stamp: c.stamp, folders: sent}
			found := p.sends().Examine(t.Context(), []mailbox.Mailbox{box()})
			requireOne(t, found, doctor.Send, doctor.OK, "arrived after", "")
			remedy := ""
			if c.level == doctor.Warning {
				remedy = "Mend what the checks"
			}
			requireOne(t, found, doctor.SendVerdict, c.level, c.says, remedy)
			require.Len(t, p.delivered, 1)
			require.Contains(t, string(p.delivered[0]), "Auto-Submitted: auto-generated")
			require.Zero(t, p.mails("INBOX"))
		})
	}
}

func TestOtherMailStaysWhenTheTestMailIsDeleted(t *testing.T) {
	p := &post{T: t, folders: sent}
	d := p.sends()
	for _, flags := range [][]imap.Flag{nil, {imap.FlagDeleted}} {
		_, err := p.user.Append("INBOX", literal{bytes.NewReader([]byte("Message-ID: <other@acme.example>\r\n\r\n"))}, &imap.AppendOptions{Flags: flags})
		require.NoError(t, err)
	}
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{box()}), doctor.Send, doctor.OK, "arrived", "")
	require.EqualValues(t, 2, p.mails("INBOX"), "also the one that somebody marked as deleted")
}

func TestTheCopyAmongTheSentMailIsDeletedToo(t *testing.T) {
	p := &post{T: t, copies: true, folders: sent}
	requireOne(t, p.sends().Examine(t.Context(), []mailbox.Mailbox{box()}), doctor.Send, doctor.OK, "arrived", "")
	require.Zero(t, p.mails("Gesendet"))
}

func TestAMailToItselfAmongTheSpamIsAWarning(t *testing.T) {
	p := &post{T: t, junk: true, folders: sent}
	requireOne(t, p.sends().Examine(t.Context(), []mailbox.Mailbox{box()}), doctor.Send, doctor.Warning, `among the spam ("Spam")`, "Mark it as no spam")
	require.Zero(t, p.mails("Spam"))
}

func TestAMailThatNeverArrivesIsAProblem(t *testing.T) {
	d := (&post{T: t, lose: true}).serve()
	d.Send = 300 * time.Millisecond
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{box()}), doctor.Send, doctor.Problem, "did not arrive: waited 300ms", "@acme.example>")
}

func TestNoMailIsSentWithoutALoginToRead(t *testing.T) {
	p := &post{T: t}
	d := p.sends()
	m := box()
	m.Connections.IMAP = ""
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{m}), doctor.Send, doctor.Warning, "needs a login to both servers", "Mend the connections")
	require.Empty(t, p.delivered)
}

// The mail is signed as the mailbox's other mail is, and the key record is the one that
// the doctor asks for.
func TestTheMailIsSignedWithTheMailboxsKey(t *testing.T) {
	p := &post{T: t}
	d := p.sends()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	m := box()
	m.Connections.DKIM = &mailbox.DKIM{Domain: "acme.example", Selector: "s1", Key: pemKey(t, private)}
	requireOne(t, d.Examine(t.Context(), []mailbox.Mailbox{m}), doctor.Send, doctor.OK, "arrived", "")
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	held, err := dkim.VerifyWithOptions(bytes.NewReader(p.delivered[0]), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		require.Equal(t, "s1._domainkey.acme.example", name)
		return []string{record}, nil
	}})
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.NoError(t, held[0].Err)
}

func pemKey(t *testing.T, key any) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// rsaKey is a key in the older form of PEM, and its public half as published.
func rsaKey(t *testing.T, bits int) (private, public string) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	private = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return private, base64.StdEncoding.EncodeToString(der)
}
