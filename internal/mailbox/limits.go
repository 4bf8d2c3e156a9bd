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
	return min(l.Daily, l.RampFrom+l.RampStep*max(0, daysBetween(l.DayOf(l.RampSince), l.DayOf(at))))
}

// Book is the slots of a mailbox that are given out, used or not.
type Book struct {
	limits Limits
	given  []time.Time // in order
	perDay map[time.Time]int
}

// Book opens a book with the slots given out so far, in any order.
func (l Limits) Book(given []time.Time) *Book {
	b := &Book{limits: l, given: slices.Clone(given), perDay: map[time.Time]int{}}
	slices.SortFunc(b.given, time.Time.Compare)
	for _, at := range given {
		b.perDay[l.DayOf(at)]++
	}
	return b
}

// Next is the earliest instant from which a further mail may go out; false when
// there is none within a year.
func (b *Book) Next(from time.Time) (time.Time, bool) {
	at := from
	for range horizon + len(b.given) {
		var ok bool
		if at, ok = b.limits.open(at); !ok {
			return time.Time{}, false
		}
		free := b.afterGaps(at)
		switch {
		case b.perDay[b.limits.DayOf(at)] >= b.limits.On(at):
			at = b.limits.tomorrow(at)
		case free.After(at):
			at = free
		default:
			return at, true
		}
	}
	return time.Time{}, false
}

// Give notes that a slot is given out.
func (b *Book) Give(at time.Time) {
	i, _ := slices.BinarySearchFunc(b.given, at, time.Time.Compare)
	b.given = slices.Insert(b.given, i, at)
	b.perDay[b.limits.DayOf(at)]++
}

// afterGaps is the first instant that keeps the gap to every slot given out.
func (b *Book) afterGaps(at time.Time) time.Time {
	first, _ := slices.BinarySearchFunc(b.given, at.Add(-b.limits.Gap), time.Time.Compare)
	for _, g := range b.given[first:] {
		if g.Sub(at) >= b.limits.Gap {
			break
		}
		if at.Sub(g) < b.limits.Gap {
			at = g.Add(b.limits.Gap)
		}
	}
	return at
}

// DayOf is the beginning of an instant's day in the mailbox's zone.
func (l Limits) DayOf(at time.Time) time.Time {
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
