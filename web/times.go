package web

import (
	"fmt"
	"html/template"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// When is an instant in the reader's zone, in as few words as are clear.
func (v *visit) When(at any) template.HTML {
	t, ok := instant(at)
	if !ok {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, //nolint:gosec // made of a time alone
		t.UTC().Format(time.RFC3339), t.In(v.zone).Format("Monday, 2 January 2006, 15:04 MST"), v.short(t)))
}

// short leaves out what goes without saying.
func (v *visit) short(t time.Time) string {
	t, now := t.In(v.zone), v.now.In(v.zone)
	switch days := daysBetween(now, t); {
	case days == 0:
		return "today " + t.Format("15:04")
	case days == 1:
		return "tomorrow " + t.Format("15:04")
	case days == -1:
		return "yesterday " + t.Format("15:04")
	case days > -7 && days < 7:
		return t.Format("Mon 2 Jan 15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// There is an instant at the lead's place, where that differs from the reader's.
func (v *visit) There(at any, zone string) string {
	t, ok := instant(at)
	place, known := sequence.LoadZone(zone)
	if !ok || !known {
		return ""
	}
	there := t.In(place)
	_, here := t.In(v.zone).Zone()
	if _, theirs := there.Zone(); theirs == here {
		return ""
	}
	return there.Format("Mon 15:04 MST") + " there"
}

// Late is how long an instant has passed, in one unit.
func (v *visit) Late(at time.Time) string {
	d := v.now.Sub(at)
	switch {
	case d < time.Minute:
		return ""
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Now is the time, which on a development stack runs ahead.
func (v *visit) Now() time.Time { return v.now }

// Zone is the name of the reader's time zone.
func (v *visit) Zone() string { return v.zone.String() }

// Field is an instant as a form shows it.
func (v *visit) Field(at time.Time) string { return at.In(v.zone).Format(formTime) }

const formTime = "2006-01-02T15:04"

func instant(at any) (time.Time, bool) {
	switch t := at.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, true
		}
	}
	return time.Time{}, false
}
