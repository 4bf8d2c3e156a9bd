package web

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/api"
)

// The measures of the map of stages, in its own units. Ways onwards are drawn on the
// right and ways back on the left, the farther the wider.
const (
	mapWidth  = 900.0
	boxFrom   = 330.0
	boxTo     = 570.0
	boxHeight = 62.0
	boxStep   = 104.0
	arcStep   = 66.0
	portApart = 9.0
)

// port is an end of a way at a box.
type port struct {
	path  int
	stage int // whose box
	other int // where the way comes from or goes to
	out   bool
}

func drawMap(stages []api.StagePlan) template.HTML {
	index := map[string]int{}
	for i, s := range stages {
		index[string(s.Stage)] = i
	}
	height := boxStep*float64(len(stages)) + 70
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="group" aria-label="The stages of a life and the ways between them; the table below says the same"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>`, mapWidth, height)
	ends := portsOf(index)
	for _, p := range paths() {
		from, to := index[string(p.From)], index[string(p.To)]
		drawWay(&b, p, from, to, ends)
	}
	for i, s := range stages {
		drawBox(&b, s, boxTop(i))
	}
	last := boxTop(len(stages))
	fmt.Fprintf(&b, `<rect class="band stage-won" x="%g" y="%g" width="%g" height="44" rx="8"/><text class="name" x="%g" y="%g" text-anchor="middle">Won, disqualified or stop</text><text class="name" x="%g" y="%g" text-anchor="middle">from every stage, and for good</text></svg>`,
		boxFrom, last, boxTo-boxFrom, (boxFrom+boxTo)/2, last+19, (boxFrom+boxTo)/2, last+36)
	return template.HTML(b.String()) //nolint:gosec // numbers and names of ours
}

func boxTop(i int) float64 { return 24 + boxStep*float64(i) }

func drawBox(b *strings.Builder, s api.StagePlan, top float64) {
	touches := 0
	for _, p := range s.Plays {
		for _, step := range p.Steps {
			if step.Kind == "email" || step.Kind == "call" || step.Kind == "manual" {
				touches++
			}
		}
	}
	middle := (boxFrom + boxTo) / 2
	fmt.Fprintf(b, `<a href="#%s"><rect class="band stage-%s" x="%g" y="%g" width="%g" height="%g" rx="8"/><text class="name title" x="%g" y="%g" text-anchor="middle">%s</text><text class="name" x="%g" y="%g" text-anchor="middle">%s, %s</text></a>`,
		s.Stage, s.Stage, boxFrom, top, boxTo-boxFrom, boxHeight, middle, top+25, stageWord(s.Stage), middle, top+46, many(len(s.Plays), "play"), many(touches, "touch"))
	if n := len(s.Begins); n > 0 {
		fmt.Fprintf(b, `<text class="tick" x="%g" y="%g" text-anchor="middle">lives begin here, in %s ↓</text>`, middle, top-6, many(n, "way"))
	}
}

func many(n int, what string) string {
	if n != 1 {
		what += map[bool]string{true: "es", false: "s"}[strings.HasSuffix(what, "ch")]
	}
	return fmt.Sprintf("%d %s", n, what)
}

// portsOf says how high at its boxes each way begins and ends: those that go farther
// lie outside the others and do not cross them.
func portsOf(index map[string]int) map[[2]int]float64 {
	sides := map[[2]int][]port{} // of each box: onwards, back
	for _, p := range paths() {
		from, to := index[string(p.From)], index[string(p.To)]
		side := 0
		if to < from {
			side = 1
		}
		sides[[2]int{from, side}] = append(sides[[2]int{from, side}], port{p.N, from, to, true})
		sides[[2]int{to, side}] = append(sides[[2]int{to, side}], port{p.N, to, from, false})
	}
	heights := map[[2]int]float64{}
	for _, ports := range sides {
		slices.SortFunc(ports, func(a, b port) int {
			if above := cmp.Compare(upper(a), upper(b)); above != 0 {
				return above
			}
			return cmp.Compare(b.other, a.other)
		})
		for i, p := range ports {
			heights[end(p.path, p.out)] = boxTop(p.stage) + boxHeight/2 + portApart*(float64(i)-float64(len(ports)-1)/2)
		}
	}
	return heights
}

// upper orders the ends at a box: ways from and to stages above it lie above.
func upper(p port) int {
	if p.other < p.stage {
		return 0
	}
	return 1
}

func end(path int, out bool) [2]int {
	if out {
		return [2]int{path, 0}
	}
	return [2]int{path, 1}
}

// drawWay draws one way, with its number where it is farthest out.
func drawWay(b *strings.Builder, p path, from, to int, ends map[[2]int]float64) {
	x, out := boxTo, arcStep*float64(to-from)+14
	if to < from {
		x, out = boxFrom, arcStep*float64(to-from)-14
	}
	y1, y2 := ends[end(p.N, true)], ends[end(p.N, false)]
	fmt.Fprintf(b, `<path class="way" marker-end="url(#tip)" d="M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f"><title>%d: %s → %s: %s</title></path>`, x, y1, x+out, y1, x+out, y2, x, y2, p.N, stageWord(p.From), stageWord(p.To), esc(p.When))
	fmt.Fprintf(b, `<circle class="dot" cx="%.1f" cy="%.1f" r="10"/><text class="tick" x="%.1f" y="%.1f" text-anchor="middle">%d</text>`, x+0.75*out, (y1+y2)/2, x+0.75*out, (y1+y2)/2+4, p.N)
}
