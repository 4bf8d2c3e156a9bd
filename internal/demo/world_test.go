package demo

import (
	"fmt"
	"net/smtp"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/persona"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestTheSeededLeadsPlayEveryPersonaAndEveryLanguage(t *testing.T) {
	played, spoken := map[persona.Name]bool{}, map[persona.Language]bool{}
	for _, role := range world().Cast {
		played[role.Persona], spoken[role.Language] = true, true
	}
	require.Len(t, played, len(persona.Names()))
	require.Len(t, spoken, len(persona.Languages()))
}

// leadWho is the address of a seeded lead who plays a persona.
func leadWho(t *testing.T, name persona.Name) string {
	t.Helper()
	cast := world().Cast
	for _, p := range newcomers {
		if cast[p.email].Persona == name {
			return p.email
		}
	}
	t.Fatalf("nobody plays %s", name)
	return ""
}

func offer(to string, n int) []byte {
	return fmt.Appendf(nil, "From: Robin Reyes <robin@rekindle.example>\r\nTo: <%s>\r\nSubject: Offer %d\r\nMessage-ID: <t%d.%s>\r\n\r\nShall we?\r\n", to, n, n, to)
}

func TestProspectsAnswerIntoTheMailboxOfTheRep(t *testing.T) {
	local := "127.0.0.1:0"
	mail, err := OpenMail(t.TempDir(), MailAddresses{SMTP: local, IMAP: local, Web: local})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mail.Close(t.Context())) })
	now := time.Now()
	player := mail.Play(world(), &workflows.Clock{Epoch: now, Base: now, Speed: 1e6}) // a day in a tenth of a second
	t.Cleanup(func() { require.NoError(t, player.Close()) })
	mail.Hear(func(m devmail.Message) { mail.answer(player, m) })

	send := func(who persona.Name, n int) error {
		to := leadWho(t, who)
		return smtp.SendMail(mail.Addr().String(), nil, "robin@rekindle.example", []string{to}, offer(to, n))
	}
	for _, who := range []persona.Name{persona.Keen, persona.Away, persona.Bouncer} {
		for n := range 2 {
			require.NoError(t, send(who, n+1))
		}
	}
	require.ErrorContains(t, send(persona.Gone, 1), "5.1.1")
	require.ErrorContains(t, send(persona.Greylister, 1), "4.7.1")
	require.Eventually(t, func() bool { return send(persona.Greylister, 1) == nil }, 10*time.Second, time.Millisecond)

	client, err := imapclient.DialInsecure(mail.IMAPAddr().String(), nil)
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.Login("robin@rekindle.example", "any").Wait())
	require.Eventually(t, func() bool {
		data, err := client.Select("INBOX", nil).Wait()
		return err == nil && data.NumMessages == 3
	}, 10*time.Second, 10*time.Millisecond)
	threads, err := client.Fetch(imap.SeqSet{{Start: 1, Stop: 3}}, &imap.FetchOptions{Envelope: true}).Collect()
	require.NoError(t, err)
	answered := map[string]bool{}
	for _, m := range threads {
		for _, id := range m.Envelope.InReplyTo {
			answered[id] = true
		}
	}
	require.Equal(t, map[string]bool{"t2." + leadWho(t, persona.Keen): true, "t2." + leadWho(t, persona.Away): true}, answered)
	played := map[string]bool{}
	for _, m := range mail.Messages("robin@rekindle.example", 0) {
		require.NotEmpty(t, m.Answers)
		played[m.By] = true
	}
	require.Equal(t, map[string]bool{"keen": true, "away": true, "bouncer": true}, played)
}
