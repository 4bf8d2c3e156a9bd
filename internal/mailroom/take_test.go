package mailroom_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// arrival is a message about the mail to Dana, and what comes of it.
type arrival struct {
	name, file string
	state, by  string
	told       []string // signals to the lead
	stopped    string   // how her address is stopped
	came       string   // what is noted of the mail: bounced, complained
	notices    int
}

var arrivals = []arrival{
	{name: "a human answers", file: "human/top_posted_gmail", state: "taken", by: "in_reply_to", told: []string{workflows.ReplySignal}},
	{name: "she is away", file: "out_of_office/english_back_on", state: "taken", by: "in_reply_to", told: []string{workflows.AutoReplySignal}},
	{name: "a machine answers", file: "auto_reply/ticket", state: "taken", by: "in_reply_to"},
	{name: "the address does not exist", file: "bounce/postfix_unknown", state: "taken", by: "original", told: []string{workflows.AddressFailedSignal}, stopped: "bounce", came: "bounced"},
	{name: "her mailbox is full", file: "bounce/mailbox_full_permanent", state: "taken", by: "original", came: "bounced", notices: 1},
	{name: "it is delayed", file: "bounce/delayed", state: "taken", by: "original"},
	{name: "she calls it spam", file: "complaint/abuse", state: "taken", by: "original", told: []string{workflows.OptOutSignal}, stopped: "complaint", came: "complained"},
	{name: "she wants no more mail", file: "opt_out/bare_stop", state: "taken", by: "in_reply_to", told: []string{workflows.OptOutSignal}, stopped: "reply"},
	{name: "her calendar says yes", file: "calendar/accepted", state: "taken", by: "in_reply_to", told: []string{workflows.InvitationSignal}},
}

func TestWhatComesBackHasItsEffectOnceAndShowsThatTheMailWentOut(t *testing.T) {
	for _, c := range arrivals {
		t.Run(c.name, func(t *testing.T) {
			s := newSetting(t)
			require.Equal(t, "unknown", s.sent().State)
			raw := corpus(t, c.file)
			row := s.take(raw)
			require.Equal(t, []string{c.state, c.by, "t1"}, []string{row.State, row.MatchedBy, row.Touch}, row.Class)
			require.Equal(t, s.lead, *row.LeadID)
			require.Equal(t, s.person.ID, *row.PersonID)
			require.Equal(t, raw, string(row.Raw), "it is kept whole")

			require.Equal(t, []string{"sent", "answered"}, []string{s.sent().State, s.sent().Reconciled})
			require.True(t, now.Equal(*s.sent().SentAt))
			s.effects(c)
			require.Equal(t, row.ID, s.take(strings.Replace(raw, "From:", "X-Seen: again\nFrom:", 1)).ID, "it is the same, however it came")
			s.effects(c)
		})
	}
}

// effects are all that a message may have done.
func (s *setting) effects(c arrival) {
	s.t.Helper()
	require.ElementsMatch(s.t, c.told, s.told())
	require.Equal(s.t, len(c.told), s.count("SELECT count(*) FROM dispatches WHERE message <> 'start'"))
	require.Equal(s.t, c.stopped, s.stopped(dana))
	require.Equal(s.t, c.came == "bounced", s.sent().BouncedAt != nil)
	require.Equal(s.t, c.came == "complained", s.sent().ComplainedAt != nil)
	require.Equal(s.t, c.notices, s.count("SELECT count(*) FROM notifications WHERE lead_id = $1 AND who = 'owner'", s.lead))
	require.Equal(s.t, 1, s.count("SELECT count(*) FROM inbound_messages"))
}

func TestTheLeadIsToldWhatWasWritten(t *testing.T) {
	t.Run("until when she is away", func(t *testing.T) {
		s := newSetting(t)
		s.take(corpus(t, "out_of_office/english_back_on"))
		require.True(t, time.Date(2027, 1, 4, 23, 0, 0, 0, time.UTC).Equal(event[sequence.AutoReplyReceived](s).Until), "5 January in her zone")
	})
	t.Run("which call she accepts", func(t *testing.T) {
		s := newSetting(t)
		s.take(corpus(t, "calendar/accepted"))
		got := event[sequence.InvitationAnswered](s)
		require.Equal(t, sequence.InvitationAnswered{ID: got.ID, UID: "call-7@sales.example.org", Answer: sequence.Accepted}, got)
	})
	t.Run("and the words stay in the records", func(t *testing.T) {
		s := newSetting(t)
		row := s.take(corpus(t, "human/top_posted_gmail"))
		require.Equal(t, row.ID.String(), event[sequence.ReplyReceived](s).ID)
		require.Equal(t, 1, s.count("SELECT count(*) FROM replies WHERE id = $1 AND body = $2 AND body <> ''", row.ID, row.Body))
		require.Zero(t, s.count("SELECT count(*) FROM dispatches WHERE position($1 IN payload::text) > 0", row.Body))
	})
}

func TestAnAnswerWithoutAReferenceIsKnownByItsWriter(t *testing.T) {
	s := newSetting(t)
	row := s.take(strings.ReplaceAll(corpus(t, "human/top_posted_gmail"), touch, "lost@sales.example.org"))
	require.Equal(t, []string{"taken", "address", ""}, []string{row.State, row.MatchedBy, row.Touch})
	require.Equal(t, []string{workflows.ReplySignal}, s.told())
	require.Equal(t, "unknown", s.sent().State, "it says nothing of that mail")
}

func TestAColleagueWhoAnswersAndWantsNoMoreStopsBoth(t *testing.T) {
	s := newSetting(t)
	row := s.take(strings.ReplaceAll(corpus(t, "opt_out/bare_stop"), dana, "eve@stone.example.com"))
	require.Equal(t, "taken", row.State)
	require.Equal(t, "reply", s.stopped(dana))
	require.Equal(t, "reply", s.stopped("eve@stone.example.com"))
}

func TestMailThatBelongsToNobodyIsListedOrPutAway(t *testing.T) {
	for _, c := range []struct{ name, file, state string }{
		{"a human", "human/top_posted_gmail", "unmatched"},
		{"a bounce of mail that is not ours", "bounce/postfix_unknown", "unmatched"},
		{"a complaint about it", "complaint/abuse", "unmatched"},
		{"an answer to somebody's invitation", "calendar/accepted", "unmatched"},
		{"a machine", "auto_reply/ticket", "dismissed"},
		{"somebody's absence", "out_of_office/english_back_on", "dismissed"},
		{"a newsletter", "bulk/newsletter", "dismissed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSetting(t)
			row := s.take(stranger(corpus(t, c.file)))
			require.Equal(t, c.state, row.State)
			require.Nil(t, row.LeadID)
			require.Empty(t, s.engine.told)
			require.Equal(t, "unknown", s.sent().State)
			require.Empty(t, s.stopped(dana), "anybody can write a report")
		})
	}
}

func TestAStrangerWhoWantsNoMoreMailGetsNone(t *testing.T) {
	s := newSetting(t)
	row := s.take(stranger(corpus(t, "opt_out/bare_stop")))
	require.Equal(t, []string{"taken", "address"}, []string{row.State, row.MatchedBy})
	require.Equal(t, "reply", s.stopped("eve@stone.example.com"))
	require.Empty(t, s.stopped(dana))
}

func TestAStrangerWhoWritesToTheMailboxForInquiriesBecomesALead(t *testing.T) {
	s := newSetting(t)
	box := s.mailbox("info", mailroom.Settings{Address: "info@sales.example.org", Inquiries: true})
	raw := stranger(corpus(t, "human/top_posted_gmail"))
	for range 2 {
		id, err := s.Take(t.Context(), box, []byte(raw), now)
		require.NoError(t, err)
		row := s.inbound(id)
		require.Equal(t, []string{"taken", "inquiry"}, []string{row.State, row.MatchedBy})
		require.Equal(t, 1, s.count(`SELECT count(*) FROM leads l JOIN people p ON p.id = l.person_id
			WHERE l.id = $1 AND p.id = $2 AND l.source = 'info_request' AND p.email = 'eve@stone.example.com'`, row.LeadID, row.PersonID))
		require.Equal(t, []signal{{"start", row.LeadID.String(), "{}"}}, s.engine.told, "once")
	}
}

func TestOurOwnMailIsNoNews(t *testing.T) {
	s := newSetting(t)
	id, err := s.Take(t.Context(), s.box, []byte(strings.ReplaceAll(corpus(t, "human/top_posted_gmail"), dana, strings.ToUpper(rita))), now)
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, id)
	require.Zero(t, s.count("SELECT count(*) FROM inbound_messages"))
}

func TestAMessageThatWasStoredBeforeACrashHasItsEffectAfterIt(t *testing.T) {
	for _, c := range arrivals {
		if len(c.told) == 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			s := newSetting(t)
			away, err := postgres.Open(t.Context(), "postgres://nobody@127.0.0.1:1/nothing", 1)
			require.NoError(t, err)
			t.Cleanup(away.Close)
			dying := s.Room
			dying.Door = &door.Door{Store: away}
			id, err := dying.Take(t.Context(), s.box, []byte(corpus(t, c.file)), now)
			require.Error(t, err, "it is to be brought again")
			require.Equal(t, "new", s.inbound(id).State)
			require.Empty(t, s.engine.told)

			require.NoError(t, s.GoOn(t.Context(), now))
			require.Equal(t, "new", s.inbound(id).State, "somebody may be at it still")
			for range 2 {
				require.NoError(t, s.GoOn(t.Context(), now.Add(time.Minute)))
				require.Equal(t, "taken", s.inbound(id).State)
				s.effects(c)
			}
			require.Equal(t, id, s.take(corpus(t, c.file)).ID, "and then it is brought again")
			s.effects(c)
		})
	}
}

// A crash between the effect and the note of it.
func TestAMessageThatHadItsEffectBeforeACrashHasItOnce(t *testing.T) {
	for _, c := range arrivals {
		t.Run(c.name, func(t *testing.T) {
			s := newSetting(t)
			id := s.take(corpus(t, c.file)).ID
			_, err := s.Store.Pool.Exec(t.Context(), "UPDATE inbound_messages SET state = 'new'")
			require.NoError(t, err)
			require.NoError(t, s.GoOn(t.Context(), now.Add(time.Minute)))
			require.Equal(t, c.state, s.inbound(id).State)
			require.Equal(t, c.stopped, s.stopped(dana))
			require.Equal(t, c.notices, s.count("SELECT count(*) FROM notifications WHERE lead_id = $1", s.lead))
			require.LessOrEqual(t, s.count("SELECT count(*) FROM suppressions"), 1)
			require.LessOrEqual(t, s.count("SELECT count(DISTINCT payload->'event'->>'id') FROM dispatches WHERE message NOT IN ('start', $1)", workflows.OptOutSignal), 1,
				"the lead knows it again by its id; a second stop finds its life over")
		})
	}
}
