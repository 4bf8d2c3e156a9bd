package policy

import (
	"context"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// Impact is what another version would do to every lead in flight.
type Impact struct {
	From     string                                    `json:"from"`
	To       string                                    `json:"to"`
	At       time.Time                                 `json:"at"`
	Leads    int                                       `json:"leads"`
	Counts   map[sequence.Effect]int                   `json:"counts"`
	Refusals map[string]int                            `json:"refusals,omitempty"` // by code
	Examples map[sequence.Effect][]sequence.Change     `json:"examples"`
	Stages   map[sequence.Stage]map[sequence.Stage]int `json:"stages,omitempty"` // from stage to stage
	Days     []Day                                     `json:"days"`             // what is due in the coming two weeks
}

// Day is how much is due on one day, UTC, under either version.
type Day struct {
	Day    string `json:"day"`
	Before int    `json:"before"`
	After  int    `json:"after"`
}

const daysAhead = 14

// Impact decides every living lead of one version under both and reports the
// difference, with up to so many examples of each effect. Nothing is changed.
// seen is told how many leads were looked at; it may be nil.
func (p Policy) Impact(ctx context.Context, from, to *sequence.Playbook, examples int, seen func(int)) (Impact, error) {
	r := newImpact(from.ID, to.ID, p.Now())
	for page := range p.pages(ctx, from.ID) {
		changes, err := compare(page, from, to, r.At)
		if err != nil {
			return r, err
		}
		for _, c := range changes {
			r.add(c, examples)
		}
		if seen != nil {
			seen(r.Leads)
		}
	}
	return r, ctx.Err() // or there would have been more pages
}

func newImpact(from, to string, at time.Time) Impact {
	r := Impact{
		From: from, To: to, At: at, Counts: map[sequence.Effect]int{}, Refusals: map[string]int{},
		Examples: map[sequence.Effect][]sequence.Change{}, Stages: map[sequence.Stage]map[sequence.Stage]int{},
	}
	for i := range daysAhead {
		r.Days = append(r.Days, Day{Day: at.AddDate(0, 0, i).Format(time.DateOnly)})
	}
	return r
}

func (r *Impact) add(c sequence.Change, examples int) {
	r.Leads++
	r.Counts[c.Effect]++
	if len(r.Examples[c.Effect]) < examples && c.Effect != sequence.Unchanged {
		r.Examples[c.Effect] = append(r.Examples[c.Effect], c)
	}
	if i, ok := r.day(c.Before.At); ok {
		r.Days[i].Before++
	}
	if i, ok := r.day(c.After.At); ok {
		r.Days[i].After++
	}
	switch c.Effect {
	case sequence.Refused:
		r.Refusals[c.Refusal.Code]++
		if i, ok := r.day(c.Before.At); ok {
			r.Days[i].After++ // it stays where it is
		}
	case sequence.StageMoves:
		if r.Stages[c.Before.Stage] == nil {
			r.Stages[c.Before.Stage] = map[sequence.Stage]int{}
		}
		r.Stages[c.Before.Stage][c.After.Stage]++
	case sequence.Unchanged, sequence.TouchChanges:
	}
}

func (r *Impact) day(at time.Time) (int, bool) {
	if at.IsZero() {
		return 0, false
	}
	midnight := r.At.Truncate(24 * time.Hour)
	i := max(0, int(at.Sub(midnight)/(24*time.Hour)))
	return i, i < len(r.Days)
}
