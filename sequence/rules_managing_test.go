package sequence_test

import (
	"testing"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The scenes of managing it (R80 to R85).

func managingScenes() []scenes {
	return []scenes{
		{
			"R80", "a follow-up more than a working day after it was due is not in time", doneAfter(day + time.Minute),
			"a day after it was due, it is", doneAfter(day),
			"the playbook gives three days", func(pb *sequence.Playbook) { pb.Managing.FollowUp.N = 3 },
		},
		{
			"R81", "a promised call goes before a dearer one when its time has come", promisedFirst(0),
			"a minute earlier the dearer one goes first", promisedFirst(-time.Minute), "", nil,
		},
		{
			"R82", "a lead without a sign of life for half a year is stagnant", stagnantAfter(183),
			"a day earlier it is not", stagnantAfter(182),
			"the playbook gives a year", func(pb *sequence.Playbook) { pb.Effort.Stagnant.N = 12 },
		},
		{
			"R83", "a new owner introduces themself", givenTo("owner-2"), "the same owner does not", givenTo("owner-1"),
			"the playbook has no introduction", func(pb *sequence.Playbook) { pb.Introduction = "" },
		},
		{
			"R84", "six days after an automatic reply the lead is still left alone", automaticReply(6),
			"after a week it is not", automaticReply(7),
			"the playbook pauses for two days", func(pb *sequence.Playbook) { pb.OutOfOffice.N = 2 },
		},
		{
			"R85", "a call at half past nine in the evening is refused", agreedAt(21), "one at half past eight is not", agreedAt(20), "", nil,
		},
	}
}

func doneAfter(d time.Duration) scene {
	return func(_ *testing.T, pb *sequence.Playbook) []sequence.Rule {
		week := sequence.FollowUps{Due: 1}
		if !monday.Add(d).After(pb.FollowUpBy(monday)) {
			week.InTime++
		}
		return onlyIf(week.Share() < 1, sequence.FollowUpInTime)
	}
}

func promisedFirst(d time.Duration) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		small, big := tell(t, "ebook_download", pb), tell(t, "ebook_download", pb).let(sequence.AmountEstimated{By: rep, Amount: 1_000_000_00})
		promised := sequence.PriorityOf(small.Lead, thursday, true, thursday.Add(d), pb)
		return onlyIf(promised.Before(sequence.PriorityOf(big.Lead, thursday, false, thursday.Add(d), pb)), sequence.QueueOrder)
	}
}

func stagnantAfter(days int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		held := sequence.HoldingOf(tell(t, "ebook_download", pb).Lead, monday.AddDate(0, 0, days), pb)
		return onlyIf(held.Stagnant, sequence.HoldingCost)
	}
}

func givenTo(owner string) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "info_request", pb).days(1).let(sequence.Reassigned{By: rep, Owner: owner}).days(1).emails()
	}
}

func automaticReply(days int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "info_request", pb).let(sequence.AutoReplyReceived{ID: "a1"}).days(days).because()
	}
}

// agreedAt agrees a call half an hour after that hour in Berlin.
func agreedAt(hour int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		at := afternoon(monday, 3).Add(time.Duration(hour-14) * time.Hour)
		return tell(t, "info_request", pb).agreed(sequence.CallScheduled, at).refusals()
	}
}
