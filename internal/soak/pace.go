package soak

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// looksAt are the months after which the pace is looked at, while the load changes
// most. From the last of them on the product's processes are left alone, so that
// what grows in them shows.
var looksAt = []int{1, 2, 3, 5, 7, 10, 13, 18, 24}

const (
	quick, slow       = 6.0, 24.0 // hours by which nine touches in ten are late, in the leads' time
	shortest, longest = 400 * time.Millisecond, time.Minute
	mostAtOnce        = 2.5  // times as long, or as short
	worthIt           = 1.25 // a smaller change is not worth the halt
)

// pace sets the clock anew where the machine could go faster, or cannot follow.
func (s *soak) pace(ctx context.Context, last Sample) error {
	if s.Steady || !slices.Contains(looksAt, last.Month) || last.Month == s.Months {
		return nil
	}
	day := nextDay(s.day, last.Lateness.P90)
	if ratio := float64(day) / float64(s.day); ratio < worthIt && ratio > 1/worthIt {
		return nil
	}
	fmt.Fprintf(s.Progress, "· a day takes %s from now on\n", day.Round(time.Millisecond))
	s.agenda.stand()
	if err := s.people.pause(); err != nil {
		return err
	}
	s.day = day
	return s.goOn(ctx, last.Living)
}

// nextDay is how long a day should take when touches are so many hours late.
func nextDay(day time.Duration, late float64) time.Duration {
	factor := 1.0
	switch {
	case late > slow:
		factor = min(mostAtOnce, 1.2*late/slow)
	case late < quick:
		factor = max(1/mostAtOnce, 0.8*late/quick)
	}
	return min(longest, max(shortest, time.Duration(float64(day)*factor)))
}
