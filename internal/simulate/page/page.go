// Package page draws the report of a simulation as one HTML file that needs
// nothing beside it: no script, no font, no network. It knows the report and how
// to draw; what the numbers mean was decided before.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/rekindlehq/rekindle/internal/plot"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/sequence"
)

//go:embed report.html.tmpl
var source string

var english = plot.English

var layout = template.Must(template.New("report").Funcs(template.FuncMap{
	"count":   count,
	"whole":   func(n any) string { return english.Sprintf("%v", n) },
	"round":   func(f float64) string { return english.Sprintf("%.0f", f) },
	"signed":  signed,
	"amount":  amount,
	"percent": func(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) },
	"each":    func(n, of int64) float64 { return 1000 * float64(n) / float64(of) },
	"letter":  func(i int) string { return string(rune('A' + i)) },
}).Parse(plot.FrameTemplates + source))

// view is what the template shows.
type view struct {
	*population.Report
	Title   string
	Two     bool
	Flow    []chart
	Answers []chart
	Load    []chart
	Calls   []chart
	Cover   []chart
	Rules   []ruleRow
}

// Write writes the page.
func Write(to io.Writer, r *population.Report) error {
	v := view{Report: r, Two: len(r.Results) == 2, Rules: ruleRows(r)}
	v.Title = english.Sprintf("What the playbook does to %d leads", r.Leads)
	if v.Two {
		v.Title = english.Sprintf("Two playbooks, the same %d leads", r.Leads)
	}
	top := peaksOf(r)
	for i := range r.Results {
		res := &r.Results[i]
		v.Flow = append(v.Flow, flowChart(i, r, res))
		v.Answers = append(v.Answers, answerChart(i, res, top.answers))
		v.Load = append(v.Load, minutesChart(i, res, r.Reps, top.minutes))
		v.Calls = append(v.Calls, callsChart(i, res, r.Reps, top.calls))
		v.Cover = append(v.Cover, coverChart(i, res))
	}
	if err := layout.Execute(to, v); err != nil {
		return fmt.Errorf("write the page of the simulation: %w", err)
	}
	return nil
}

// peaks are the largest values over the results: what is compared has one scale.
type peaks struct{ answers, minutes, calls float64 }

func peaksOf(r *population.Report) peaks {
	var p peaks
	for _, res := range r.Results {
		for _, n := range res.UntilAnswer.Leads {
			p.answers = max(p.answers, float64(n))
		}
		for _, w := range res.Load.Weeks {
			p.minutes, p.calls = max(p.minutes, float64(w.Minutes.Max)), max(p.calls, float64(w.Calls.Max))
		}
	}
	return p
}

// ruleRow is one rule under every playbook.
type ruleRow struct {
	Rule  sequence.Rule
	Title string
	Deeds []population.Deeds
	Share []float64 // of the busiest, in percent
}

// ruleRows joins what the rules did, in the order of their ids.
func ruleRows(r *population.Report) []ruleRow {
	byRule, most := map[sequence.Rule]*ruleRow{}, int64(1)
	var order []*ruleRow
	for i, res := range r.Results {
		for _, d := range res.Rules {
			row := byRule[d.Rule]
			if row == nil {
				row = &ruleRow{Rule: d.Rule, Title: d.Title, Deeds: make([]population.Deeds, len(r.Results)), Share: make([]float64, len(r.Results))}
				byRule[d.Rule], order = row, append(order, row)
			}
			row.Deeds[i], most = d, max(most, d.Total())
		}
	}
	rows := make([]ruleRow, 0, len(order))
	for _, row := range order {
		for i, d := range row.Deeds {
			row.Share[i] = 100 * float64(d.Total()) / float64(most)
		}
		rows = append(rows, *row)
	}
	return rows
}

// amount is a number as precise as its size asks for.
func amount(f float64) string {
	switch {
	case f >= 100 || f <= -100:
		return english.Sprintf("%.0f", f)
	case f >= 10 || f <= -10:
		return english.Sprintf("%.1f", f)
	}
	return english.Sprintf("%.2f", f)
}

func signed(f float64) string {
	if f > 0 {
		return "+" + amount(f)
	}
	return amount(f)
}

// count is a number in a table that is mostly empty.
func count(n int64) string {
	if n == 0 {
		return "–"
	}
	return english.Sprintf("%d", n)
}
