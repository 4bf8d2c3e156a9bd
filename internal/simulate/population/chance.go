package population

import (
	"math"
	"math/rand/v2"
	"time"
)

// purpose keeps the draws for one thing apart from those for another, so that a
// playbook that writes once more does not change what the lead says on the phone:
// two playbooks compared meet the same luck (common random numbers).
type purpose uint64

const (
	forFacts purpose = iota
	forMarket
	forEmails
	forCalls
	forTalks
	forTasks
	forEngagements
	forManual
	purposes
)

// chance is the luck of one lead.
type chance [purposes]rand.PCG

func (c *chance) seed(seed uint64, lead int) {
	for i := range c {
		c[i].Seed(seed, uint64(lead)*uint64(purposes)+uint64(i))
	}
}

// draw gives a number in [0, 1), evenly.
func (c *chance) draw(p purpose) float64 { return float64(c[p].Uint64()>>11) / (1 << 53) }

// about is a time with this mean: most shorter, a few much longer.
func about(u float64, mean time.Duration) time.Duration {
	return time.Duration(-math.Log(1-u) * float64(mean))
}

// normal turns two even draws into a normal one (Box and Muller).
func normal(u, v float64) float64 { return math.Sqrt(-2*math.Log(1-u)) * math.Cos(2*math.Pi*v) }

// pick chooses an index by cumulative weights, the last of which is the sum.
func pick(u float64, upTo []float64) int {
	u *= upTo[len(upTo)-1]
	for i, w := range upTo {
		if u < w {
			return i
		}
	}
	return len(upTo) - 1
}

// summed gives the cumulative weights.
func summed(weights []float64) []float64 {
	up, sum := make([]float64, len(weights)), 0.0
	for i, w := range weights {
		sum += w
		up[i] = sum
	}
	return up
}
