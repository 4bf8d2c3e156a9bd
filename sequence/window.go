package sequence

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a set of weekdays and the wall-clock hours between which touches are
// allowed there, at the lead's place: "mon-fri 09:00-17:00".
type Window struct {
	Days     [7]bool // by time.Weekday
	From, To int     // minutes after midnight, From < To
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// LegalCallingHours are the hours of 47 CFR 64.1200 (R85). They hold whatever a
// playbook says.
func LegalCallingHours() Window {
	w := Window{From: 8 * 60, To: 21 * 60}
	for i := range w.Days {
		w.Days[i] = true
	}
	return w
}

// UnmarshalText reads "mon-fri 09:00-17:00" and "tue,thu 10:00-12:30".
func (w *Window) UnmarshalText(text []byte) error {
	days, hours, ok := strings.Cut(strings.Join(strings.Fields(strings.ToLower(string(text))), " "), " ")
	if !ok {
		return fmt.Errorf("%q is not a window: write days and hours, such as \"mon-fri 09:00-17:00\"", text)
	}
	var read Window
	for part := range strings.SplitSeq(days, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if !isRange {
			to = from
		}
		if from < 0 || to < 0 {
			return fmt.Errorf("%q names no weekdays: use mon, tue, wed, thu, fri, sat, sun", part)
		}
		for d := from; ; d = (d + 1) % 7 {
			read.Days[d] = true
			if d == to {
				break
			}
		}
	}
	from, to, _ := strings.Cut(hours, "-")
	var err error
	if read.From, err = clockMinutes(from); err != nil {
		return err
	}
	if read.To, err = clockMinutes(to); err != nil {
		return err
	}
	if read.From >= read.To {
		return fmt.Errorf("the window %q closes before it opens", text)
	}
	*w = read
	return nil
}

func clockMinutes(s string) (int, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day: write it as 09:00", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// MarshalText writes the form that UnmarshalText reads.
func (w Window) MarshalText() ([]byte, error) {
	var days []string
	for d := 1; d <= 7; d++ {
		if w.Days[d%7] {
			days = append(days, weekdays[d%7])
		}
	}
	list := strings.Join(days, ",")
	if list == "mon,tue,wed,thu,fri" {
		list = "mon-fri"
	}
	return fmt.Appendf(nil, "%s %02d:%02d-%02d:%02d", list, w.From/60, w.From%60, w.To/60, w.To%60), nil
}

// within narrows w to the hours and days it shares with other.
func (w Window) within(other Window) Window {
	for d := range w.Days {
		w.Days[d] = w.Days[d] && other.Days[d]
	}
	w.From, w.To = max(w.From, other.From), min(w.To, other.To)
	return w
}
