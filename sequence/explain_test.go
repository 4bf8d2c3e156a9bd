package sequence_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// an email address, or what looks like one
var addressLike = regexp.MustCompile(`\S@\S`)

// explains checks what every explanation owes its reader, and gives it back.
func explains(t require.TestingT, l sequence.Lead, pb *sequence.Playbook, now time.Time) sequence.Explanation {
	was := mustJSON(l)
	e := sequence.Explain(l, pb, now)
	require.Equal(t, was, mustJSON(l), "explaining changes nothing")
	require.Equal(t, l.Stage, e.Stage)
	require.Equal(t, l.Play, e.Play)
	require.NotEmptyf(t, e.Waiting, "for what does %s wait?", was)
	if deadline, _ := l.Deadline(); deadline.Equal(e.Until) || l.Watch == nil || !deadline.Equal(l.Watch.At) {
		require.Equal(t, deadline, e.Until, "it waits until its deadline")
	} else { // it wakes up before to tell somebody, and waits on
		require.Equal(t, l.Next.At, e.Until, "it waits for its touch")
		require.Contains(t, strings.Join(e.Unless, "\n"), "is told", "what happens before is said")
	}
	require.NotEmptyf(t, e.Because, "by which rule is %s?", was)
	for _, g := range e.Because {
		require.NotEmpty(t, g.Rule)
		require.NotEqual(t, string(g.Rule), g.Title, "a rule is named in words")
	}
	if !l.Stage.Final() {
		require.Contains(t, strings.Join(e.Unless, "\n"), "stop", "a stop would change it")
	}
	text := e.Markdown(sequence.PlaceOf(l, pb).Zone)
	require.Contains(t, text, strings.ReplaceAll(string(l.Stage), "_", " "))
	require.Contains(t, text, e.Waiting)
	require.NotRegexp(t, addressLike, text)
	require.NotContains(t, text, "0001", "a time that was never set")
	require.NotContains(t, text, "%!", "a format that went wrong")
	return e
}

func TestEveryStageSaysWhatItWaitsForAndWhatComesNext(t *testing.T) {
	for column, want := range map[string]struct{ waiting, then string }{
		"warm":              {"the time for the email warm/idea", "a call by the owner, 2 working days later"},
		"scheduled_call":    {"the time for the email scheduled_call/reminder_day", "a word to the owner: the agreed call is in an hour"},
		"call_over":         {"the call, and its outcome from the owner", "the call, and its outcome"},
		"multi_stakeholder": {"the time for the email multi_stakeholder/tell_primary", "grace period in which the primary can object, 2 working days later"},
		"outreach":          {"the time for calls by the owner to the stakeholders", "the email multi_stakeholder/once_more to the stakeholders, 3 working days later"},
		"cold":              {"the time for the email cold/value", "the email cold/help, 3 weeks later"},
		"revival":           {"the time for the email revival/news", "a call by the owner, 3 working days later"},
		"break_up":          {"the time for the email break_up/farewell", "time to answer, 3 weeks later"},
		"check_in":          {"the time for the email check_in/quarterly", "the next check-in"},
	} {
		for _, m := range moments(t) {
			if m.column != column {
				continue
			}
			e := explains(t, m.life.Lead, m.life.Playbook, m.life.Now)
			require.Equal(t, want.waiting, e.Waiting, column)
			require.Equal(t, want.then, e.Then, column)
		}
	}
}

func TestEveryPlayOfEveryStageIsExplainedAtEveryStep(t *testing.T) {
	pb := defaultPlaybook(t)
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			for i, step := range pb.Steps(stage, play) {
				l := sequence.Lead{
					ID: "lead-1", Stage: stage, Play: play, EnteredAt: monday, Because: sequence.Because{Rule: sequence.ByHand},
					Next: &sequence.Planned{Step: i, At: monday.AddDate(0, 0, 7), Rule: step.Rule},
				}
				e := explains(t, l, pb, monday)
				require.NotEmptyf(t, e.Then, "what comes after step %d of %s/%s?", i, stage, play)
				require.Equal(t, step.Rule, e.Because[1].Rule)
			}
		}
	}
}

func TestAFinishedLifeSaysHowItEnded(t *testing.T) {
	for end, words := range map[sequence.Event]string{
		sequence.DealWon{ID: "w1"}:                         "won",
		sequence.LeadDisqualified{Reason: "not_a_fit"}:     "not a fit",
		sequence.OptedOut{ID: "s1", Via: "complaint"}:      "they said stop: complaint",
		sequence.TouchPerformed{Status: sequence.NoReason}: "",
	} {
		life := inWarm(t)
		require.NoError(t, life.Let(end))
		e := explains(t, life.Lead, life.Playbook, life.Now)
		if words == "" {
			require.NotContains(t, e.Waiting, "over", "this one goes on")
			continue
		}
		require.Contains(t, e.Waiting, "this life is over ("+words+")")
		require.Zero(t, e.Until)
	}
}

func TestEveryPauseSaysWhoCanEndIt(t *testing.T) {
	said := map[string]bool{}
	for _, reason := range pauseReasons() {
		life := inWarm(t)
		until := life.Now.AddDate(0, 0, 10)
		require.NoError(t, life.Let(sequence.Paused{By: rep, Reason: reason, Until: until}))
		e := explains(t, life.Lead, life.Playbook, life.Now)
		require.False(t, said[e.Waiting], "every pause has words of its own")
		said[e.Waiting] = true
		require.Equal(t, "it goes on with the email warm/idea", e.Then, "it goes on with the next step")
		require.Contains(t, e.Unless, "it is resumed by hand")
	}
}

func TestEveryWatchSaysThatTheManagerWillBeTold(t *testing.T) {
	watched := map[sequence.WatchKind]*simulate.Life{
		sequence.WatchFirstCall: inWarm(t),
		sequence.WatchOutcome:   inScheduledCall(t),
		sequence.WatchReply:     inWarm(t),
	}
	require.NoError(t, watched[sequence.WatchReply].Let(sequence.ReplyReceived{ID: "r1"}))
	for kind, life := range watched {
		require.NotNil(t, life.Lead.Watch)
		require.Equal(t, kind, life.Lead.Watch.For)
		e := explains(t, life.Lead, life.Playbook, life.Now)
		require.Contains(t, strings.Join(e.Unless, "\n"), "nothing is recorded: the manager is told")
		var rules []sequence.Rule
		for _, g := range e.Because {
			rules = append(rules, g.Rule)
		}
		require.Contains(t, rules, life.Lead.Watch.Rule)
	}
}

func TestALeadWithoutNewsSaysThatTheLibraryIsEmpty(t *testing.T) {
	life := inWarm(t)
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.NoReason}
	}
	require.NoError(t, life.For(4*24*time.Hour))
	e := explains(t, life.Lead, life.Playbook, life.Now)
	require.Contains(t, e.Waiting, "the content library has nothing new")
	require.Contains(t, e.Unless, "a new content item is published")
	require.Equal(t, "no_reason", life.Lead.BlockedReason())
}

func TestALeadWhoseMailIsNotTakenSaysHowOften(t *testing.T) {
	life := inWarm(t)
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Deferred, RetryAt: life.Now.Add(2 * time.Hour)}
	}
	require.NoError(t, life.Until(time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC)))
	e := explains(t, life.Lead, life.Playbook, life.Now)
	require.Regexp(t, `did not take the mail \(\d times\)`, e.Waiting)
}

func TestAnEmailOnItsWaySaysSo(t *testing.T) {
	life := inWarm(t)
	require.NotEqual(t, "t0", beingSent(life))
	e := explains(t, life.Lead, life.Playbook, life.Now)
	require.Contains(t, e.Waiting, "handed over to the mail server")
}
