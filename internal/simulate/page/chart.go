package page

import (
	"fmt"
	"math"
	"strings"
)

// The measures of every chart, in units of its view box. Text is 13 of them high,
// which stays readable on a phone.
const (
	width  = 520.0
	height = 300.0
	left   = 66.0
	right  = 10.0
	above  = 14.0
	below  = 44.0
)

// chart is one drawing and the table that says the same.
type chart struct {
	ID, Title, Desc string
	XLabel, YLabel  string
	Areas           []area
	Bars            []bar
	Lines           []area
	Marks           []mark
	XTicks, YTicks  []tick
	Inside          []tick // names written into areas
	Keys            []key
	Table           table
}

type area struct{ Class, Path, Name string }

type bar struct {
	X, Y, W, H float64
	Class, Tip string
}

type mark struct{ X, Y, R float64 }

type tick struct {
	X, Y  float64
	Label string
}

// key explains one filling.
type key struct{ Class, Name, Note string }

type table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// The frame of the plot, for the template.
func (chart) Left() float64   { return left }
func (chart) Right() float64  { return width - right }
func (chart) Top() float64    { return above }
func (chart) Bottom() float64 { return height - below }
func (chart) Width() float64  { return width }
func (chart) Height() float64 { return height }
func (chart) Middle() float64 { return (above + height - below) / 2 }
func (chart) Centre() float64 { return (left + width - right) / 2 }

// axis maps values from 0 to top to heights.
type axis struct{ top, step float64 }

// axisTo ends at a round number not below the largest value.
func axisTo(largest float64) axis {
	if largest <= 0 {
		largest = 1
	}
	raw := largest / 4
	size := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * size
	for _, nice := range []float64{1, 2, 2.5, 5} {
		if nice*size >= raw {
			step = nice * size
			break
		}
	}
	return axis{top: step * math.Ceil(largest/step), step: step}
}

func (a axis) y(v float64) float64 {
	return height - below - v/a.top*(height-below-above)
}

func (a axis) ticks() []tick {
	var list []tick
	for v := 0.0; v <= a.top*1.0001; v += a.step {
		list = append(list, tick{X: left - 7, Y: a.y(v), Label: english.Sprintf("%v", math.Round(v*100)/100)})
	}
	return list
}

// x is the place of step i of n along the plot.
func x(i, n float64) float64 { return left + (width-left-right)*i/n }

// months labels the weeks of a plot that is so many weeks long.
func months(weeks int) []tick {
	every := 1.0
	if total := float64(weeks) * 7 / 30.44; total > 14 {
		every = 3
	}
	var list []tick
	for m := 0.0; m*30.44/7 <= float64(weeks)+0.5; m += every {
		list = append(list, tick{X: min(x(m*30.44/7, float64(weeks)), width-right), Y: height - below + 18, Label: fmt.Sprintf("%.0f", m)})
	}
	return list
}

// band is the closed path between two lines over the weeks.
func band(low, high []float64, a axis) string {
	var b strings.Builder
	n := float64(len(high) - 1)
	for i, v := range high {
		fmt.Fprintf(&b, "%s%.1f %.1f", letter(i), x(float64(i), n), a.y(v))
	}
	for i := len(low) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "L%.1f %.1f", x(float64(i), n), a.y(low[i]))
	}
	return b.String() + "Z"
}

func letter(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}
