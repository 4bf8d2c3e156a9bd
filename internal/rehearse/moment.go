package rehearse

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// anchor is what a moment is counted from.
type anchor string

const (
	fromNow   anchor = ""      // the line before
	fromDay   anchor = "day"   // the day it begins is day 1
	fromMonth anchor = "month" // the first month is month 1
	fromDate  anchor = "date"
)

// moment is a point in the life as a script names it.
type moment struct {
	from   anchor
	n, day int // of the month: the day in it, 0 for the first
	date   time.Time
	wait   sequence.Wait
	clock  int // minutes after midnight; -1: the time of day it is counted from
}

const howMoments = `write "day 4", "day 15 10:30", "month 7", "2026-05-04 10:30" or "3 days"`

var clockTime = regexp.MustCompile(`^\d{1,2}:\d{2}$`)

// parseMoment reads "day 15 10:30", "month 7 day 3", "2026-05-04" and "3 days".
func parseMoment(text string) (moment, error) {
	words := strings.Fields(text)
	m := moment{clock: -1}
	if n := len(words); n > 1 && clockTime.MatchString(words[n-1]) {
		at, err := time.Parse("15:04", words[n-1])
		if err != nil {
			return m, bad(words[n-1], "time of day", "write it as 09:30")
		}
		m.clock, words = at.Hour()*60+at.Minute(), words[:n-1]
	}
	if len(words) == 0 {
		return m, bad(text, "moment", howMoments)
	}
	switch words[0] {
	case "day":
		return m.onDay(text, words[1:])
	case "month":
		return m.inMonth(text, words[1:])
	}
	if date, err := time.Parse(time.DateOnly, words[0]); err == nil && len(words) == 1 {
		m.from, m.date = fromDate, date
		return m, nil
	}
	var err error
	m.wait, err = parseLength(strings.Join(words, " "))
	if err != nil {
		return m, bad(text, "moment", howMoments)
	}
	return m, nil
}

func (m moment) onDay(text string, words []string) (moment, error) {
	n, ok := ordinal(words)
	if !ok {
		return m, bad(text, "day", `write "day 4" or "day 15 10:30"; day 1 is the day on which it begins`)
	}
	m.from, m.n = fromDay, n
	return m, nil
}

func (m moment) inMonth(text string, words []string) (moment, error) {
	m.from = fromMonth
	var ok bool
	if len(words) == 3 && words[1] == "day" {
		if m.day, ok = ordinal(words[2:]); ok {
			words = words[:1]
		}
	}
	if m.n, ok = ordinal(words); !ok {
		return m, bad(text, "month", `write "month 7" or "month 7 day 3 10:30"; month 1 is the first`)
	}
	return m, nil
}

func ordinal(words []string) (int, bool) {
	if len(words) != 1 {
		return 0, false
	}
	n, err := strconv.Atoi(words[0])
	return n, err == nil && n >= 1 && n <= 4000
}

// parseLength reads a length of calendar time.
func parseLength(text string) (sequence.Wait, error) {
	var w sequence.Wait
	err := w.UnmarshalText([]byte(text))
	if err != nil || w.IsZero() || strings.HasPrefix(string(w.Unit), "working") {
		return w, bad(text, "length of time", `write minutes, hours, days, weeks or months: "30 minutes", "2 weeks"`)
	}
	return w, nil
}

// of is the instant of the moment in a life that began then, seen from now. Both
// are in the lead's zone.
func (m moment) of(began, now time.Time) time.Time {
	at := now
	switch m.from {
	case fromDay:
		at = began.AddDate(0, 0, m.n-1)
	case fromMonth:
		at = began.AddDate(0, m.n-1, max(0, m.day-1))
	case fromDate:
		y, mo, d := m.date.Date()
		at = time.Date(y, mo, d, began.Hour(), began.Minute(), 0, 0, began.Location())
	case fromNow:
		at = add(now, m.wait)
	}
	if m.clock >= 0 {
		y, mo, d := at.Date()
		at = time.Date(y, mo, d, 0, m.clock, 0, 0, began.Location())
	}
	return at
}

func add(t time.Time, w sequence.Wait) time.Time {
	switch w.Unit {
	case sequence.Minutes:
		return t.Add(time.Duration(w.N) * time.Minute)
	case sequence.Hours:
		return t.Add(time.Duration(w.N) * time.Hour)
	case sequence.Days:
		return t.AddDate(0, 0, w.N)
	case sequence.Weeks:
		return t.AddDate(0, 0, 7*w.N)
	case sequence.Months:
		return t.AddDate(0, w.N, 0)
	case sequence.WorkingMinutes, sequence.WorkingHours, sequence.WorkingDays:
	}
	return t
}
