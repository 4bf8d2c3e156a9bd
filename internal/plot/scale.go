package plot

import "math"

// Scale maps the values between two ends to shares from 0 to 1.
type Scale struct {
	From, To float64
	step     float64 // between ticks; of a logarithmic scale in decades
	log      bool
}

// UpTo goes from 0 to a round number not below the largest value.
func UpTo(largest float64) Scale {
	if !(largest > 0) {
		largest = 1
	}
	step := roundStep(largest / 4)
	return Scale{To: step * math.Ceil(largest/step), step: step}
}

// Between goes from one end to the other, with ticks at round numbers.
func Between(from, to float64) Scale {
	if !(to > from) {
		to = from + 1
	}
	return Scale{From: from, To: to, step: roundStep((to - from) / 6)}
}

// Decades is logarithmic, from a power of ten not above the smallest value to one
// not below the largest. Both are above zero.
func Decades(smallest, largest float64) Scale {
	from, to := math.Floor(math.Log10(smallest)), math.Ceil(math.Log10(largest))
	if to <= from {
		to = from + 1
	}
	return Scale{From: math.Pow(10, from), To: math.Pow(10, to), step: math.Ceil((to - from) / 8), log: true}
}

// EndingAt is the same scale with another upper end.
func (s Scale) EndingAt(to float64) Scale {
	s.To = to
	return s
}

// Share is where a value lies on the way from one end to the other. What cannot
// lie on the scale lies at its lower end.
func (s Scale) Share(v float64) float64 {
	if s.log {
		if v <= 0 {
			return 0
		}
		return math.Log(v/s.From) / math.Log(s.To/s.From)
	}
	return (v - s.From) / (s.To - s.From)
}

// values are those that get a tick.
func (s Scale) values() []float64 {
	var list []float64
	if s.log {
		for e := math.Log10(s.From); e <= math.Log10(s.To)+1e-9; e += s.step {
			list = append(list, math.Pow(10, math.Round(e)))
		}
		return list
	}
	for i := math.Ceil(s.From / s.step); i*s.step <= s.To+s.step/1e4; i++ {
		list = append(list, i*s.step)
	}
	return list
}

// roundStep is 1, 2, 2.5 or 5 times a power of ten, not below raw.
func roundStep(raw float64) float64 {
	size := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, nice := range []float64{1, 2, 2.5, 5} {
		if nice*size >= raw {
			return nice * size
		}
	}
	return 10 * size
}
