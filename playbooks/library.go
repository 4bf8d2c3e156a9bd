package playbooks

import (
	"maps"
	"sync"

	"github.com/rekindlehq/rekindle/sequence"
)

// Library holds published versions in memory, by id. Versions are added and never
// changed or removed, so that the same id is the same playbook for ever.
type Library struct {
	mu       sync.RWMutex
	byID     map[string]*sequence.Playbook
	released string
}

// Current is the version for new leads.
func (l *Library) Current() *sequence.Playbook {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.byID[l.released]
}

// Release makes a version that is held the one for new leads.
func (l *Library) Release(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; ok {
		l.released = id
	}
}

// Get finds a version by its id.
func (l *Library) Get(id string) (*sequence.Playbook, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	pb, ok := l.byID[id]
	return pb, ok
}

// Add puts versions in.
func (l *Library) Add(pbs ...*sequence.Playbook) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byID = maps.Clone(l.byID)
	if l.byID == nil {
		l.byID = map[string]*sequence.Playbook{}
	}
	for _, pb := range pbs {
		l.byID[pb.ID] = pb
	}
}
