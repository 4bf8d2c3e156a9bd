package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// What another version would do to a lead, before anybody is moved.

func TestEachEffectOfAnotherVersionHasItsName(t *testing.T) {
	waiting := func() *story { return tell(t, "info_request", copyOf(t)).outcome(sequence.NotNow).days(12) }
	for _, c := range []struct {
		story  string
		lead   *story
		change func(*sequence.Playbook)
		effect sequence.Effect
	}{
		{"another threshold", waiting(), func(pb *sequence.Playbook) { pb.NoShows = 5 }, sequence.Unchanged},
		{"a longer wait", waiting(), after(sequence.Cold, sequence.Value, 1, 6, sequence.Weeks), sequence.TouchChanges},
		{"another text", waiting(), func(pb *sequence.Playbook) { pb.Stages[sequence.Cold][sequence.Value][1].Email = "cold/value" }, sequence.TouchChanges},
		{"a play that is over", waiting(), steps(sequence.Cold, sequence.Value, func(all []sequence.Step) []sequence.Step { return all[:1] }), sequence.StageMoves},
		{"a source that is gone", waiting(), func(pb *sequence.Playbook) { delete(pb.Sources, "info_request") }, sequence.Refused},
		{"a life that is over", waiting().outcome(sequence.WonOutcome), same, sequence.Refused},
	} {
		was := mustJSON(c.lead.Lead)
		found := sequence.Compare(c.lead.Lead, c.lead.Playbook, version(t, "v2", c.change), c.lead.Now)
		require.Equal(t, c.effect, found.Effect, c.story)
		require.Equal(t, was, mustJSON(c.lead.Lead), "and nobody is moved")
		require.Equal(t, c.effect == sequence.Refused, found.Refusal != nil, c.story)
		require.Contains(t, sequence.Effects(), found.Effect)
	}
}

func TestTheComparisonSaysWhatComesNextBeforeAndAfter(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).outcome(sequence.NotNow).days(12)
	longer := version(t, "v2", after(sequence.Cold, sequence.Value, 1, 6, sequence.Weeks))
	c := sequence.Compare(s.Lead, s.Playbook, longer, s.Now)
	require.Equal(t, "lead-1", c.Lead)
	require.Equal(t, sequence.Prospect{Stage: sequence.Cold, Play: sequence.Value, Next: "the email cold/help", At: s.Lead.Next.At}, c.Before)
	require.Equal(t, c.Before.Next, c.After.Next)
	require.Greater(t, c.After.At.Sub(c.Before.At), 19*day)
	require.Empty(t, s.under(longer))
	require.Equal(t, s.Lead.Next.At, c.After.At, "as the move itself then does")
}

func TestABookedCallThatTheNewVersionLeavesAloneIsUnchanged(t *testing.T) {
	s := tell(t, "info_request", copyOf(t)).agreed(sequence.CallScheduled, thursday).wait(time.Hour)
	c := sequence.Compare(s.Lead, s.Playbook, version(t, "v2", func(pb *sequence.Playbook) { pb.CheckIns.TrainingPool = 2 }), s.Now)
	require.Equal(t, sequence.Unchanged, c.Effect)
	require.Equal(t, "the email scheduled_call/reminder_day", c.Before.Next)
}
