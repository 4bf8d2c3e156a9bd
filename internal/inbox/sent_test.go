package inbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/inbox"
)

func open(t *testing.T, s *mailServer) *inbox.Sent {
	t.Helper()
	sent, err := inbox.Dialer{}.Sent(t.Context(), s.url())
	require.NoError(t, err)
	t.Cleanup(sent.Close)
	return sent
}

func TestWhatWasSentIsFoundByItsMessageID(t *testing.T) {
	s := newMailServer(t, nil, false)
	require.NoError(t, s.user.Create("Sent", nil))
	for n := range 12 {
		s.deliver("Sent", letter(n), time.Now())
	}
	s.deliver("INBOX", letter(20), time.Now())
	sent := open(t, s)
	found, err := sent.Find([]string{"<11@quill.example>", "3@quill.example", "<20@quill.example>", "quill.example", "", "<>", `<a"b\c@quill.example>`, "<ü@quill.example>"})
	require.NoError(t, err)
	require.Equal(t, []string{"<11@quill.example>", "3@quill.example"}, found)
	s.deliver("Sent", letter(20), time.Now())
	found, err = sent.Find([]string{"<20@quill.example>"})
	require.NoError(t, err)
	require.Equal(t, []string{"<20@quill.example>"}, found, "what came since then too")
}

func TestACopyIsKeptOnceAndSeen(t *testing.T) {
	s := newMailServer(t, nil, false)
	require.NoError(t, s.user.Create("Sent", nil))
	sent := open(t, s)
	for range 2 {
		require.NoError(t, sent.Append([]byte(letter(1)), time.Now()))
		require.Equal(t, 1, s.seen("Sent"))
	}
	require.NoError(t, sent.Append([]byte(letter(2)), time.Now()))
	require.Equal(t, 2, s.seen("Sent"))
	found, err := sent.Find([]string{"<2@quill.example>"})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestTheFolderOfSentMailIsTheMarkedOneOrHasAName(t *testing.T) {
	marked := "[Mail]/Verschickt"
	for name, c := range map[string]struct {
		folders []string
		marked  *string
		want    string
	}{
		"marked":             {[]string{"Sent", marked}, &marked, marked},
		"in English":         {[]string{"Drafts", "Sent Items"}, nil, "Sent Items"},
		"in German":          {[]string{"Entwürfe", "Gesendet"}, nil, "Gesendet"},
		"with an accent":     {[]string{"Éléments envoyés"}, nil, "Éléments envoyés"},
		"below another":      {[]string{"INBOX/Sent"}, nil, "INBOX/Sent"},
		"nearest to the top": {[]string{"Archive/2019/Sent", "INBOX/Sent"}, nil, "INBOX/Sent"},
		"none":               {[]string{"Presents", "Sent/Old"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newMailServer(t, nil, false)
			s.sentMark.Store(c.marked)
			for _, folder := range c.folders {
				require.NoError(t, s.user.Create(folder, nil))
			}
			sent, err := inbox.Dialer{}.Sent(t.Context(), s.url())
			if c.want == "" {
				require.ErrorIs(t, err, inbox.ErrNoSentFolder)
				return
			}
			require.NoError(t, err)
			defer sent.Close()
			require.NoError(t, sent.Append([]byte(letter(1)), time.Now()))
			require.Equal(t, 1, s.seen(c.want))
		})
	}
}
