package mailbox

import (
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// horizon is how far ahead a slot may lie before the mailbox counts as hopeless.
const horizon = 400 // days

// On is how much the mailbox may send on the day of an instant, in its zone.
func (l Limits) On(at time.Time) int {
	if l.RampFrom == 0 || l.RampSince.IsZero() {
		return l.Daily
	}
	return min(l.Daily, l.RampFrom+l.RampStep*max(0, daysBetween(l.day(l.RampSince), l.day(at))))
}

// Next is the earliest instant from which a further mail may go out, when these
// slots are given out already (used or not, in any order; those before the day
// of from do not matter). False when there is none within a year.
func (l Limits) Next(from time.Time, given []time.Time) (time.Time, bool) {
	given = slices.Clone(given)
	slices.SortFunc(given, time.Time.Compare)
	perDay := map[time.Time]int{}
	for _, g := range given {
		perDay[l.day(g)]++
	}
	at := from
	for range horizon + len(given) {
		var ok bool
		if at, ok = l.open(at); !ok {
			return time.Time{}, false
		}
		free := l.afterGaps(at, given)
		switch {
		case perDay[l.day(at)] >= l.On(at):
			at = l.tomorrow(at)
		case free.After(at):
			at = free
		default:
			return at, true
		}
	}
	return time.Time{}, false
}

// afterGaps is the first instant that keeps the gap to every slot given out.
func (l Limits) afterGaps(at time.Time, sorted []time.Time) time.Time {
	for _, g := range sorted {
		if g.Sub(at) >= l.Gap {
			break
		}
		if at.Sub(g) < l.Gap {
			at = g.Add(l.Gap)
		}
	}
	return at
}

// DayOf is the beginning of an instant's day in the mailbox's zone.
func (l Limits) DayOf(at time.Time) time.Time { return l.day(at) }

func (l Limits) day(at time.Time) time.Time {
	y, m, d := at.In(l.zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, l.zone())
}

func (l Limits) tomorrow(at time.Time) time.Time {
	y, m, d := at.In(l.zone()).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, l.zone())
}

func (l Limits) zone() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

func (l Limits) open(at time.Time) (time.Time, bool) {
	if l.Hours == (sequence.Window{}) {
		return at, true
	}
	next := sequence.Place{Zone: l.zone()}.NextOpen(at, l.Hours)
	return next, !next.IsZero()
}

// daysBetween counts calendar days; a day of 23 or 25 hours is one.
func daysBetween(from, to time.Time) int {
	utc := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(utc(to).Sub(utc(from)) / (24 * time.Hour))
}
