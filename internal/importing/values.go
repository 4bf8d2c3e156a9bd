package importing

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dates and times as programs write them, without those in figures whose order is to
// be told.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04", "2006-01-02",
	"2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "2006/01/02", "20060102",
}

var inFigures = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])\.?[Mm]\.?)?)?$`)

// instant reads a date or a time; without a zone of its own it is taken in zone, a
// date alone at its beginning there.
func instant(s string, order Order, zone *time.Location) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	m := inFigures.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v } // figures only, or nothing
	day, month, hour := n(1), n(3), n(5)
	if order == MonthFirst && m[2] != "." { // with dots the day is first everywhere
		day, month = month, day
	}
	switch strings.ToLower(m[8]) {
	case "p":
		hour = hour%12 + 12
	case "a":
		hour %= 12
	}
	t := time.Date(n(4), time.Month(month), day, hour, n(6), n(7), 0, zone)
	if t.Day() != day || int(t.Month()) != month || hour > 23 || n(6) > 59 || n(7) > 59 {
		return time.Time{}, false
	}
	return t, true
}

// monthLeads: the second figure can be no month.
func monthLeads(s string) bool {
	m := inFigures.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil || m[2] == "." {
		return false
	}
	second, _ := strconv.Atoi(m[3])
	return second > 12
}

var digits = regexp.MustCompile(`^\d+$`)

// cents reads an amount of money: "1.234,50 €", "$1,234.50", "12000". The last dot or
// comma stands before cents when one or two figures follow it, and between thousands
// when three do.
func cents(s string) (int64, bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return !('0' <= r && r <= '9') && r != '-' })
	s = strings.NewReplacer(" ", "", " ", "", " ", "", "'", "", "’", "").Replace(s)
	whole, fraction := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && (len(s)-i <= 3 || strings.IndexByte(s, s[i]) == i && strings.ContainsAny(s[:i], ".,")) {
		whole, fraction = s[:i], s[i+1:]
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	for i, g := range groups {
		if !digits.MatchString(g) || i > 0 && len(g) != 3 {
			return 0, false
		}
	}
	if len(groups) == 0 || fraction != "" && !digits.MatchString(fraction) {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.Join(groups, "")+"."+fraction+"0", 64)
	if err != nil || f > 1e12 {
		return 0, false
	}
	return int64(math.Round(f * 100)), true
}
