package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// The measures of the drawing of a life, in its own units.
const (
	lifeWidth  = 960.0
	lifeHeight = 96.0
	bandTop    = 26.0
	bandHeight = 30.0
	nowAt      = 0.4 // of the width: what happened is on the left
)

// drawing is a life on a time axis: a band for each stage, and a mark for each touch.
type drawing struct {
	strings.Builder
	from, now, until time.Time
}

// x is where an instant lies: the past and the future each have a scale of their own.
func (d *drawing) x(t time.Time) float64 {
	switch {
	case t.Before(d.now):
		return lifeWidth * nowAt * max(0, float64(t.Sub(d.from))/float64(max(1, d.now.Sub(d.from))))
	default:
		return lifeWidth * (nowAt + (1-nowAt)*min(1, float64(t.Sub(d.now))/float64(max(1, d.until.Sub(d.now)))))
	}
}

func (v *visit) drawLife(l api.LeadView, past []api.TimelineEntry, ahead api.Ahead) template.HTML {
	d := &drawing{from: l.CreatedAt, now: v.now, until: ahead.Until}
	if len(past) > 0 && past[0].At.Before(d.from) {
		d.from = past[0].At
	}
	all := append(append([]api.TimelineEntry{}, past...), ahead.Entries...)
	fmt.Fprintf(d, `<svg viewBox="0 0 %g %g" role="img" aria-labelledby="life-title"><title id="life-title">The stages of this lead: %s</title>`,
		lifeWidth, lifeHeight, template.HTMLEscapeString(strings.Join(d.stages(all), ", then ")))
	d.bands(all)
	d.marks(all)
	d.axis(v)
	d.WriteString("</svg>")
	return template.HTML(d.String()) //nolint:gosec // numbers and names of ours, and what is escaped above
}

func (d *drawing) stages(all []api.TimelineEntry) (names []string) {
	for _, e := range all {
		if e.What == sequence.StageChanged {
			names = append(names, stageWord(e.To))
		}
	}
	return names
}

// bands draws the stages. Each has a pattern of its own as well as a colour.
func (d *drawing) bands(all []api.TimelineEntry) {
	var stage sequence.Stage
	var since time.Time
	band := func(until time.Time) {
		from, to := d.x(since), d.x(until)
		if stage == "" || to-from < 0.5 {
			return
		}
		fmt.Fprintf(d, `<rect class="band stage-%s" x="%.1f" y="%g" width="%.1f" height="%g"><title>%s</title></rect>`, stage, from, bandTop, to-from, bandHeight, stageWord(stage))
		if word := stageWord(stage); to-from > 7.5*float64(len(word)) {
			fmt.Fprintf(d, `<text class="name" x="%.1f" y="%g">%s</text>`, from+5, bandTop+19, word)
		}
	}
	for _, e := range all {
		if e.What == sequence.StageChanged {
			band(e.At)
			stage, since = e.To, e.At
		}
	}
	end := d.until
	if stage.Final() && since.Before(d.now) {
		end = d.now
	}
	band(end)
}

// marks draws what was done and will be: mail as a circle, a task as a triangle,
// what they did as a diamond above.
func (d *drawing) marks(all []api.TimelineEntry) {
	for _, e := range all {
		x, class := d.x(e.At), "mark"
		if e.At.After(d.now) {
			class = "mark ahead"
		}
		y := bandTop + bandHeight + 10
		switch {
		case e.What == sequence.TouchMade:
			fmt.Fprintf(d, `<circle class="%s" cx="%.1f" cy="%g" r="4">`, class, x, y)
		case e.What == sequence.TaskAsked:
			fmt.Fprintf(d, `<path class="%s" d="M%.1f %g l5 9 h-10 z">`, class, x, y-5)
		case e.What == sequence.SomethingKnown && e.Actor == sequence.ActorLead:
			fmt.Fprintf(d, `<path class="%s theirs" d="M%.1f %g l5 6 l-5 6 l-5 -6 z">`, class, x, bandTop-14)
		default:
			continue
		}
		fmt.Fprintf(d, `<title>%s</title></%s>`, template.HTMLEscapeString(e.Line), map[bool]string{true: "circle", false: "path"}[e.What == sequence.TouchMade])
	}
}

// axis names a few instants.
func (d *drawing) axis(v *visit) {
	at := func(t time.Time, word, anchor string) {
		fmt.Fprintf(d, `<text class="tick" x="%.1f" y="%g" text-anchor="%s">%s</text>`, d.x(t), lifeHeight-4, anchor, word)
	}
	at(d.from, d.from.In(v.zone).Format("2 Jan 2006"), "start")
	fmt.Fprintf(d, `<line class="now" x1="%.1f" x2="%.1f" y1="4" y2="%g"/>`, d.x(d.now), d.x(d.now), lifeHeight-16)
	at(d.now, "now", "middle")
	at(d.until, d.until.In(v.zone).Format("2 Jan 2006"), "end")
}
