package mailservers_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/mailservers"
)

const soon = 10 * time.Second

// watch is a client that has a mailbox's inbox open.
type watch struct {
	*imapclient.Client
	t     *testing.T
	inbox *imap.SelectData
	heard chan uint32 // how many letters there are, each time the server says so
}

func open(t *testing.T, s *mailservers.Servers) *watch {
	t.Helper()
	return login(t, s, s.IMAPURL(robin))
}

func login(t *testing.T, s *mailservers.Servers, address string) *watch {
	t.Helper()
	server, err := url.Parse(address)
	require.NoError(t, err)
	dial := imapclient.DialStartTLS
	if server.Scheme == "imaps" {
		dial = imapclient.DialTLS
	}
	password, _ := server.User.Password()
	w := &watch{t: t, heard: make(chan uint32, 100)}
	options := &imapclient.Options{TLSConfig: s.TLS, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				w.heard <- *data.NumMessages
			}
		},
	}}
	w.Client, err = dial(server.Host, options)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close() })
	require.NoError(t, w.Login(server.User.Username(), password).Wait())
	w.inbox, err = w.Select("INBOX", nil).Wait()
	require.NoError(t, err)
	return w
}

func (w *watch) idle() *imapclient.IdleCommand {
	w.t.Helper()
	idle, err := w.Idle()
	require.NoError(w.t, err)
	return idle
}

// awaitCount waits until the server has said that so many letters are there.
func (w *watch) awaitCount(want uint32) {
	w.t.Helper()
	timeout := time.After(soon)
	for {
		select {
		case n := <-w.heard:
			if n == want {
				return
			}
		case <-timeout:
			require.Fail(w.t, "the server said nothing of a letter")
		}
	}
}

// requireBroken waits until the client knows that its connection is lost.
func (w *watch) requireBroken() {
	w.t.Helper()
	select {
	case <-w.Closed():
	case <-time.After(soon):
		require.Fail(w.t, "the connection is still open")
	}
}

// subjectsSince lists the letters from a UID on.
func (w *watch) subjectsSince(first imap.UID) (subjects []string) {
	w.t.Helper()
	var since imap.UIDSet
	since.AddRange(first, 0)
	letters, err := w.Fetch(since, &imap.FetchOptions{Envelope: true, UID: true}).Collect()
	require.NoError(w.t, err)
	for _, l := range letters {
		if l.UID >= first { // a range up to * holds the last letter always (RFC 9051, 9)
			subjects = append(subjects, l.Envelope.Subject)
		}
	}
	slices.Sort(subjects)
	return subjects
}

func TestAnIdlingClientHearsOfALetter(t *testing.T) {
	t.Parallel()
	s := mailservers.Start(t, robin)
	started, implicit := open(t, s), login(t, s, s.IMAPSURL(robin))
	for _, w := range []*watch{started, implicit} {
		require.True(t, w.Caps().Has(imap.CapIdle))
		w.idle()
	}
	s.Deliver(ada, robin, fromOutside("hello"))
	for _, w := range []*watch{started, implicit} {
		w.awaitCount(1)
	}
}

func TestTheCertificateAndTheLoginAreChecked(t *testing.T) {
	t.Parallel()
	s := mailservers.Start(t, robin)
	for name, dial := range map[string]func() (*imapclient.Client, error){
		"STARTTLS":                func() (*imapclient.Client, error) { return imapclient.DialStartTLS(s.IMAP.Addr(), nil) },
		"TLS from the first byte": func() (*imapclient.Client, error) { return imapclient.DialTLS(s.IMAPS.Addr(), nil) },
	} {
		client, err := dial()
		if err == nil {
			err = client.WaitGreeting()
			require.NoError(t, client.Close())
		}
		require.ErrorContains(t, err, "x509", name)
	}
	client, err := imapclient.DialTLS(s.IMAPS.Addr(), &imapclient.Options{TLSConfig: s.TLS})
	require.NoError(t, err)
	defer client.Close()
	require.ErrorContains(t, client.Login(robin, "guessed").Wait(), "AUTHENTICATIONFAILED")
}

func TestWhatCameWhileNobodyWatchedIsFoundAfterwards(t *testing.T) {
	for name, loss := range map[string]struct {
		lose, mend func(*mailservers.Servers)
	}{
		"the server restarts": {func(s *mailservers.Servers) { s.Dovecot.Restart() }, func(*mailservers.Servers) {}},
		"the server is away":  {func(s *mailservers.Servers) { s.Dovecot.Kill() }, func(s *mailservers.Servers) { s.Dovecot.Start() }},
		"the line breaks":     {func(s *mailservers.Servers) { s.IMAP.Cut() }, func(*mailservers.Servers) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailservers.Start(t, robin)
			s.Deliver(ada, robin, fromOutside("before"))
			s.AwaitLetter(robin, "Subject: before")
			w := open(t, s)
			require.Equal(t, []string{"before"}, w.subjectsSince(1))
			next := w.inbox.UIDNext
			w.idle()
			loss.lose(s)
			w.requireBroken()
			s.Deliver(ada, robin, fromOutside("meanwhile"))
			s.Deliver(ada, robin, fromOutside("then"))
			loss.mend(s)
			s.AwaitLetter(robin, "Subject: meanwhile")
			s.AwaitLetter(robin, "Subject: then")

			again := open(t, s)
			require.Equal(t, w.inbox.UIDValidity, again.inbox.UIDValidity, "the numbers still hold")
			require.Equal(t, []string{"meanwhile", "then"}, again.subjectsSince(next))
			again.idle()
			s.Deliver(ada, robin, fromOutside("after"))
			again.awaitCount(4)
		})
	}
}

func TestALineThatStallsLooksOpenAndTellsNothing(t *testing.T) {
	t.Parallel()
	s := mailservers.Start(t, robin)
	stalled, other := open(t, s), login(t, s, s.IMAPSURL(robin))
	stalled.idle()
	other.idle()
	s.IMAP.Stall()
	s.Deliver(ada, robin, fromOutside("hello"))
	other.awaitCount(1)
	require.Empty(t, stalled.heard)
	select {
	case <-stalled.Closed():
		require.Fail(t, "the line is not open")
	default:
	}
	s.IMAP.Resume()
	stalled.awaitCount(1)
}
