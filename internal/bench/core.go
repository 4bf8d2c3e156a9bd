package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// core measures the rules without Temporal: lead-years on one core, a population
// with its reps and its luck on one core, and the impact of a playbook's change on
// leads in the records.
func core(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.open(ctx, "core", onMonday())
	if err != nil {
		return nil, err
	}
	defer w.close()
	years, leads := b.size(20_000), b.size(24_000)
	from, to, err := w.versions(ctx, leads)
	if err != nil {
		return nil, err
	}
	people, err := population.Default()
	if err != nil {
		return nil, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as rekindle simulate does
	var alone, simulated, compared []float64
	for range b.Rounds {
		s, err := timed(func() error { return liveYears(from, years) })
		if err != nil {
			return nil, err
		}
		alone = append(alone, 1000/s.each(years))
		var report *population.Report
		s, err = timed(func() (err error) {
			report, err = population.Run(ctx, population.Setup{
				Population: people, Playbooks: []*sequence.Playbook{from}, Leads: b.size(5000), Months: 12, Seed: 1, Workers: 1,
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		simulated = append(simulated, report.LeadYears()*1000/s.each(1))
		s, err = timed(func() error {
			impact, err := w.Policy().Impact(ctx, from, to, 5, nil)
			if err == nil && impact.Leads != leads {
				err = fmt.Errorf("the impact report saw %d of %d leads", impact.Leads, leads)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		compared = append(compared, s.rate(leads))
	}
	return []Row{
		Row{Name: "lead-years of the core, a second of one core", Unit: "/s", Ours: sampleOf(alone...)}.against(Budget{AtLeast: 20_000}),
		{Name: "lead-years of a simulated population, a second of one core", Unit: "/s", Ours: sampleOf(simulated...)},
		Row{Name: "leads in an impact report", Unit: "/s", Ours: sampleOf(compared...)}.against(Budget{AtLeast: 20_000}),
	}, nil
}

// versions publishes the default playbook and another that touches most leads, and
// sows leads of all ages that follow the first.
func (w *world) versions(ctx context.Context, n int) (from, to *sequence.Playbook, err error) {
	files, err := playbooks.DefaultFiles()
	if err != nil {
		return nil, nil, err
	}
	files["playbook.yaml"] = strings.NewReplacer("email: warm/idea, after: 2 working days", "email: warm/idea, after: 4 working days",
		"email: mon-fri 09:00-17:00", "email: mon-fri 10:00-16:00").Replace(files["playbook.yaml"])
	if to, _, err = w.Policy().Publish(ctx, files, "bench"); err != nil {
		return nil, nil, err
	}
	from = w.Library.Current()
	sources := slices.Sorted(maps.Keys(from.Sources))
	var ages []sequence.Lead
	for i := range 400 {
		life, err := simulate.Begin(w.newcomer(), sources[i%len(sources)], from, monday.Add(-time.Duration(i)*day))
		if err == nil {
			err = life.Until(monday)
		}
		if err != nil {
			return nil, nil, err
		}
		ages = append(ages, life.Lead)
	}
	leads := make([]sequence.Lead, n)
	for i := range leads {
		leads[i] = ages[i%len(ages)]
		leads[i].ID = w.newcomer().ID
	}
	err = w.sow(ctx, leads, monday)
	if err == nil {
		_, err = w.Store.Pool.Exec(ctx, "ANALYZE leads")
	}
	return from, to, err
}

// liveYears lives the lead-year of the budgets in the core alone.
func liveYears(pb *sequence.Playbook, n int) error {
	var desk sequence.Desk
	news, err := coreNews()
	if err != nil {
		return err
	}
	for range n {
		l := sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}
		if err := liveYear(&desk, &l, pb, news); err != nil {
			return err
		}
	}
	return nil
}

// coreNews are the outcomes of the year as the core takes them.
func coreNews() (all []sequence.OutcomeRecorded, err error) {
	for i, n := range yearNews {
		var o struct {
			Outcome sequence.Outcome
			Next    struct{ At time.Time } `json:"next_step"`
			Reason  string
		}
		encoded, errOut := json.Marshal(n.outcome)
		err = errors.Join(err, errOut, json.Unmarshal(encoded, &o))
		all = append(all, sequence.OutcomeRecorded{
			By: sequence.By{Actor: "owner-1"}, ID: fmt.Sprint("o", i), Outcome: o.Outcome, NextAt: o.Next.At, Reason: o.Reason != "",
		})
	}
	return all, err
}

func liveYear(desk *sequence.Desk, l *sequence.Lead, pb *sequence.Playbook, news []sequence.OutcomeRecorded) error {
	let := func(ev sequence.Event, now time.Time) error {
		_, actions, err := desk.Decide(l, ev, now, pb)
		for _, a := range actions {
			if send, ok := a.(sequence.SendEmail); ok && err == nil {
				_, _, err = desk.Decide(l, sequence.TouchPerformed{Touch: send.Touch, Status: sequence.Sent}, now, pb)
				break // one email at a time
			}
		}
		return err
	}
	if err := let(sequence.Enrolled{ID: "e1", Kind: "info_request"}, monday); err != nil {
		return err
	}
	for i := 0; ; {
		at, ok := l.Deadline()
		if i < len(news) && (!ok || at.After(monday.Add(yearNews[i].after))) {
			if err := let(news[i], monday.Add(yearNews[i].after)); err != nil {
				return err
			}
			i++
			continue
		}
		if !ok || at.After(monday.Add(365*day)) {
			return nil
		}
		if err := let(sequence.DeadlineReached{}, at); err != nil {
			return err
		}
	}
}
