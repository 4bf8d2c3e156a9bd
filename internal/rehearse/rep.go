package rehearse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// desk is the owner's desk: the open tasks, and when each is done.
type desk struct{ all []*task }

type task struct {
	sequence.CreateTask
	at     time.Time // when the owner does it; zero: when the script says
	closed time.Time
}

func (t *task) open() bool { return t.closed.IsZero() }

// number is the number of the touch that a task belongs to: 12 for "t12-reply".
func (t *task) number() int {
	digits, _, _ := strings.Cut(strings.TrimPrefix(t.Touch, "t"), "-")
	n, _ := strconv.Atoi(digits)
	return n
}

// take does what a decision says about tasks. When is the instant at which the
// owner does a task by habit.
func (d *desk) take(a sequence.Action, now time.Time, when func(sequence.CreateTask) time.Time) {
	switch a := a.(type) {
	case sequence.CreateTask:
		d.all = append(d.all, &task{CreateTask: a, at: when(a)})
	case sequence.CancelTasks:
		for _, t := range d.all {
			if t.cancelled(a) {
				t.closed = now
			}
		}
	case sequence.ReopenTasks:
		for _, t := range d.all {
			if n := t.number(); n <= a.UpTo && !t.closed.Before(a.Since) {
				t.closed, t.at = time.Time{}, when(t.CreateTask)
			}
		}
	}
}

func (t *task) cancelled(c sequence.CancelTasks) bool {
	n := t.number()
	return t.open() && (c.Kind == "" || c.Kind == t.Kind) && n <= c.UpTo && n > c.After &&
		(c.To == "" || c.To == cmp.Or(t.To, sequence.TheLead))
}

// next is the task that the owner does first.
func (d *desk) next() *task {
	var first *task
	for _, t := range d.all {
		if t.open() && !t.at.IsZero() && (first == nil || t.at.Before(first.at)) {
			first = t
		}
	}
	return first
}

// done closes the latest open task of a kind.
func (d *desk) done(by sequence.By, kind sequence.TaskKind) sequence.Event {
	ev := sequence.TaskDone{By: by, ID: string(kind), Kind: kind}
	for _, t := range slices.Backward(d.all) {
		if t.open() && t.Kind == kind {
			ev.ID, ev.Touch = t.Touch, t.Touch
			break
		}
	}
	return ev
}

// habit is when the owner does a task unless the script says otherwise; zero for
// what only the script can answer: an agreed call, a diagnosis, others' names.
func (p *performance) habit(t sequence.CreateTask) time.Time {
	undone := p.rep.Tasks
	switch t.Kind {
	case sequence.TaskDiagnose, sequence.TaskFindOthers:
		return time.Time{}
	case sequence.TaskCall:
		undone = p.rep.Calls
	case sequence.TaskManual, sequence.TaskReply, sequence.TaskEngaged:
	}
	if undone == "none" || t.Promised {
		return time.Time{}
	}
	place := sequence.PlaceOf(p.life.Lead, p.life.Playbook)
	within, _ := parseLength(p.rep.Within)
	return add(place.NextOpen(p.life.Now, p.life.Playbook.Windows.Call), within)
}

// work lets the owner do a task.
func (p *performance) work(t *task) error {
	t.closed = t.at
	if t.Kind == sequence.TaskCall {
		p.outcome = p.id("o")
		return p.let("outcome "+p.rep.Calls, sequence.OutcomeRecorded{By: p.owner(), ID: p.outcome, Outcome: sequence.Outcome(p.rep.Calls), With: t.To})
	}
	return p.let("task "+string(t.Kind), sequence.TaskDone{By: p.owner(), ID: t.Touch, Kind: t.Kind, Touch: t.Touch})
}
