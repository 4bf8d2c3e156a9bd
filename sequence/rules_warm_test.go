package sequence_test

import (
	"testing"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The scenes of the first touches (R01 to R06) and of the sources (R10 to R13).

func warmScenes() []scenes {
	return []scenes{
		{
			"R01", "a first call that is not made within a quarter of an hour goes to the manager", firstCallAfter(15 * time.Minute),
			"a minute before that nobody is told", firstCallAfter(14 * time.Minute),
			"the playbook allows half an hour", func(pb *sequence.Playbook) { pb.Stages[sequence.Warm][sequence.Inbound][1].Within.N = 30 },
		},
		{
			"R02", "a first mail that does not say what they asked for is flagged", firstMail("Welcome."),
			"one that says so is not", firstMail("You {{.Asked}}."), "", nil,
		},
		{
			"R03", "a mail for which the library has nothing waits, and says so", explainedWhenMailIs(sequence.NoReason),
			"one that goes out says nothing of the kind", explainedWhenMailIs(sequence.Sent), "", nil,
		},
		{
			"R04", "who gave leave to write is written to", valueMailWithLeaveFor(6),
			"when the leave has ended the mail is left out", valueMailWithLeaveFor(1),
			"the playbook waits longer with it", after(sequence.CheckIn, sequence.Quarterly, 1, 5, sequence.Months),
		},
		{
			"R05", "one touch short of the minimum warm goes on persisting", persistAfterTasks(2),
			"with the minimum reached it does not", persistAfterTasks(3),
			"the playbook asks for one touch fewer", func(pb *sequence.Playbook) { pb.Minimum.Touches = 7 },
		},
		{
			"R06", "\"just checking in\" is flagged", firstMail("You {{.Asked}}. Just checking in with you."),
			"a sentence that brings something is not", firstMail("You {{.Asked}}. Here is the check list."), "", nil,
		},
	}
}

func firstCallAfter(d time.Duration) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "info_request", pb).wait(d).told()
	}
}

func firstMail(body string) scene {
	return func(_ *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return faults(write(pb, "warm/acknowledge", body))
	}
}

func explainedWhenMailIs(status sequence.SendStatus) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "crm_dormant", pb)
		s.Mail = func(m sequence.SendEmail) sequence.TouchPerformed {
			return sequence.TouchPerformed{Touch: m.Touch, Status: status}
		}
		return s.days(2).because()
	}
}

// valueMailWithLeaveFor talks to them, and they give leave to write for some months.
func valueMailWithLeaveFor(months int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb).wait(5 * time.Hour)
		s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.StayInTouch, Grant: &sequence.Grant{Channel: sequence.ByEmail, Until: s.Now.AddDate(0, months, -3)}})
		return s.days(60).emails()
	}
}

// persistAfterTasks has the owner do so many tasks beside the five mails.
func persistAfterTasks(n int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "info_request", pb)
		return s.diligent(n, func(l sequence.Lead) bool { return l.Stage != sequence.Warm || l.Play == sequence.PersistPlay }).playing(sequence.PersistPlay)
	}
}

func sourceScenes() []scenes {
	return []scenes{
		{
			"R10", "an engagement brings a lead in check-in back", backAfter(sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: monday}),
			"an automatic reply is no engagement", backAfter(sequence.AutoReplyReceived{ID: "a1"}),
			"the playbook does not know the kind", func(pb *sequence.Playbook) { delete(pb.Sources, "site_visit") },
		},
		{
			"R11", "with a third kind of engagement within 90 days the owner is told", engagedWith(88, "site_visit", "webinar_attended"),
			"the same kind again is no third one", engagedWith(88, "site_visit", "site_visit"),
			"the playbook asks for four", func(pb *sequence.Playbook) { pb.SalesReady.Kinds = 4 },
		},
		{
			"R12", "a contact from the old files enters through revival", entersBy("crm_dormant"),
			"one who asks today does not", entersBy("info_request"),
			"the playbook lets them enter through warm", func(pb *sequence.Playbook) { pb.Sources["crm_dormant"] = pb.Sources["info_request"] },
		},
		{
			"R13", "eleven of a hundred minutes with strangers are too many", coldMinutes(11),
			"ten are not", coldMinutes(10),
			"the playbook allows a fifth", func(pb *sequence.Playbook) { pb.Managing.ColdCalls = 20 },
		},
	}
}

func backAfter(ev sequence.Event) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		return tell(t, "crm_dormant", pb).outcome(sequence.NotNow).let(ev).stages()
	}
}

// engagedWith lets the later engagements come so many days after the first.
func engagedWith(days int, kinds ...sequence.Kind) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		s := tell(t, "ebook_download", pb).days(days)
		for _, k := range kinds {
			s.let(sequence.EngagementRecorded{ID: "e2", Kind: k, At: s.Now})
		}
		return s.told()
	}
}

func entersBy(kind sequence.Kind) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule { return tell(t, kind, pb).stages() }
}

// coldMinutes is a week of a hundred minutes on the phone.
func coldMinutes(n int) scene {
	return func(t *testing.T, pb *sequence.Playbook) []sequence.Rule {
		week := sequence.CallTime{}
		stranger, asked := tell(t, "linkedin_connection", pb), tell(t, "info_request", pb)
		for lead, minutes := range map[*story]int{stranger: n, asked: 100 - n} {
			if week.All += minutes; lead.Lead.Cold(pb) {
				week.Cold += minutes
			}
		}
		return onlyIf(week.TooCold(pb), sequence.ColdCalls)
	}
}
