package sink_test

import (
	"context"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/chaos/sink"
)

func open(t *testing.T, dir string) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	require.NoError(t, listener.Close())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- sink.Serve(ctx, dir, address) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	return address
}

func send(address, to string, n int) error {
	letter := fmt.Appendf(nil, "From: <rep@us.example>\r\nTo: <%s>\r\nMessage-ID: <t%d.lead@us.example>\r\n"+
		"List-Unsubscribe: <mailto:stop@us.example>, <http://us.example/unsubscribe/%d>\r\n\r\nHello.\r\n", to, n, n)
	return smtp.SendMail(address, nil, "rep@us.example", []string{to}, letter)
}

func TestASinkKeepsWhatItSaysAndSaysWhatItKeepsInEveryMood(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, sink.BookName), []byte("{\"message_id\":\"before\"}\n{\"message_id\":\"torn"), 0o644))
	address := open(t, dir)
	far := time.Now().Add(time.Hour)
	moods := []struct {
		does    sink.Does
		refused string
		kept    bool
	}{
		{sink.Takes, "", true},
		{sink.Refuses, "554", false},
		{sink.Loses, "EOF", false},
		{sink.Keeps, "EOF", true},
	}
	for n, m := range moods {
		require.NoError(t, sink.SetMood(dir, sink.Mood{Does: m.does, Until: far}))
		err := send(address, "ann@lead.example", n)
		if m.refused == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, m.refused, m.does)
		}
	}
	require.NoError(t, sink.SetMood(dir, sink.Mood{Does: sink.Defers, Until: far}))
	require.ErrorContains(t, send(address, "ann@lead.example", 9), "451")
	require.NoError(t, sink.SetMood(dir, sink.Mood{Does: sink.Defers, Until: time.Now().Add(-time.Second)}))
	require.ErrorContains(t, send(address, sink.Gone+"ann@lead.example", 9), "5.1.1")

	mails, next, err := sink.Read(dir, 0)
	require.NoError(t, err)
	require.Len(t, mails, 1+len(moods), "the torn line is gone, and a refused recipient is no mail")
	require.Equal(t, "before", mails[0].MessageID)
	for n, m := range moods {
		got := mails[n+1]
		require.Equal(t, fmt.Sprintf("t%d.lead@us.example", n), got.MessageID)
		require.Equal(t, fmt.Sprintf("http://us.example/unsubscribe/%d", n), got.Link)
		require.Equal(t, m.kept, got.Kept, m.does)
		require.Equal(t, "ann@lead.example", got.To)
		require.False(t, got.EndAt.Before(got.DataAt))
	}
	require.NoError(t, send(address, "ann@lead.example", 7))
	mails, _, err = sink.Read(dir, next)
	require.NoError(t, err)
	require.Len(t, mails, 1, "only what came since")
}
