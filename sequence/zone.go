package sequence

import (
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
}

const (
	firstSecond = 1_546_300_800 // 2019-01-01
	lastSecond  = 2_872_281_600 // 2061-01-07
	daySeconds  = 86_400
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
	return z
}

// span is the index of the offset at an instant.
func (z *zoneClock) span(unix int64) int {
	return sort.Search(len(z.from), func(i int) bool { return z.from[i] > unix }) - 1
}

// knows reports whether an instant lies in the table.
func (z *zoneClock) knows(unix int64) bool {
	return unix >= firstSecond+daySeconds && unix < z.end-daySeconds
}

// local gives the day, counted from 1970, and the second of that day on the wall.
func (z *zoneClock) local(t time.Time) (day, second int64) {
	unix := t.Unix()
	if !z.knows(unix) {
		_, offset := t.In(z.location).Zone()
		unix += int64(offset)
	} else {
		unix += z.offset[z.span(unix)]
	}
	day = floorDiv(unix, daySeconds)
	return day, unix - day*daySeconds
}

// instant is the moment at which the wall shows a second of a day; where the
// clocks skip or repeat it, the one that time.Date gives.
func (z *zoneClock) instant(day, second int64) time.Time {
	unix := day*daySeconds + second
	if !z.knows(unix) {
		y, m, d := time.Unix(day*daySeconds, 0).UTC().Date()
		return time.Date(y, m, d, 0, 0, int(second), 0, z.location)
	}
	i := z.span(unix)
	if offset := z.offset[i]; offset != 0 {
		utc := unix - offset
		if utc < z.from[i] || i+1 < len(z.from) && utc >= z.from[i+1] {
			offset = z.offset[z.span(utc)]
		}
		unix -= offset
	}
	return time.Unix(unix, 0).In(z.location)
}

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

func (o *daysOff) has(day int64) bool {
	i := day - o.first
	return o != nil && i >= 0 && i < int64(len(o.bits))*64 && o.bits[i/64]&(1<<(i%64)) != 0
}
