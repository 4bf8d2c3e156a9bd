package devmail

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"
)

func imapMailbox(t *testing.T, dir string) *Server {
	t.Helper()
	server := mailbox(t, Options{Dir: dir})
	require.NoError(t, server.StartIMAP("127.0.0.1:0"))
	return server
}

// login returns a client, and a channel that hears how many messages the folder holds now.
func login(t *testing.T, server *Server, user string) (*imapclient.Client, <-chan uint32) {
	t.Helper()
	heard := make(chan uint32, 10)
	client, err := imapclient.DialInsecure(server.IMAPAddr().String(), &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				heard <- *data.NumMessages
			}
		}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	require.NoError(t, client.Login(user, "anything").Wait())
	return client, heard
}

func selected(t *testing.T, client *imapclient.Client, folder string) *imap.SelectData {
	t.Helper()
	data, err := client.Select(folder, nil).Wait()
	require.NoError(t, err)
	return data
}

// fetched reads the whole folder: the raw messages by UID.
func fetched(t *testing.T, client *imapclient.Client) map[imap.UID]string {
	t.Helper()
	whole := &imap.FetchItemBodySection{Peek: true}
	all := imap.UIDSet{{Start: 1}}
	messages, err := client.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	require.NoError(t, err)
	found := map[imap.UID]string{}
	for _, m := range messages {
		found[m.UID] = string(m.FindBodySection(whole))
	}
	return found
}

func TestAMailboxHoldsWhatCameToItsAddressAndWhatItSent(t *testing.T) {
	server := imapMailbox(t, "")
	require.NoError(t, send(server, invitation, "juergen@acme.example"))
	require.NoError(t, send(server, "From: x@y.example\r\nSubject: other\r\n\r\nother\r\n", "else@acme.example"))

	recipient, _ := login(t, server, "Juergen@Acme.example")
	require.EqualValues(t, 1, selected(t, recipient, "inbox").NumMessages)
	require.Equal(t, map[imap.UID]string{1: invitation}, fetched(t, recipient))
	require.EqualValues(t, 0, selected(t, recipient, "Sent").NumMessages)

	for _, sender := range []string{"rita@rekindle.example", "bounces@rekindle.example"} { // the author's and the envelope's
		client, _ := login(t, server, sender)
		require.EqualValues(t, 0, selected(t, client, "INBOX").NumMessages)
		selected(t, client, "Sent")
		require.Equal(t, invitation, fetched(t, client)[1])
		found, err := client.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{
			{Key: "Message-ID", Value: "<touch-1@rekindle.example>"},
		}}, nil).Wait()
		require.NoError(t, err)
		require.Equal(t, []imap.UID{1}, found.AllUIDs(), "a sender finds what it sent by its Message-ID")
	}
}

func TestASentFolderSaysThatItIsOne(t *testing.T) {
	client, _ := login(t, imapMailbox(t, ""), "rita@rekindle.example")
	folders, err := client.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect()
	require.NoError(t, err)
	require.Len(t, folders, 2)
	require.Equal(t, "INBOX", folders[0].Mailbox)
	require.Equal(t, "Sent", folders[1].Mailbox)
	require.Contains(t, folders[1].Attrs, imap.MailboxAttrSent)
}

func TestAnAddressWithATagSharesTheMailboxOfTheAddress(t *testing.T) {
	server := imapMailbox(t, "")
	require.NoError(t, send(server, "Subject: x\r\n\r\nx\r\n", "rita+lead7@rekindle.example"))
	client, _ := login(t, server, "rita@rekindle.example")
	require.EqualValues(t, 1, selected(t, client, "INBOX").NumMessages)
}

func TestWhoIdlesHearsOfANewMessage(t *testing.T) {
	server := imapMailbox(t, "")
	client, heard := login(t, server, "rita@rekindle.example")
	selected(t, client, "INBOX")
	idle, err := client.Idle()
	require.NoError(t, err)
	for n := range uint32(3) {
		_, err := server.Deliver(Delivery{From: "ann@acme.example", To: []string{"rita@rekindle.example"}, Raw: []byte("Subject: re\r\n\r\nyes\r\n")})
		require.NoError(t, err)
		select {
		case got := <-heard:
			require.Equal(t, n+1, got)
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was heard of the message")
		}
	}
	require.NoError(t, idle.Close())
	require.NoError(t, idle.Wait())
	require.Len(t, fetched(t, client), 3)
}

func TestARestartKeepsUIDsAndGoesOnCounting(t *testing.T) {
	dir := t.TempDir()
	server := imapMailbox(t, dir)
	for _, subject := range []string{"one", "two"} {
		require.NoError(t, send(server, "Subject: "+subject+"\r\n\r\n\r\n", "rita@rekindle.example"))
	}
	client, _ := login(t, server, "rita@rekindle.example")
	require.NoError(t, send(server, "Subject: three\r\n\r\n\r\n", "rita@rekindle.example")) // added to an open mailbox
	before := selected(t, client, "INBOX")
	messages := fetched(t, client)
	require.Len(t, messages, 3)
	require.NoError(t, server.Close())

	again := imapMailbox(t, dir)
	client, _ = login(t, again, "rita@rekindle.example")
	after := selected(t, client, "INBOX")
	require.Equal(t, before.UIDValidity, after.UIDValidity)
	require.Equal(t, before.UIDNext, after.UIDNext)
	require.Equal(t, messages, fetched(t, client))
	status, err := client.Status("INBOX", &imap.StatusOptions{UIDValidity: true, NumMessages: true}).Wait()
	require.NoError(t, err)
	require.Equal(t, before.UIDValidity, status.UIDValidity)
}

func TestEmptyingTheMailboxChangesUIDValidityAndEndsConnections(t *testing.T) {
	dir := t.TempDir()
	server := imapMailbox(t, dir)
	require.NoError(t, send(server, "Subject: one\r\n\r\n\r\n", "rita@rekindle.example"))
	client, _ := login(t, server, "rita@rekindle.example")
	before := selected(t, client, "INBOX")
	require.NoError(t, server.Clear())
	select {
	case <-client.Closed():
	case <-time.After(10 * time.Second):
		t.Fatal("the connection stays open")
	}
	client, _ = login(t, server, "rita@rekindle.example")
	after := selected(t, client, "INBOX")
	require.Greater(t, after.UIDValidity, before.UIDValidity)
	require.Zero(t, after.NumMessages)

	require.NoError(t, server.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, uidValidityFile), []byte("zero\n"), 0o644))
	_, err := New(Options{Dir: dir})
	require.ErrorContains(t, err, "holds no number above 0")
}

func TestAMailProgramMayFileAMessageAndItSurvives(t *testing.T) {
	dir := t.TempDir()
	server := imapMailbox(t, dir)
	client, _ := login(t, server, "rita@rekindle.example")
	message := "From: Rita <rita@rekindle.example>\r\nSubject: draft\r\n\r\nfiled\r\n"
	upload := client.Append("Sent", int64(len(message)), nil)
	_, err := io.Copy(upload, strings.NewReader(message))
	require.NoError(t, err)
	require.NoError(t, upload.Close())
	data, err := upload.Wait()
	require.NoError(t, err)
	require.EqualValues(t, 1, data.UID)
	require.NoError(t, server.Close())

	again := imapMailbox(t, dir)
	client, _ = login(t, again, "rita@rekindle.example")
	require.Equal(t, data.UIDValidity, selected(t, client, "Sent").UIDValidity)
	require.Equal(t, map[imap.UID]string{1: message}, fetched(t, client))
}

func TestWhatWouldRenumberMessagesIsRefused(t *testing.T) {
	server := imapMailbox(t, "")
	require.NoError(t, send(server, "Subject: one\r\n\r\n\r\n", "rita@rekindle.example"))
	client, _ := login(t, server, "rita@rekindle.example")
	selected(t, client, "INBOX")
	require.ErrorContains(t, client.Create("Archive", nil).Wait(), "INBOX and Sent only")
	require.ErrorContains(t, client.Rename("Sent", "Archive", nil).Wait(), "INBOX and Sent only")
	require.ErrorContains(t, client.Delete("Sent").Wait(), "INBOX and Sent only")
	_, err := client.Copy(imap.SeqSetNum(1), "Sent").Wait()
	require.ErrorContains(t, err, "INBOX and Sent only")
	require.ErrorContains(t, client.Expunge().Close(), "keeps every message")
	_, err = client.Select("Archive", nil).Wait()
	require.Error(t, err)
	require.Len(t, server.Messages("", 0), 1)
}

func TestIMAPListensOnThisMachineOnly(t *testing.T) {
	server := mailbox(t, Options{})
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0"} {
		require.ErrorContains(t, server.StartIMAP(addr), "this machine only", addr)
	}
	require.Nil(t, server.IMAPAddr())
	require.NoError(t, server.StartIMAP("127.0.0.1:0"))
	require.ErrorContains(t, server.StartIMAP("127.0.0.1:0"), "listens already")
	client, err := imapclient.DialInsecure(server.IMAPAddr().String(), nil)
	require.NoError(t, err)
	defer client.Close()
	require.ErrorContains(t, client.Login("not an address", "x").Wait(), "not an email address")
}
