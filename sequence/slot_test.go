package sequence_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// full is a warm lead whose next mail waits for its turn in the mailbox.
func full(t *testing.T, why string, wait time.Duration) (*simulate.Life, time.Time) {
	t.Helper()
	life := inWarm(t)
	var slot time.Time
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		slot = life.Now.Add(wait)
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Deferred, Why: why, RetryAt: slot, Detail: "the login was refused"}
	}
	for life.Lead.Blocked == nil {
		require.NoError(t, life.For(time.Hour))
	}
	return life, slot
}

func TestAMailThatWaitsForItsSlotGoesOutThenAndSaysWhatItWaitsFor(t *testing.T) {
	life, slot := full(t, sequence.MailboxFull, 30*time.Minute)
	require.Equal(t, "mailbox_full", life.Lead.BlockedReason())
	require.Equal(t, slot.UTC(), life.Lead.Next.At, "not a quarter of an hour later, as for a mail server that is away")
	require.Contains(t, explains(t, life.Lead, life.Playbook, life.Now).Waiting, "its turn in the mailbox")
	touch := life.Lead.Next.Touch
	life.Mail = nil
	require.NoError(t, life.Until(slot.Add(time.Minute)))
	require.Nil(t, life.Lead.Blocked)
	require.NotEqual(t, touch, life.Lead.Next.Touch, "the touch was made")
}

func TestALeadOfAParkedMailboxWaitsUntilItGetsASlot(t *testing.T) {
	life, _ := full(t, sequence.MailboxParked, 24*time.Hour)
	require.Equal(t, "mailbox_parked", life.Lead.BlockedReason())
	e := explains(t, life.Lead, life.Playbook, life.Now)
	require.Contains(t, e.Waiting, "parked")
	require.Contains(t, e.Unless, "the mailbox is resumed")

	stage, at := life.Lead.Stage, life.Now.Add(20*time.Minute)
	require.NoError(t, life.Let(sequence.SlotGiven{Touch: "t99", At: at}))
	require.Equal(t, "mailbox_parked", life.Lead.BlockedReason(), "another touch's slot")
	require.NoError(t, life.Let(sequence.SlotGiven{Touch: life.Lead.Next.Touch, At: at}))
	require.Equal(t, at.UTC(), life.Lead.Next.At)
	require.Equal(t, "mailbox_full", life.Lead.BlockedReason())
	require.Equal(t, stage, life.Lead.Stage)

	life.Mail = nil
	require.NoError(t, life.Until(at.Add(time.Minute)))
	require.Nil(t, life.Lead.Blocked)
	next := *life.Lead.Next
	require.NoError(t, life.Let(sequence.SlotGiven{Touch: next.Touch, At: life.Now}))
	require.Equal(t, next, *life.Lead.Next, "a lead that does not wait for a slot needs none")
}

func TestAMailThatNeverGetsItsTurnIsShownToTheManagerOnce(t *testing.T) {
	life, _ := full(t, sequence.MailboxFull, time.Hour)
	told := 0
	for range 60 {
		require.NoError(t, life.For(2*time.Hour))
	}
	for _, e := range life.Timeline {
		if e.What == sequence.PersonTold && strings.Contains(e.Detail, "put off ten times") {
			told++
		}
	}
	require.Equal(t, 1, told)
}

func TestAStepByAnotherMailboxSaysSoInWhatItAsksFor(t *testing.T) {
	life := inWarm(t)
	steps := life.Playbook.Stages[sequence.Warm][sequence.Inbound]
	for i := range steps {
		steps[i].By, steps[i].Follows = "director", steps[i].Email != ""
	}
	before := len(life.Actions)
	require.NoError(t, life.For(10*24*time.Hour))
	mails, calls := 0, 0
	for _, action := range life.Actions[before:] {
		switch a := action.(type) {
		case sequence.SendEmail:
			mails++
			require.Equal(t, "director", a.By)
			require.True(t, a.Follows)
		case sequence.CreateTask:
			calls++
			require.Equal(t, "director", a.By)
		}
	}
	require.Positive(t, mails)
	require.Positive(t, calls)
}
