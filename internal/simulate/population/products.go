package population

import "math/bits"

// products sums the products of every two metrics of a lead, those of the first
// playbook and those of the second: what is needed to say how much of a
// difference may be chance. Two words a sum, so that no amount overflows.
type products struct {
	sums [2 * metrics][2 * metrics][2]uint64
}

func (p *products) add(lives []*life) {
	if len(lives) < 2 {
		return
	}
	var all [2 * metrics]int64
	copy(all[:], lives[0].one[:])
	copy(all[metrics:], lives[1].one[:])
	for i, x := range all {
		if x == 0 {
			continue
		}
		for j := i; j < len(all); j++ {
			if y := all[j]; y != 0 {
				p.put(i, j, uint64(x), uint64(y))
			}
		}
	}
}

func (p *products) put(i, j int, x, y uint64) {
	high, low := bits.Mul64(x, y)
	at := &p.sums[i][j]
	var carry uint64
	at[1], carry = bits.Add64(at[1], low, 0)
	at[0], _ = bits.Add64(at[0], high, carry)
}

func (p *products) merge(o *products) {
	for i := range p.sums {
		for j := range p.sums[i] {
			at, from := &p.sums[i][j], o.sums[i][j]
			var carry uint64
			at[1], carry = bits.Add64(at[1], from[1], 0)
			at[0], _ = bits.Add64(at[0], from[0], carry)
		}
	}
}

// of is the sum of the products of metrics i and j; those of the second playbook
// come after those of the first.
func (p *products) of(i, j int) float64 {
	if i > j {
		i, j = j, i
	}
	at := p.sums[i][j]
	return float64(at[0])*(1<<32)*(1<<32) + float64(at[1])
}
