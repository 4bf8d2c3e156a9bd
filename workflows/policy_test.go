package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// newer is another version of the playbook, which differs in nothing but its id.
const newer = "default-newer"

func (s *story) loads(id string) {
	pb := *playbook()
	pb.ID = id
	s.library.Add(&pb)
}

func toNewer() workflows.PlaybookChange {
	return workflows.PlaybookChange{From: playbook().ID, To: newer}
}

func (s *story) changes() (n int) {
	for _, e := range s.world.entries() {
		if e.What == sequence.PolicyChanged {
			n++
		}
	}
	return n
}

func TestALeadFollowsAnotherVersionOnceEvenAfterHibernation(t *testing.T) {
	s := newStory(t, enrolled())
	s.loads(newer)
	s.until(noon)
	before := s.next.Lead
	first := s.update(noon, workflows.ChangePlaybook, "move-1", toNewer())
	again := s.update(noon.Add(time.Hour), workflows.ChangePlaybook, "move-1", toNewer())
	other := s.update(noon.Add(2*time.Hour), workflows.ChangePlaybook, "move-2", toNewer())
	s.until(noon.Add(3 * time.Hour))

	require.NoError(t, errors.Join(first.failed, again.failed))
	require.Equal(t, newer, first.lead.Playbook)
	require.Equal(t, newer, again.lead.Playbook, "answered, not done again")
	require.Equal(t, "already_there", refusalIn(t, other.rejected).Code)
	require.Equal(t, 1, s.changes())
	require.Equal(t, newer, s.world.lead().Playbook, "written through")
	require.Equal(t, newer, s.shown[workflows.Playbook], "and shown in the UI")
	after := s.world.lead()
	require.Equal(t, []any{before.Stage, before.Play, before.Next, before.Touches}, []any{after.Stage, after.Play, after.Next, after.Touches})
	require.Equal(t, newer, s.next.Lead.Playbook, "and carried into the next run")

	s.until(monday.Add(30 * 24 * time.Hour))
	touches, _ := s.world.mails()
	require.Greater(t, len(touches), 2, "its life goes on under the new version")
	require.Len(t, distinct(touches), len(touches), "and no touch is made twice")
	s.requireNothingPersonal()
}

func distinct(all []string) map[string]bool {
	set := map[string]bool{}
	for _, one := range all {
		set[one] = true
	}
	return set
}

func TestAVersionThatThisWorkerDoesNotHoldIsRefusedForNow(t *testing.T) {
	s := newStory(t, enrolled())
	early := s.update(noon, workflows.ChangePlaybook, "move-1", toNewer())
	s.until(noon.Add(time.Minute))
	require.Equal(t, "playbook_not_loaded", refusalIn(t, early.rejected).Code)
	require.Contains(t, activities.Passing(), "playbook_not_loaded")

	s.loads(newer)
	late := s.update(noon.Add(time.Hour), workflows.ChangePlaybook, "move-1", toNewer())
	s.until(noon.Add(2 * time.Hour))
	require.NoError(t, late.failed)
	require.Equal(t, newer, late.lead.Playbook)
}

func TestALeadOfAnotherVersionIsNotMoved(t *testing.T) {
	s := newStory(t, enrolled())
	s.loads(newer)
	r := s.update(noon, workflows.ChangePlaybook, "move-1", workflows.PlaybookChange{From: "default-older", To: newer})
	s.until(noon.Add(time.Minute))
	require.Equal(t, "another_playbook", refusalIn(t, r.rejected).Code)
	require.Equal(t, playbook().ID, s.world.lead().Playbook)
}

func TestALeadWhoseEmailIsOnItsWayIsMovedAfterwards(t *testing.T) {
	s := newStory(t, enrolled())
	s.loads(newer)
	s.world.fail = func(what string, n int) error {
		if what == activities.SendEmail && n < 4 { // it is retried for a few seconds
			return errAway
		}
		return nil
	}
	during := s.update(monday.Add(2*time.Second), workflows.ChangePlaybook, "move-1", toNewer())
	after := s.update(monday.Add(time.Minute), workflows.ChangePlaybook, "move-1", toNewer())
	s.until(noon)
	require.Equal(t, "touch_in_flight", refusalIn(t, during.rejected).Code)
	require.Contains(t, activities.Passing(), "touch_in_flight")
	require.NoError(t, after.failed)
	require.Equal(t, newer, after.lead.Playbook)
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge"}, texts)
}

func TestAnOutcomeIsTakenBackOnceAndItsTaskIsAskedForAgain(t *testing.T) {
	s := newStory(t, enrolled())
	s.until(noon)
	before := s.world.lead()
	said := s.update(noon, workflows.RecordOutcome, "", sequence.OutcomeRecorded{By: byOwner, ID: "o1", Outcome: sequence.NotInterested, Reason: true})
	back := sequence.OutcomeTakenBack{By: byOwner, ID: "o1"}
	first := s.update(noon.Add(time.Hour), workflows.TakeBackOutcome, "key-1", back)
	again := s.update(noon.Add(2*time.Hour), workflows.TakeBackOutcome, "key-1", back)
	other := s.update(noon.Add(3*time.Hour), workflows.TakeBackOutcome, "key-2", back)
	s.until(noon.Add(4 * time.Hour))

	require.Equal(t, sequence.Cold, said.lead.Stage)
	require.NoError(t, errors.Join(first.failed, again.failed))
	require.Equal(t, sequence.Warm, first.lead.Stage)
	require.Equal(t, before.Next, first.lead.Next)
	require.Equal(t, "not_the_last_outcome", refusalIn(t, other.rejected).Code)
	reopened := s.world.made(activities.ReopenTasks)
	require.Len(t, reopened, 1)
	require.Equal(t, sequence.ReopenTasks{UpTo: before.TouchSeq, Since: noon}, reopened[0].Do)
	require.Equal(t, "warm", s.shown[workflows.LeadStage])
}

func TestAnOutcomeThatAnEmailFollowedIsNotTakenBack(t *testing.T) {
	s := newStory(t, enrolled())
	booked := outcome("o1", sequence.CallScheduled)
	booked.NextAt = tomorrow.Add(24 * time.Hour)
	s.update(noon, workflows.RecordOutcome, "", booked)
	r := s.update(noon.Add(time.Hour), workflows.TakeBackOutcome, "", sequence.OutcomeTakenBack{By: byOwner, ID: "o1"})
	s.until(noon.Add(2 * time.Hour))
	refused := refusalIn(t, r.rejected)
	require.Equal(t, "cannot_be_undone", refused.Code)
	require.Contains(t, refused.Message, "went out")
	require.Equal(t, sequence.ScheduledCall, s.world.lead().Stage)
}

func TestALeadFallsSilentWhileAColleagueTalksAndGoesOnAfterwards(t *testing.T) {
	s := newStory(t, enrolled())
	talks := sequence.ColleagueTalks{Lead: "another"}
	signal(s, noon, workflows.ColleagueSignal, "m1", talks)
	signal(s, noon, workflows.ColleagueSignal, "m1", talks)
	quiet := noon.Add(14 * 24 * time.Hour)
	s.until(quiet)
	require.Equal(t, string(sequence.PausedColleague), s.shown[workflows.BlockedReason])
	_, texts := s.world.mails()
	require.Equal(t, []string{"warm/acknowledge"}, texts, "nothing for two weeks")

	signal(s, quiet, workflows.ColleagueSignal, "m2", sequence.ColleagueTalks{Lead: "another", Over: true})
	s.until(quiet.Add(7 * 24 * time.Hour))
	require.Empty(t, s.shown[workflows.BlockedReason])
	_, texts = s.world.mails()
	require.Greater(t, len(texts), 1)
}

func TestTheAccountHearsWhenAConversationBeginsAndEnds(t *testing.T) {
	in := enrolled()
	in.Lead.Account = "0190f5fe-7c00-7000-8000-0000000000cc"
	s := newStory(t, in)
	booked := outcome("o1", sequence.CallScheduled)
	booked.NextAt = tomorrow.Add(24 * time.Hour)
	s.update(noon, workflows.RecordOutcome, "", booked)
	s.update(tomorrow, workflows.RecordOutcome, "", sequence.OutcomeRecorded{By: byOwner, ID: "o2", Outcome: sequence.NotInterested, Reason: true})
	s.until(tomorrow.Add(time.Hour))
	var told []any
	for _, c := range s.world.made(activities.CalmAccount) {
		told = append(told, c.Do)
	}
	require.Equal(t, []any{true, false}, told)
}

func TestNewsEndsTheWaitForAReasonToReachOut(t *testing.T) {
	s := newStory(t, enrolled())
	library := false // has it something new?
	s.world.mail = func(m sequence.SendEmail) activities.Verdict {
		if m.Text == "warm/idea" && !library {
			return activities.Verdict{Status: sequence.NoReason}
		}
		return activities.Verdict{Status: sequence.Sent}
	}
	s.update(noon, workflows.RecordOutcome, "", outcome("o1", sequence.Voicemail))
	waits := monday.Add(4 * 24 * time.Hour)
	s.until(waits)
	require.Equal(t, sequence.NothingNew, s.shown[workflows.BlockedReason])
	looksAgain := s.world.lead().Next.At

	library = true
	signal(s, waits, workflows.NewsSignal, "m1", sequence.NewsPublished{ID: "c1"})
	s.until(waits.Add(time.Hour))
	require.True(t, s.world.lead().Next.At.Before(looksAgain), "%s is not before %s", s.world.lead().Next.At, looksAgain)
	s.until(looksAgain)
	require.Empty(t, s.shown[workflows.BlockedReason])
	_, texts := s.world.mails()
	require.Contains(t, texts, "warm/idea")
}
