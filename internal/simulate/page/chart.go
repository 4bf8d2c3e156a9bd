package page

import (
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/internal/plot"
)

// frame is the space of every chart.
var frame = plot.NewFrame(520, 300, 14)

// chart is one drawing and the table that says the same.
type chart struct {
	plot.Frame
	ID, Title, Desc string
	XLabel, YLabel  string
	Areas           []area
	Bars            []bar
	Marks           []mark
	XTicks, YTicks  []plot.Tick
	Inside          []plot.Tick // names written into areas
	Keys            []key
	Table           table
}

type area struct{ Class, Path, Name string }

type bar struct {
	X, Y, W, H float64
	Class, Tip string
}

type mark struct{ X, Y, R float64 }

// key explains one filling.
type key struct{ Class, Name, Note string }

type table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// x is the place of step i of n along the plot.
func x(i, n float64) float64 { return frame.X(i / n) }

// months labels the weeks of a plot that is so many weeks long.
func months(weeks int) []plot.Tick {
	every := 1.0
	if total := float64(weeks) * 7 / 30.44; total > 14 {
		every = 3
	}
	var list []plot.Tick
	for m := 0.0; m*30.44/7 <= float64(weeks)+0.5; m += every {
		list = append(list, frame.XTick(min(1, m*30.44/7/float64(weeks)), fmt.Sprintf("%.0f", m)))
	}
	return list
}

// band is the closed path between two lines over the weeks.
func band(low, high []float64, a plot.Scale) string {
	var b strings.Builder
	n := float64(len(high) - 1)
	for i, v := range high {
		fmt.Fprintf(&b, "%s%.1f %.1f", plot.Letter(i), x(float64(i), n), frame.Y(a, v))
	}
	for i := len(low) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "L%.1f %.1f", x(float64(i), n), frame.Y(a, low[i]))
	}
	return b.String() + "Z"
}
