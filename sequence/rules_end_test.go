package sequence_test

import (
	"testing"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The scenes of the break-up (R60 to R65) and of check-in (R70 to R73).

func breakUpScenes() []scenes {
	return []scenes{
		{
			"R60", "four weeks after a proposal expired, a second call that is not returned is the last", callAfterExpiry(0),
			"a minute earlier it is not", callAfterExpiry(-time.Minute),
			"the playbook waits six weeks", func(pb *sequence.Playbook) { pb.Expired.After.N = 6 },
		},
		{
			"R61", "ten calls a week in four weeks are enough", fourWeeksOf(10),
			"nine in the last are not", fourWeeksOf(9),
			"the playbook asks for eleven", func(pb *sequence.Playbook) { pb.TriedHard.Calls = 11 },
		},
		{
			"R62", "a no of the decision maker ends in the break-up", saidNo(true),
			"a no of somebody else does not", saidNo(false), "", nil,
		},
		{
			"R63", "a third call costs more than the opportunity allows", callsAt(1000_00, 3),
			"two do not", callsAt(1000_00, 2),
			"the playbook allows it a third", func(pb *sequence.Playbook) { pb.Effort.Share = 33 },
		},
		{
			"R64", "the last message asks for a clear answer", farewellUnless(sequence.NoAnswer),
			"who is interested after all does not get it", farewellUnless(sequence.Interested),
			"the playbook waits a month with it", after(sequence.BreakUp, sequence.Farewell, 0, 1, sequence.Months),
		},
		{
			"R65", "a no that is no stop is a no for now", noInRevival(sequence.NotNow),
			"a stop is not", noInRevival(sequence.StopOutcome), "", nil,
		},
	}
}

// callAfterExpiry calls a second time four weeks after a proposal expired, or a
// while from then.
func callAfterExpiry(d time.Duration) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		expires := afternoon(monday, 1)
		s := tell(t, "crm_dormant", pb).let(sequence.ProposalSent{By: rep, ID: "q1", ExpiresAt: expires}).days(2).outcome(sequence.NoAnswer)
		return s.at(expires.AddDate(0, 0, 28).Add(d)).outcome(sequence.NoAnswer).stages()
	}
}

// fourWeeksOf calls ten times a week for three weeks, and so often in the fourth.
func fourWeeksOf(last int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "crm_dormant", pb)
		for _, n := range []int{10, 10, 10, last} {
			for range n {
				s.outcome(sequence.NoAnswer)
			}
			s.days(7)
		}
		return s.stages()
	}
}

func saidNo(decides bool) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb)
		return s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.NotInterested, Reason: true, DecisionMaker: decides}).stages()
	}
}

// callsAt calls so often about a deal of so many cents: revival wins a twentieth
// of them, so that effort may cost half a percent of it.
func callsAt(amount int64, n int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "crm_dormant", pb).let(sequence.AmountEstimated{By: rep, Amount: amount})
		for range n {
			s.outcome(sequence.NoAnswer)
		}
		return s.stages()
	}
}

func farewellUnless(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "crm_dormant", pb).outcome(sequence.NotInterested).outcome(o).days(3).emails()
	}
}

func noInRevival(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "crm_dormant", pb).outcome(o).stages()
	}
}

func checkInScenes() []scenes {
	return []scenes{
		{
			"R70", "after a quarter there is a check-in", checkedInAfter(100),
			"after two months there is none", checkedInAfter(61),
			"the playbook writes every half year", after(sequence.CheckIn, sequence.Quarterly, 4, 6, sequence.Months),
		},
		{
			"R71", "after eight check-ins without an answer new reps may practise", silentCheckIns(8),
			"after seven they may not", silentCheckIns(7),
			"the playbook waits for nine", func(pb *sequence.Playbook) { pb.CheckIns.TrainingPool = 9 },
		},
		{
			"R72", "a stop ends contact", ends(sequence.OptedOut{ID: "x1", Via: "link"}),
			"the wish for peace until summer does not", ends(sequence.Snoozed{By: rep, Until: monday.AddDate(0, 3, 0)}), "", nil,
		},
		{
			"R73", "with mail and phone gone a life is over", ends(sequence.AddressFailed{ID: "b1", Channel: sequence.ByEmail}, sequence.AddressFailed{ID: "b2", Channel: sequence.ByCall}),
			"with the phone left it goes on", ends(sequence.AddressFailed{ID: "b1", Channel: sequence.ByEmail}), "", nil,
		},
	}
}

func checkedInAfter(days int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "crm_dormant", pb).diligent(100, in(sequence.CheckIn)).days(days).emails()
	}
}

func silentCheckIns(n int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "crm_dormant", pb).diligent(100, in(sequence.CheckIn))
		return s.diligent(100, func(l sequence.Lead) bool { return l.CheckIns == n }).told()
	}
}

func ends(events ...sequence.Event) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb)
		for _, ev := range events {
			s.let(ev)
		}
		return s.stages()
	}
}
