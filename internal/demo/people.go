package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/workflows"
)

// Cast plays the reps (except You) and every prospect. Who somebody is follows
// from their lead's id, so each demo has all kinds.
type Cast struct {
	Client Client
	Store  *postgres.Store
	Clock  *workflows.Clock
	Mail   *Mail // nil when mail goes to a real server

	// Watch says that the product reads its reps' mailboxes by IMAP: then prospects answer by mail, as personas do.
	// Otherwise their answers are reported through the API.
	Watch bool

	mu     sync.Mutex
	calls  map[uuid.UUID]int // answered by lead
	mails  map[string]int    // received by address
	played map[uuid.UUID]bool
}

// temper is how a prospect behaves.
type temper int

const (
	eager temper = iota
	buyer
	ghost
	voicemailOnly
	noShow
	snoozer
	stopper
	replier
	away
	returner
	tempers
)

func temperOf(lead string) temper {
	h := fnv.New32a()
	h.Write([]byte(lead))
	return temper(h.Sum32() % uint32(tempers))
}

type task struct {
	ID    uuid.UUID `json:"id"`
	Lead  uuid.UUID `json:"lead_id"`
	Kind  string    `json:"kind"`
	DueAt time.Time `json:"due_at"`
	Stage string    `json:"stage"`
}

// Play works the queue until ctx ends.
func (c *Cast) Play(ctx context.Context) {
	c.calls, c.played = map[uuid.UUID]int{}, map[uuid.UUID]bool{}
	ticker := time.NewTicker(400 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var queue struct{ Tasks []task }
		if err := c.Client.Get(ctx, "/queue?limit=200", &queue); err != nil {
			continue
		}
		now := c.Clock.At(time.Now())
		c.manage(ctx, now)
		for _, t := range queue.Tasks {
			if t.DueAt.After(now) || c.played[t.ID] || c.yours(ctx, t.Lead) {
				continue
			}
			c.played[t.ID] = true
			if err := c.work(ctx, t, now); err != nil && ctx.Err() == nil {
				slog.Info("demo: a task could not be worked", "task", t.ID, "error", err)
			}
		}
	}
}

func (c *Cast) yours(ctx context.Context, lead uuid.UUID) bool {
	l, err := c.Store.Lead(ctx, lead)
	if err != nil {
		return true
	}
	owner, err := c.Store.User(ctx, l.OwnerID)
	return err != nil || owner.Email == You
}

func (c *Cast) work(ctx context.Context, t task, now time.Time) error {
	complete := func(body map[string]any) error {
		return c.Client.Post(ctx, "/tasks/"+t.ID.String()+"/complete", body, nil)
	}
	who := temperOf(t.Lead.String())
	switch t.Kind {
	case "call":
		c.calls[t.Lead]++
		return complete(map[string]any{"outcome": c.call(who, c.calls[t.Lead], t, now)})
	case "reply":
		return complete(map[string]any{"outcome": outcome("call_scheduled", "They wrote back and want to talk.", agreed(now, 3))})
	case "diagnose":
		return complete(map[string]any{"diagnosis": []string{"timing", "value_not_seen", "too_fast", "unknown"}[int(t.ID[15])%4]})
	case "find_others":
		return c.Client.Post(ctx, "/leads/"+t.Lead.String()+"/stakeholders", map[string]any{
			"name": "Jamie Head", "email": fmt.Sprintf("jamie.%s@stakeholder.example", t.Lead.String()[24:]), "title": "Head of purchasing",
		}, nil)
	default:
		return complete(map[string]any{"note": "done"})
	}
}

// call is how a call with a prospect of that temper ends.
func (c *Cast) call(who temper, n int, t task, now time.Time) map[string]any {
	scheduled := t.Stage == "scheduled_call"
	switch who {
	case eager, buyer:
		switch {
		case n >= 4-int(who):
			return outcome("won", "They signed.", nil)
		default:
			return outcome("call_scheduled", "They are interested; next time we go through the offer.", agreed(now, 3))
		}
	case noShow:
		if scheduled {
			return outcome("no_show", "", nil)
		}
		return outcome("call_scheduled", "In a hurry, agreed a time.", agreed(now, 2))
	case snoozer:
		if n == 1 {
			return outcome("not_now", "The budget opens in two months.", map[string]any{"at": now.AddDate(0, 2, 0)})
		}
		return outcome("interested", "The budget is there; they look for a time.", map[string]any{"why_none": "they check calendars"})
	case voicemailOnly:
		return outcome("voicemail", "", nil)
	case away:
		if n == 2 {
			return outcome("wrong_person", "Somebody else decides.", nil)
		}
		return outcome("no_answer", "", nil)
	case returner:
		if n > 6 {
			return outcome("won", "They came back by themselves and signed.", nil)
		}
		return outcome("no_answer", "", nil)
	}
	return outcome("no_answer", "", nil)
}

func outcome(what, discussed string, next map[string]any) map[string]any {
	o := map[string]any{"outcome": what}
	if discussed != "" {
		o["discussed"] = discussed
	}
	if next != nil {
		o["next_step"] = next
	}
	return o
}

// agreed is a time in so many days at which it is day at most places.
func agreed(now time.Time, days int) map[string]any {
	y, m, d := now.Date()
	at := time.Date(y, m, d+days, 15, 0, 0, 0, time.UTC)
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return map[string]any{"at": at}
}

// ReadMail lets prospects read and answer the mail that comes from now on, until ctx ends.
func (c *Cast) ReadMail(ctx context.Context) {
	c.mails = map[string]int{}
	if c.Mail == nil {
		return
	}
	if !c.Watch {
		c.Mail.Hear(func(m devmail.Message) { c.read(ctx, m) })
		return
	}
	player := c.Mail.Play(world(), c.Clock)
	context.AfterFunc(ctx, func() { _ = player.Close() }) // the only time
	c.Mail.Hear(func(m devmail.Message) {
		c.Mail.answer(player, m)
		c.read(ctx, m)
	})
}

// read is what a prospect does with a mail, as far as it is not answered by mail: some answer, some are away, some say
// stop, some come back after months.
func (c *Cast) read(ctx context.Context, m devmail.Message) {
	for _, to := range m.To {
		c.mu.Lock()
		c.mails[to]++
		n := c.mails[to]
		c.mu.Unlock()
		person, err := c.Store.PersonByEmail(ctx, &to)
		if err != nil {
			continue
		}
		lead, err := c.Store.LivingLead(ctx, person.ID)
		if err != nil {
			continue
		}
		if err := c.react(ctx, temperOf(lead.ID.String()), n, to, person.UnsubscribeToken); err != nil && ctx.Err() == nil {
			slog.Info("demo: a prospect could not react", "lead", lead.ID, "error", err)
		}
	}
}

func (c *Cast) react(ctx context.Context, who temper, n int, address, token string) error {
	switch {
	case who == returner && n == 8:
		return c.Client.Post(ctx, "/engagements", map[string]any{"email": address, "kind": "site_visit", "detail": "came back by themselves"}, nil)
	case c.Watch: // personas write the rest
	case who == stopper && n == 3:
		return c.Client.Click(ctx, c.Client.Base+"/unsubscribe/"+token)
	case who == replier && n == 2:
		return c.Client.Post(ctx, "/replies", map[string]any{"email": address, "text": "Interesting. Can we talk this week?"}, nil)
	case who == away && n == 2:
		back := c.Clock.At(time.Now()).AddDate(0, 0, 9)
		return c.Client.Post(ctx, "/replies", map[string]any{"email": address, "automatic": true, "until": back}, nil)
	}
	return nil
}
