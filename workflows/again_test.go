package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// busyLife is a life in which much happens.
func busyLife(t *testing.T) *story {
	s := newStory(t, enrolled())
	s.restless = true // a run is a turn
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	s.update(day(0), workflows.RecordOutcome, "voicemail-1", sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.Voicemail})
	signal(s, day(2), workflows.EngagementSignal, "engagement-1", sequence.EngagementRecorded{ID: "g1", Kind: "site_visit", At: day(2)})
	signal(s, day(5), workflows.AutoReplySignal, "away-1", sequence.AutoReplyReceived{ID: "a1", Until: day(9)})
	s.update(day(10), workflows.RecordOutcome, "booked-1", sequence.OutcomeRecorded{ID: "o2", Outcome: sequence.CallScheduled, NextAt: day(14)})
	s.update(day(14), workflows.RecordOutcome, "moved-1", sequence.OutcomeRecorded{ID: "o3", Outcome: sequence.CallScheduled, NextAt: day(21)})
	signal(s, day(15), workflows.ReplySignal, "reply-1", sequence.ReplyReceived{ID: "r1"})
	s.update(day(16).Add(time.Hour), workflows.Resume, "resumed-1", sequence.Resumed{})
	s.update(day(21), workflows.RecordOutcome, "later-1", sequence.OutcomeRecorded{ID: "o4", Outcome: sequence.NotNow, NextAt: day(50)})
	s.update(day(52), workflows.Win, "won-1", sequence.DealWon{ID: "w1"})
	return s
}

// lived lets a life come to its end; the turn of that number is lost with Temporal
// after all of it was performed and before it was written.
func (s *story) lived(lost int, later time.Duration) {
	s.t.Helper()
	end := noon.AddDate(0, 0, 60)
	for !s.ended && s.err == nil && s.now.Before(end) {
		from, before := s.next, len(s.world.saves)
		s.run(end)
		if before < lost && len(s.world.saves) >= lost {
			s.lose(from, len(s.world.saves)-before, later)
			lost = 0
		}
	}
	require.NoError(s.t, s.err)
}

// lose forgets the last saves and starts the life again as a rebuild does.
func (s *story) lose(from workflows.Input, saves int, later time.Duration) {
	n := len(s.world.saves) - saves
	lost := s.world.saves[n:]
	s.world.saves = s.world.saves[:n:n]
	s.ended, s.now = false, s.now.Add(later)
	s.next = from
	if n > 0 {
		kept := s.world.saves[n-1]
		s.next = workflows.Input{Lead: kept.Lead, Recent: kept.Recent, Begun: s.begun(kept.Lead)}
	}
	clear(s.shown)
	for _, save := range lost {
		s.world.timeline = s.world.timeline[:len(s.world.timeline)-len(save.Entries)]
		for _, id := range save.Taken {
			if id != workflows.StartMessage {
				require.Contains(s.t, s.messages, id)
				s.at(s.now, s.messages[id])
			}
		}
	}
}

// begun are the touches that were made and that the state knows nothing of.
func (s *story) begun(l sequence.Lead) (all []workflows.Begun) {
	number := func(touch string) (n int) {
		_, _ = fmt.Sscanf(touch, "t%d", &n)
		return n
	}
	for _, c := range append(s.world.made("mail"), s.world.made(activities.CreateTask)...) {
		var touch string
		switch made := c.Do.(type) {
		case sequence.SendEmail:
			touch = made.Touch
		case sequence.CreateTask:
			touch = made.Touch
		}
		if number(touch) > l.TouchSeq || l.Next != nil && l.Next.Touch == touch {
			all = append(all, workflows.Begun{Touch: touch, At: c.At})
		}
	}
	slices.SortStableFunc(all, func(a, b workflows.Begun) int { return a.At.Compare(b.At) })
	return all
}

func (s *story) mailed() (all []string) {
	touches, texts := s.world.mails()
	for i := range touches {
		all = append(all, touches[i]+" "+texts[i])
	}
	return all
}

func TestALifeThatLosesAnyOfItsTurnsIsTheLifeThatLostNone(t *testing.T) {
	twin := busyLife(t)
	twin.lived(0, 0)
	require.True(t, twin.ended)
	require.Equal(t, sequence.Won, twin.world.lead().Stage)
	turns := len(twin.world.saves)
	require.Greater(t, turns, 20)
	for lost := 1; lost <= turns; lost++ {
		t.Run(fmt.Sprint("turn ", lost), func(t *testing.T) {
			s := busyLife(t)
			s.lived(lost, 0)
			require.True(t, s.ended)
			require.Equal(t, twin.mailed(), s.mailed(), "nothing is sent twice, and nothing is left out")
			require.Equal(t, told(t, twin.world.entries()), told(t, s.world.entries()))
			require.Equal(t, twin.world.lead(), s.world.lead())
		})
	}
}

func TestATurnThatIsFoundLostDaysLaterIsCountedOnceAtItsOwnTime(t *testing.T) {
	twin := busyLife(t)
	twin.lived(0, 0)
	for lost := 1; lost <= len(twin.world.saves); lost++ {
		t.Run(fmt.Sprint("turn ", lost), func(t *testing.T) {
			s := busyLife(t)
			s.lived(lost, 30*time.Hour)
			require.True(t, s.ended)
			touches, _ := s.world.mails()
			seen, counted := map[string]bool{}, map[string]int{}
			for _, e := range s.world.entries() {
				if e.What == sequence.TouchMade && e.Touch != "" {
					counted[e.Touch]++
				}
			}
			for _, touch := range touches {
				require.False(t, seen[touch], "touch %s was sent twice", touch)
				seen[touch] = true
				require.Equal(t, 1, counted[touch], "touch %s counts once: %v", touch, s.mailed())
			}
			for i, e := range s.world.entries() {
				require.Equal(t, i+1, e.N, "the timeline has no gap")
			}
			require.Equal(t, sequence.Won, s.world.lead().Stage)
		})
	}
}

func TestALeadWritesItsRowWhenItIsAskedToAndNothingElse(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	before, saves, lines := s.world.lead(), len(s.world.saves), len(s.world.entries())
	s.at(noon.Add(time.Hour), func(env *testsuite.TestWorkflowEnvironment) {
		env.SignalWorkflow(workflows.DecisionSignal, workflows.Message[workflows.Decision]{ID: "any"})
	})
	s.until(noon.Add(2 * time.Hour))
	require.Len(t, s.world.saves, saves+1)
	require.Equal(t, before, s.world.lead())
	require.Len(t, s.world.entries(), lines)
}
