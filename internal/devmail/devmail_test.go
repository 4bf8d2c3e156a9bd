package devmail

import (
	"errors"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

const invitation = "From: Rita Rep <rita@rekindle.example>\r\n" +
	"To: =?utf-8?q?J=C3=BCrgen?= <juergen@acme.example>\r\n" +
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from Rita\r\n" +
	"Message-ID: <touch-1@rekindle.example>\r\n" +
	"List-Unsubscribe: <https://rekindle.example/u/1>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=outer\r\n\r\n" +
	"--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
	"--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nShall we talk on Tuesday?\r\n" +
	"--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<p onclick=\"alert(1)\">Shall we <b>talk</b>?</p><script>alert(2)</script><a href=\"javascript:alert(3)\">x</a>" +
	"<a href=\"https://rekindle.example/book\">Book</a>\r\n" +
	"--inner--\r\n" +
	"--outer\r\nContent-Type: text/calendar; method=REQUEST; name=invite.ics\r\n" +
	"Content-Disposition: attachment; filename=invite.ics\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--outer--\r\n"

func mailbox(t *testing.T, opts Options) *Server {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	server, err := New(opts)
	require.NoError(t, err)
	require.NoError(t, server.Start("127.0.0.1:0"))
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func send(server *Server, message string, to ...string) error {
	return smtp.SendMail(server.Addr().String(), nil, "bounces@rekindle.example", to, []byte(message))
}

func requireAnswer(t *testing.T, err error, code int, text string) {
	t.Helper()
	var answer *textproto.Error
	require.ErrorAs(t, err, &answer)
	require.Equal(t, textproto.Error{Code: code, Msg: text}, *answer)
}

func TestAMessageComesInAsItWasSent(t *testing.T) {
	heard := make(chan Message, 1)
	server := mailbox(t, Options{OnMessage: func(m Message) { heard <- m }})
	require.NoError(t, send(server, invitation, "juergen@acme.example", "copy@acme.example"))

	kept := server.Messages("", 0)
	require.Len(t, kept, 1)
	require.Equal(t, kept[0], <-heard)
	require.Equal(t, "bounces@rekindle.example", kept[0].From)
	require.Equal(t, []string{"juergen@acme.example", "copy@acme.example"}, kept[0].To)
	require.Equal(t, "Grüße from Rita", kept[0].Subject)
	require.Equal(t, "<touch-1@rekindle.example>", kept[0].MessageID)
	raw, err := server.Raw(kept[0].ID)
	require.NoError(t, err)
	require.Equal(t, invitation, string(raw))
}

func TestMessagesSurviveARestartNewestFirst(t *testing.T) {
	dir := t.TempDir()
	server := mailbox(t, Options{Dir: dir})
	require.NoError(t, send(server, "Subject: first\r\n\r\n1\r\n", "a@acme.example"))
	require.NoError(t, send(server, "Subject: second\r\n\r\n2\r\n", "B@Acme.example"))
	before := server.Messages("", 0)
	require.NoError(t, server.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stray.json"), []byte("{}"), 0o644))

	again := mailbox(t, Options{Dir: dir})
	require.Equal(t, before, again.Messages("", 0))
	require.Equal(t, "second", again.Messages("", 1)[0].Subject)
	require.Equal(t, "second", again.Messages("b@acme", 0)[0].Subject)
	require.Len(t, again.Messages("b@acme", 0), 1)

	require.NoError(t, again.Clear())
	require.Empty(t, again.Messages("", 0))
	left, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestARecipientIsRefusedAsScripted(t *testing.T) {
	server := mailbox(t, Options{Decide: func(_, to string) error {
		switch {
		case strings.HasPrefix(to, "gone"):
			return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		case strings.HasPrefix(to, "full"):
			return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 2, 2}, Message: "try later"}
		}
		return nil
	}})
	requireAnswer(t, send(server, "Subject: x\r\n\r\nx\r\n", "gone@acme.example"), 550, "5.1.1 no such user")
	requireAnswer(t, send(server, "Subject: x\r\n\r\nx\r\n", "full@acme.example"), 451, "4.2.2 try later")
	require.Empty(t, server.Messages("", 0))
	require.NoError(t, send(server, "Subject: x\r\n\r\nx\r\n", "here@acme.example"))
}

func TestTheEndOfTheDataIsAnsweredAsScripted(t *testing.T) {
	script := map[string]error{
		"kept@acme.example": ErrHangUpKept,
		"lost@acme.example": ErrHangUpLost,
		"full@acme.example": &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 3, 1}, Message: "disk full"},
		"snob@acme.example": errors.New("never liked it"),
	}
	server := mailbox(t, Options{AtDataEnd: func(_ string, to []string, _ []byte) error { return script[to[0]] }})
	for _, to := range []string{"kept@acme.example", "lost@acme.example"} {
		err := send(server, "Subject: x\r\n\r\nx\r\n", to)
		var answer *textproto.Error
		require.Error(t, err)
		require.False(t, errors.As(err, &answer), "the connection breaks without an answer")
	}
	requireAnswer(t, send(server, "Subject: x\r\n\r\nx\r\n", "full@acme.example"), 452, "4.3.1 disk full")
	requireAnswer(t, send(server, "Subject: x\r\n\r\nx\r\n", "snob@acme.example"), 554, "5.0.0 never liked it")
	kept := server.Messages("", 0)
	require.Len(t, kept, 1)
	require.Equal(t, []string{"kept@acme.example"}, kept[0].To)
}

func TestAMessageAboveTheLimitIsRefused(t *testing.T) {
	server := mailbox(t, Options{})
	line := strings.Repeat("x", 998) + "\r\n"
	err := send(server, "Subject: huge\r\n\r\n"+strings.Repeat(line, maxMessageBytes/1000+1), "a@acme.example")
	require.ErrorContains(t, err, "552")
	require.Empty(t, server.Messages("", 0))
}

func TestABusyAddressIsNamedAndTheMailboxMayTryAgain(t *testing.T) {
	busy := mailbox(t, Options{}).Addr().String()
	server, err := New(Options{Dir: t.TempDir()})
	require.NoError(t, err)
	require.ErrorContains(t, server.Start(busy), "start mailbox on "+busy)
	require.Nil(t, server.Addr())
	require.NoError(t, server.Close())
	require.NoError(t, server.Start("127.0.0.1:0"))
	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
}

func TestMessagesToAnAddressAreNumberedInTheOrderTheyCame(t *testing.T) {
	server := mailbox(t, Options{})
	for range 2 {
		require.NoError(t, send(server, "Subject: x\r\n\r\nx\r\n", "a@acme.example"))
		require.NoError(t, send(server, "Subject: x\r\n\r\nx\r\n", "b@acme.example"))
	}
	newest := server.Messages("", 0)
	require.Equal(t, 2, server.Number(newest[0].ID, "B@acme.example"))
	require.Equal(t, 1, server.Number(newest[2].ID, "b@acme.example"))
	require.Equal(t, 0, server.Number(newest[0].ID, "a@acme.example"))
}
