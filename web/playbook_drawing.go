package web

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// stageDrawing is a stage: its plays on a time axis, and the same as a table.
type stageDrawing struct {
	api.StagePlan
	Picture template.HTML
}

// The measures of the drawing of touches, in its own units.
const (
	touchesWidth = 900.0
	touchesFrom  = 130.0
	touchesTo    = 860.0
	touchesStep  = 34.0
	symbolApart  = 16.0 // at least, so that none hides another
)

func drawStages(stages []api.StagePlan) (all []stageDrawing) {
	for _, s := range stages {
		all = append(all, stageDrawing{s, drawTouches(s)})
	}
	return all
}

// callOn is the day on which an agreed call is drawn: after all that goes before it.
func callOn(p api.PlayPlan) (day float64, agreed bool) {
	last, ahead := 0.0, 0.0
	for _, s := range p.Steps {
		if s.BeforeCall {
			agreed, ahead = true, max(ahead, s.Day)
		} else {
			last = max(last, s.Day)
		}
	}
	return last + ahead + 1, agreed
}

// dayOf is when a step is on the axis of its play.
func dayOf(s api.StepPlan, call float64) float64 {
	if s.BeforeCall {
		return call - s.Day
	}
	return s.Day
}

func drawTouches(stage api.StagePlan) template.HTML {
	if len(stage.Plays) == 0 {
		return ""
	}
	longest := 1.0
	for _, p := range stage.Plays {
		call, agreed := callOn(p)
		if agreed {
			longest = max(longest, call)
		}
		for _, s := range p.Steps {
			longest = max(longest, dayOf(s, call))
		}
	}
	x := func(day float64) float64 { return touchesFrom + (touchesTo-touchesFrom)*day/longest }
	height := touchesStep*float64(len(stage.Plays)) + 34
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s: its plays and touches on a time axis; the table below says the same">`, touchesWidth, height, stageWord(stage.Stage))
	drawDays(&b, x, longest, height)
	for i, p := range stage.Plays {
		drawPlay(&b, p, x, touchesStep*(float64(i)+0.5)+4)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers and names of ours, and what is escaped
}

// drawPlay puts the steps of a play on a line, in their order.
func drawPlay(b *strings.Builder, p api.PlayPlan, x func(float64) float64, y float64) {
	fmt.Fprintf(b, `<text class="label" x="%g" y="%.1f" text-anchor="end">%s</text>`, touchesFrom-14, y+5, esc(words(p.Play)))
	call, agreed := callOn(p)
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b api.StepPlan) int { return cmp.Compare(dayOf(a, call), dayOf(b, call)) })
	last := touchesFrom - symbolApart
	var symbols strings.Builder
	for _, s := range steps {
		at := max(x(dayOf(s, call)), last+symbolApart)
		drawStep(&symbols, s, at, y)
		last = at
	}
	if agreed {
		last = max(x(call), last+symbolApart)
		fmt.Fprintf(&symbols, `<text class="tick" x="%.1f" y="%.1f" >the agreed call</text><line class="now" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, last+6, y+4, last, last, y-12, y+12)
	}
	fmt.Fprintf(b, `<line class="thread-of" x1="%g" x2="%.1f" y1="%.1f" y2="%.1f"/>%s`, touchesFrom, last, y, y, symbols.String())
}

// drawStep draws each kind of step in a shape of its own: no colour is needed to
// tell them apart. What happens only under a condition is hollow.
func drawStep(b *strings.Builder, s api.StepPlan, x, y float64) {
	class := "mark"
	if s.Only != "" || s.Once || s.Holiday != "" {
		class = "mark ahead"
	}
	title := esc(capital(s.Kind) + ": " + s.What + ", " + s.When)
	switch s.Kind {
	case "email":
		fmt.Fprintf(b, `<circle class="%s" cx="%.1f" cy="%.1f" r="6"><title>%s</title></circle>`, class, x, y, title)
	case "call":
		fmt.Fprintf(b, `<path class="%s" d="M%.1f %.1f l7 13 h-14 z"><title>%s</title></path>`, class, x, y-7, title)
	case "manual":
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%.1f" width="11" height="11"><title>%s</title></rect>`, class, x-5.5, y-5.5, title)
	case "tell":
		fmt.Fprintf(b, `<path class="%s" d="M%.1f %.1f l6 7 l-6 7 l-6 -7 z"><title>%s</title></path>`, class, x, y-7, title)
	default:
		fmt.Fprintf(b, `<path class="pause-of" d="M%.1f %.1f v14 M%.1f %.1f v14"><title>%s</title></path>`, x-3, y-7, x+3, y-7, title)
	}
}

// drawDays writes the axis in days or weeks.
func drawDays(b *strings.Builder, x func(float64) float64, longest, height float64) {
	step := 1.0
	for _, s := range []float64{1, 2, 7, 14, 28, 56, 91, 182} {
		if step = s; longest/s <= 9 {
			break
		}
	}
	for day := 0.0; day <= longest; day += step {
		word := "day " + strconv.Itoa(int(day))
		if step >= 7 {
			word = "week " + strconv.Itoa(int(math.Round(day/7)))
		}
		if day == 0 {
			word = "begins"
		}
		fmt.Fprintf(b, `<line class="grid-of" x1="%.1f" x2="%.1f" y1="0" y2="%.1f"/><text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(day), x(day), height-22, x(day), height-6, word)
	}
}

// path is one way from stage to stage, with its number on the map.
type path struct {
	N int
	sequence.Path
}

func paths() (all []path) {
	for i, p := range sequence.Paths() {
		all = append(all, path{i + 1, p})
	}
	return all
}
