package soak

import (
	"math"
	"slices"
)

// Growth is how something changed over the last years: a line through its months.
type Growth struct {
	What  string  `json:"what"`
	Unit  string  `json:"unit"`
	First float64 `json:"first"` // where the line begins
	Last  float64 `json:"last"`  // and ends
	Share float64 `json:"a_year"`
	Flat  bool    `json:"flat"` // it grows by less than tolerated a year, or by too little to matter
}

// tolerated is how much a year may bring: what a fit through noise can say.
const tolerated = 0.05

// records are tables that keep what happened, and grow with it: there each row is
// to take what it always took. The others are to take as much for a lead as ever.
var records = []string{
	"audit", "content", "engagements", "former_addresses", "inbound_messages", "invitation_answers", "outcomes", "people", "permissions",
	"proposals", "replies", "send_ledger", "stakeholders", "suppressions", "tasks",
}

// series is one quantity over the months; less than the grain a year is no growth.
// Months of which it says nothing have no number.
type series struct {
	what, unit string
	grain      float64
	of         func(Sample) float64
}

// judge says of everything whether it grew.
func (r *Report) judge() {
	months := r.last()
	if len(months) < 2 {
		return
	}
	all := []series{
		{"worker: live heap", "MB", 2, func(s Sample) float64 { return s.Worker.Heap }},
		{"worker: resident memory", "MB", 10, func(s Sample) float64 { return s.Worker.Memory }},
		{"worker: goroutines", "", 10, func(s Sample) float64 { return float64(s.Worker.Goroutines) }},
		{"API: live heap", "MB", 2, func(s Sample) float64 { return s.API.Heap }},
		{"API: resident memory", "MB", 10, func(s Sample) float64 { return s.API.Memory }},
		{"API: goroutines", "", 10, func(s Sample) float64 { return float64(s.API.Goroutines) }},
		{"connections to Postgres", "", 2, func(s Sample) float64 { return float64(s.Conns) }},
		{"Temporal's database, a run that it keeps", "KB", 1, func(s Sample) float64 { return 1024 * s.Temporal / max(1, float64(s.Open+s.Closed)) }},
		{"asleep: events, most", "", 0, func(s Sample) float64 { return s.Asleep.Events.Most }},
		{"asleep: bytes, half", "B", 8, func(s Sample) float64 { return s.Asleep.Bytes.P50 }},
		{"asleep: bytes, 9 in 10", "B", 8, func(s Sample) float64 { return s.Asleep.Bytes.P90 }},
		{"state in the row, half", "B", 8, func(s Sample) float64 { return s.State.P50 }},
		{"state in the row, 99 in 100", "B", 8, func(s Sample) float64 { return s.State.P99 }},
	}
	for _, t := range months[len(months)-1].Tables {
		all = append(all, tableSeries(t.Name)...)
	}
	for _, one := range all {
		if g, ok := one.fit(months); ok {
			r.Growth = append(r.Growth, g)
		}
	}
}

// last are the months that count: not the first two fifths, in which leads come and
// settle.
func (r *Report) last() []Sample { return r.Samples[len(r.Samples)*2/5:] }

// small is what a table or its indexes may take, in bytes, before they are looked at:
// Postgres deals in pages of 8 KiB, of which each index takes one at least.
const small = 512 << 10

func tableSeries(name string) []series {
	table := func(s Sample) Table {
		i := slices.IndexFunc(s.Tables, func(t Table) bool { return t.Name == name })
		if i < 0 {
			return Table{}
		}
		return s.Tables[i]
	}
	if slices.Contains(records, name) {
		return []series{
			{name + ": a row", "B", 8, func(s Sample) float64 { return perRow(table(s).Bytes, table(s)) }},
			{name + ": a row's indexes", "B", 8, func(s Sample) float64 { return perRow(table(s).Indexes, table(s)) }},
		}
	}
	return []series{
		{name + ": table, a lead", "B", 16, func(s Sample) float64 { return perLead(table(s).Bytes, s) }},
		{name + ": indexes, a lead", "B", 16, func(s Sample) float64 { return perLead(table(s).Indexes, s) }},
	}
}

func perRow(bytes int64, t Table) float64 {
	if t.Rows == 0 || bytes < small {
		return math.NaN()
	}
	return float64(bytes) / float64(t.Rows)
}

func perLead(bytes int64, s Sample) float64 {
	if s.Leads == 0 || bytes < small {
		return math.NaN()
	}
	return float64(bytes) / float64(s.Leads)
}

// fit lays a line through the months (least squares); not through less than half of
// them.
func (s series) fit(months []Sample) (g Growth, ok bool) {
	var n, sumX, sumY, sumXX, sumXY float64
	for _, m := range months {
		if x, y := float64(m.Month), s.of(m); !math.IsNaN(y) {
			n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
		}
	}
	if n < 2 || n < float64(len(months))/2 {
		return g, false
	}
	slope := (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX) // a month
	at := func(m Sample) float64 { return sumY/n + slope*(float64(m.Month)-sumX/n) }
	g = Growth{What: s.what, Unit: s.unit, First: at(months[0]), Last: at(months[len(months)-1])}
	if mean := sumY / n; mean > 0 {
		g.Share = 12 * slope / mean
	}
	g.Flat = g.Share <= tolerated || 12*slope <= s.grain
	return g, true
}
