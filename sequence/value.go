package sequence

import (
	"math"
	"time"
)

// Worth is what a lead is worth, with its parts (R52, R63): amount x still in
// market x win rate.
type Worth struct {
	Amount  int64   `json:"amount"`          // cents; the playbook's typical amount where Known is false
	Known   bool    `json:"known"`           // whether the lead's own amount is known
	Since   float64 `json:"months_since"`    // since they last gave a sign of wanting to buy
	StillIn float64 `json:"still_in_market"` // 0 to 1 (R52)
	WinRate float64 `json:"win_rate"`        // of the stage, 0 to 1
	Value   int64   `json:"value"`           // cents
}

// WorthOf is the expected value of a lead now.
func WorthOf(l Lead, now time.Time, pb *Playbook) Worth { return worth(&l, now, pb) }

func worth(l *Lead, now time.Time, pb *Playbook) Worth {
	v := Worth{Amount: l.Amount, Known: l.Amount > 0, WinRate: pb.Opportunity.WinRates[l.Stage].Of(1)}
	if !v.Known {
		v.Amount = int64(pb.Opportunity.Typical) * 100
	}
	if !l.WantedAt.IsZero() {
		v.Since = max(0, now.Sub(l.WantedAt).Hours()/24/30.44)
	}
	v.StillIn = pb.Opportunity.stillIn(v.Since)
	v.Value = int64(float64(v.Amount) * v.StillIn * v.WinRate)
	return v
}

// stillIn is the share of those who wanted to buy and still do after some months
// (R52): log-linear between the points, and on along the last slope.
func (o Opportunity) stillIn(months float64) float64 {
	at, share := 0.0, 1.0
	slope := 0.0
	for _, r := range o.StillIn {
		to, next := r.After.months(), r.Share.Of(1)
		if to <= at || next <= 0 {
			continue
		}
		slope = (math.Log(next) - math.Log(share)) / (to - at)
		if months <= to {
			return share * math.Exp(slope*(months-at))
		}
		at, share = to, next
	}
	return share * math.Exp(slope*(months-at))
}

// Priority says how urgent a task is, part by part (R81). Tasks are ordered by
// Promised, then SalesReady, then Score.
type Priority struct {
	Promised   bool    `json:"promised"`    // a time that the lead was told has come
	SalesReady bool    `json:"sales_ready"` // R11
	Value      Worth   `json:"value"`       // R52, R63
	Investment float64 `json:"investment"`  // factor: what was invested (R51)
	Source     float64 `json:"source"`      // factor: how much the strongest engagement says (R10)
	Urgency    float64 `json:"urgency"`     // factor: 1, and 1 more for each day overdue
	Score      int64   `json:"score"`       // value x factors, in cents
}

// PriorityOf is the priority of a task of a lead that is due at an instant.
func PriorityOf(l Lead, due time.Time, promised bool, now time.Time, pb *Playbook) Priority {
	p := Priority{
		Promised: promised && !now.Before(due), SalesReady: SalesReadyAt(l, now, pb), Value: WorthOf(l, now, pb),
		Investment: 1 + float64(l.Talks)*pb.Opportunity.Conversation.Of(1), Source: 1,
		Urgency: 1 + max(0, math.Round(now.Sub(due).Hours()/2.4)/10),
	}
	if l.Proposal != nil {
		p.Investment += pb.Opportunity.Proposal.Of(1)
	}
	for _, e := range l.Engaged {
		p.Source = max(p.Source, 1+float64(pb.Sources[e.Kind].Weight)/10)
	}
	p.Score = int64(float64(p.Value.Value) * p.Investment * p.Source * p.Urgency)
	return p
}

// Before reports whether a task with priority p is worked before one with q
// (R81).
func (p Priority) Before(q Priority) bool {
	switch {
	case p.Promised != q.Promised:
		return p.Promised
	case p.SalesReady != q.SalesReady:
		return p.SalesReady
	}
	return p.Score > q.Score
}

// Invested reports R51: conversations or a proposal.
func (p *Playbook) invested(l *Lead) bool {
	n := p.Opportunity.Invested
	return l.Proposal != nil || n > 0 && l.Talks >= n
}

// Holding is what a lead has cost and costs to hold (R82), in cents.
type Holding struct {
	Stagnant bool    `json:"stagnant"`
	Months   float64 `json:"months"` // without a sign of life
	Effort   int64   `json:"effort"` // spent so far
	Held     int64   `json:"held"`   // for those months
	Total    int64   `json:"total"`
}

// HoldingOf is the holding cost of a lead.
func HoldingOf(l Lead, now time.Time, pb *Playbook) Holding {
	v := WorthOf(l, now, pb)
	h := Holding{Months: v.Since, Effort: pb.cost(l.Effort), Held: int64(v.Since * float64(pb.Effort.Holding) * 100)}
	h.Stagnant = !l.Stage.Final() && !pb.Effort.Stagnant.IsZero() && v.Since >= pb.Effort.Stagnant.months()
	h.Total = h.Effort + h.Held
	return h
}

// cost is what effort costs, in cents.
func (p *Playbook) cost(minutes int) int64 {
	return int64(minutes) * int64(p.Effort.HourlyCost) * 100 / 60
}
