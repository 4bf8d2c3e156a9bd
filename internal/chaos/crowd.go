package chaos

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
	"github.com/rekindlehq/rekindle/internal/chaos/sink"
	"github.com/rekindlehq/rekindle/workflows"
)

// crowd is everybody who deals with the product from outside: an integration that
// enrols, prospects that read their mail, reps and a manager. It remembers what it was
// told.
type crowd struct {
	asker   *asker
	chance  chance
	clock   *workflows.Clock
	people  []person
	sinkDir string

	mu      sync.Mutex
	acks    []judge.Ack
	leads   map[string]int // number of the person, by lead
	mails   map[string]int // received, by address
	handled map[string]bool
	busy    chan struct{} // as many as ask at once
	asking  sync.WaitGroup
}

// atOnce is how many requests are under way at once.
const atOnce = 24

func newCrowd(c *asker, ch chance, clock *workflows.Clock, people []person, sinkDir string) *crowd {
	return &crowd{
		asker: c, chance: ch, clock: clock, people: people, sinkDir: sinkDir,
		leads: map[string]int{}, mails: map[string]int{}, handled: map[string]bool{}, busy: make(chan struct{}, atOnce),
	}
}

func (c *crowd) told(a judge.Ack) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.acks = append(c.acks, a)
}

// ask lets somebody do something beside the others, within a limit.
func (c *crowd) ask(ctx context.Context, do func(context.Context)) {
	c.asking.Go(func() {
		select {
		case c.busy <- struct{}{}:
			defer func() { <-c.busy }()
			do(ctx)
		case <-ctx.Done():
		}
	})
}

// live lets everybody do what they do until leave ends; what was asked by then is asked
// until it is answered, or patience ends.
func (c *crowd) live(leave, patience context.Context) {
	var crowd sync.WaitGroup
	began := time.Now()
	crowd.Go(func() {
		for _, p := range c.people {
			sleep(leave, time.Until(began.Add(p.enrolledAfter)))
			if leave.Err() != nil {
				return
			}
			c.ask(patience, func(ctx context.Context) { c.enrol(ctx, p) })
			if p.engageAfter > 0 {
				crowd.Go(func() {
					sleep(leave, time.Until(began.Add(p.engageAfter)))
					if leave.Err() == nil {
						c.ask(patience, func(ctx context.Context) { c.engage(ctx, p) })
					}
				})
			}
		}
	})
	crowd.Go(func() { c.readMail(leave, patience) })
	crowd.Go(func() { c.every(leave, time.Second, func() { c.workQueue(leave, patience) }) })
	crowd.Go(func() { c.every(leave, 5*time.Second, func() { c.manage(leave, patience) }) })
	crowd.Wait()
	c.asking.Wait()
}

func (c *crowd) every(ctx context.Context, d time.Duration, do func()) {
	for ctx.Err() == nil {
		do()
		sleep(ctx, d)
	}
}

// accepted is what an enrolment or engagement is answered by.
type accepted struct {
	Lead       string `json:"lead_id"`
	Engagement string `json:"engagement_id"`
}

func (p person) body() map[string]any {
	return map[string]any{
		"name": p.name, "email": p.email, "phone": p.phone, "account": p.account, "time_zone": p.zone, "country": p.country,
		"detail": "velmora " + strconv.Itoa(p.n),
	}
}

func (c *crowd) enrol(ctx context.Context, p person) {
	body := p.body()
	body["source"] = p.source
	r, err := c.asker.post(ctx, "/v1/leads", body)
	var a accepted
	if err != nil || !r.ok() || json.Unmarshal(r.body, &a) != nil {
		return
	}
	c.told(judge.Ack{What: judge.Enrolled, At: r.at, Lead: a.Lead, Record: a.Engagement})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leads[a.Lead] = p.n
}

func (c *crowd) engage(ctx context.Context, p person) {
	body := p.body()
	body["kind"] = "site_visit"
	r, err := c.asker.post(ctx, "/v1/engagements", body)
	var a struct {
		accepted
		Status string `json:"status"`
	}
	if err != nil || !r.ok() || json.Unmarshal(r.body, &a) != nil {
		return
	}
	ack := judge.Ack{What: judge.Engaged, At: r.at, Lead: a.Lead, Record: a.Engagement}
	if a.Status == "lead_created" { // they were not enrolled yet, or their life was over
		ack.What = judge.Enrolled
		c.mu.Lock()
		c.leads[a.Lead] = p.n
		c.mu.Unlock()
	}
	c.told(ack)
}

// readMail lets prospects answer what reached them.
func (c *crowd) readMail(leave, patience context.Context) {
	byAddress := map[string]person{}
	for _, p := range c.people {
		byAddress[p.email] = p
	}
	var place int64
	c.every(leave, 200*time.Millisecond, func() {
		mails, next, err := sink.Read(c.sinkDir, place)
		if err != nil {
			slog.Error("the mail cannot be read", "error", err)
			return
		}
		place = next
		for _, m := range mails {
			if p, ok := byAddress[m.To]; ok && m.Kept {
				c.answer(patience, p, m)
			}
		}
	})
}

// answer is what somebody does who got a mail: mostly nothing.
func (c *crowd) answer(patience context.Context, p person, m sink.Mail) {
	c.mails[p.email]++
	n := c.mails[p.email]
	switch x := c.chance.of("answers", p.n, n); {
	case x < 0.05:
		c.ask(patience, func(ctx context.Context) { c.reply(ctx, p, n, false) })
	case x < 0.08:
		c.ask(patience, func(ctx context.Context) { c.reply(ctx, p, n, true) })
	case x < 0.12:
		c.ask(patience, func(ctx context.Context) { c.engage(ctx, p) })
	case x < 0.14:
		c.ask(patience, func(ctx context.Context) {
			r, err := c.asker.post(ctx, "/v1/opt-outs", map[string]any{"email": p.email})
			c.stopped(p, r, err)
		})
	case x < 0.18 && m.Link != "":
		link, err := url.Parse(m.Link)
		if err != nil {
			return
		}
		c.ask(patience, func(ctx context.Context) {
			r, err := c.asker.click(ctx, link.Path)
			c.stopped(p, r, err)
		})
	}
}

func (c *crowd) stopped(p person, r reply, err error) {
	if err == nil && r.ok() {
		c.told(judge.Ack{What: judge.Stopped, At: r.at, Email: p.email})
	}
}

func (c *crowd) reply(ctx context.Context, p person, n int, automatic bool) {
	word := "velmora-reply-" + strconv.Itoa(p.n) + "-" + strconv.Itoa(n)
	r, err := c.asker.post(ctx, "/v1/replies", map[string]any{"email": p.email, "text": word, "automatic": automatic})
	var a accepted
	if err == nil && r.ok() && json.Unmarshal(r.body, &a) == nil {
		c.told(judge.Ack{What: judge.Replied, At: r.at, Lead: a.Lead, Record: word})
	}
}
