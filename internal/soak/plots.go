package soak

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rekindlehq/rekindle/internal/plot"
)

// Draw writes the plots into a folder, one SVG each.
func (r *Report) Draw(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make room for the plots: %w", err)
	}
	for name, lines := range r.plots() {
		f, err := os.Create(filepath.Join(dir, name+".svg"))
		if err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
		if err := lines.WriteSVG(f); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
	}
	return nil
}

func (r *Report) plots() map[string]plot.Lines {
	table := func(name string, of func(Table, Sample) float64) func(Sample) float64 {
		return func(s Sample) float64 {
			for _, t := range s.Tables {
				if t.Name == name {
					return of(t, s)
				}
			}
			return 0
		}
	}
	whole := func(t Table, s Sample) float64 { return float64(t.Bytes+t.Indexes) / max(1, float64(s.Leads)) }
	row := func(t Table, _ Sample) float64 { return float64(t.Bytes+t.Indexes) / max(1, float64(t.Rows)) }
	return map[string]plot.Lines{
		"soak-memory": r.plot("Memory of the processes", "megabytes",
			line{"worker, resident", func(s Sample) float64 { return s.Worker.Memory }}, line{"worker, live heap", func(s Sample) float64 { return s.Worker.Heap }},
			line{"API, resident", func(s Sample) float64 { return s.API.Memory }}, line{"API, live heap", func(s Sample) float64 { return s.API.Heap }}),
		"soak-asleep": r.plot("What a lead takes while it sleeps", "bytes",
			line{"history, half", func(s Sample) float64 { return s.Asleep.Bytes.P50 }}, line{"history, 99 in 100", func(s Sample) float64 { return s.Asleep.Bytes.P99 }},
			line{"state in the row, half", func(s Sample) float64 { return s.State.P50 }}, line{"state in the row, 99 in 100", func(s Sample) float64 { return s.State.P99 }}),
		"soak-tables": r.plot("Tables with their indexes, for each lead", "bytes a lead",
			line{"leads", table("leads", whole)}, line{"dispatches", table("dispatches", whole)},
			line{"idempotency keys", table("idempotency_keys", whole)}, line{"notifications", table("notifications", whole)}),
		"soak-records": r.plot("Records of what happened, for each row", "bytes a row",
			line{"audit", table("audit", row)}, line{"send ledger", table("send_ledger", row)}, line{"tasks", table("tasks", row)},
			line{"inbound messages", table("inbound_messages", row)}, line{"engagements", table("engagements", row)}),
		"soak-leads": r.plot("Leads and workflows", "count",
			line{"leads", func(s Sample) float64 { return float64(s.Leads) }}, line{"living", func(s Sample) float64 { return float64(s.Living) }},
			line{"workflows open", func(s Sample) float64 { return float64(s.Open) }}),
		"soak-reads": r.plot("Answers of the API, 99 in 100", "milliseconds", r.reads()...),
	}
}

// line is one series of a plot.
type line struct {
	name string
	of   func(Sample) float64
}

func (r *Report) reads() (lines []line) {
	for i, one := range r.Samples[0].Reads {
		lines = append(lines, line{one.What, func(s Sample) float64 {
			if i >= len(s.Reads) {
				return 0
			}
			return s.Reads[i].Took.P99
		}})
	}
	return lines
}

func (r *Report) plot(title, unit string, lines ...line) plot.Lines {
	p := plot.Lines{
		Title: title, X: plot.Axis{Label: "months of the leads' time"}, Y: plot.Axis{Label: unit},
		Desc: fmt.Sprintf("%d leads through %d months.", r.Leads, r.Months),
	}
	for _, l := range lines {
		s := plot.Series{Name: l.name}
		for _, one := range r.Samples {
			s.Points = append(s.Points, plot.Point{X: float64(one.Month), Y: l.of(one)})
		}
		p.Series = append(p.Series, s)
		p.Desc += fmt.Sprintf(" %s: from %s to %s.", l.name, plot.Number(s.Points[0].Y), plot.Number(s.Points[len(s.Points)-1].Y))
	}
	return p
}
