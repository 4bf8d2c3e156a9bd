package plot

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// Axis is what lies along one side of a plot.
type Axis struct {
	Label string // what it is, and in which unit: "memory (MB)"
	Log   bool   // logarithmic, for values above zero
}

// Series is one line.
type Series struct {
	Name   string
	Points []Point // from left to right
}

// Point is one value.
type Point struct{ X, Y float64 }

// Lines is a chart of lines that can be told apart without colour. Linear heights
// begin at zero.
type Lines struct {
	Title  string
	Desc   string // what is to be seen, in a sentence or two, for those who cannot see it
	X, Y   Axis
	Series []Series // at most MostSeries
}

// MostSeries is how many lines there can be: more could not be told apart.
const MostSeries = 6

// The measures of a chart of lines.
const (
	linesWidth, linesHeight = 720.0, 380.0
	titleHeight, keyHeight  = 44.0, 20.0
	keysLeft, keyRoom       = 12.0, 60.0 // of a key without its name
	letterWidth             = 7.0        // of text, about
	fewPoints               = 24         // up to which each is marked
)

//go:embed lines.svg.tmpl
var linesSource string

var linesLayout = template.Must(template.New("lines").Parse(FrameTemplates + linesSource))

// WriteSVG writes the chart as an SVG document, which may also stand within a page.
func (l Lines) WriteSVG(to io.Writer) error {
	if err := l.check(); err != nil {
		return fmt.Errorf("draw %q: %w", l.Title, err)
	}
	if err := linesLayout.Execute(to, l.draw()); err != nil {
		return fmt.Errorf("draw %q: %w", l.Title, err)
	}
	return nil
}

func (l Lines) check() error {
	if len(l.Series) == 0 || len(l.Series) > MostSeries {
		return fmt.Errorf("%d series: give 1 to %d", len(l.Series), MostSeries)
	}
	for _, s := range l.Series {
		if len(s.Points) == 0 {
			return fmt.Errorf("the series %q has no points", s.Name)
		}
		for _, p := range s.Points {
			switch {
			case math.IsNaN(p.X+p.Y) || math.IsInf(p.X+p.Y, 0):
				return fmt.Errorf("the series %q has a point that is no number", s.Name)
			case l.X.Log && p.X <= 0 || l.Y.Log && p.Y <= 0:
				return errors.New("a logarithmic axis has no place for what is not above zero")
			}
		}
	}
	return nil
}

// drawing is what the template shows.
type drawing struct {
	Frame
	ID, Title, Desc string
	XLabel, YLabel  string
	XTicks, YTicks  []Tick
	Strokes         []stroke
}

// stroke is one line, and the place of its key.
type stroke struct {
	Path  string
	Marks []Tick
	Key   Tick
}

func (l Lines) draw() drawing {
	d := drawing{Title: l.Title, Desc: l.Desc, XLabel: l.X.Label, YLabel: l.Y.Label, ID: identifier(l.Title)}
	keys := l.keys()
	d.Frame = NewFrame(linesWidth, linesHeight, keys[len(keys)-1].Y+keyHeight)
	across, up := l.scales()
	d.XTicks, d.YTicks = d.Frame.XTicks(across), d.Frame.YTicks(up)
	for i, s := range l.Series {
		one := stroke{Key: keys[i]}
		for n, p := range s.Points {
			at := Tick{X: d.X(across.Share(p.X)), Y: d.Y(up, p.Y), Label: fmt.Sprintf("%s: %s at %s", s.Name, Number(p.Y), Number(p.X))}
			one.Path += fmt.Sprintf("%s%.1f %.1f", Letter(n), at.X, at.Y)
			if len(s.Points) <= fewPoints {
				one.Marks = append(one.Marks, at)
			}
		}
		d.Strokes = append(d.Strokes, one)
	}
	return d
}

// keys places the names of the lines above the plot, in as many rows as they need.
func (l Lines) keys() []Tick {
	var keys []Tick
	x, y := keysLeft, titleHeight
	for _, s := range l.Series {
		wide := keyRoom + letterWidth*float64(len([]rune(s.Name)))
		if x > keysLeft && x+wide > linesWidth {
			x, y = keysLeft, y+keyHeight
		}
		keys = append(keys, Tick{X: x, Y: y, Label: s.Name})
		x += wide
	}
	return keys
}

func (l Lines) scales() (x, y Scale) {
	first := l.Series[0].Points[0]
	low, high := first, first
	for _, s := range l.Series {
		for _, p := range s.Points {
			low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
		}
	}
	x, y = Between(low.X, high.X), UpTo(high.Y)
	if low.Y < 0 {
		y = Between(low.Y, high.Y)
	}
	if l.X.Log {
		x = Decades(low.X, high.X)
	}
	if l.Y.Log {
		y = Decades(low.Y, high.Y)
	}
	return x, y
}

// Letter begins a path or goes on with it.
func Letter(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

// identifier makes an id of a title, so that several charts can stand in one page.
func identifier(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, title)
}
