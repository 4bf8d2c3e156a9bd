package mailservers_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/sequence"
)

const hungUp = "the connection was lost before the server's answer"

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	o := newOffice(t)
	for name, url := range map[string]string{"STARTTLS": o.SubmissionURL(robin), "TLS from the first byte": o.SubmissionsURL(robin)} {
		o.submitTo(url)
		l := o.letter(ada)
		l.Text, l.To.Name, l.Company = "scheduled_call/invitation", "Åda Qüill", "Gebrüder Grün & Söhne"
		l.Call = &sequence.CallSlot{UID: "lead-1-call-7", At: now.Add(24 * time.Hour)}
		l.CallAt = l.Call.At
		o.requireSent(l)
		e := read(t, o.AwaitLetter(ada, l.MessageID))
		require.Empty(t, e.Errors, name)
		for header, want := range map[string]string{
			"Return-Path": "<" + robin + ">", "Message-ID": "<" + l.MessageID + ">",
			"From": `"Robin Underwood" <` + robin + ">", "To": "Åda Qüill <" + ada + ">",
			"List-Unsubscribe": "<" + l.OptOutURL + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		} {
			require.Equal(t, want, strings.ReplaceAll(e.GetHeader(header), "\r\n", ""), "%s: %s", name, header)
		}
		require.Contains(t, e.GetHeader("Subject"), "09:30 EST")
		require.Contains(t, strings.Join(e.GetHeaderValues("Received"), "\n"), "SMTPSA", "%s: encrypted and logged in", name)
		date, err := e.Date()
		require.NoError(t, err)
		require.True(t, now.Equal(date))
		require.Contains(t, e.Text, "Gebrüder Grün & Söhne")
		require.Contains(t, e.HTML, "Gebrüder Grün &amp; Söhne")
		var calendar string
		for _, part := range e.OtherParts {
			calendar += string(part.Content)
		}
		require.Contains(t, calendar, "UID:lead-1-call-7")
	}
}

func TestALoginThatIsRefusedSendsNothing(t *testing.T) {
	o := newOffice(t)
	o.submitTo(strings.Replace(o.SubmissionURL(robin), o.Password(robin), "guessed", 1))
	o.requireDeferred(o.letter(ada), "login|535")
	o.requireInbox()
}

func TestAnAddressThatDoesNotExistIsKnownAtOnce(t *testing.T) {
	o := newOffice(t)
	want := activities.Verdict{Status: sequence.NoAddress, Detail: "the mail server said 550 5.1.1"}
	v := o.send(o.letter("nobody@prospects.test"))
	require.Equal(t, want.Status, v.Status)
	require.Equal(t, want.Detail, v.Detail)
	o.AddUser("nobody@prospects.test")
	o.requireSent(o.letter("nobody@prospects.test"))
}

func TestAGreylistedLetterGoesOutLater(t *testing.T) {
	o := newOffice(t)
	o.Greylist(500 * time.Millisecond)
	l := o.letter(ada)
	o.requireDeferred(l, "^the mail server said 450 4.2.0$")
	require.Eventually(t, func() bool { return o.send(l).Status == sequence.Sent }, 10*time.Second, 50*time.Millisecond)
	o.requireInbox(l)
}

func TestALetterWaitsForAServerThatIsAway(t *testing.T) {
	o := newOffice(t)
	o.Postfix.Stop()
	l := o.letter(ada)
	o.requireDeferred(l, "cannot be reached")
	o.Postfix.Start()
	o.requireSent(l)
	o.requireInbox(l)
}

func TestALetterWaitsForAServerThatGoesAwayBeforeItHasIt(t *testing.T) {
	o := newOffice(t)
	o.AtRecipient(o.Postfix.Kill)
	l := o.letter(ada)
	o.requireDeferred(l, "the mail server")
	o.Postfix.Start()
	o.requireSent(l)
	o.requireInbox(l)
}

func TestAServerThatDiesWithTheWholeLetterInHandLeavesItsFateUnknown(t *testing.T) {
	o := newOffice(t)
	o.AtEndOfData(o.Postfix.Kill)
	v := o.send(o.letter(ada))
	require.Equal(t, sequence.Unknown, v.Status)
	require.Equal(t, hungUp, v.Detail)
	o.Postfix.Start()
	o.requireInbox() // this time it was lost
}

func TestAnAnswerThatIsLostLeavesTheLettersFateUnknown(t *testing.T) {
	for name, url := range map[string]func(*office) string{
		"STARTTLS":                func(o *office) string { return o.SubmissionURL(robin) },
		"TLS from the first byte": func(o *office) string { return o.SubmissionsURL(robin) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.submitTo(url(o))
			o.LoseAnswer()
			l := o.letter(ada)
			v := o.send(l)
			require.Equal(t, sequence.Unknown, v.Status)
			require.Equal(t, hungUp, v.Detail)
			o.requireInbox(l) // this time it had been taken over
		})
	}
}

func TestALetterTakenOverSurvivesARestart(t *testing.T) {
	o := newOffice(t)
	o.AtEndOfData(o.Dovecot.Stop) // so that it cannot go on to its mailbox
	l := o.letter(ada)
	o.requireSent(l)
	o.Postfix.Kill()
	require.Empty(t, o.Letters(ada))
	o.Dovecot.Start()
	o.Postfix.Start()
	o.requireInbox(l)
}

func TestNothingGoesOverALineThatIsNotSecured(t *testing.T) {
	o := newOffice(t)
	o.submitTo(o.StrippedURL(robin))
	o.requireDeferred(o.letter(ada), ".")
	o.requireInbox()
}

func TestNothingGoesToAServerWhoseCertificateNobodyVouchesFor(t *testing.T) {
	o := newOffice(t)
	for _, url := range []string{o.SubmissionURL(robin), o.SubmissionsURL(robin)} {
		server, err := mail.ParseServer(url)
		require.NoError(t, err)
		o.post.Server = server.WithRoots(x509.NewCertPool())
		o.requireDeferred(o.letter(ada), ".")
	}
	o.requireInbox()
}
