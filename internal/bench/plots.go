package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rekindlehq/rekindle/internal/plot"
)

// charts are what is drawn of growth: the rows of each, by name.
var charts = []struct {
	file, title, desc, y string
	rows                 []string
}{
	{
		"growth-memory.svg", "Memory while leads sleep", "The memory of worker and API with more and more sleeping leads.", "memory (MB)",
		[]string{rowWorkerMemory, rowAPIMemory},
	},
	{
		"growth-latency.svg", "Speed while leads sleep", "How long an enrolment, an outcome and a rep's queue take with more and more sleeping leads.", "p50 (ms)",
		[]string{rowEnrolment, rowOutcome, rowQueue},
	},
	{
		"growth-storage.svg", "Storage of a sleeping lead", "How much room a lead takes in the product's database and in Temporal's, with more and more leads.", "a lead (KB)",
		[]string{rowOurStorage, rowTemporalStorage},
	},
}

// WritePlots draws what grew into a folder. A report without growth has no charts.
func (r Report) WritePlots(dir string) error {
	for _, c := range charts {
		lines := plot.Lines{Title: c.title, Desc: c.desc, X: plot.Axis{Label: "sleeping leads", Log: true}, Y: plot.Axis{Label: c.y}}
		for _, name := range c.rows {
			if points := r.growthOf(name); len(points) > 0 {
				lines.Series = append(lines.Series, plot.Series{Name: name, Points: points})
			}
		}
		if len(lines.Series) == 0 {
			continue
		}
		if err := writeChart(filepath.Join(dir, c.file), lines); err != nil {
			return err
		}
	}
	return nil
}

func (r Report) growthOf(name string) (points []plot.Point) {
	for _, row := range r.Rows {
		if row.Name == name && row.Leads > 0 {
			points = append(points, plot.Point{X: float64(row.Leads), Y: row.Ours.Median})
		}
	}
	return points
}

func writeChart(path string, lines plot.Lines) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make room for charts: %w", err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a chart: %w", err)
	}
	return errors.Join(lines.WriteSVG(f), f.Close())
}
