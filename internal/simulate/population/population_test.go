package population

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func defaults(t *testing.T) (*Population, *sequence.Playbook) {
	people, err := Default()
	require.NoError(t, err)
	pb, err := playbooks.Default()
	require.NoError(t, err)
	return people, pb
}

func simulated(t *testing.T, s Setup) *Report {
	r, err := Run(t.Context(), s)
	require.NoError(t, err)
	return r
}

func TestTheSameSeedGivesTheSameReportWhateverTheNumberOfWorkers(t *testing.T) {
	people, pb := defaults(t)
	other := *pb
	other.ID, other.Minimum.Touches, other.Effort.Share = "other", 4, 30
	var reports []string
	for _, workers := range []int{1, 2, 7} {
		r := simulated(t, Setup{Population: people, Playbooks: []*sequence.Playbook{pb, &other}, Leads: 150, Months: 8, Seed: 3, Workers: workers})
		text, err := json.Marshal(r)
		require.NoError(t, err)
		reports = append(reports, string(text))
	}
	require.Equal(t, reports[0], reports[1])
	require.Equal(t, reports[0], reports[2])
	another, err := json.Marshal(simulated(t, Setup{Population: people, Playbooks: []*sequence.Playbook{pb, &other}, Leads: 150, Months: 8, Seed: 4, Workers: 2}))
	require.NoError(t, err)
	require.NotEqual(t, reports[0], string(another))
}

func TestAPlaybookAgainstItselfShowsNoDifferenceAtAll(t *testing.T) {
	people, pb := defaults(t)
	r := simulated(t, Setup{Population: people, Playbooks: []*sequence.Playbook{pb, pb}, Leads: 100, Months: 6, Seed: 1, Workers: 2})
	require.NotEmpty(t, r.Differences)
	for _, d := range r.Differences {
		require.Zero(t, d.Change, d.What)
		require.InDelta(t, 0, d.Error, 1e-6, d.What)
		require.Equal(t, Chance, d.Verdict, d.What)
	}
}

func TestWhoNeverAnswersHasNoConversationAndEndsInCheckInAfterTheMinimum(t *testing.T) {
	people, pb := defaults(t)
	people.Answers.Never, people.Contact.EmailGone, people.Contact.WrongNumber = 1, 0, 0
	people.Reps.Diagnoses = Diagnoses{NotKnown: 1}
	people.Sources = people.Sources[:1] // all enter warm
	s := Setup{Population: people, Playbooks: []*sequence.Playbook{pb}, Leads: 60, Months: 14, Seed: 2, Workers: 1}
	w := newWorker(s, ready(people))
	l := w.lives[0]
	for n := range s.Leads {
		touches, left := 0, 0
		l.trace = func(e sequence.Entry) {
			if e.What == sequence.StageChanged && e.From == sequence.Warm {
				touches, left = l.lead.Touches, left+1
			}
		}
		require.NoError(t, w.lead(n))
		require.Equal(t, sequence.CheckIn, l.lead.Stage, "lead %d", n)
		require.Equal(t, 1, left)
		require.GreaterOrEqual(t, touches, pb.Minimum.Touches, "R05")
	}
	r := s.report(w).Results[0]
	require.Zero(t, r.Conversations)
	require.Zero(t, r.Answered)
	require.Equal(t, int64(s.Leads), r.UntilAnswer.Never)
}

func TestWhoSaysStopGetsNoTouchAfterwards(t *testing.T) {
	people, pb := defaults(t)
	people.Answers.InMarket.OptOut, people.Answers.OutOfMarket.OptOut = 0.1, 0.2
	s := Setup{Population: people, Playbooks: []*sequence.Playbook{pb}, Leads: 150, Months: 12, Seed: 5, Workers: 1}
	w := newWorker(s, ready(people))
	l, stops := w.lives[0], 0
	for n := range s.Leads {
		var stoppedAt time.Time
		l.trace = func(e sequence.Entry) {
			if e.To == sequence.DoNotContact {
				stoppedAt, stops = e.At, stops+1
			}
			touch := e.What == sequence.TouchMade || e.What == sequence.TaskAsked || e.What == sequence.TouchPlanned
			require.False(t, touch && !stoppedAt.IsZero(), "lead %d: %+v", n, e)
		}
		require.NoError(t, w.lead(n))
	}
	require.Greater(t, stops, 40)
	require.EqualValues(t, stops, s.report(w).Results[0].OptedOut)
}

func TestAsManyAreStillInTheMarketAsTheLiteratureSays(t *testing.T) {
	people, _ := defaults(t)
	people.Market.Returns = 0
	for i := range people.Sources {
		people.Sources[i].InMarket = 1
	}
	const n = 20_000
	l := &life{crowd: ready(people), pb: new(sequence.Playbook), start: people.Start.Time, arrived: people.Start.Time}
	still := map[int]int{}
	for lead := range n {
		l.chance.seed(11, lead)
		l.born(lead)
		for _, months := range []int{3, 6, 12} {
			l.now = l.arrived.Add(time.Duration(months) * month)
			if l.inMarket() {
				still[months]++
			}
		}
	}
	require.InDelta(t, 0.748, float64(still[3])/n, 0.015, "log-linear between")
	require.InDelta(t, 0.56, float64(still[6])/n, 0.015)
	require.InDelta(t, 0.35, float64(still[12])/n, 0.015)
}

func TestEveryLeadIsCountedOnce(t *testing.T) {
	people, pb := defaults(t)
	r := simulated(t, Setup{Population: people, Playbooks: []*sequence.Playbook{pb}, Leads: 200, Months: 6, Seed: 1, Workers: 2})
	res := r.Results[0]
	var atEnd, answered int64
	for _, o := range res.Outcomes {
		atEnd += o.Leads
	}
	require.EqualValues(t, 200, atEnd)
	last := res.Flow[len(res.Flow)-1]
	for i, o := range res.Outcomes {
		require.Equal(t, o.Leads, last.Leads[i], o.Stage)
	}
	for _, n := range res.UntilAnswer.Leads {
		answered += n
	}
	require.Equal(t, res.Answered, answered)
	require.EqualValues(t, 200, answered+res.UntilAnswer.Never)
	require.LessOrEqual(t, res.Coverage.InTime, res.Coverage.Due)
	require.Less(t, res.Coverage.Share, 1.0, "reps forget")
	require.Less(t, r.LeadYears(), 100.0)
}

func TestABadPopulationIsRefusedWithTheKeyAtFault(t *testing.T) {
	for name, c := range map[string]struct{ from, to, says string }{
		"unknown key":       {"name: default", "nmae: default", "nmae"},
		"no name":           {"name: default", "name: \"\"", "name: the population has no name"},
		"share without %":   {"phone: 82%", "phone: 0.82", "] \"0.82\" is not a share"},
		"share above 100":   {"phone: 82%", "phone: 182%", "] \"182%\" is not a share"},
		"bad day":           {"start: 2026-01-05", "start: 5.1.2026", "is not a day"},
		"bad zone":          {"zone: Europe/Paris", "zone: Europe/Lutetia", "places[5].zone: \"Europe/Lutetia\" is not an IANA time zone"},
		"rising curve":      {"{ months: 12, share: 35% }", "{ months: 12, share: 60% }", "market.still_in[1].share"},
		"too many answers":  {"reply: 9%", "reply: 95%", "answers.in_market: reply, click"},
		"negative weight":   {"not_now: 28", "not_now: -28", "answers.out_of_market.says"},
		"no deals":          {"median: 6000", "median: 0", "deals: give a list"},
		"endless deals":     {"most: 250000", "most: 25000000", "deals.most"},
		"no reps":           {"count: 4", "count: 0", "reps.count"},
		"window never open": {"window: mon-fri 09:00-17:30", "window: mon-fri 19:00-17:30", "closes before it opens"},
	} {
		t.Run(name, func(t *testing.T) {
			file := string(DefaultFile())
			require.Contains(t, file, c.from)
			_, err := Read([]byte(strings.Replace(file, c.from, c.to, 1)))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestAPopulationThatThePlaybookDoesNotKnowIsRefused(t *testing.T) {
	people, pb := defaults(t)
	people.Sources[2].Kind = "carrier_pigeon"
	_, err := Run(t.Context(), Setup{Population: people, Playbooks: []*sequence.Playbook{pb}, Leads: 1, Months: 12, Workers: 1})
	require.ErrorContains(t, err, `sources[2].kind: the playbook default knows no source "carrier_pigeon"`)
}

func TestChanceIsCalledChance(t *testing.T) {
	require.Equal(t, Chance, verdict(1, 1))
	require.Equal(t, Perhaps, verdict(-2.5, 1))
	require.Equal(t, Clear, verdict(3, 1))
	require.Equal(t, Chance, verdict(0, 0))
}
