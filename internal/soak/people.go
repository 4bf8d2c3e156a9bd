package soak

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/persona"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/sequence"
)

// The domains of the house and of its prospects.
const (
	homeDomain = "rekindle.example"
	month      = time.Duration(30.44 * 24 * float64(time.Hour)) // the mean one, as in the core's estimate (R52)
)

// staff is the manager and the reps.
var staff = []string{"Morgan Diaz", "Robin Reyes", "Kim Olsen", "Ada Winter", "Sam Fischer"}

func addressOf(name string) string {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return first + "@" + homeDomain
}

// people are everybody outside the product: prospects, who write as personas do and
// talk as the population says, reps, and a manager.
type people struct {
	*house
	ctx      context.Context //nolint:containedctx // what people do ends with the soak
	agenda   *agenda
	player   *persona.Player
	of       *population.Population
	playbook *sequence.Playbook
	options  Options

	mu    sync.Mutex
	leads map[string]*prospect // by id of the lead
	mails map[string]int       // received, by address

	did       atomic.Int64   // what people did
	refusals  map[string]int // what of it was refused
	lockWaits atomic.Int64   // sessions that waited for a lock at the same time, at most, since the last sample
}

func newPeople(ctx context.Context, h *house, a *agenda, o Options, of *population.Population, pb *sequence.Playbook) *people {
	p := &people{
		house: h, ctx: ctx, agenda: a, of: of, playbook: pb, options: o,
		leads: map[string]*prospect{}, mails: map[string]int{}, refusals: map[string]int{},
	}
	p.player = &persona.Player{
		World: persona.World{Seed: o.Seed, Home: []string{homeDomain}}, Clock: a, Deliver: p.write,
		Failed: func(a persona.Answer, err error) { p.failed("answer a mail: "+string(a.Does), err) },
	}
	return p
}

// arrive plans the prospects' first steps, evenly over the time in which they come,
// and the manager's rounds.
func (p *people) arrive(from time.Time) {
	over := time.Duration(p.options.ArriveMonths * float64(month))
	for n := range p.options.Leads {
		one := draw(p.of, p.options.Seed, n)
		at := from.Add(time.Duration(float64(over) * float64(n) / float64(p.options.Leads)))
		p.agenda.At(at, func() { p.enrol(one, at) })
	}
	for n := range p.of.Content.Items {
		p.agenda.At(from, func() { p.publish(n) })
	}
	p.every(from, time.Duration(p.of.Content.NewEvery)*24*time.Hour, func(n int) { p.publish(p.of.Content.Items + n) })
	p.every(from, 24*time.Hour, func(int) { p.manage() })
}

// every does something again and again.
func (p *people) every(from time.Time, interval time.Duration, do func(n int)) {
	var again func(n int)
	again = func(n int) {
		p.agenda.At(from.Add(time.Duration(n)*interval), func() {
			do(n)
			again(n + 1)
		})
	}
	again(1)
}

func (p *people) enrol(one *prospect, at time.Time) {
	var accepted api.Accepted
	if err := p.manager.Post(p.ctx, "/leads", one.body, &accepted); err != nil {
		p.failed("enrol", err)
		p.agenda.At(p.agenda.Now().Add(24*time.Hour), func() { p.enrol(one, at) })
		return
	}
	p.did.Add(1)
	p.plays(accepted, one)
	p.every(at, month, func(int) { p.engage(one) })
}

func (p *people) engage(one *prospect) {
	kind, ok := one.month()
	if !ok {
		return
	}
	var accepted api.Accepted
	p.act("engage", p.manager.Post(p.ctx, "/engagements", api.EngagementBody{PersonBody: one.body.PersonBody, Kind: kind}, &accepted))
	p.plays(accepted, one)
}

// plays notes who a lead is: whoever comes back after the end of one begins another.
func (p *people) plays(accepted api.Accepted, one *prospect) {
	if accepted.Lead == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leads[accepted.Lead.String()] = one
}

func (p *people) publish(n int) {
	kinds := []string{"article", "feature", "product", "price", "webinar"}
	item := map[string]any{"kind": kinds[n%len(kinds)], "title": fmt.Sprintf("What is new, no. %d", n), "summary": "Two sentences on it. It is worth reading.", "url": "https://rekindle.example/news"}
	p.act("publish", p.manager.Post(p.ctx, "/content", item, nil))
}

// looksAfter is how long a parked mailbox rests before the manager has seen to it.
const looksAfter = 48 * time.Hour

// manage resumes parked mailboxes.
func (p *people) manage() {
	var all api.Mailboxes
	if err := p.manager.Get(p.ctx, "/mailboxes", &all); err != nil {
		p.failed("look at the mailboxes", err)
		return
	}
	for _, m := range all.Mailboxes {
		if m.ParkedAt != nil && p.agenda.Now().Sub(*m.ParkedAt) > looksAfter {
			p.act("resume a mailbox", p.manager.Post(p.ctx, "/mailboxes/"+m.Name+"/resume", struct{}{}, nil))
		}
	}
}

// act counts what was done, or that it was refused.
func (p *people) act(what string, err error) {
	if err != nil {
		p.failed(what, err)
		return
	}
	p.did.Add(1)
}

// failed counts what did not work by what it was and the code of the problem: leads
// move on while people are at work, so some of it is as it should be.
func (p *people) failed(what string, err error) {
	if p.ctx.Err() != nil {
		return
	}
	if _, after, ok := strings.Cut(err.Error(), `"code":"`); ok {
		code, _, _ := strings.Cut(after, `"`)
		what += " (" + code + ")"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusals[what]++
}

// refused is how much was refused, so far and in all.
func (p *people) refused() (n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, times := range p.refusals {
		n += int64(times)
	}
	return n
}
