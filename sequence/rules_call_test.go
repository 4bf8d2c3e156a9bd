package sequence_test

import (
	"testing"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The scenes of scheduled calls (R20 to R26) and of others at the account (R30
// to R34).

// thursday is the afternoon for which calls are agreed here, three days after
// the beginning: three o'clock in Berlin.
var thursday = time.Date(2026, 3, 5, 14, 0, 0, 0, time.UTC)

func callScenes() []scenes {
	return []scenes{
		{
			"R20", "interest without a next step is refused", interested(false), "with the reason why there is none it is taken", interested(true), "", nil,
		},
		{
			"R21", "an agreed call is invited to by mail", mailsAfter(sequence.CallScheduled, thursday),
			"interest without a time invites to nothing", mailsAfter(sequence.Interested, time.Time{}),
			"the playbook neither invites nor reminds", func(pb *sequence.Playbook) {
				pb.Stages[sequence.ScheduledCall][sequence.Booked] = pb.Stages[sequence.ScheduledCall][sequence.Booked][3:]
			},
		},
		{
			"R22", "\"send me something\" goes out together with a time", stagesAfter(sequence.SendInfo, thursday),
			"a call that is simply agreed sends nothing else", stagesAfter(sequence.CallScheduled, thursday), "", nil,
		},
		{
			"R23", "an outcome that is not recorded within a working day is asked for", untilAfterCall(day),
			"an hour before that nobody is told", untilAfterCall(day - time.Hour),
			"the playbook gives three days", func(pb *sequence.Playbook) { pb.OutcomeWithin.N = 3 },
		},
		{
			"R24", "who misses a call is offered another", afterCall(sequence.MissedByLead),
			"who comes is not", afterCall(sequence.Interested),
			"the playbook offers none again", func(pb *sequence.Playbook) { pb.NoShows = 0 },
		},
		{
			"R25", "the third voicemail in a row changes the channel", calls(sequence.Voicemail, sequence.Voicemail, sequence.Voicemail),
			"a call that nobody takes breaks the row", calls(sequence.Voicemail, sequence.Voicemail, sequence.NoAnswer, sequence.Voicemail),
			"the playbook waits for four", func(pb *sequence.Playbook) { pb.Voicemails = 4 },
		},
		{
			"R26", "a call at four in Berlin is reminded of at three", remindedIn("Europe/Berlin"),
			"the same instant is evening in Dubai, when no mail goes out", remindedIn("Asia/Dubai"),
			"the playbook sends no mail in the afternoon", func(pb *sequence.Playbook) { pb.Windows.Email.To = 14 * 60 },
		},
	}
}

func interested(explained bool) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "info_request", pb).let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.Interested, WhyNone: explained}).refusals()
	}
}

func spoke(t *testing.T, pb *sequence.Playbook, o sequence.Outcome, next time.Time) *story {
	s := tell(t, "info_request", pb).wait(5 * time.Hour)
	return s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: o, NextAt: next, WhyNone: true, Reason: true})
}

func mailsAfter(o sequence.Outcome, next time.Time) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return spoke(t, pb, o, next).days(2).emails()
	}
}

func stagesAfter(o sequence.Outcome, next time.Time) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule { return spoke(t, pb, o, next).stages() }
}

func untilAfterCall(d time.Duration) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return spoke(t, pb, sequence.CallScheduled, thursday).at(thursday.Add(d)).told()
	}
}

func afterCall(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return spoke(t, pb, sequence.CallScheduled, thursday).at(thursday.Add(time.Hour)).outcome(o).playing(sequence.MissedCall)
	}
}

func calls(outcomes ...sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb)
		for _, o := range outcomes {
			s.days(1).outcome(o)
		}
		return s.noted()
	}
}

func remindedIn(zone string) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tellOf(t, sequence.Lead{ID: "lead-1", Owner: "owner-1", Zone: zone}, "info_request", pb)
		return s.agreed(sequence.CallScheduled, thursday.Add(time.Hour)).at(thursday.Add(time.Hour)).emails()
	}
}

func otherScenes() []scenes {
	return []scenes{
		{
			"R30", "who talked with us and leaves three touches over a week unanswered has others looked for", twoWeeksAfter(sequence.Interested),
			"who never talked with us has not", twoWeeksAfter(sequence.NoAnswer),
			"the playbook waits for six touches", func(pb *sequence.Playbook) { pb.Quiet.Touches = 6 },
		},
		{
			"R31", "two working days after the primary was told the others are written to", outreachAfter(2 * day),
			"an hour before that they are not", outreachAfter(2*day - time.Hour),
			"the playbook gives a week's grace", after(sequence.MultiStakeholder, sequence.TellPrimary, 1, 5, sequence.WorkingDays),
		},
		{
			"R32", "an objection of the primary calls the outreach off", duringOutreach(sequence.PrimaryObject),
			"a missed call of theirs does not", duringOutreach(sequence.NoAnswer), "", nil,
		},
		{
			"R33", "a diagnosis of the wrong person opens the way to the others", diagnosedWithOthers(sequence.WrongPersonFound),
			"bad timing does not", diagnosedWithOthers(sequence.Timing), "", nil,
		},
		{
			"R34", "while a colleague talks, a lead is left alone", pausedWhile(sequence.ColleagueTalks{Lead: "lead-2"}),
			"when a colleague has talked, it is not", pausedWhile(sequence.ColleagueTalks{Lead: "lead-2", Over: true}),
			"the playbook leaves nobody alone", func(pb *sequence.Playbook) { pb.AccountCalm = sequence.CalmNothing },
		},
	}
}

func twoWeeksAfter(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := spoke(t, pb, o, time.Time{})
		end := s.Now.Add(14 * day)
		return s.diligent(9, func(l sequence.Lead) bool { at, _ := l.Deadline(); return at.After(end) }).touches()
	}
}

func outreachAfter(d time.Duration) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb).let(sequence.StakeholderNamed{By: rep, ID: "p2"})
		return s.outcome(sequence.NotTheOne).wait(d).playing(sequence.Outreach)
	}
}

func duringOutreach(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb).let(sequence.StakeholderNamed{By: rep, ID: "p2"})
		return s.outcome(sequence.NotTheOne).days(1).outcome(o).stages()
	}
}

func diagnosedWithOthers(d sequence.Diagnosis) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := spoke(t, pb, sequence.NotNow, time.Time{}).let(sequence.StakeholderNamed{By: rep, ID: "p2"})
		return s.let(sequence.Diagnosed{By: rep, ID: "d1", Diagnosis: d}).stages()
	}
}

func pausedWhile(ev sequence.Event) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "info_request", pb).let(ev).pauses()
	}
}
