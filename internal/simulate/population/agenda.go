package population

import (
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// what is going to happen in the world.
type what uint8

const (
	repWorks what = iota // on a task
	replies
	autoReplies
	clicks
	stops
	engages
	objects
	newsComes
)

// errand is one thing that is going to happen: to a task, its data, too.
type errand struct {
	what      what
	kind      sequence.TaskKind
	at        time.Time
	touch     int
	to        string
	due       time.Time
	promised  bool
	forgotten bool // nobody does it until somebody is reminded
}

// agenda is what is going to happen to one lead, in no order: it is short.
type agenda []errand

// next finds the earliest errand; -1 when there is none.
func (a agenda) next() int {
	first := -1
	for i := range a {
		if !a[i].forgotten && (first < 0 || a[i].at.Before(a[first].at)) {
			first = i
		}
	}
	return first
}

// take removes an errand, keeping the order of the others: of two at the same
// instant the older one comes first.
func (a *agenda) take(i int) errand {
	e := (*a)[i]
	*a = append((*a)[:i], (*a)[i+1:]...)
	return e
}

func taken(e errand, c sequence.CancelTasks) bool {
	toLead := c.To == sequence.TheLead
	return (c.Kind == "" || c.Kind == e.kind) && e.touch > c.After && e.touch <= c.UpTo &&
		(c.To == "" || toLead && e.to == "" || c.To == e.to)
}

// number reads the number in a touch such as "t12" or "t12-reply".
func number(touch string) int {
	n := 0
	for i := 1; i < len(touch) && touch[i] >= '0' && touch[i] <= '9'; i++ {
		n = n*10 + int(touch[i]-'0')
	}
	return n
}
