package web

import (
	"time"

	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// rehearsedLine is one line of a life that was played.
type rehearsedLine struct{ Heading, At, Text string }

// rehearsalOf writes a life as rekindle rehearse prints it, without what was only
// planned. Times are at the lead's place.
func rehearsalOf(r rehearse.Rehearsal) *rehearsal {
	zone, known := sequence.LoadZone(r.Zone)
	if !known {
		zone = time.UTC
	}
	d := &rehearsal{Rehearsal: r}
	for _, l := range r.Lines {
		line := rehearsedLine{Heading: l.Chapter, At: l.At.In(zone).Format("Mon 2006-01-02 15:04")}
		switch {
		case l.Chapter != "":
		case l.Entry != nil && l.Entry.What == sequence.TouchPlanned:
			continue
		case l.Entry != nil:
			line.Text = simulate.Line(*l.Entry, zone)[len(line.At):]
		case l.Refusal != nil:
			line.Text = "refused: " + l.Event + ": " + l.Refusal.Error()
		default:
			line.Text = l.Event + " " + l.Note
		}
		d.Told = append(d.Told, line)
	}
	return d
}
