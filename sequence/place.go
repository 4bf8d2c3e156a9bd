package sequence

import (
	"hash/fnv"
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
}

// zones keeps loaded time zones: a lookup in the file system for every decision
// would cost more than the decision. It never changes an answer.
var zones sync.Map

// LoadZone finds a zone by its IANA name; an empty name is refused.
func LoadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	if known, ok := zones.Load(name); ok {
		zone := known.(*time.Location)
		return zone, zone != nil
	}
	zone, err := time.LoadLocation(name) //workflowcheck:ignore same name, same zone; the database ships with the binary
	if err != nil {
		zone = nil // a name that is none is remembered, too
	}
	zones.Store(name, zone)
	return zone, zone != nil
}

// PlaceOf is the place of a lead; where its zone is unknown, the playbook's.
func PlaceOf(l Lead, pb *Playbook) Place {
	zone, known := LoadZone(l.Zone)
	if !known {
		zone, _ = LoadZone(pb.Zone)
	}
	if zone == nil {
		zone = time.UTC
	}
	return Place{Zone: zone, Known: known, Holidays: pb.Holidays[l.Country]}
}

// Holiday names the public holiday at the place on t's local day.
func (p Place) Holiday(t time.Time) (string, bool) {
	name, ok := p.Holidays[DayOf(t.In(p.Zone))]
	return name, ok
}

// Open reports whether t lies inside the window on a day that is no holiday.
func (p Place) Open(t time.Time, w Window) bool {
	from, to, ok := p.hours(t.In(p.Zone), w)
	return ok && !t.Before(from) && t.Before(to)
}

// NextOpen is the earliest instant not before t at which the window is open.
func (p Place) NextOpen(t time.Time, w Window) time.Time {
	local := t.In(p.Zone)
	for range 400 { // a playbook is refused if its window never opens
		from, to, ok := p.hours(local, w)
		if ok && local.Before(to) {
			if local.Before(from) {
				return from
			}
			return local
		}
		local = p.midnightAfter(local)
	}
	return t
}

func (p Place) hours(local time.Time, w Window) (from, to time.Time, ok bool) {
	if !w.Days[local.Weekday()] {
		return from, to, false
	}
	if _, holiday := p.Holidays[DayOf(local)]; holiday {
		return from, to, false
	}
	y, m, d := local.Date()
	return time.Date(y, m, d, 0, w.From, 0, 0, p.Zone), time.Date(y, m, d, 0, w.To, 0, 0, p.Zone), true
}

// midnightAfter is the start of the next local day. Where the clocks spring
// forward at midnight the day starts at 01:00, which time.Date gives as the
// evening before in some zones.
func (p Place) midnightAfter(local time.Time) time.Time {
	y, m, d := local.Date()
	next := time.Date(y, m, d+1, 0, 0, 0, 0, p.Zone)
	for DayOf(next) <= DayOf(local) {
		next = next.Add(time.Hour)
	}
	return next
}

func (p Place) addWorking(t time.Time, d time.Duration, w Window) time.Time {
	for {
		t = p.NextOpen(t, w)
		_, to, _ := p.hours(t.In(p.Zone), w)
		if left := to.Sub(t); d < left || left <= 0 {
			return t.Add(d)
		}
		d -= to.Sub(t)
		t = to
	}
}

func (p Place) addWorkingDays(local time.Time, n int, w Window) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for range 1000 {
		if n == 0 {
			break
		}
		local = addDays(local, step)
		if _, _, ok := p.hours(local, w); ok {
			n--
		}
	}
	return local
}

// slot is the instant for a touch that is due at t: inside the window, and later
// by a share of spread so that leads due together do not go out together. The
// share depends on key alone, so the same touch always gets the same instant.
func (p Place) slot(t time.Time, w Window, spread time.Duration, key string) time.Time {
	open := p.NextOpen(t, w)
	_, to, ok := p.hours(open.In(p.Zone), w)
	if !ok || spread <= 0 {
		return open
	}
	room := min(spread, to.Sub(open)-time.Minute)
	if room <= 0 {
		return open
	}
	return open.Add(time.Duration(share(key) * float64(room)).Truncate(time.Second))
}

// share maps a key to [0, 1), evenly.
func share(key string) float64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64() // fnv alone leaves the high bits of similar keys alike
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}
