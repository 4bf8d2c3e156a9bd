package persona

import (
	"bufio"
	"bytes"
	"net/textproto"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"
	"github.com/stretchr/testify/require"
)

// reported takes a multipart/report apart: what it is a report of, the fields of each group, and what was returned.
func reported(t *testing.T, a Answer, kind string) (groups []textproto.MIMEHeader, returned *enmime.Part) {
	t.Helper()
	e := read(t, a)
	require.Equal(t, "multipart/report", e.Root.ContentType)
	require.Contains(t, e.Root.Header.Get("Content-Type"), "report-type="+strings.TrimPrefix(kind, "message/"))
	var parts []*enmime.Part
	for p := e.Root.FirstChild; p != nil; p = p.NextSibling {
		parts = append(parts, p)
	}
	require.Len(t, parts, 3)
	require.Equal(t, "text/plain", parts[0].ContentType)
	require.Equal(t, kind, parts[1].ContentType)
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(parts[1].Content, "\r\n\r\n"...))))
	for {
		group, err := r.ReadMIMEHeader()
		if len(group) == 0 {
			return groups, parts[2]
		}
		require.NoError(t, err)
		groups = append(groups, group)
	}
}

func TestMailServersReportAsTheStandardSays(t *testing.T) {
	for persona, want := range map[Name]struct {
		does           Reaction
		action, status string
	}{Bouncer: {Bounce, "failed", "5.1."}, Slow: {Delay, "delayed", "4.4."}} {
		returned := map[string]bool{}
		for seed := range uint64(10) {
			w := cast(persona, English)
			w.Seed = seed
			a := theAnswer(t, w, offer, want.does)
			require.Empty(t, a.From, "a report comes from nobody")
			require.Equal(t, "bounces+2@rekindle.example", a.To)
			groups, original := reported(t, a, "message/delivery-status")
			require.Len(t, groups, 2)
			require.Equal(t, "dns; mx.acme.example", groups[0].Get("Reporting-Mta"))
			require.Equal(t, "rfc822; "+prospect, groups[1].Get("Final-Recipient"))
			require.Equal(t, want.action, groups[1].Get("Action"))
			require.True(t, strings.HasPrefix(groups[1].Get("Status"), want.status))
			require.Equal(t, want.does == Delay, groups[1].Get("Will-Retry-Until") != "")
			require.Contains(t, string(original.Content), "Message-ID: <touch-2@rekindle.example>")
			require.Equal(t, original.ContentType == "message/rfc822", bytes.Contains(original.Content, []byte("Shall we talk")))
			returned[original.ContentType] = true
		}
		require.Len(t, returned, 2, "some return the whole message, some its header")
	}
}

func TestAComplaintTellsTheMessageAndSometimesWhoComplained(t *testing.T) {
	named := map[bool]bool{}
	for seed := range uint64(10) {
		w := cast(Complainer, English)
		w.Seed = seed
		a := theAnswer(t, w, offer, Complaint)
		require.Equal(t, "bounces+2@rekindle.example", a.To)
		groups, original := reported(t, a, "message/feedback-report")
		require.Len(t, groups, 1)
		require.Equal(t, "abuse", groups[0].Get("Feedback-Type"))
		require.Equal(t, "1", groups[0].Get("Version"))
		require.NotEmpty(t, groups[0].Get("User-Agent"))
		require.Contains(t, string(original.Content), "Message-ID: <touch-2@rekindle.example>")
		who := groups[0].Get("Original-Rcpt-To") == "<"+prospect+">"
		require.Equal(t, who, bytes.Contains(original.Content, []byte(prospect)))
		named[who] = true
	}
	require.Len(t, named, 2)
}
