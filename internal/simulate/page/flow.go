package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/internal/plot"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/sequence"
)

// The layers from the ground up: what is won can be read off the axis, and what
// ended otherwise lies on top.
var layers = []sequence.Stage{
	sequence.Won, sequence.ScheduledCall, sequence.Warm, sequence.MultiStakeholder, sequence.Cold,
	sequence.Revival, sequence.BreakUp, sequence.CheckIn, sequence.Disqualified, sequence.DoNotContact,
}

func name(s sequence.Stage) string { return strings.ReplaceAll(string(s), "_", " ") }

// flowChart shows where the leads stand, week by week.
func flowChart(i int, r *population.Report, res *population.Result) chart {
	c := chart{
		Frame: frame, ID: fmt.Sprintf("flow-%d", i), Title: "Where the leads stand over time", XLabel: "months since the first lead came", YLabel: "leads",
		Table: table{Caption: "Leads by stage at the end of each week", Head: []string{"week"}},
	}
	weeks, a := len(res.Flow), plot.UpTo(float64(r.Leads)).EndingAt(float64(r.Leads))
	low := make([]float64, weeks+1)
	var said []string
	for n, stage := range layers {
		at := slices.Index(r.Stages, stage)
		high := slices.Clone(low)
		for w, week := range res.Flow {
			high[w+1] += float64(week.Leads[at])
		}
		class := fmt.Sprintf("layer l%d", n)
		c.Areas = append(c.Areas, area{Class: class, Path: band(low, high, a), Name: name(stage)})
		c.Inside = append(c.Inside, inside(low, high, a, stage)...)
		last := int64(high[weeks] - low[weeks])
		c.Keys = append(c.Keys, key{Class: class, Name: name(stage), Note: english.Sprintf("%d", last)})
		c.Table.Head = append(c.Table.Head, name(stage))
		said = append(said, english.Sprintf("%s %d", name(stage), last))
		low = high
	}
	slices.Reverse(c.Keys) // as they lie
	c.Desc = "Stacked areas over " + english.Sprint(weeks) + " weeks. At the end: " + strings.Join(said, ", ") + "."
	for w, week := range res.Flow {
		row := []string{english.Sprint(w + 1)}
		for _, stage := range layers {
			row = append(row, english.Sprintf("%d", week.Leads[slices.Index(r.Stages, stage)]))
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	c.XTicks, c.YTicks = months(weeks), frame.YTicks(a)
	return c
}

// inside names a layer where it is thick enough.
func inside(low, high []float64, a plot.Scale, stage sequence.Stage) []plot.Tick {
	n, best, place := len(high)-1, 0.0, 0
	room := max(3, n*len(name(stage))/120)
	for w := room; w <= n-room; w++ {
		thin := a.To
		for _, v := range []int{w - room, w, w + room} {
			thin = min(thin, high[v]-low[v])
		}
		if thin > best {
			best, place = thin, w
		}
	}
	if frame.Bottom-frame.Y(a, best) < 22 {
		return nil
	}
	return []plot.Tick{{X: x(float64(place), float64(n)), Y: frame.Y(a, (low[place]+high[place])/2) + 4, Label: name(stage)}}
}
