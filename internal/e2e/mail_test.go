package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/inbox"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/mailservers"
	"github.com/rekindlehq/rekindle/sequence"
)

const robinsMailbox = "robin@rekindle.test"

// office is the product with real mail servers: Postfix and Dovecot.
type office struct {
	*stack
	world *mailservers.Servers
}

func newOffice(t *testing.T, prospects ...string) *office {
	world := mailservers.Start(t, append(prospects, robinsMailbox)...)
	o := &office{stack: start(t), world: world}
	key := mailbox.NewKey()
	o.adjust = func(c *app.Config) { c.SMTPURL, c.SecretKey, c.Roots = "", key, world.CA }
	return o
}

// opens makes Robin's mailbox, which sends by STARTTLS and is watched by TLS.
func (o *office) opens() {
	_, err := o.app.Room().Save(o.Context(), "robin", mailroom.Settings{
		Address: robinsMailbox, User: "robin@us.example", Zone: "Europe/Berlin", Daily: 100,
		SMTP: o.world.SubmissionURL(robinsMailbox) + "?tls=required", IMAP: o.world.IMAPSURL(robinsMailbox),
	})
	require.NoError(o, err)
}

// answers writes back to the letter that an address got, as a mail program does.
func (o *office) answers(address, subject, text string, letter []byte, headers ...string) {
	id := regexp.MustCompile(`(?im)^Message-ID:\s*(<[^>]+>)`).FindSubmatch(letter)
	require.NotNil(o, id)
	lines := append([]string{
		"From: " + address, "To: " + robinsMailbox, "Subject: " + subject, "Date: " + o.app.Door.Now().Format(time.RFC1123Z),
		fmt.Sprintf("Message-ID: <%d@prospects.test>", time.Now().UnixNano()), "In-Reply-To: " + string(id[1]),
	}, headers...)
	o.world.Deliver(address, robinsMailbox, []byte(strings.Join(lines, "\r\n")+"\r\n\r\n"+text+"\r\n"))
}

// blocked waits until nothing goes out to a lead, for that reason.
func (o *office) blocked(lead, reason string) {
	o.Helper()
	o.eventually("it waits: "+reason, 40*time.Second, func() bool { return o.lead(lead).Blocked == reason })
}

func (o *office) ledger(lead string) (state string) {
	err := o.app.Store.Pool.QueryRow(o.Context(), "SELECT state || coalesce(' ' || nullif(reconciled, ''), '') FROM send_ledger WHERE lead_id = $1 ORDER BY reserved_at LIMIT 1", lead).Scan(&state)
	if err != nil {
		return err.Error()
	}
	return state
}

func (o *office) stage(lead string, want sequence.Stage) {
	o.Helper()
	o.eventually("it is "+string(want), 40*time.Second, func() bool { return o.lead(lead).Stage == want })
}

func TestMailGoesOutAndComesInThroughRealServers(t *testing.T) {
	o := newOffice(t, "ada@prospects.test", "olga@prospects.test", "stop@prospects.test", "gil@prospects.test", "late@prospects.test")
	o.world.OutOfOffice("olga@prospects.test", "Out of office", "I am away until 28 December.")
	stop := o.run(4 * time.Minute)
	defer stop()
	o.opens()

	ada, olga, optOut := o.enrol("Ada Quill", "ada@prospects.test"), o.enrol("Olga Holm", "olga@prospects.test"), o.enrol("Stan Stopp", "stop@prospects.test")
	nobody, bounced := o.enrol("No Body", "nobody@prospects.test"), o.enrol("Bo Unce", "bo@bounces.test")

	letter := o.world.AwaitLetter("ada@prospects.test", "")
	require.Regexp(t, `(?m)^From: .*<robin@rekindle\.test>`, string(letter))
	o.answers("ada@prospects.test", "Re: Thank you", "Yes, tell me more.\r\n\r\n> you wrote", letter)
	o.blocked(ada, string(sequence.PausedReply))
	require.Equal(t, "sent", o.ledger(ada))

	o.answers("stop@prospects.test", "Re: Thank you", "Please remove me from your list.", o.world.AwaitLetter("stop@prospects.test", ""))
	o.stage(optOut, sequence.DoNotContact)
	o.blocked(olga, string(sequence.PausedOutOfOffice))
	o.eventually("the server's refusal closes the address", 40*time.Second, func() bool { return o.ledger(nobody) == "failed" })
	o.eventually("the report that comes later does so too", 40*time.Second, func() bool {
		var gone bool
		require.NoError(t, o.app.Store.Pool.QueryRow(t.Context(), "SELECT coalesce((state->>'no_email')::bool, false) FROM leads WHERE id = $1", bounced).Scan(&gone))
		return gone
	})

	o.world.Greylist(time.Second)
	gil := o.enrol("Gil Grey", "gil@prospects.test")
	o.world.AwaitLetter("gil@prospects.test", "")
	o.eventually("the second attempt is taken", 20*time.Second, func() bool { return o.ledger(gil) == "sent" })
	require.Len(t, o.world.Letters("gil@prospects.test"), 1)
	o.world.Greylist(0)

	o.world.Postfix.Restart()
	o.world.Dovecot.Restart()
	late := o.enrol("Late Comer", "late@prospects.test")
	o.answers("late@prospects.test", "Re: Thank you", "Interesting.", o.world.AwaitLetter("late@prospects.test", ""))
	o.blocked(late, string(sequence.PausedReply))
	for _, address := range []string{"ada@prospects.test", "olga@prospects.test", "stop@prospects.test", "late@prospects.test"} {
		require.Len(t, o.world.Letters(address), 1, address)
	}
}

func TestAMailWhoseAnswerWasLostIsUnknownUntilTheirReplyShowsThatItArrived(t *testing.T) {
	o := newOffice(t, "ada@prospects.test")
	stop := o.run(4 * time.Minute)
	defer stop()
	o.opens()
	o.world.LoseAnswer()
	ada := o.enrol("Ada Quill", "ada@prospects.test")
	letter := o.world.AwaitLetter("ada@prospects.test", "")
	o.eventually("nobody knows whether it arrived", 40*time.Second, func() bool { return o.ledger(ada) == "unknown" })
	o.answers("ada@prospects.test", "Re: Thank you", "I got it.", letter)
	o.eventually("now we do", 40*time.Second, func() bool { return o.ledger(ada) == "sent answered" })
	o.blocked(ada, string(sequence.PausedReply))
	require.Len(t, o.world.Letters("ada@prospects.test"), 1)
}

func TestAMailboxWhoseLoginIsRefusedIsParkedAndItsLeadsWaitUntilItIsMended(t *testing.T) {
	o := newOffice(t, "ada@prospects.test")
	stop := o.run(4 * time.Minute)
	defer stop()
	o.opens()
	good := o.world.SubmissionURL(robinsMailbox) + "?tls=required"
	_, err := o.app.Room().Save(t.Context(), "robin", mailroom.Settings{
		Address: robinsMailbox, User: "robin@us.example", Zone: "Europe/Berlin", Daily: 100, SMTP: strings.Replace(good, ":"+o.world.Password(robinsMailbox)+"@", ":wrong@", 1),
	})
	require.NoError(t, err)
	ada := o.enrol("Ada Quill", "ada@prospects.test")
	o.blocked(ada, sequence.MailboxParked)
	parked, err := o.app.Room().Statuses(t.Context())
	require.NoError(t, err)
	require.Equal(t, "login", parked[0].Parked)
	require.Equal(t, 1, parked[0].Waiting)
	require.Empty(t, o.world.Letters("ada@prospects.test"))

	_, err = o.app.Room().Save(t.Context(), "robin", mailroom.Settings{Address: robinsMailbox, User: "robin@us.example", Zone: "Europe/Berlin", Daily: 100, SMTP: good})
	require.NoError(t, err)
	n, err := o.app.Room().Resume(t.Context(), "robin")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	o.world.AwaitLetter("ada@prospects.test", "")
	o.eventually("it goes on", 20*time.Second, func() bool { return o.lead(ada).Blocked == "" })
}

func TestAMailWhoseAnswerWasLostIsFoundInTheSentFolder(t *testing.T) {
	o := newOffice(t, "ada@prospects.test")
	stop := o.run(4 * time.Minute)
	defer stop()
	o.opens()
	o.world.LoseAnswer()
	ada := o.enrol("Ada Quill", "ada@prospects.test")
	letter := o.world.AwaitLetter("ada@prospects.test", "")
	o.eventually("nobody knows whether it arrived", 40*time.Second, func() bool { return o.ledger(ada) == "unknown" })

	dialer := inbox.Dialer{TLS: o.world.TLS}
	open := app.SentFolders(dialer)
	require.NoError(t, o.app.Room().Reconcile(t.Context(), open))
	require.Equal(t, "unknown", o.ledger(ada), "there is no Sent folder yet")
	c, err := imapclient.DialTLS(o.world.IMAPS.Addr(), &imapclient.Options{TLSConfig: o.world.TLS})
	require.NoError(t, err)
	require.NoError(t, c.Login(robinsMailbox, o.world.Password(robinsMailbox)).Wait())
	require.NoError(t, c.Create("Sent", nil).Wait())
	require.NoError(t, c.Close())
	sent, err := dialer.Sent(t.Context(), o.world.IMAPSURL(robinsMailbox))
	require.NoError(t, err)
	require.NoError(t, sent.Append(letter, time.Now())) // as providers do
	sent.Close()
	require.NoError(t, o.app.Room().Reconcile(t.Context(), open))
	require.Equal(t, "sent sent_folder", o.ledger(ada))
}
