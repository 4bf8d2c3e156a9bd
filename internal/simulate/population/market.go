package population

import (
	"math"
	"time"
)

// month is the mean length of a month, as in the core's estimate (R52).
const month = time.Duration(30.44 * 24 * float64(time.Hour))

// market is whether a prospect wants to buy, until when.
type market struct {
	in    bool
	until time.Time
}

// leaves gives the time after which a share 1-u of those in the market have left
// it: log-linear between the points, and on along the last slope (R52).
func (m Market) leaves(u float64) time.Duration {
	at, share, slope := 0.0, 0.0, 0.0 // the logarithm of the share
	left := math.Log(max(1-u, 1e-9))
	for _, p := range m.StillIn {
		next := math.Log(float64(p.Share))
		slope = (next - share) / (p.Months - at)
		if left >= next {
			break
		}
		at, share = p.Months, next
	}
	return time.Duration(min(at+(left-share)/slope, 1200) * float64(month))
}

// comesBack is when somebody who does not want to buy begins to.
func (m Market) comesBack(u float64) time.Duration {
	if m.Returns <= 0 {
		return 1200 * month
	}
	rate := -math.Log(1 - float64(m.Returns)) // a year
	return time.Duration(min(-math.Log(1-u)/rate*12, 1200) * float64(month))
}

// inMarket reports whether the prospect wants to buy now.
func (l *life) inMarket() bool {
	for !l.market.until.After(l.now) {
		l.market.in = !l.market.in
		l.marketUntil(l.market.until)
	}
	return l.market.in
}

func (l *life) marketUntil(from time.Time) {
	u := l.chance.draw(forMarket)
	if l.market.in {
		l.market.until = from.Add(l.crowd.Market.leaves(u))
	} else {
		l.market.until = from.Add(l.crowd.Market.comesBack(u) + time.Hour)
	}
}
