package soak

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/sequence"
)

// looksEvery is how often a rep looks at the queue, in real time.
const looksEvery = 300 * time.Millisecond

// work lets a rep work their queue until ctx ends. While time stands still nobody
// works.
func (p *people) work(ctx context.Context, rep demo.Client) {
	ticker := time.NewTicker(looksEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		done, on := p.agenda.begin()
		if !on {
			continue
		}
		p.workQueue(rep)
		done()
	}
}

func (p *people) workQueue(rep demo.Client) {
	var queue api.TaskQueue
	if err := rep.Get(p.ctx, "/queue?limit=200", &queue); err != nil {
		p.failed("read the queue", err)
		return
	}
	for _, t := range queue.Tasks {
		if now := p.agenda.Now(); t.DueAt.Add(p.forgets(t.ID)).Before(now) && !p.agenda.stands() {
			if err := p.task(rep, t, now); err != nil {
				p.failed("work on a task: "+string(t.Kind), err)
			}
		}
	}
}

// forgets is how long a task lies around: some are remembered late.
func (p *people) forgets(task uuid.UUID) time.Duration {
	h := fnv.New32a()
	h.Write(task[:])
	u := float64(h.Sum32()) / (1 << 32)
	if u >= float64(p.of.Reps.Forgets) {
		return 0
	}
	return time.Duration((1 + 200*u) * float64(24*time.Hour)) // three weeks at most
}

// task works on a task as its kind asks for.
func (p *people) task(rep demo.Client, t api.TaskView, now time.Time) error {
	complete := func(c api.CompleteBody) error {
		p.did.Add(1)
		return rep.Post(p.ctx, "/tasks/"+t.ID.String()+"/complete", c, nil)
	}
	p.mu.Lock()
	who := p.leads[t.Lead.String()]
	p.mu.Unlock()
	if who == nil {
		return fmt.Errorf("nobody plays lead %s", t.Lead)
	}
	switch t.Kind {
	case sequence.TaskCall, sequence.TaskReply:
		return p.call(rep, t, who, now)
	case sequence.TaskDiagnose:
		return complete(api.CompleteBody{Diagnosis: sequence.Diagnoses()[int(t.ID[0])%len(sequence.Diagnoses())]})
	case sequence.TaskFindOthers:
		if who.findsOthers() {
			p.act("name a stakeholder", rep.Post(p.ctx, "/leads/"+t.Lead.String()+"/stakeholders", api.PersonBody{
				Name: "Jamie " + t.ID.String()[30:], Email: fmt.Sprintf("jamie-%s@prospects.example", t.ID.String()[24:]), Title: "Head of purchasing",
			}, nil))
			return nil // which closes the task
		}
	case sequence.TaskManual, sequence.TaskEngaged:
	}
	return complete(api.CompleteBody{Note: "done"})
}

// call reads the brief, calls, and records what came of it.
func (p *people) call(rep demo.Client, t api.TaskView, who *prospect, now time.Time) error {
	var brief api.TaskWithBrief
	if err := rep.Get(p.ctx, "/tasks/"+t.ID.String(), &brief); err != nil {
		return err
	}
	place := sequence.PlaceOf(sequence.Lead{Zone: who.place.Zone, Country: who.place.Country}, p.playbook)
	agreed := t.Priority.Promised && t.Stage == sequence.ScheduledCall
	outcome := who.call(agreed, now, place)
	if t.Kind == sequence.TaskReply { // who wrote is there
		outcome = who.answers(now, place)
	}
	for _, other := range brief.Brief.Others {
		if other.Name == t.Name && outcome.Outcome != sequence.MissedByLead && outcome.Outcome != sequence.WrongNumber {
			outcome.With = &other.ID
		}
	}
	p.did.Add(1)
	err := rep.Post(p.ctx, "/tasks/"+t.ID.String()+"/complete", api.CompleteBody{Outcome: &outcome}, nil)
	if err != nil && outcome.Outcome == sequence.MissedByLead { // there was no such call any more
		err = rep.Post(p.ctx, "/tasks/"+t.ID.String()+"/complete", api.CompleteBody{Outcome: &api.OutcomeBody{Outcome: sequence.NoAnswer}}, nil)
	}
	return err
}
