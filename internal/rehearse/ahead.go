package rehearse

import (
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// Ahead is the life that a lead has before it, from where it stands: its owner works
// as one should and reaches nobody, and nothing is heard. Open are the owner's tasks.
func Ahead(l sequence.Lead, open []sequence.CreateTask, pb *sequence.Playbook, now, until time.Time) ([]sequence.Entry, error) {
	p := &performance{rep: diligent, began: now, ids: map[string]int{}, sent: map[string]time.Time{}}
	p.life = &simulate.Life{Lead: l, Playbook: pb, Now: now, Each: p.decided}
	for _, t := range open {
		p.tasks.take(t, now, p.habit)
	}
	_, err := p.advance(beat{}, until, false)
	return p.life.Timeline, err
}
