package population

import (
	"fmt"
	"math"

	"github.com/rekindlehq/rekindle/sequence"
)

// mostAmount is the largest deal, in whole units; more is a typing error.
const mostAmount = 1_000_000

// checker gathers what is wrong with a population.
type checker struct{ faults []string }

func (c *checker) when(wrong bool, key, message string) {
	if wrong {
		c.faults = append(c.faults, key+": "+message)
	}
}

func (c *checker) weights(key string, weights ...float64) {
	sum := 0.0
	for _, w := range weights {
		c.when(w < 0 || math.IsNaN(w) || math.IsInf(w, 0), key, "a weight cannot be negative or endless")
		sum += w
	}
	c.when(sum <= 0, key, "no weight is above zero, so nothing can be drawn")
}

func (p *Population) check() []string {
	c := new(checker)
	c.when(p.Name == "", "name", "the population has no name; give it one")
	c.when(p.Start.IsZero(), "start", "no first day is given; write one, such as 2026-01-05")
	c.when(p.Arrive < 1 || p.Arrive > 3*365, "arrivals_over_days", "give a number of days from 1 to 1095")
	p.checkPeople(c)
	p.checkMarket(c)
	p.checkAnswers(c)
	p.checkReps(c)
	c.when(p.Content.Items < 0, "content.items", "cannot be negative")
	c.when(p.Content.NewEvery < 0, "content.new_every_days", "cannot be negative; 0 means that nothing new comes")
	return c.faults
}

func (p *Population) checkPeople(c *checker) {
	var sources, places []float64
	for i, s := range p.Sources {
		sources = append(sources, s.Weight)
		c.when(s.Kind == "", fmt.Sprintf("sources[%d].kind", i), "no kind is given")
	}
	for i, at := range p.Places {
		places = append(places, at.Weight)
		_, known := sequence.LoadZone(at.Zone)
		c.when(at.Zone != "" && !known, fmt.Sprintf("places[%d].zone", i), fmt.Sprintf("%q is not an IANA time zone; write one such as Europe/Berlin", at.Zone))
	}
	c.weights("sources", sources...)
	c.weights("places", places...)
	d := p.Deals
	c.when(len(d.List) == 0 && d.Median < 1, "deals", "give a list of amounts, or a median above zero")
	c.when(d.Spread < 0 || d.Spread > 3, "deals.spread", "give a number from 0 to 3")
	c.when(d.Most < 0 || d.Most > mostAmount, "deals.most", fmt.Sprintf("give an amount up to %d; leave it out for that", mostAmount))
	for i, amount := range d.List {
		c.when(amount < 1 || amount > mostAmount, fmt.Sprintf("deals.list[%d]", i), fmt.Sprintf("give an amount from 1 to %d", mostAmount))
	}
}

func (p *Population) checkMarket(c *checker) {
	c.when(len(p.Market.StillIn) == 0, "market.still_in", "give at least one point, such as { months: 6, share: 56% }")
	months, share := 0.0, Share(1)
	for i, at := range p.Market.StillIn {
		key := fmt.Sprintf("market.still_in[%d]", i)
		c.when(at.Months <= months, key+".months", "each point must be later than the one before it")
		c.when(at.Share <= 0 || at.Share >= share, key+".share", "each share must be above zero and below the one before it: the market only loses people")
		months, share = at.Months, at.Share
	}
	c.when(p.Market.Returns >= 1, "market.returns_a_year", "give less than 100%")
	c.when(p.Market.Buy.Talks < 1, "market.buy.talks", "give the number of the first conversation that can bring a deal, at least 1")
	c.when(p.Market.Proposal.Chance > 0 && p.Market.Proposal.Days < 1, "market.proposal.days", "a proposal is valid for at least a day")
}

func (p *Population) checkAnswers(c *checker) {
	c.when(p.Answers.ReplyHours <= 0, "answers.reply_hours", "give a mean above zero")
	c.when(len(p.Answers.EngagesBy) == 0, "answers.engages_by", "name at least one kind of engagement")
	p.Answers.InMarket.check(c, "answers.in_market")
	p.Answers.OutOfMarket.check(c, "answers.out_of_market")
}

func (m Mood) check(c *checker, key string) {
	c.when(m.Reply+m.Click+m.OptOut+m.OutOfOffice > 1, key, "reply, click, opt_out and out_of_office exclude each other; together they are above 100%")
	c.when(m.PickUp+m.Voicemail > 1, key, "pick_up and voicemail exclude each other; together they are above 100%")
	c.when(m.Engages >= 1, key+".engages_a_month", "give less than 100%")
	says := m.Says.weights()
	c.weights(key+".says", says[:]...)
}

func (p *Population) checkReps(c *checker) {
	r := p.Reps
	c.when(r.Count < 1, "reps.count", "give at least one")
	c.when(r.Window == (sequence.Window{}), "reps.window", "give the reps' working time, such as \"mon-fri 09:00-17:30\"")
	c.when(r.FirstCall <= 0 || r.CallHours <= 0 || r.TaskHours <= 0, "reps", "first_call_minutes, call_hours and task_hours are means above zero")
	why := r.Diagnoses.weights()
	c.weights("reps.diagnoses", why[:]...)
}

// Fits says what in the population a playbook does not know; nil when it fits.
func (p *Population) Fits(pb *sequence.Playbook) error {
	for i, s := range p.Sources {
		if _, ok := pb.Sources[s.Kind]; !ok {
			return fmt.Errorf("population: sources[%d].kind: the playbook %s knows no source %q; add it there or leave it out here", i, pb.Name, s.Kind)
		}
	}
	for i, kind := range p.Answers.EngagesBy {
		if _, ok := pb.Sources[kind]; !ok {
			return fmt.Errorf("population: answers.engages_by[%d]: the playbook %s knows no source %q; add it there or leave it out here", i, pb.Name, kind)
		}
	}
	return nil
}
