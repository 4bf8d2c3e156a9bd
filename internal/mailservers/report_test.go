package mailservers_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The delivery reports (RFC 3464) that a letter comes back with after the server has taken it over.
func TestALetterThatCannotBeDeliveredComesBackWithAReport(t *testing.T) {
	for name, c := range map[string]struct{ to, action, status, diagnostic string }{
		"nobody has the address":  {"nobody@bounces.test", "failed", "5.1.1", "smtp; 550 5.1.1"},
		"the mailbox is full":     {"full@prospects.test", "failed", "5.2.2", "smtp; 552 5.2.2"},
		"the server is away":      {"ada@away.test", "delayed", "4.4.1", "Connection refused"},
		"someone has the address": {"known@bounces.test", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.AddUser("full@prospects.test", "known@bounces.test")
			o.Full("full@prospects.test")
			l := o.letter(c.to)
			o.requireSent(l)
			if c.action == "" {
				o.AwaitLetter(c.to, l.MessageID)
				return
			}
			report := o.AwaitLetter(robin, "report-type=delivery-status")
			require.Contains(t, string(report), "\nAction: "+c.action+"\n")
			require.Contains(t, string(report), "\nStatus: "+c.status+"\n")
			require.Contains(t, string(report), "\nFinal-Recipient: rfc822; "+c.to+"\n")
			require.Contains(t, string(report), c.diagnostic)
			require.Contains(t, string(report), "\nMessage-ID: <"+l.MessageID+">\n", "it names our letter")
			require.Equal(t, "<>", read(t, report).GetHeader("Return-Path"))
			require.Equal(t, "auto-replied", read(t, report).GetHeader("Auto-Submitted"))
		})
	}
}

func TestSomeoneOutOfOfficeAnswersAMailing(t *testing.T) {
	o := newOffice(t)
	o.OutOfOffice(ada, `Away "for now"`, `Back on 9 March. \o/`)
	l := o.letter(ada)
	o.requireSent(l)
	answer := read(t, o.AwaitLetter(robin, `Away`))
	require.Equal(t, `Away "for now"`, answer.GetHeader("Subject"))
	require.Contains(t, answer.Text, `Back on 9 March. \o/`)
	require.Equal(t, "<"+l.MessageID+">", answer.GetHeader("In-Reply-To"))
	require.Contains(t, answer.GetHeader("Auto-Submitted"), "auto-replied")
	require.Equal(t, "<>", answer.GetHeader("Return-Path"))
	o.AwaitLetter(ada, l.MessageID)
}

func TestMailFromOutsideIsTakenForThoseWhoAreThere(t *testing.T) {
	o := newOffice(t)
	o.Deliver(ada, robin, fromOutside("hello"))
	require.Contains(t, string(o.AwaitLetter(robin, "Subject: hello")), "Call me.")
	require.ErrorContains(t, o.TryDeliver(ada, "nobody@rekindle.test", fromOutside("hello")), "550")
	require.ErrorContains(t, o.TryDeliver(ada, "someone@elsewhere.example", fromOutside("hello")), "554", "no open relay")
	o.Sieve(robin, `require "fileinto"; if header :contains "subject" "junk" { discard; }`)
	o.Deliver("", robin, fromOutside("junk"))
	o.Deliver("", robin, fromOutside("after"))
	o.AwaitLetter(robin, "Subject: after")
	require.Len(t, o.Letters(robin), 2)
}
