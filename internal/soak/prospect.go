package soak

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/sequence"
)

// prospect is a made-up person, drawn from a population. What they write is up to
// their persona; this is what they are like on the phone.
type prospect struct {
	n     int
	of    *population.Population
	from  population.Source
	place population.Place
	body  api.EnrolBody

	mu          sync.Mutex
	luck        *rand.Rand
	in          bool // in the market: wants to buy
	never       bool // answers no call
	decides     bool
	wrongNumber bool
	talks       int
}

// draw makes the prospect with a number. The same seed and number give the same one.
func draw(of *population.Population, seed uint64, n int) *prospect {
	p := &prospect{n: n, of: of, luck: rand.New(rand.NewPCG(seed, uint64(n)))}
	p.from, p.place = pick(p.luck, of.Sources, func(s population.Source) float64 { return s.Weight }), pick(p.luck, of.Places, func(at population.Place) float64 { return at.Weight })
	p.in, p.never, p.decides, p.wrongNumber = p.is(p.from.InMarket), p.is(of.Answers.Never), p.is(of.Contact.Decides), p.is(of.Contact.WrongNumber)
	p.body = api.EnrolBody{Source: p.from.Kind, PersonBody: api.PersonBody{
		Name: fmt.Sprintf("Lead %d", n), Account: fmt.Sprintf("Account %d", n-n%4/3), Basis: "soak", // every fourth at the account before
		Zone: p.place.Zone, Country: p.place.Country, Email: fmt.Sprintf("lead-%d@prospects.example", n),
	}}
	if p.is(of.Contact.Phone) {
		p.body.Phone = fmt.Sprintf("+4930%07d", n)
	}
	if p.is(of.Deals.Known) {
		amount := min(of.Deals.Most, int64(float64(of.Deals.Median)*math.Exp(of.Deals.Spread*p.luck.NormFloat64()))) * 100
		p.body.Amount = &amount
	}
	return p
}

func (p *prospect) is(s population.Share) bool { return p.luck.Float64() < float64(s) }

// pick draws one of several by weight.
func pick[T any](luck *rand.Rand, of []T, weight func(T) float64) T {
	sum := 0.0
	for _, one := range of {
		sum += weight(one)
	}
	u := luck.Float64() * sum
	for _, one := range of {
		if u -= weight(one); u < 0 {
			return one
		}
	}
	return of[len(of)-1]
}

// month goes by: they leave the market or come back to it (R52), and may do
// something by themselves.
func (p *prospect) month() (engages sequence.Kind, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	half := p.of.Market.StillIn[0]
	leaves := 1 - math.Pow(float64(half.Share), 1/half.Months)
	comes := 1 - math.Pow(1-float64(p.of.Market.Returns), 1./12)
	if p.in {
		p.in = p.luck.Float64() >= leaves
	} else {
		p.in = p.luck.Float64() < comes
	}
	by := p.of.Answers.EngagesBy
	return by[p.luck.IntN(len(by))], p.is(p.mood().Engages)
}

func (p *prospect) mood() population.Mood {
	if p.in {
		return p.of.Answers.InMarket
	}
	return p.of.Answers.OutOfMarket
}

// call is how a call ends; agreed says that they expect it.
func (p *prospect) call(agreed bool, now time.Time, place sequence.Place) api.OutcomeBody {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, u := p.mood(), p.luck.Float64()
	switch {
	case agreed && u >= float64(m.ShowsUp):
		return api.OutcomeBody{Outcome: sequence.MissedByLead}
	case !agreed && p.wrongNumber:
		return api.OutcomeBody{Outcome: sequence.WrongNumber}
	case agreed, !p.never && u < float64(m.PickUp):
		return p.talk(now, place)
	case u > 1-float64(m.Voicemail):
		return api.OutcomeBody{Outcome: sequence.Voicemail}
	}
	return api.OutcomeBody{Outcome: sequence.NoAnswer}
}

// talk is a conversation.
func (p *prospect) talk(now time.Time, place sequence.Place) api.OutcomeBody {
	p.talks++
	o := api.OutcomeBody{Discussed: "What we talked about, in a sentence or two that the next call can begin with.", Reason: "They said why."}
	if buy := p.of.Market.Buy; p.in && p.talks >= buy.Talks && p.is(buy.Chance) {
		o.Outcome = sequence.WonOutcome
		return o
	}
	o.Outcome = p.says()
	switch o.Outcome {
	case sequence.CallScheduled, sequence.SendInfo:
		at := place.NextOpen(now.AddDate(0, 0, 3+p.luck.IntN(7)), sequence.LegalCallingHours()).UTC()
		o.NextStep = &api.NextStepBody{At: at}
	case sequence.Interested, sequence.NonCommittal:
		o.NextStep = &api.NextStepBody{WhyNone: "they look at their calendar"}
	case sequence.NotNow:
		if p.is(p.of.Answers.NamesTime) {
			o.NextStep = &api.NextStepBody{At: now.AddDate(0, 1+p.luck.IntN(5), 0)}
		}
	case sequence.NotInterested:
		o.DecisionMaker = p.decides
	case sequence.StayInTouch:
		o.Permission = &api.PermissionBody{Channel: sequence.ByEmail, Until: now.AddDate(1, 0, 0)}
	}
	return o
}

// says draws what a conversation comes to.
func (p *prospect) says() sequence.Outcome {
	s := p.mood().Says
	type weighed struct {
		outcome sequence.Outcome
		weight  float64
	}
	wrong := s.NotTheOne
	if p.decides {
		wrong = 0
	}
	return pick(p.luck, []weighed{
		{sequence.CallScheduled, s.CallScheduled},
		{sequence.Interested, s.Interested},
		{sequence.SendInfo, s.SendInfo},
		{sequence.NonCommittal, s.NonCommittal},
		{sequence.NotNow, s.NotNow},
		{sequence.NotInterested, s.NotInterested},
		{sequence.NotTheOne, wrong},
		{sequence.StayInTouch, s.StayInTouch},
		{sequence.NotQualified, s.NotQualified},
		{sequence.StopOutcome, s.Stop},
	}, func(w weighed) float64 { return w.weight }).outcome
}

// answers is a conversation with somebody who wrote.
func (p *prospect) answers(now time.Time, place sequence.Place) api.OutcomeBody {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.talk(now, place)
}

func (p *prospect) findsOthers() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.is(p.of.Reps.FindsOthers)
}
