// Package chaos runs the whole product as separate processes, hurts each of them by a
// plan while people use it, heals everything, and has the judge prove from what is left
// that nothing was sent twice, nothing after a stop, and nothing was lost. It knows every
// part from outside, as an operator does; the product must not know it.
package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
)

// Report is what came of a run.
type Report struct {
	judge.Verdict
	Seed    uint64         `json:"seed"`
	For     string         `json:"for"`
	Virtual string         `json:"virtual"` // time that the leads lived through
	Done    map[string]int `json:"done"`    // to each part, by fault
	Counts  map[string]int `json:"counts"`
}

// Run runs the world and judges it. What is left stays in o.Dir. An error means that
// the run itself failed.
func Run(ctx context.Context, o Options) (Report, error) {
	w, err := open(ctx, o)
	defer w.close()
	if err != nil {
		return Report{}, err
	}
	journal, err := os.Create(filepath.Join(o.Dir, "journal.jsonl"))
	if err != nil {
		return Report{}, fmt.Errorf("keep the journal: %w", err)
	}
	defer journal.Close()
	var bases []string
	for _, api := range apis() {
		bases = append(bases, "http://"+w.cables[between("client", api)].Address())
	}
	asker := newAsker(bases, w.key, journal)
	if err := asker.await(ctx); err != nil {
		return Report{}, err
	}
	began := w.now()
	draw := chance{o.Seed}
	crowd := newCrowd(asker, draw, w.clock, persons(draw, o.Leads, o.For*7/10), w.sinkDir)
	if err := w.hurt(ctx, crowd); err != nil {
		return Report{}, err
	}
	if err := w.settle(ctx); err != nil {
		return Report{}, err
	}
	lived := w.now().Sub(began)
	w.rest(ctx)
	evidence, err := w.gather(ctx, crowd.acks)
	if err != nil {
		return Report{}, fmt.Errorf("gather the evidence: %w", err)
	}
	return Report{
		Verdict: judge.Judge(evidence), Seed: o.Seed, For: o.For.String(), Virtual: fmt.Sprintf("%.1f days", lived.Hours()/24),
		Done: done(evidence.Blows), Counts: counts(evidence, asker),
	}, nil
}

// hurt lets the crowd live while the hand strikes, and waits until everybody has their
// answer.
func (w *world) hurt(ctx context.Context, c *crowd) error {
	leave, cancel := context.WithTimeout(ctx, w.For)
	defer cancel()
	patience, giveUp := context.WithTimeout(ctx, w.For+w.Patience)
	defer giveUp()
	struck := make(chan struct{})
	go func() {
		defer close(struck)
		if !w.Gentle {
			w.strike(ctx, Plan(w.Seed, w.For))
		}
	}()
	c.live(leave, patience)
	<-struck
	return ctx.Err()
}

// rest stops the workers, so that nothing moves while it is looked at. What they have
// begun they finish.
func (w *world) rest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	for _, name := range append(workers(), apis()...) {
		w.parts[name].close(ctx)
	}
}

// await waits until both ends of the API answer.
func (a *asker) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for ready := 0; ready < 2*len(a.bases); {
		var boxes any
		if err := a.get(ctx, "/v1/mailboxes", &boxes); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("wait for the API: %w", err)
			}
			ready = 0
			sleep(ctx, 100*time.Millisecond)
			continue
		}
		ready++
	}
	return nil
}

func done(blows []judge.Blow) map[string]int {
	all := map[string]int{}
	for _, b := range blows {
		all[b.On+" "+b.Does]++
	}
	return all
}

func counts(e *judge.Evidence, a *asker) map[string]int {
	all := map[string]int{"leads": len(e.Leads), "audit entries": len(e.Entries), "history events": e.Searched, "ledger rows": len(e.Sends)}
	for what, n := range a.count {
		all["client "+what] = n
	}
	for _, m := range e.Mails {
		if m.Kept {
			all["mails kept"]++
		} else {
			all["mails lost or refused by the mail server"]++
		}
	}
	for _, l := range e.Leads {
		all["runs"] += l.Life.Runs
		all["stage "+l.Stage]++
	}
	for _, s := range e.Sends {
		all["ledger "+s.State]++
	}
	return all
}

// String is the report for a person.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "chaos: seed %d, %s, in which the leads lived %s\n\n", r.Seed, r.For, r.Virtual)
	table(&b, "done", r.Done)
	table(&b, "counted", r.Counts)
	b.WriteString(r.Verdict.String())
	return b.String()
}
