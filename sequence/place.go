package sequence

import (
	"reflect"
	"sync"
	"time"
)

// Day is a calendar day as the number yyyymmdd.
type Day int32

// DayOf is the calendar day of t in t's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(y*10_000 + int(m)*100 + d)
}

// Holidays names the public holidays by ISO 3166 country code and day.
type Holidays map[string]map[Day]string

// Place is where a lead lives, as far as the calendar cares.
type Place struct {
	Zone     *time.Location
	Known    bool // the lead's own zone, not the playbook's default
	Holidays map[Day]string

	clock *zoneClock // of Zone
	off   *daysOff   // of Holidays
}

// zones keeps loaded time zones: a lookup in the file system for every decision
// would cost more than the decision. It never changes an answer.
var zones sync.Map

func loadClock(name string) (*zoneClock, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	if known, ok := zones.Load(name); ok {
		z := known.(*zoneClock)
		return z, z != nil
	}
	var z *zoneClock
	zone, err := time.LoadLocation(name) //workflowcheck:ignore same name, same zone; the database ships with the binary
	if err == nil {
		z = newZoneClock(zone)
	}
	zones.Store(name, z) // a name that is none is remembered, too
	return z, z != nil
}

// LoadZone finds a zone by its IANA name; an empty name is refused.
func LoadZone(name string) (*time.Location, bool) {
	z, ok := loadClock(name)
	if !ok {
		return nil, false
	}
	return z.location, true
}

// PlaceOf is the place of a lead; where its zone is unknown, the playbook's.
func PlaceOf(l Lead, pb *Playbook) Place { return placeAt(l.Zone, l.Country, pb) }

func placeAt(zone, country string, pb *Playbook) Place {
	z, known := loadClock(zone)
	if !known {
		z, _ = loadClock(pb.Zone)
	}
	if z == nil {
		z = utcClock
	}
	return Place{Zone: z.location, Known: known, Holidays: pb.Holidays[country], clock: z, off: pb.Holidays.of(country)}
}

var utcClock = newZoneClock(time.UTC)

// wall is the clock at the place.
func (p Place) wall() *zoneClock {
	if p.clock != nil {
		return p.clock
	}
	if known, ok := clocks.Load(p.Zone); ok {
		return known.(*zoneClock)
	}
	c := newZoneClock(p.Zone)
	clocks.Store(p.Zone, c)
	return c
}

// clocks are those of places that were not made by PlaceOf.
var clocks sync.Map

// LocalDay is the day at the place at an instant, counted from 1 January 1970.
func (p Place) LocalDay(t time.Time) int {
	day, _ := p.wall().local(t)
	return int(day)
}

// Holiday names the public holiday at the place on t's local day.
func (p Place) Holiday(t time.Time) (string, bool) {
	name, ok := p.Holidays[DayOf(t.In(p.Zone))]
	return name, ok
}

// free reports a day, counted from 1970, on which nobody is reached: one that the
// window leaves out, or a public holiday.
func (p Place) free(day int64, w Window) bool {
	if !w.Days[weekday(day)] {
		return true
	}
	if p.off != nil {
		return p.off.has(day)
	}
	_, holiday := p.Holidays[dayNumber(day)]
	return holiday
}

func dayNumber(day int64) Day { return DayOf(time.Unix(day*daySeconds, 0).UTC()) }

// Open reports whether t lies inside the window on a day that is no holiday.
func (p Place) Open(t time.Time, w Window) bool {
	c, now := p.wall(), t.Unix()
	day, _ := c.localAt(now)
	from, to, ok := p.hours(c, day, w)
	return ok && now >= from && now < to
}

// NextOpen is the earliest instant not before t at which the window is open.
func (p Place) NextOpen(t time.Time, w Window) time.Time {
	at, _ := p.nextOpen(t, w)
	return at
}

// nextOpen is that instant and, in unix seconds, when the window closes then.
func (p Place) nextOpen(t time.Time, w Window) (at time.Time, closes int64) {
	c, now := p.wall(), t.Unix()
	day, _ := c.localAt(now)
	for next := day; next < day+400; next++ { // a playbook is refused if its window never opens
		from, to, ok := p.hours(c, next, w)
		switch {
		case !ok || now >= to:
		case now < from:
			return c.time(from), to
		default:
			return t.In(p.Zone), to
		}
	}
	return t, t.Unix()
}

// lastOpen is the latest sensible instant up to t at which the window is open: t
// itself, or an hour before it last closed.
func (p Place) lastOpen(t time.Time, w Window) (time.Time, bool) {
	c, now := p.wall(), t.Unix()
	today, _ := c.localAt(now)
	for day := today; day > today-14; day-- {
		from, to, ok := p.hours(c, day, w)
		switch {
		case !ok || now < from:
		case now < to:
			return t, true
		default:
			return c.time(max(from, to-3600)), true
		}
	}
	return t, false
}

// hours are when the window opens and closes on a day, in unix seconds.
func (p Place) hours(c *zoneClock, day int64, w Window) (from, to int64, ok bool) {
	if p.free(day, w) {
		return from, to, false
	}
	from, to = c.dayOn(day, int64(w.From)*60), c.instant(day, int64(w.To)*60)
	return from, to, from < to // the clocks may skip the whole window
}

// midnight is the start of t's local day.
func (p Place) midnight(t time.Time) time.Time {
	c := p.wall()
	day, _ := c.local(t)
	return c.time(c.instant(day, 0))
}

// midnightAfter is the start of the next local day. Where the clocks spring
// forward at midnight the day starts at 01:00, which time.Date gives as the
// evening before in some zones.
func (p Place) midnightAfter(t time.Time) time.Time {
	c := p.wall()
	day, _ := c.local(t)
	return c.time(c.dayOn(day+1, 0))
}

// dayOn is a second of a day; where the clocks skip it, an hour of that day all
// the same and not of the day before.
func (z *zoneClock) dayOn(day, second int64) int64 {
	at := z.instant(day, second)
	for {
		if there, _ := z.localAt(at); there >= day {
			return at
		}
		at += 3600
	}
}

// addDays keeps the time of day.
func (p Place) addDays(t time.Time, n int) time.Time {
	c := p.wall()
	day, second := c.local(t)
	return time.Unix(c.dayOn(day+int64(n), second), int64(t.Nanosecond())).In(p.Zone)
}

func (p Place) addWorking(t time.Time, d time.Duration, w Window) time.Time {
	for {
		at, closes := p.nextOpen(t, w)
		to := p.wall().time(closes)
		left := to.Sub(at)
		if d < left || left <= 0 {
			return at.Add(d)
		}
		d -= left
		t = to
	}
}

func (p Place) addWorkingDays(t time.Time, n int, w Window) time.Time {
	step := int64(1)
	if n < 0 {
		step, n = -1, -n
	}
	today, _ := p.wall().local(t)
	day := today
	for range 1000 {
		if n == 0 {
			break
		}
		if day += step; !p.free(day, w) {
			n--
		}
	}
	return p.addDays(t, int(day-today))
}

// slot is the instant for a touch that is due at t: inside the window, and later
// by a share of spread so that leads due together do not go out together. The
// share depends on key alone, so the same touch always gets the same instant.
func (p Place) slot(t time.Time, w Window, spread time.Duration, key ...string) time.Time {
	open, closes := p.nextOpen(t, w)
	if spread <= 0 {
		return open
	}
	room := min(spread, time.Duration(closes-open.Unix())*time.Second-time.Duration(open.Nanosecond())-time.Minute)
	if room <= 0 {
		return open
	}
	return open.Add(time.Duration(share(key...) * float64(room)).Truncate(time.Second))
}

// share maps a key to [0, 1), evenly.
func share(key ...string) float64 {
	x := uint64(14695981039346656037) // FNV-1a
	for _, part := range key {
		for i := range len(part) {
			x = (x ^ uint64(part[i])) * 1099511628211
		}
	}
	x ^= x >> 33 // fnv alone leaves the high bits of similar keys alike
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// offCache keeps the days off of a table by country. It holds on to the table, so
// that no other can come to lie where it is.
var offCache sync.Map

type offKey struct {
	table   uintptr
	country string
}

type offDays struct {
	table Holidays
	days  *daysOff
}

func (h Holidays) of(country string) *daysOff {
	if len(h[country]) == 0 {
		return nil
	}
	key := offKey{reflect.ValueOf(h).Pointer(), country}
	if known, ok := offCache.Load(key); ok {
		return known.(offDays).days
	}
	o := newDaysOff(h[country]) //workflowcheck:ignore sorts what it reads from the map
	offCache.Store(key, offDays{h, o})
	return o
}
