package bench

import (
	"math"
	"slices"
	"time"
)

// Sample is one figure, measured several times.
type Sample struct {
	Median float64   `json:"median"`
	Low    float64   `json:"low"`
	High   float64   `json:"high"`
	Each   []float64 `json:"each,omitempty"` // a value a round
}

// sampleOf is the median of what was measured and how far it spread.
func sampleOf(each ...float64) Sample {
	if len(each) == 0 {
		return Sample{}
	}
	return Sample{Median: percentile(each, 50), Low: slices.Min(each), High: slices.Max(each), Each: each}
}

// percentile is the value that p percent are not above (nearest rank); the median of
// an even number is the mean of the middle two.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if p == 50 && n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[max(0, int(math.Ceil(p/100*float64(n)))-1)]
}

// millis are durations in milliseconds.
func millis(all ...time.Duration) []float64 {
	values := make([]float64, len(all))
	for i, d := range all {
		values[i] = float64(d) / float64(time.Millisecond)
	}
	return values
}

// perSecond is how many a second.
func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }
