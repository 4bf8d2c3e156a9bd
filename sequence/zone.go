package sequence

import (
	"math/bits"
	"sort"
	"time"
)

// A zone's clock as whole numbers. The time package looks the offset up again for
// every question about an instant; a life asks a thousand of them. Answers are the
// same, to the second, as a test shows.

// zoneClock is a zone and its offsets from UTC over the years that lives are lived.
type zoneClock struct {
	location *time.Location
	from     []int64 // unix seconds from which an offset holds
	offset   []int64 // seconds east of UTC
	end      int64   // unix seconds up to which the table reaches
	spans    []int   // by stretch: the span that holds when it begins
}

const (
	firstSecond = 1_546_300_800 // 2019-01-01
	lastSecond  = 2_872_281_600 // 2061-01-07
	daySeconds  = 86_400
	stretch     = 1 << 21 // seconds, about 24 days
)

func newZoneClock(location *time.Location) *zoneClock {
	z := &zoneClock{location: location, end: lastSecond}
	for at := time.Unix(firstSecond, 0).In(location); at.Unix() < lastSecond; {
		_, offset := at.Zone()
		z.from, z.offset = append(z.from, at.Unix()), append(z.offset, int64(offset))
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		if !end.After(at) { // ZoneBounds stands still in some leap years: from here on the time package is asked
			z.end = at.Unix()
			break
		}
		at = end
	}
	for i, unix := 0, int64(firstSecond); unix < lastSecond; unix += stretch {
		for i+1 < len(z.from) && z.from[i+1] <= unix {
			i++
		}
		z.spans = append(z.spans, i)
	}
	return z
}

// span is the index of the offset at an instant that the table knows.
func (z *zoneClock) span(unix int64) int {
	i := z.spans[(unix-firstSecond)/stretch]
	for i+1 < len(z.from) && z.from[i+1] <= unix {
		i++
	}
	return i
}

// knows reports whether an instant lies in the table.
func (z *zoneClock) knows(unix int64) bool {
	return unix >= firstSecond+daySeconds && unix < z.end-daySeconds
}

// local gives the day, counted from 1970, and the second of that day on the wall.
func (z *zoneClock) local(t time.Time) (day, second int64) { return z.localAt(t.Unix()) }

func (z *zoneClock) localAt(unix int64) (day, second int64) {
	if !z.knows(unix) {
		_, offset := time.Unix(unix, 0).In(z.location).Zone()
		unix += int64(offset)
	} else {
		unix += z.offset[z.span(unix)]
	}
	day = floorDiv(unix, daySeconds)
	return day, unix - day*daySeconds
}

// instant is the moment, in unix seconds, at which the wall shows a second of a
// day; where the clocks skip or repeat it, the one that time.Date gives.
func (z *zoneClock) instant(day, second int64) int64 {
	unix := day*daySeconds + second
	if !z.knows(unix) {
		y, m, d := time.Unix(day*daySeconds, 0).UTC().Date()
		return time.Date(y, m, d, 0, 0, int(second), 0, z.location).Unix()
	}
	i := z.span(unix)
	if offset := z.offset[i]; offset != 0 {
		utc := unix - offset
		if utc < z.from[i] || i+1 < len(z.from) && utc >= z.from[i+1] {
			offset = z.offset[z.span(utc)]
		}
		unix -= offset
	}
	return unix
}

// time is an instant as the time package has it.
func (z *zoneClock) time(unix int64) time.Time { return time.Unix(unix, 0).In(z.location) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekday of a day counted from 1970, which began on a Thursday.
func weekday(day int64) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// daysOff are the public holidays of one country by day since 1970: one bit each.
type daysOff struct {
	first int64
	bits  []uint64
}

func newDaysOff(holidays map[Day]string) *daysOff {
	o := &daysOff{}
	var days []int64
	for d := range holidays { // in no order; they are sorted below
		day := int64(d)
		days = append(days, time.Date(int(day/10_000), time.Month(day/100%100), int(day%100), 0, 0, 0, 0, time.UTC).Unix()/daySeconds)
	}
	if len(days) == 0 {
		return o
	}
	sort.Slice(days, func(i, j int) bool { return days[i] < days[j] })
	o.first = days[0]
	o.bits = make([]uint64, (days[len(days)-1]-o.first)/64+1)
	for _, day := range days {
		o.bits[(day-o.first)/64] |= 1 << ((day - o.first) % 64)
	}
	return o
}

// next is the first day off from a day on; false when no later one is known.
func (o *daysOff) next(day int64) (int64, bool) {
	if o == nil {
		return 0, false
	}
	i := max(day-o.first, 0)
	for word := i / 64; word < int64(len(o.bits)); word++ {
		left := o.bits[word]
		if word == i/64 {
			left &= ^uint64(0) << (i % 64)
		}
		if left != 0 {
			return o.first + word*64 + int64(bits.TrailingZeros64(left)), true
		}
	}
	return 0, false
}

func (o *daysOff) has(day int64) bool {
	i := day - o.first
	return o != nil && i >= 0 && i < int64(len(o.bits))*64 && o.bits[i/64]&(1<<(i%64)) != 0
}
