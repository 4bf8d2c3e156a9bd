package population

import (
	"math"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// crowd is a population made ready to draw from.
type crowd struct {
	*Population
	sources, places, diagnoses []float64 // cumulative weights
	in, out                    mood
	news                       time.Duration
}

type mood struct {
	Mood
	says []float64
}

func ready(p *Population) *crowd {
	c := &crowd{Population: p, news: time.Duration(p.Content.NewEvery) * 24 * time.Hour}
	var sources, places []float64
	for _, s := range p.Sources {
		sources = append(sources, s.Weight)
	}
	for _, at := range p.Places {
		places = append(places, at.Weight)
	}
	why, in, out := p.Reps.Diagnoses.weights(), p.Answers.InMarket.Says.weights(), p.Answers.OutOfMarket.Says.weights()
	c.sources, c.places, c.diagnoses = summed(sources), summed(places), summed(why[:])
	c.in, c.out = mood{p.Answers.InMarket, summed(in[:])}, mood{p.Answers.OutOfMarket, summed(out[:])}
	return c
}

// saidOutcomes are the outcomes of a conversation, in the order of Says.weights.
var saidOutcomes = [...]sequence.Outcome{
	sequence.CallScheduled, sequence.Interested, sequence.SendInfo, sequence.NonCommittal, sequence.NotNow,
	sequence.NotInterested, sequence.NotTheOne, sequence.StayInTouch, sequence.NotQualified, sequence.StopOutcome,
}

func (s Says) weights() [10]float64 {
	return [10]float64{
		s.CallScheduled, s.Interested, s.SendInfo, s.NonCommittal, s.NotNow,
		s.NotInterested, s.NotTheOne, s.StayInTouch, s.NotQualified, s.Stop,
	}
}

// guesses are the diagnoses, in the order of Diagnoses.weights.
var guesses = [...]sequence.Diagnosis{
	sequence.NotKnown, sequence.Timing, sequence.ValueNotSeen, sequence.TooFast, sequence.TooSlow, sequence.WrongPersonFound, sequence.NeverWarm,
}

func (d Diagnoses) weights() [7]float64 {
	return [7]float64{d.NotKnown, d.Timing, d.ValueNotSeen, d.TooFast, d.TooSlow, d.WrongPerson, d.NeverWarm}
}

// prospect is what a lead is like, whatever a playbook does.
type prospect struct {
	source, place  int
	email, phone   bool
	gone, wrongNum bool // what we have does not work
	decides, never bool
	amount         int64 // whole units
	known          bool
	market         market
}

// draw draws the prospect. It takes the same draws in the same order for every
// lead, so that one number of the population changes one thing.
func (c *crowd) draw(luck *chance, arrives time.Time) prospect {
	u := func() float64 { return luck.draw(forFacts) }
	is := func(s Share) bool { return u() < float64(s) }
	p := prospect{source: pick(u(), c.sources), place: pick(u(), c.places)}
	p.email, p.phone = is(c.Contact.Email), is(c.Contact.Phone)
	p.email = p.email || !p.phone
	p.gone, p.wrongNum = is(c.Contact.EmailGone), is(c.Contact.WrongNumber)
	p.decides, p.never = is(c.Contact.Decides), is(c.Answers.Never)
	p.known, p.amount = is(c.Deals.Known), c.Deals.amount(u(), u())
	p.market = market{in: is(c.Sources[p.source].InMarket), until: arrives}
	return p
}

func (d Deals) amount(u, v float64) int64 {
	if n := len(d.List); n > 0 {
		return d.List[int(u*float64(n))]
	}
	most := d.Most
	if most == 0 {
		most = mostAmount
	}
	drawn := float64(d.Median) * math.Exp(d.Spread*normal(u, v))
	return min(most, max(1, int64(min(drawn, mostAmount))))
}
