package mail_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/sequence"
)

// fromMailbox is a letter that goes out from a mailbox.
func fromMailbox(t *testing.T) activities.Letter {
	l := letter(t)
	l.Mailbox, l.From = "box", activities.Person{Name: "Robin at Seller", Email: "sales@seller.example"}
	l.Signature, l.PostalAddress = "Robin Underwood\nSeller <Ltd>", "2 High Street"
	return l
}

func (o *office) connect(c mailbox.Connections, err error) {
	o.Connections = func(_ context.Context, id string) (mailbox.Connections, error) {
		require.Equal(o.t, "box", id)
		return c, err
	}
}

func TestMailGoesOutUnderTheMailboxesIdentityAndThroughItsServer(t *testing.T) {
	o, house := newOffice(t, devmail.Options{}), newOffice(t, devmail.Options{})
	o.connect(mailbox.Connections{SMTP: "smtp://" + o.server.Addr().String()}, nil)
	o.Server = house.Server
	require.Equal(t, sequence.Sent, o.send(fromMailbox(t)).Status)
	require.Empty(t, house.server.Messages("", 0))
	_, read := o.received()
	require.Equal(t, `"Robin at Seller" <sales@seller.example>`, read.GetHeader("From"))
	require.Equal(t, "sales@seller.example", o.server.Messages("", 1)[0].From, "reports come back to the mailbox")
	require.Contains(t, read.Text, "\r\nRobin Underwood\r\nSeller <Ltd>\r\n2 High Street")
	require.Contains(t, read.HTML, "Robin Underwood<br>Seller &lt;Ltd&gt;")
	require.NotContains(t, read.Text, "1 Market Street")

	o.connect(mailbox.Connections{}, nil) // one without a server of its own
	require.Equal(t, sequence.Sent, o.send(fromMailbox(t)).Status)
	require.Len(t, house.server.Messages("", 0), 1)
}

func TestAMailboxWhoseSecretsCannotBeOpenedSendsNothing(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	for err, trouble := range map[error]activities.Trouble{
		mailbox.ErrSealed:                  activities.LoginRefused, // a person must look
		errors.New("the database is away"): activities.NoTrouble,
	} {
		o.connect(mailbox.Connections{}, err)
		v := o.send(fromMailbox(t))
		require.Equal(t, sequence.Deferred, v.Status)
		require.Equal(t, trouble, v.Trouble)
	}
	require.Empty(t, o.server.Messages("", 0))
}

func TestAFollowUpStandsInItsThread(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	l := letter(t)
	l.Thread, l.References = "Your question", []string{"t1.x@seller.example", "evil>\r\nBcc: <spy@evil.example", "answer@quill.example", "evil>\r\nBcc: <spy@evil.example"}
	o.send(l)
	raw, read := o.received()
	require.Equal(t, "Re: Your question", read.GetHeader("Subject"))
	require.Equal(t, "<answer@quill.example>", read.GetHeader("In-Reply-To"))
	require.Equal(t, "<t1.x@seller.example> <answer@quill.example>", read.GetHeader("References"))
	require.NotContains(t, headers(t, raw), "Bcc")
}

func TestMailIsSignedWithTheKeyOfTheMailbox(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	rsaPublic, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	require.NoError(t, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	edEncoded, err := x509.MarshalPKCS8PrivateKey(edKey)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		kind   string
		key    []byte
		record string
	}{
		"RSA":     {"RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic)},
		"Ed25519": {"PRIVATE KEY", edEncoded, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic)},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, devmail.Options{})
			key := string(pem.EncodeToMemory(&pem.Block{Type: c.kind, Bytes: c.key}))
			o.connect(mailbox.Connections{DKIM: &mailbox.DKIM{Domain: "seller.example", Selector: "s1", Key: key}}, nil)
			l := fromMailbox(t)
			l.To.Name, l.Fields["FirstName"] = "Jürgen", "Jürgen"
			require.Equal(t, sequence.Sent, o.send(l).Status)
			raw, _ := o.received()
			verify := func(raw []byte) error {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					require.Equal(t, "s1._domainkey.seller.example", domain)
					return []string{c.record}, nil
				}})
				require.NoError(t, err)
				require.Len(t, found, 1)
				require.Contains(t, found[0].HeaderKeys, "List-Unsubscribe-Post", "RFC 8058")
				return found[0].Err
			}
			require.NoError(t, verify(raw))
			require.Error(t, verify(bytes.Replace(raw, []byte("Subject: "), []byte("Subject: Free "), 1)))
		})
	}
}

func TestAKeyThatIsNoneIsSaidSo(t *testing.T) {
	o := newOffice(t, devmail.Options{})
	o.connect(mailbox.Connections{DKIM: &mailbox.DKIM{Domain: "seller.example", Selector: "s1", Key: "secret"}}, nil)
	_, err := o.Write(fromMailbox(t))
	require.ErrorContains(t, err, "not PEM")
	require.NotContains(t, err.Error(), "secret")
}

func TestTroubleWithTheMailboxIsToldFromTroubleWithTheMail(t *testing.T) {
	answer := func(code, a, b, c int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: "about <ada@quill.example>"}
	}
	atRecipient := func(err error) devmail.Options {
		return devmail.Options{Decide: func(_, _ string) error { return err }}
	}
	atEnd := func(err error) devmail.Options {
		return devmail.Options{AtDataEnd: func(string, []string, []byte) error { return err }}
	}
	for name, c := range map[string]struct {
		hooks   devmail.Options
		status  sequence.SendStatus
		trouble activities.Trouble
	}{
		"too much today":            {atEnd(answer(550, 5, 4, 5)), sequence.Deferred, activities.OverLimit},
		"too much at the recipient": {atRecipient(answer(550, 5, 1, 90)), sequence.Deferred, activities.OverLimit},
		"too fast":                  {atEnd(answer(421, 4, 7, 28)), sequence.Deferred, activities.OverLimit},
		"greylisted":                {atRecipient(answer(451, 4, 7, 1)), sequence.Deferred, activities.NoTrouble},
		"their mailbox is full":     {atRecipient(answer(452, 4, 2, 2)), sequence.Deferred, activities.NoTrouble},
		"nobody there":              {atRecipient(answer(550, 5, 1, 1)), sequence.NoAddress, activities.NoTrouble},
		"taken for spam":            {atEnd(answer(554, 5, 7, 1)), sequence.Failed, activities.NoTrouble},
	} {
		t.Run(name, func(t *testing.T) {
			v := newOffice(t, c.hooks).send(letter(t))
			require.Equal(t, c.status, v.Status)
			require.Equal(t, c.trouble, v.Trouble)
			require.NotContains(t, v.Detail, "ada@")
		})
	}
	for name, c := range map[string]struct {
		lines   []string
		trouble activities.Trouble
	}{
		"the sender is not ours": {[]string{"220 hello", "250 hello", "553 5.7.1 not your address"}, activities.LoginRefused},
		"the sender waits":       {[]string{"220 hello", "250 hello", "451 4.7.0 later"}, activities.NoTrouble},
		"the message is too big": {[]string{"220 hello", "250 hello", "552 5.3.4 too big"}, activities.NoTrouble},
		"no service":             {[]string{"554 5.3.2 go away"}, activities.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			post := newPost(t, script(t, c.lines...))
			m, err := post.Write(letter(t))
			require.NoError(t, err)
			require.Equal(t, c.trouble, post.Send(t.Context(), m, begin).Trouble)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, l.Close())
		post := newPost(t, l.Addr().String())
		m, err := post.Write(letter(t))
		require.NoError(t, err)
		v := post.Send(t.Context(), m, begin)
		require.Equal(t, activities.Unreachable, v.Trouble)
		require.NotContains(t, v.Detail, "127.0.0.1")
	})
}

func TestAnAddressBeyondASCIINeedsAServerThatTakesIt(t *testing.T) {
	l := letter(t)
	l.To.Email = "jürgen@quill.example"
	o := newOffice(t, devmail.Options{})
	require.Equal(t, sequence.Sent, o.send(l).Status, "RFC 6531")
	require.Equal(t, []string{"jürgen@quill.example"}, o.server.Messages("", 1)[0].To)

	post := newPost(t, script(t, "220 hello", "250 no extensions"))
	m, err := post.Write(l)
	require.NoError(t, err)
	v := post.Send(t.Context(), m, begin)
	require.Equal(t, sequence.Failed, v.Status)
	require.Contains(t, v.Detail, "SMTPUTF8")
	require.False(t, strings.Contains(v.Detail, "jürgen"))
}
