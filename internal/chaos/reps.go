package chaos

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
)

// task is an item of the call queue.
type task struct {
	ID   string `json:"id"`
	Lead string `json:"lead_id"`
	Kind string `json:"kind"`
}

// workQueue lets reps do what is in their queue, each task once.
func (c *crowd) workQueue(leave, patience context.Context) {
	var q struct{ Tasks []task }
	if c.asker.get(leave, "/v1/queue?limit=500", &q) != nil {
		return // it is asked again in a moment
	}
	for _, t := range q.Tasks {
		c.mu.Lock()
		n, known := c.leads[t.Lead]
		done := c.handled[t.ID]
		c.handled[t.ID] = c.handled[t.ID] || known
		calls := len(c.handled)
		c.mu.Unlock()
		if known && !done {
			c.ask(patience, func(ctx context.Context) { c.doTask(ctx, t, n, calls) })
		}
	}
}

func (c *crowd) doTask(ctx context.Context, t task, n, call int) {
	body := map[string]any{"note": "velmora"}
	outcome := ""
	switch t.Kind {
	case "diagnose":
		body["diagnosis"] = pick(c.chance.of("diagnosis", n), []string{"too_fast", "too_slow", "value_not_seen", "timing", "unknown"})
	case "call", "reply", "engaged":
		said := c.outcome(n, call)
		outcome, _ = said["outcome"].(string)
		body["outcome"] = said
	}
	r, err := c.asker.post(ctx, "/v1/tasks/"+t.ID+"/complete", body)
	var d struct {
		Outcome string `json:"outcome_id"`
	}
	if err != nil || !r.ok() || json.Unmarshal(r.body, &d) != nil {
		return
	}
	switch outcome {
	case "":
	case "stop":
		c.stopped(c.people[n], r, nil)
	default:
		c.told(judge.Ack{What: judge.Reported, At: r.at, Lead: t.Lead, Record: d.Outcome})
	}
}

// outcome is what came of a call.
func (c *crowd) outcome(n, call int) map[string]any {
	o := map[string]any{"discussed": "velmora, in words"}
	kind := pick(c.chance.of("outcome", n, call), []string{
		"no_answer", "no_answer", "no_answer", "voicemail", "voicemail", "voicemail", "interested", "interested", "call_scheduled", "call_scheduled",
		"send_information", "non_committal", "not_now", "not_interested", "wrong_number", "won", "stop", "stay_in_touch", "wrong_person",
	})
	switch kind {
	case "interested", "non_committal":
		o["next_step"] = map[string]any{"why_none": "velmora will call back"}
	case "call_scheduled", "send_information":
		o["next_step"] = map[string]any{"at": c.callableNoon(n)}
	case "not_now":
		o["next_step"] = map[string]any{"at": c.callableNoon(n).AddDate(0, 0, 7)}
	case "not_interested":
		o["reason"] = "velmora is dear to them"
	case "stay_in_touch":
		o["permission"] = map[string]any{"channel": "email"}
	}
	o["outcome"] = kind
	return o
}

// callableNoon is a noon at the lead's place some days from now.
func (c *crowd) callableNoon(n int) time.Time {
	now := c.clock.At(time.Now()).In(c.people[n].zoneOf)
	at := time.Date(now.Year(), now.Month(), now.Day()+3, 12, 0, 0, 0, now.Location())
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// manage lets a manager lift what waits for a person: mailboxes and leads that are parked.
func (c *crowd) manage(leave, patience context.Context) {
	var boxes struct {
		Mailboxes []struct{ Name, Parked string }
	}
	if c.asker.get(leave, "/v1/mailboxes", &boxes) != nil {
		return
	}
	for _, b := range boxes.Mailboxes {
		switch b.Parked {
		case "", "disconnected", "provider_limit": // these pass by themselves
		default:
			c.ask(patience, func(ctx context.Context) {
				_, _ = c.asker.post(ctx, "/v1/mailboxes/"+b.Name+"/resume", struct{}{}) // it is looked at again
			})
		}
	}
	var parked struct{ Leads []struct{ ID string } }
	if c.asker.get(leave, "/v1/leads?blocked=parked&limit=100", &parked) != nil {
		return
	}
	for _, l := range parked.Leads {
		c.ask(patience, func(ctx context.Context) {
			_, _ = c.asker.post(ctx, "/v1/leads/"+l.ID+"/resume", struct{}{}) // it is looked at again
		})
	}
}
