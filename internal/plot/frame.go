// Package plot draws charts as SVG that needs nothing beside it: no script, no
// font, no network. It knows numbers and how to draw them; what they mean, and
// where they come from, it must not know.
package plot

import (
	_ "embed"
	"math"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// English writes numbers as people read them: 12,000.
var English = message.NewPrinter(language.English)

// FrameTemplates defines "grid", which lies below a drawing, and "axes", which
// lies above it, for whatever has the methods of a Frame and the fields XTicks,
// YTicks, XLabel and YLabel.
//
//go:embed frame.svg.tmpl
var FrameTemplates string

// TextSize is the height of every text in units of the view box, which stays
// readable on a phone.
const TextSize = 13.0

// Frame is the space of a chart and of the plot within it, in units of the view
// box.
type Frame struct{ Width, Height, Left, Right, Top, Bottom float64 }

// NewFrame leaves room for ticks and labels on the left and below, and so much
// above.
func NewFrame(width, height, above float64) Frame {
	return Frame{Width: width, Height: height, Left: 66, Right: width - 10, Top: above, Bottom: height - 44}
}

// Centre is the middle of the plot, from left to right.
func (f Frame) Centre() float64 { return (f.Left + f.Right) / 2 }

// Middle is the middle of the plot, from top to bottom.
func (f Frame) Middle() float64 { return (f.Top + f.Bottom) / 2 }

// X is the place along the plot of a share from 0 to 1 of its width.
func (f Frame) X(share float64) float64 { return f.Left + (f.Right-f.Left)*share }

// Y is the height of a value.
func (f Frame) Y(s Scale, v float64) float64 { return f.Bottom - (f.Bottom-f.Top)*s.Share(v) }

// Tick is a label at a place.
type Tick struct {
	X, Y  float64
	Label string
}

// YTicks labels the left side.
func (f Frame) YTicks(s Scale) []Tick {
	var list []Tick
	for _, v := range s.values() {
		list = append(list, Tick{X: f.Left - 7, Y: f.Y(s, v), Label: Number(v)})
	}
	return list
}

// XTicks labels the ground.
func (f Frame) XTicks(s Scale) []Tick {
	var list []Tick
	for _, v := range s.values() {
		list = append(list, f.XTick(s.Share(v), Number(v)))
	}
	return list
}

// XTick is one label on the ground, at a share from 0 to 1 of the plot's width.
func (f Frame) XTick(share float64, label string) Tick {
	return Tick{X: f.X(share), Y: f.Bottom + TextSize + 5, Label: label}
}

// Number writes a number with three digits that count, and large ones short: 0.025,
// 12,500, 3M.
func Number(v float64) string {
	if v == 0 {
		return "0"
	}
	unit := ""
	switch size := math.Abs(v); {
	case size >= 1e9:
		v, unit = v/1e9, "G"
	case size >= 1e6:
		v, unit = v/1e6, "M"
	}
	grain := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	if grain < 1 { // by division: a tenth is not a number of the machine
		v = math.Round(v/grain) / math.Round(1/grain)
	} else {
		v = math.Round(v/grain) * grain
	}
	return English.Sprintf("%v", v) + unit
}
