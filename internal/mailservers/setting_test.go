package mailservers_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/mailservers"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// robin sells, ada buys.
const (
	robin = "robin@rekindle.test"
	ada   = "ada@prospects.test"
)

// now is the time on the lead's clock.
var now = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

// begin lets every message out.
func begin(context.Context) error { return nil }

// office is the product's sender with real servers behind it.
type office struct {
	*mailservers.Servers
	t    *testing.T
	post mail.Post
	sent int
}

// newOffice has robin log in at the submission port, and trusts the servers' certificate.
func newOffice(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	o := &office{Servers: mailservers.Start(t, robin, ada), t: t}
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	library := new(playbooks.Library)
	library.Add(playbook)
	o.post = mail.Post{Playbook: library.Get, PostalAddress: "1 Market Street, Springfield"}
	o.submitTo(o.SubmissionURL(robin))
	return o
}

func (o *office) submitTo(url string) {
	o.t.Helper()
	server, err := mail.ParseServer(url)
	require.NoError(o.t, err)
	o.post.Server = server.WithRoots(o.CA)
}

// letter is a new one to somebody, from robin.
func (o *office) letter(to string) activities.Letter {
	o.t.Helper()
	playbook, err := playbooks.Default()
	require.NoError(o.t, err)
	o.sent++
	return activities.Letter{
		Playbook: playbook.ID, Text: "warm/acknowledge", MessageID: fmt.Sprintf("t%d.0190f5fe@rekindle.test", o.sent), At: now,
		To: activities.Person{Name: "Ada Quill", Email: to}, Owner: activities.Person{Name: "Robin Underwood", Email: robin},
		Company: "Seller", Fields: map[string]string{"FirstName": "Ada", "Source": "info_request", "AskedOn": "1 March"},
		Zone: "America/New_York", OptOutURL: "https://seller.example/unsubscribe/abc",
	}
}

func (o *office) send(l activities.Letter) activities.Verdict {
	o.t.Helper()
	m, err := o.post.Write(l)
	require.NoError(o.t, err)
	return o.post.Send(o.t.Context(), m, begin)
}

func (o *office) requireSent(l activities.Letter) {
	o.t.Helper()
	require.Equal(o.t, sequence.Sent, o.send(l).Status)
}

// requireDeferred checks the reasons why a letter goes later.
func (o *office) requireDeferred(l activities.Letter, detail string) {
	o.t.Helper()
	v := o.send(l)
	require.Equal(o.t, sequence.Deferred, v.Status)
	require.Regexp(o.t, detail, v.Detail)
	require.NotContains(o.t, v.Detail, "@", "a detail names nobody")
	require.Equal(o.t, now.Add(15*time.Minute), v.RetryAt)
}

// requireInbox checks that these letters came to ada, each once, and no other: one more is sent to see that all before
// it have come.
func (o *office) requireInbox(letters ...activities.Letter) {
	o.t.Helper()
	o.submitTo(o.SubmissionURL(robin))
	last := o.letter(ada)
	o.requireSent(last)
	o.AwaitLetter(ada, last.MessageID)
	var want, got []string
	for _, l := range append(letters, last) {
		want = append(want, "<"+l.MessageID+">")
		o.AwaitLetter(ada, l.MessageID)
	}
	for _, raw := range o.Letters(ada) {
		got = append(got, read(o.t, raw).GetHeader("Message-ID"))
	}
	require.ElementsMatch(o.t, want, got)
}

func read(t *testing.T, raw []byte) *enmime.Envelope {
	t.Helper()
	e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	require.NoError(t, err)
	return e
}

// fromOutside is a plain letter that ada writes.
func fromOutside(subject string) []byte {
	return []byte(strings.Join([]string{
		"From: Ada Quill <" + ada + ">", "To: " + robin, "Subject: " + subject,
		"Message-ID: <" + subject + "@prospects.test>", "Date: Mon, 02 Mar 2026 14:30:00 +0000", "", "Call me.", "",
	}, "\r\n"))
}
