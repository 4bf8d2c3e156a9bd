package soak

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/workflows"
)

// agenda does things at their time on the leads' clock, which may be set anew while
// they wait.
type agenda struct {
	mu    sync.Mutex
	clock *workflows.Clock // nil: time stands still
	still time.Time        // where
	items errands
	hands chan struct{} // one for each thing done at the same time
	busy  sync.WaitGroup
}

// errand is one thing to do.
type errand struct {
	at    time.Time
	do    func()
	index int // in the heap; below zero once it is taken
}

// look is how often the agenda looks at the clock.
const look = 2 * time.Millisecond

func newAgenda(begins time.Time, hands int) *agenda {
	return &agenda{still: begins, hands: make(chan struct{}, hands)}
}

// Now is what the leads' clock shows.
func (a *agenda) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now()
}

func (a *agenda) now() time.Time {
	if a.clock == nil {
		return a.still
	}
	return a.clock.At(time.Now())
}

// goOn lets time pass by a clock.
func (a *agenda) goOn(c workflows.Clock) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock = &c
}

// stand stops time, waits for what is being done, and gives the time.
func (a *agenda) stand() time.Time {
	a.mu.Lock()
	a.still, a.clock = a.now(), nil
	now := a.still
	a.mu.Unlock()
	a.busy.Wait()
	return now
}

// At lets f be done at a time, in a goroutine of its own. The errand is taken back
// with stop, which tells whether that was in time.
func (a *agenda) At(t time.Time, f func()) (stop func() bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := &errand{at: t, do: f}
	heap.Push(&a.items, e)
	return func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		if e.index < 0 {
			return false
		}
		heap.Remove(&a.items, e.index)
		return true
	}
}

// begin says that something begins that must end before time can stand still; not
// while it does.
func (a *agenda) begin() (done func(), on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clock == nil {
		return nil, false
	}
	a.busy.Add(1)
	return a.busy.Done, true
}

// stands tells whether time stands still.
func (a *agenda) stands() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clock == nil
}

// run does what is due until ctx ends.
func (a *agenda) run(ctx context.Context) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	defer a.busy.Wait()
	for {
		for do := a.take(); do != nil; do = a.take() {
			a.hands <- struct{}{}
			go func() {
				defer a.busy.Done()
				defer func() { <-a.hands }()
				do()
			}()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// take gives what is due, counted as busy; nil when nothing is.
func (a *agenda) take() func() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clock == nil || len(a.items) == 0 || a.items[0].at.After(a.now()) {
		return nil
	}
	a.busy.Add(1)
	e, _ := heap.Pop(&a.items).(*errand)
	return e.do
}

// errands are a heap, the earliest first.
type errands []*errand

func (e errands) Len() int           { return len(e) }
func (e errands) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e errands) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].index, e[j].index = i, j
}

func (e *errands) Push(x any) {
	one, _ := x.(*errand)
	one.index = len(*e)
	*e = append(*e, one)
}

func (e *errands) Pop() any {
	old := *e
	one := old[len(old)-1]
	old[len(old)-1] = nil
	*e, one.index = old[:len(old)-1], -1
	return one
}
