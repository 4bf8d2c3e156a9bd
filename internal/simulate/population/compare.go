package population

import (
	"fmt"
	"math"

	"github.com/rekindlehq/rekindle/sequence"
)

// Difference is one number under both playbooks, and how far chance alone could
// move the difference.
type Difference struct {
	What    string  `json:"what"`
	Unit    string  `json:"unit"`
	First   float64 `json:"first"`
	Second  float64 `json:"second"`
	Change  float64 `json:"change"`         // second minus first
	Error   float64 `json:"standard_error"` // of the change, from lead to lead
	Verdict Verdict `json:"verdict"`
	Better  string  `json:"better"` // "more" or "less"; empty where neither is
}

// Verdict says whether a change can be told from chance.
type Verdict string

// The verdicts. Ten numbers are compared, so about four in ten such tables show a
// change of two standard errors somewhere by luck alone: clear means 2.8.
const (
	Clear   Verdict = "clear"         // beyond 2.8 standard errors
	Perhaps Verdict = "perhaps"       // beyond 2; more leads or another seed will tell
	Chance  Verdict = "within chance" // nothing to be read from it
)

func verdict(change, err float64) Verdict {
	switch size := math.Abs(change); {
	case size > 2.8*err && size > 0:
		return Clear
	case size > 2*err && size > 0:
		return Perhaps
	}
	return Chance
}

// line is a number to compare: sums of one metric over those of another, or over
// the leads where below is none.
type line struct {
	what, unit, better string
	above, below       int
	scale              [2]float64
}

const perLead = -1

func lines(pbs []*sequence.Playbook) []line {
	by := func(f float64) [2]float64 { return [2]float64{f, f} }
	cost := [2]float64{float64(pbs[0].Effort.HourlyCost) / 60, float64(pbs[1].Effort.HourlyCost) / 60}
	return []line{
		{"wins", "per 1,000 leads", "more", won, perLead, by(1000)},
		{"value won", "per lead", "more", value, perLead, by(1)},
		{"leads that answered", "%", "more", answers, perLead, by(100)},
		{"conversations", "per lead", "more", talks, perLead, by(1)},
		{"stops", "per 1,000 leads", "less", stopped, perLead, by(1000)},
		{"emails", "per lead", "", emails, perLead, by(1)},
		{"touch minutes", "per lead", "less", minutes, perLead, by(1)},
		{"follow-ups in time", "%", "more", onTime, due, by(100)},
		{"cold calls", "% of calls", "less", coldCall, callAll, by(100)},
		{"cost", "per win", "less", minutes, won, cost},
	}
}

// compare uses that both playbooks met the same leads: what one lead did under one
// is set against what the same lead did under the other.
func compare(w *worker, pbs []*sequence.Playbook) []Difference {
	var list []Difference
	n := float64(w.tallies[0].leads)
	for _, l := range lines(pbs) {
		d := Difference{What: l.what, Unit: l.unit, Better: l.better}
		var weights [2 * metrics]float64 // of each metric in the error of one lead
		both := [2]*float64{&d.First, &d.Second}
		for side, t := range w.tallies {
			below := n
			if l.below != perLead {
				below = float64(t.sum[l.below])
			}
			if below == 0 {
				continue
			}
			*both[side] = l.scale[side] * float64(t.sum[l.above]) / below
			sign, at := float64(2*side-1), side*metrics
			weights[at+l.above] += sign * l.scale[side] / below
			if l.below != perLead {
				weights[at+l.below] -= sign * *both[side] / below
			}
		}
		d.Change = d.Second - d.First
		d.Error = w.spread(weights, n)
		d.Verdict = verdict(d.Change, d.Error)
		list = append(list, d)
	}
	return list
}

// spread is the standard error of a weighted sum over the leads. For ratios the
// weights are those of the linear approximation (the delta method).
func (w *worker) spread(weights [2 * metrics]float64, n float64) float64 {
	squares, sum := 0.0, 0.0
	for i, a := range weights {
		if a == 0 {
			continue
		}
		sum += a * float64(w.tallies[i/metrics].sum[i%metrics])
		for j, b := range weights {
			if b != 0 {
				squares += a * b * w.pairs.of(i, j)
			}
		}
	}
	if n < 2 {
		return 0
	}
	return math.Sqrt(max(0, (squares-sum*sum/n)*n/(n-1)))
}

func noise(leads int) string {
	return fmt.Sprintf("Both playbooks met the same %d leads, with the same luck as far as their ways go together. The standard error says how far chance "+
		"still moves a change: read nothing into one that is within chance. Clear is beyond 2.8 of them, because ten numbers are compared; "+
		"it holds for this population, which is a model.", leads)
}

// Band is two standard errors: nineteen times in twenty chance moves the change by
// less.
func (d Difference) Band() float64 { return 2 * d.Error }
