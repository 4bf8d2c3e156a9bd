package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// What happens where two things meet: a reply before an agreed call, a bounce
// while a mail is on its way, a question asked twice.

func sends(life *simulate.Life, text string) []string {
	var to []string
	for _, s := range only[sequence.SendEmail](life.Actions) {
		if s.Text == text {
			to = append(to, s.To)
		}
	}
	return to
}

func TestAReplyBeforeAnAgreedCallLeavesItsOutcomeOwed(t *testing.T) {
	life := inScheduledCall(t)
	call := life.Lead.Call.At
	require.NoError(t, life.Let(sequence.ReplyReceived{ID: "r1"}))
	require.NoError(t, life.Let(sequence.TaskDone{By: rep, ID: "k1", Kind: sequence.TaskReply}))
	require.Equal(t, sequence.WatchOutcome, life.Lead.Watch.For)
	require.NoError(t, life.Until(call.Add(time.Hour)))
	require.Equal(t, sequence.Booked, life.Lead.Play, "the play waits for the outcome of the call")
	require.Len(t, sends(life, "scheduled_call/reminder_hour"), 1)
}

func TestAReplyIsOwedUntilSomebodyIsTalkedTo(t *testing.T) {
	life := inWarm(t)
	require.NoError(t, life.Let(sequence.ReplyReceived{ID: "r1"}))
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NoAnswer}))
	require.NotNil(t, life.Lead.Watch, "the manager still hears of a reply that nobody answers")
	require.Equal(t, sequence.PausedReply, life.Lead.Pause.Reason)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.Interested, WhyNone: true}))
	require.Nil(t, life.Lead.Watch)
	require.Nil(t, life.Lead.Pause)
}

func TestNoReminderFollowsACallThatPassedDuringAPause(t *testing.T) {
	life := inScheduledCall(t)
	require.NoError(t, life.Let(sequence.Paused{By: rep, Reason: sequence.PausedOwnerAway, Until: life.Lead.Call.At.Add(24 * time.Hour)}))
	require.NoError(t, life.For(10*24*time.Hour))
	require.Empty(t, sends(life, "scheduled_call/reminder_day"))
	require.Empty(t, sends(life, "scheduled_call/reminder_hour"))
}

func TestACallTooNearForItsRemindersIsStillWaitedFor(t *testing.T) {
	pb := *defaultPlaybook(t)
	steps := pb.Steps(sequence.ScheduledCall, sequence.Booked)
	pb.Stages = map[sequence.Stage]map[sequence.Play][]sequence.Step{
		sequence.Warm:          pb.Stages[sequence.Warm],
		sequence.ScheduledCall: {sequence.Booked: steps[1:]}, // reminders only
	}
	life, err := simulate.Begin(sequence.Lead{ID: "lead-1", Zone: "Europe/Berlin"}, "info_request", &pb, monday)
	require.NoError(t, err)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.CallScheduled, NextAt: monday.Add(30 * time.Minute)}))
	require.Equal(t, sequence.Booked, life.Lead.Play)
	require.Equal(t, sequence.WatchOutcome, life.Lead.Watch.For)
}

func TestAStakeholderWhoseMailIsDelayedGetsItAndTheOthersGetItOnce(t *testing.T) {
	life := inMultiStakeholder(t)
	require.NoError(t, life.Let(sequence.StakeholderNamed{By: rep, ID: "p3"}))
	delayed := 0
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		if s.To == "p3" && delayed < 2 {
			delayed++
			return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Deferred, RetryAt: life.Now.Add(time.Hour)}
		}
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Sent}
	}
	require.NoError(t, life.For(5*24*time.Hour))
	require.Equal(t, []string{"p2", "p3", "p3", "p3"}, sends(life, "multi_stakeholder/introduce"))
}

func TestATouchThatWasTriedWithSomebodyWhoIsClosedByNowGetsANewNumberForTheNext(t *testing.T) {
	life := inMultiStakeholder(t)
	require.NoError(t, life.Let(sequence.StakeholderNamed{By: rep, ID: "p3"}))
	tried := map[string]string{} // by touch
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		if s.Text == "multi_stakeholder/introduce" {
			require.Contains(t, []string{"", s.To}, tried[s.Touch], "the ledger knows a touch by its number")
			tried[s.Touch] = s.To
		}
		if s.To == "p2" {
			return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Deferred, RetryAt: life.Now.Add(2 * 24 * time.Hour)}
		}
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Sent}
	}
	require.NoError(t, life.For(4*24*time.Hour))
	require.Equal(t, "p2", life.Lead.Next.To, "it waits for its mail server")
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: sequence.StopOutcome, With: "p2"}))
	require.NoError(t, life.For(5*24*time.Hour))
	require.Contains(t, sends(life, "multi_stakeholder/introduce"), "p3")
}

func TestAStakeholderWithoutAnAddressIsNotWrittenToAgain(t *testing.T) {
	life := inMultiStakeholder(t)
	require.NoError(t, life.Let(sequence.StakeholderNamed{By: rep, ID: "p3"}))
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		if s.To == "p2" {
			return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.NoAddress}
		}
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Sent}
	}
	require.NoError(t, life.For(20*24*time.Hour))
	require.Equal(t, []string{"p2", "p3"}, sends(life, "multi_stakeholder/introduce"))
	require.Equal(t, []string{"p3"}, sends(life, "multi_stakeholder/once_more"))
	require.False(t, life.Lead.NoEmail, "the lead's own address is as good as before")
}

func TestAStakeholdersWrongNumberSaysNothingAboutTheLeads(t *testing.T) {
	life := inMultiStakeholder(t)
	require.NoError(t, life.Let(sequence.AddressFailed{ID: "b1", Channel: sequence.ByEmail}))
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.WrongNumber, With: "p2"}))
	require.False(t, life.Lead.NoPhone)
	require.Equal(t, sequence.MultiStakeholder, life.Lead.Stage)
}

func TestAPrimaryWhoIsNotTheOneOpensTheOutreachAtOnce(t *testing.T) {
	life := inMultiStakeholder(t)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NotTheOne}))
	require.Equal(t, sequence.Outreach, life.Lead.Play)
	require.Equal(t, []sequence.StartOutreach{{Stakeholders: []string{"p2"}}}, only[sequence.StartOutreach](life.Actions))
	require.NoError(t, life.For(24*time.Hour))
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o3", Outcome: sequence.NotTheOne, With: "p2"}))
	require.NoError(t, life.For(30*24*time.Hour))
	require.Len(t, sends(life, "multi_stakeholder/introduce"), 1, "it does not begin again")
	require.Empty(t, sends(life, "multi_stakeholder/once_more"), "and who answered is left alone")
}

func TestAWrongPersonWhoKnowsNobodyGoesCold(t *testing.T) {
	life := inWarm(t)
	wrong := sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NotTheOne}
	require.NoError(t, life.Let(wrong))
	require.Equal(t, sequence.Warm, life.Lead.Stage, "the owner is asked who else there is")
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.CallScheduled, NextAt: monday.AddDate(0, 0, 2)}))
	require.NoError(t, life.Until(monday.AddDate(0, 0, 2).Add(time.Hour)))
	require.NoError(t, life.Let(wrong))
	require.Equal(t, sequence.Cold, life.Lead.Stage)
	_, ok := life.Lead.Deadline()
	require.True(t, ok)
}

func TestAWrongNumberAtTheAgreedTimeGoesOnByMail(t *testing.T) {
	life := inScheduledCall(t)
	require.NoError(t, life.Until(life.Lead.Call.At.Add(time.Hour)))
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.WrongNumber}))
	require.Equal(t, sequence.FollowUp, life.Lead.Play)
	require.True(t, life.Lead.NoPhone)
}

func TestAPhoneNumberThatFailsDoesNotSendTheMailOnItsWayAgain(t *testing.T) {
	life := inWarm(t)
	touch := beingSent(life)
	require.NoError(t, life.Let(sequence.AddressFailed{ID: "b1", Channel: sequence.ByCall}))
	life.Mail = nil
	require.NoError(t, life.Let(sequence.TouchPerformed{Touch: touch, Status: sequence.Sent}))
	require.NoError(t, life.For(20*24*time.Hour))
	require.Len(t, sends(life, "warm/idea"), 1)
}

func TestAnAddressThatIsGoneIsReplacedByACallAtOnceNotAfterAnotherWait(t *testing.T) {
	life := inCheckIn(t)
	due, _ := life.Lead.Deadline()
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.NoAddress}
	}
	before := len(only[sequence.CreateTask](life.Actions))
	require.NoError(t, life.Until(due.Add(24*time.Hour)))
	require.Len(t, only[sequence.CreateTask](life.Actions), before+1, "the quarterly mail becomes a call now, not next quarter")
}

func TestNoShowsCountInARow(t *testing.T) {
	life := inScheduledCall(t)
	at := life.Lead.Call.At
	meet := func(o sequence.Outcome) {
		require.NoError(t, life.Until(at.Add(20*time.Minute)))
		at = at.AddDate(0, 0, 7)
		e := sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: o}
		if o == sequence.CallScheduled {
			e.NextAt = at
		}
		require.NoError(t, life.Let(e))
	}
	again := func() {
		require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.CallScheduled, NextAt: at}))
	}
	meet(sequence.MissedByLead)
	again()
	meet(sequence.MissedByLead)
	again()
	meet(sequence.CallScheduled) // they came, and agreed the next one
	meet(sequence.MissedByLead)
	require.Equal(t, sequence.MissedCall, life.Lead.Play, "offered again, kindly")
	again()
	meet(sequence.MissedByLead)
	again()
	meet(sequence.MissedByLead)
	require.Equal(t, sequence.FindOthers, life.Lead.Play, "the third in a row is quiet")
}

func TestACallToOneStakeholderAnswersNoOtherCall(t *testing.T) {
	life := inMultiStakeholder(t)
	before := len(life.Actions)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.NoAnswer, With: "p2"}))
	var to []string
	for _, a := range life.Actions[before:] {
		if c, ok := a.(sequence.CancelTasks); ok && c.Kind == sequence.TaskCall {
			to = append(to, c.To)
		}
	}
	require.Equal(t, []string{"p2"}, to)
}

func TestAMailServerThatStaysAwayIsAskedLessAndLessOften(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	tried := []time.Time{}
	life := &simulate.Life{
		Playbook: pb, Now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), // 09:00 in Berlin
		Lead: sequence.Lead{ID: "l", Owner: "o", Zone: "Europe/Berlin", Country: "DE", NoPhone: true},
	}
	life.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		tried = append(tried, life.Now)
		return sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Deferred}
	}
	require.NoError(t, life.Let(sequence.Enrolled{ID: "e", Kind: "site_chat"}))
	require.NoError(t, life.Until(life.Now.Add(8*time.Hour)))
	var gaps []time.Duration
	for i := 1; i < len(tried); i++ {
		gaps = append(gaps, tried[i].Sub(tried[i-1]))
	}
	require.Equal(t, []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}, gaps)
	require.Equal(t, "mail_server", life.Lead.BlockedReason())
}

func TestACallOnASundayOrAMondayIsRemindedOnTheFridayBefore(t *testing.T) {
	for agreed, reminded := range map[string]string{
		"2026-03-08 10:00": "2026-03-06 16:00", // a Sunday
		"2026-03-09 15:00": "2026-03-06 16:00", // a Monday
		"2026-03-10 15:00": "2026-03-09 15:00", // a Tuesday: the day before
	} {
		life := inWarm(t)
		require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.CallScheduled, NextAt: clock(t, placeIn(t, "Europe/Berlin", "DE"), agreed)}))
		require.NoError(t, life.Until(life.Lead.Call.At.Add(-2*time.Hour)))
		for _, e := range life.Timeline {
			if e.What == sequence.TouchMade && e.Detail == "email scheduled_call/reminder_day sent" {
				require.True(t, clock(t, placeIn(t, "Europe/Berlin", "DE"), reminded).Equal(e.At), "%s: reminded at %s", agreed, e.At)
			}
		}
		require.Len(t, sends(life, "scheduled_call/reminder_day"), 1, agreed)
	}
}
