package soak

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Report is what a soak measured, and what it means.
type Report struct {
	Leads   int       `json:"leads"`
	Months  int       `json:"months"`
	Seed    uint64    `json:"seed"`
	Began   time.Time `json:"began"`
	Samples []Sample  `json:"samples"` // one a month
	Growth  []Growth  `json:"growth"`
	Checks  []Check   `json:"checks"`

	Refusals map[string]int `json:"refusals"` // of what people did, by what it was
}

// Holds tells whether everything is flat and nothing stands against the checks.
func (r *Report) Holds() bool {
	return !slices.ContainsFunc(r.Growth, func(g Growth) bool { return !g.Flat }) &&
		!slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Found != 0 })
}

func printSample(w io.Writer, s Sample) {
	fmt.Fprintf(w, "month %2d  %s  %5.0fs  a day %.2fs  load %4.1f  living %4d  late p90 %.1fh  worker %3.0f MB (heap %2.0f)  API %3.0f MB (heap %2.0f)  asleep p99 %.0f B  state p99 %.0f B  refused %d of %d\n",
		s.Month, s.At.Format(time.DateOnly), s.Took, s.Day, s.Load, s.Living, s.Lateness.P90, s.Worker.Memory, s.Worker.Heap, s.API.Memory, s.API.Heap, s.Asleep.Bytes.P99, s.State.P99, s.Refused, s.Did)
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	last := r.Samples[len(r.Samples)-1]
	fmt.Fprintf(w, "\n%d leads through %d months in %s; %d living, %d mails, %d deeds of people, of which %d were refused\n",
		r.Leads, r.Months, (time.Duration(last.Took) * time.Second).String(), last.Living, last.Mails, last.Did, last.Refused)
	fmt.Fprintf(w, "\n%-44s %8s %12s %12s %14s %9s\n", "growth", "", "at first", "at last", "a year", "")
	for _, g := range r.Growth {
		word := "flat"
		if !g.Flat {
			word = "GROWS"
		}
		fmt.Fprintf(w, "%-44s %8s %12.4g %12.4g %+13.3g%% %9s\n", g.What, g.Unit, g.First, g.Last, 100*g.Share, word)
	}
	fmt.Fprintf(w, "\n%-28s %9s %9s %11s %11s %7s\n", "table", "rows", "a lead", "bytes a row", "with index", "hot")
	for _, t := range last.Tables {
		if t.Rows == 0 {
			continue
		}
		hot := ""
		if t.Updates > 0 {
			hot = fmt.Sprintf("%.0f%%", 100*float64(t.Hot)/float64(t.Updates))
		}
		fmt.Fprintf(w, "%-28s %9d %9.1f %11.0f %11.0f %7s\n", t.Name, t.Rows, float64(t.Rows)/float64(last.Leads), float64(t.Bytes)/float64(t.Rows), float64(t.Bytes+t.Indexes)/float64(t.Rows), hot)
	}
	fmt.Fprintf(w, "\nTemporal: %d runs open, %d closed within the retention of %s real time, %.0f MB\n", last.Open, last.Closed, retention, last.Temporal)
	fmt.Fprintln(w, "\nAPI, last month, milliseconds       p50       p99")
	for _, one := range last.Reads {
		fmt.Fprintf(w, "  %-28s %8.1f  %8.1f\n", one.What, one.Took.P50, one.Took.P99)
	}
	fmt.Fprintf(w, "\nrefused: %v\n", r.Refusals)
	fmt.Fprintln(w, "\nat the end")
	for _, c := range r.Checks {
		fmt.Fprintf(w, "  %6d %s\n", c.Found, c.What)
	}
}
