package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// manager is a client for somebody who decides about playbooks.
func (s *stack) manager() demo.Client {
	u, err := s.app.Store.InsertUser(s.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Mo Manager", Email: "mo@us.example", Role: "manager"})
	require.NoError(s, err)
	const key = "rk_manager"
	require.NoError(s, s.app.Store.InsertKey(s.Context(), db.InsertKeyParams{ID: uuid.New(), Name: "mo", Role: "manager", UserID: &u.ID, Hash: api.HashKey(key)}))
	return demo.Client{Base: s.base, Key: key}
}

// patient is the default playbook with a longer wait before the second email, and
// without the way in which one of the leads came.
func patient(t *testing.T) map[string]string {
	files, err := playbooks.DefaultFiles()
	require.NoError(t, err)
	const wait, chat = "email: warm/idea, after: 2 working days", `  site_chat: { opener: "chatted with us on our site", weight: 8 }` + "\n"
	require.Contains(t, files["playbook.yaml"], wait)
	require.Contains(t, files["playbook.yaml"], chat)
	files["playbook.yaml"] = strings.NewReplacer(wait, strings.Replace(wait, "2 working", "4 working", 1), chat, "").Replace(files["playbook.yaml"])
	return files
}

// asleep waits until a lead has had its first mail and its call is asked for.
func (s *stack) asleep(lead, email string) {
	s.Helper()
	s.eventually(email+" has had the acknowledgement and waits for the second email", time.Minute, func() bool {
		var e sequence.Explanation
		require.NoError(s, s.api.Get(s.Context(), "/leads/"+lead+"/explanation", &e))
		return len(s.mails(email)) == 1 && strings.Contains(e.Waiting, "warm/idea")
	})
}

func TestLeadsAreMovedToANewVersionEachAnswersForItselfAndNobodyIsWrittenToTwice(t *testing.T) {
	s := start(t)
	stop := s.run(24 * time.Hour) // real time, on a Monday morning
	mo := s.manager()
	emails := []string{"ann@acme.example", "bo@birch.example", "cy@cedar.example"}
	leads, before := []string{}, map[string]time.Time{}
	for _, email := range emails {
		leads = append(leads, s.enrol("Some Body", email))
	}
	var chat struct {
		Lead string `json:"lead_id"`
	}
	require.NoError(t, s.api.Post(t.Context(), "/leads", map[string]any{"email": "di@dale.example", "time_zone": "Europe/Berlin", "country": "DE", "source": "site_chat"}, &chat))
	for i, lead := range leads {
		s.asleep(lead, emails[i])
		require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{"outcome": "voicemail"}, nil))
		before[lead] = *s.lead(lead).NextAt
	}
	s.asleep(chat.Lead, "di@dale.example")

	var published api.Version
	require.NoError(t, mo.Post(t.Context(), "/playbooks", map[string]any{"files": patient(t)}, &published))
	from := s.app.Library.Current().ID
	require.NotEqual(t, from, published.ID)
	var impact policy.Impact
	require.NoError(t, mo.Post(t.Context(), "/playbooks/impact", map[string]any{"from": from, "to": published.ID}, &impact))
	require.Equal(t, map[sequence.Effect]int{sequence.TouchChanges: 3, sequence.Refused: 1}, impact.Counts)
	require.Equal(t, map[string]int{"unknown_kind": 1}, impact.Refusals)

	move := s.moved(mo, from, published.ID)
	require.EqualValues(t, []int64{4, 3, 1}, []int64{int64(move.Total), move.Moved, move.Refused})
	require.Equal(t, chat.Lead, move.Refusals[0].Lead.String())
	require.Equal(t, "unknown_kind", move.Refusals[0].Code)
	for _, lead := range leads {
		s.eventually("the row follows", time.Minute, func() bool { return s.lead(lead).Playbook == published.ID })
		require.Greater(t, s.lead(lead).NextAt.Sub(before[lead]), 24*time.Hour, "the second email waits longer")
		require.Equal(t, published.ID, s.shownVersion(lead))
	}
	require.Equal(t, from, s.lead(chat.Lead).Playbook)
	for _, email := range emails {
		require.Len(t, s.mails(email), 1, "the move itself sends nothing")
	}
	stop()

	stop = s.run(2 * time.Second)
	for _, email := range emails {
		s.eventually(email+" gets the second email", 2*time.Minute, func() bool { return len(s.mails(email)) >= 2 })
	}
	stop()
	for _, email := range emails {
		subjects := map[string]bool{}
		for _, subject := range s.mails(email) {
			require.False(t, subjects[subject], "%s got %q twice", email, subject)
			subjects[subject] = true
		}
	}
}

// moved moves the leads of one version to another and waits for the end of it.
func (s *stack) moved(mo demo.Client, from, to string) (move api.MoveView) {
	s.Helper()
	require.NoError(s, mo.Post(s.Context(), "/playbook-moves", map[string]any{"from": from, "to": to}, &move))
	s.eventually("the move is finished", 2*time.Minute, func() bool {
		var now api.MoveView
		require.NoError(s, mo.Get(s.Context(), "/playbook-moves/"+move.ID.String(), &now))
		move = now
		return move.FinishedAt != nil
	})
	return move
}

// shownVersion is the version that a manager sees in the Temporal UI.
func (s *stack) shownVersion(lead string) (version string) {
	s.Helper()
	s.eventually("the UI shows the version", time.Minute, func() bool {
		d, err := s.app.Temporal.DescribeWorkflow(s.Context(), workflows.WorkflowID(lead), "")
		require.NoError(s, err)
		var set bool
		version, set = d.TypedSearchAttributes.GetKeyword(workflows.Playbook)
		return set && version == s.lead(lead).Playbook
	})
	return version
}
