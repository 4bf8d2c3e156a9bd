package sequence_test

import (
	"testing"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The scenes of cold (R40 to R43) and of revival (R50 to R56).

func coldScenes() []scenes {
	return []scenes{
		{
			"R40", "whoever went cold in silence is diagnosed", silentInto(sequence.Cold, 0, (*story).touches),
			"whoever said not now has told us why", answeredInto(sequence.NotNow, 0, (*story).touches), "", nil,
		},
		{
			"R41", "after silence comes one honest message", silentInto(sequence.Cold, 7, (*story).emails),
			"after an answer there is nothing to forgive", answeredInto(sequence.NotNow, 7, (*story).emails),
			"the playbook waits a month with it", after(sequence.Cold, sequence.Rest, 0, 1, sequence.Months),
		},
		{
			"R42", "a no for now is followed by something of help", answeredInto(sequence.NotNow, 14, (*story).emails),
			"a farewell is not", answeredInto(sequence.StopOutcome, 14, (*story).emails),
			"the playbook waits a quarter with it", after(sequence.Cold, sequence.Value, 0, 3, sequence.Months),
		},
		{
			"R43", "who is not a fit is let go", answeredInto(sequence.NotQualified, 0, (*story).stages),
			"who is not interested is not", answeredInto(sequence.NotInterested, 0, (*story).stages), "", nil,
		},
	}
}

// silentInto lets a lead be silent until it is in a stage, and some days longer.
func silentInto(stage sequence.Stage, days int, seen func(*story) []sequence.Rule) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return seen(tell(t, "info_request", pb).diligent(100, in(stage)).days(days))
	}
}

func answeredInto(o sequence.Outcome, days int, seen func(*story) []sequence.Rule) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return seen(spoke(t, pb, o, time.Time{}).days(days))
	}
}

func revivalScenes() []scenes {
	return []scenes{
		{
			"R50", "a qualified lead is revived when it has rested", revived("info_request"),
			"one that never qualified is not", revived("ebook_download"),
			"the playbook takes such leads for unqualified", func(pb *sequence.Playbook) {
				pb.Sources["info_request"] = pb.Sources["ebook_download"]
			},
		},
		{
			"R51", "a conversation raises the priority", emphasis(sequence.NonCommittal),
			"an attempt does not", emphasis(sequence.NoAnswer),
			"the playbook does not count conversations", func(pb *sequence.Playbook) { pb.Opportunity.Conversation = 0 },
		},
		{
			"R52", "half a year after they asked, fewer still want to buy", stillInAfter(6),
			"on the day they ask, all do", stillInAfter(0),
			"the playbook knows no curve", func(pb *sequence.Playbook) { pb.Opportunity.StillIn = nil },
		},
		{
			"R53", "news reopens a case that was cold for a month", newsAfter(0),
			"a day earlier it does not", newsAfter(-1),
			"the playbook waits six weeks", func(pb *sequence.Playbook) {
				pb.FreshEyes.After = sequence.Wait{N: 6, Unit: sequence.Weeks}
			},
		},
		{
			"R54", "a revival that begins with a call is flagged", reopenFrom(1),
			"one that begins with a mail is not", reopenFrom(0), "", nil,
		},
		{
			"R55", "neither yes nor no in revival: should we close your file?", nonCommittal("crm_dormant"),
			"in warm it is too early to ask", nonCommittal("info_request"), "", nil,
		},
		{
			"R56", "a first revival mail that asks at once to buy is flagged", asking("revival/news"),
			"a second one is not", asking("revival/second"), "", nil,
		},
	}
}

func revived(kind sequence.Kind) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		left := func(l sequence.Lead) bool { return l.Stage != sequence.Warm && l.Stage != sequence.Cold }
		return tell(t, kind, pb).diligent(100, left).entering(sequence.Revival)
	}
}

func emphasis(o sequence.Outcome) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := spoke(t, pb, o, time.Time{})
		return onlyIf(sequence.PriorityOf(s.Lead, s.Now, false, s.Now, pb).Investment > 1, sequence.Investment)
	}
}

func stillInAfter(months int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		worth := sequence.WorthOf(tell(t, "info_request", pb).Lead, monday.AddDate(0, months, 0), pb)
		return onlyIf(worth.StillIn < 1, sequence.StillInMarket)
	}
}

// newsAfter publishes something a month after the lead went cold, or some days
// from then.
func newsAfter(days int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := spoke(t, pb, sequence.NotNow, time.Time{})
		berlin, _ := sequence.LoadZone("Europe/Berlin")
		return s.at(s.Lead.EnteredAt.In(berlin).AddDate(0, 1, days)).let(sequence.NewsPublished{ID: "n1"}).stages()
	}
}

func reopenFrom(step int) scene {
	return func(_ *testing.T, pb *sequence.Playbook) []sequence.Rule {
		reopen := pb.Stages[sequence.Revival]
		reopen[sequence.Reopen] = reopen[sequence.Reopen][step:]
		return faults(pb)
	}
}

func nonCommittal(kind sequence.Kind) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, kind, pb).outcome(sequence.NonCommittal).of(sequence.PlayChanged)
	}
}

func asking(text string) scene {
	return func(_ *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return faults(write(pb, text, "You {{.Asked}}. Are you ready to buy?"))
	}
}
