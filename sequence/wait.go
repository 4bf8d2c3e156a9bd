package sequence

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is the unit of a Wait. Working units count only time inside the window
// and days that are neither weekend nor public holiday at the lead's place.
type Unit string

// The units a playbook may use.
const (
	Minutes        Unit = "minutes"
	Hours          Unit = "hours"
	Days           Unit = "days"
	Weeks          Unit = "weeks"
	Months         Unit = "months"
	WorkingMinutes Unit = "working minutes"
	WorkingHours   Unit = "working hours"
	WorkingDays    Unit = "working days"
)

// Wait is a length of time as a sales manager says it: "2 working days".
type Wait struct {
	N    int
	Unit Unit
}

// IsZero reports a wait that is over at once.
func (w Wait) IsZero() bool { return w.N == 0 }

func (w Wait) inDays() bool {
	switch w.Unit {
	case Days, Weeks, Months, WorkingDays:
		return !w.IsZero()
	case Minutes, Hours, WorkingMinutes, WorkingHours:
	}
	return false
}

func (w Wait) String() string {
	if w.IsZero() {
		return "at once"
	}
	if w.N == 1 {
		return "1 " + strings.TrimSuffix(string(w.Unit), "s")
	}
	return strconv.Itoa(w.N) + " " + string(w.Unit)
}

// MarshalText writes the form that UnmarshalText reads.
func (w Wait) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads "at once", "15 working minutes", "1 day", "3 months".
func (w *Wait) UnmarshalText(text []byte) error {
	s := strings.Join(strings.Fields(string(text)), " ")
	if s == "at once" {
		*w = Wait{}
		return nil
	}
	number, unit, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 10_000 {
		return fmt.Errorf("%q is not a wait: write a number and a unit, such as \"2 working days\", or \"at once\"", s)
	}
	if !strings.HasSuffix(unit, "s") {
		unit += "s"
	}
	switch u := Unit(unit); u {
	case Minutes, Hours, Days, Weeks, Months, WorkingMinutes, WorkingHours, WorkingDays:
		*w = Wait{N: n, Unit: u}
		return nil
	}
	return fmt.Errorf("%q is not a unit of time: use minutes, hours, days, weeks, months, working minutes, working hours or working days", unit)
}

// after gives the instant at which the wait that began at t is over, at place p
// with the working hours of window w.
func (w Wait) after(t time.Time, p Place, window Window) time.Time {
	switch w.Unit {
	case Minutes:
		return t.Add(time.Duration(w.N) * time.Minute)
	case Hours:
		return t.Add(time.Duration(w.N) * time.Hour)
	case Days:
		return p.addDays(t, w.N)
	case Weeks:
		return p.addDays(t, 7*w.N)
	case Months:
		return p.addMonths(t, w.N)
	case WorkingMinutes:
		return p.addWorking(t, time.Duration(w.N)*time.Minute, window)
	case WorkingHours:
		return p.addWorking(t, time.Duration(w.N)*time.Hour, window)
	case WorkingDays:
		return p.addWorkingDays(t, w.N, window)
	}
	return t
}

// before is the same length counted backwards; only calendar units make sense.
func (w Wait) before(t time.Time, p Place, window Window) time.Time {
	return Wait{N: -w.N, Unit: w.Unit}.after(t, p, window)
}

// addMonths keeps the day of the month where it exists: 31 January and a month
// is the last day of February, not 3 March.
func (p Place) addMonths(t time.Time, n int) time.Time {
	y, m, d := t.In(p.Zone).Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 12, 0, 0, 0, time.UTC)
	first := time.Date(y, m, 1, 12, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	days := first.AddDate(0, 0, min(d, last.Day())-1).Sub(time.Date(y, m, d, 12, 0, 0, 0, time.UTC))
	return p.addDays(t, int(days/(24*time.Hour)))
}

// oneDay is a day in months.
const oneDay = 1 / 30.44

// months is about how long a wait is; working time counts as a third of the day
// and five days of the week.
func (w Wait) months() float64 { return float64(w.N) * w.Unit.months() }

// Days is about how long a wait is, for those who draw it; leads wait by the calendar.
func (w Wait) Days() float64 { return w.months() / oneDay }

func (u Unit) months() float64 {
	switch u {
	case Minutes:
		return oneDay / 1440
	case Hours:
		return oneDay / 24
	case Days:
		return oneDay
	case Weeks:
		return 7 * oneDay
	case Months:
		return 1
	case WorkingMinutes:
		return oneDay / 343
	case WorkingHours:
		return oneDay / 5.7
	case WorkingDays:
		return oneDay * 7 / 5
	}
	return 0
}
