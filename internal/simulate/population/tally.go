package population

import (
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// The sizes of the arrays. A run is 36 months at most, and what happens after it
// is not counted.
const (
	maxMonths  = 36
	maxDays    = 31*maxMonths + 2
	maxWeeks   = maxDays/7 + 2
	maxTouches = 30 // that many or more until the first answer
)

var stages = sequence.Stages()

const stageCount = 10

// The metrics of one lead, in whole numbers: sums of them, and of their products,
// are the same in whatever order they are added up.
const (
	won      = iota
	value    // of the deal won, whole units
	answers  // 1 when a person answered at least once
	stopped  // 1 when they said stop
	talks    // conversations
	emails   // sent
	minutes  // of the reps' touches
	due      // follow-ups (R80)
	onTime   // of them
	coldCall // attempts to leads that never engaged (R13)
	callAll  // attempts
	metrics
)

// sample is one lead's metrics.
type sample [metrics]int64

// tally counts what happens to many leads under one playbook. Whole numbers only,
// so that tallies can be merged in any order.
type tally struct {
	leads        int64
	seconds      int64                       // lived while not final
	flow         [maxWeeks][stageCount]int64 // changes: how many enter or leave by that week
	final        [stageCount]int64
	untilAnswer  [maxTouches + 1]int64
	minutesOn    [maxDays]int64
	callsOn      [maxDays]int64
	rules        ruleTally
	daysToWin    [maxDays]int64
	sum          sample
	refusedOther int64
}

func (t *tally) merge(o *tally) {
	t.leads += o.leads
	t.seconds += o.seconds
	for w := range t.flow {
		add(t.flow[w][:], o.flow[w][:])
	}
	add(t.final[:], o.final[:])
	add(t.untilAnswer[:], o.untilAnswer[:])
	add(t.minutesOn[:], o.minutesOn[:])
	add(t.callsOn[:], o.callsOn[:])
	add(t.daysToWin[:], o.daysToWin[:])
	add(t.sum[:], o.sum[:])
	for i := range t.rules {
		add(t.rules[i][:], o.rules[i][:])
	}
	t.refusedOther += o.refusedOther
}

func add(to, from []int64) {
	for i, n := range from {
		to[i] += n
	}
}

func stageIndex(s sequence.Stage) int {
	for i, one := range stages {
		if one == s {
			return i
		}
	}
	return -1
}

func dayOf(l *life, t time.Time) int {
	return max(0, min(int(t.Sub(l.start)/(24*time.Hour)), maxDays-1))
}

// workday is the day at the lead's place: what is Monday in Sydney counts as
// Monday.
func workday(l *life, t time.Time) int {
	return max(0, min(l.place.LocalDay(t)-l.firstDay, maxDays-1))
}

// moved counts a change of stage: it shows from the end of that week on.
func (t *tally) moved(l *life, from sequence.Stage) {
	week := dayOf(l, l.now) / 7
	if i := stageIndex(from); i >= 0 {
		t.flow[week][i]--
	}
	t.flow[week][stageIndex(l.lead.Stage)]++
}

// worked counts the minutes of a touch on the day it was made.
func (t *tally) worked(l *life, minutesMore int) {
	if minutesMore > 0 {
		t.minutesOn[workday(l, l.now)] += int64(minutesMore)
		l.one[minutes] += int64(minutesMore)
	}
}

func (t *tally) callAsked(l *life, due time.Time) { t.callsOn[workday(l, due)]++ }

func (t *tally) called(l *life) {
	l.one[callAll]++
	if l.lead.Cold(l.pb) {
		l.one[coldCall]++
	}
}

// lived closes the books on a lead.
func (t *tally) lived(l *life) {
	t.leads++
	t.seconds += int64(l.now.Sub(l.arrived) / time.Second)
	t.final[stageIndex(l.lead.Stage)]++
	switch l.lead.Stage {
	case sequence.Won:
		l.one[won], l.one[value] = 1, l.prospect.amount
		t.daysToWin[min(int(l.now.Sub(l.arrived)/(24*time.Hour)), maxDays-1)]++
	case sequence.DoNotContact:
		l.one[stopped] = 1
	}
	for i, n := range l.one {
		t.sum[i] += n
	}
}

// refused counts an event that the core refused, by the rule that it names.
func (t *tally) refused(r *sequence.Refusal) {
	id, _, named := strings.Cut(r.Message, ":")
	if named && len(id) == 3 && id[0] == 'R' {
		t.rules[ruleIndex(sequence.Rule(id))][refusals]++
		return
	}
	t.refusedOther++
}
