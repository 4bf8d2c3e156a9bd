package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

// moment is how an instant is printed. The reader of a report and its leads live
// in many zones, so it is UTC and says so.
const moment = "Mon 2006-01-02 15:04 MST"

// impactText is the report as people read it.
func impactText(r policy.Impact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s → %s, as of %s. Nothing is changed by this report.\n\n", r.From, r.To, r.At.UTC().Format(moment))
	fmt.Fprintf(&b, "%s of %s\n", count(r.Leads, "living lead"), r.From)
	if r.Leads == 0 {
		return b.String()
	}
	for _, e := range sequence.Effects() {
		fmt.Fprintf(&b, "  %-20s %7d %6.1f %%\n", spaced(string(e)), r.Counts[e], 100*float64(r.Counts[e])/float64(r.Leads))
	}
	writeRefusals(&b, r.Refusals)
	writeStages(&b, r.Stages)
	writeDays(&b, r.Days)
	writeExamples(&b, r.Examples)
	return b.String()
}

func spaced(s string) string { return strings.ReplaceAll(s, "_", " ") }

func writeRefusals(b *strings.Builder, refusals map[string]int) {
	if len(refusals) == 0 {
		return
	}
	b.WriteString("\nRefused, by reason\n")
	codes := slices.SortedFunc(maps.Keys(refusals), func(x, y string) int {
		return cmp.Or(cmp.Compare(refusals[y], refusals[x]), cmp.Compare(x, y))
	})
	for _, code := range codes {
		fmt.Fprintf(b, "  %-20s %7d\n", spaced(code), refusals[code])
	}
}

// writeStages says from which stage to which; within a stage the play changes.
func writeStages(b *strings.Builder, moves map[sequence.Stage]map[sequence.Stage]int) {
	if len(moves) == 0 {
		return
	}
	b.WriteString("\nMoves of stage\n")
	for _, from := range sequence.Stages() {
		for _, to := range sequence.Stages() {
			n, what := moves[from][to], string(from)+" → "+string(to)
			if from == to {
				what = string(from) + ", another play"
			}
			if n > 0 {
				fmt.Fprintf(b, "  %-38s %7d\n", spaced(what), n)
			}
		}
	}
}

// barWidth is how long the bar of the busiest day is.
const barWidth = 24

// writeDays shows what is due on each day before and after, on one scale, so that
// a burst stands out.
func writeDays(b *strings.Builder, days []policy.Day) {
	most := 0
	for _, d := range days {
		most = max(most, d.Before, d.After)
	}
	if most == 0 {
		b.WriteString("\nNothing is due in the coming two weeks, before or after.\n")
		return
	}
	fmt.Fprintf(b, "\n%-16s %7s %-*s %7s\n", "Due on, UTC", "before", barWidth+1, "", "after")
	for _, d := range days {
		line := fmt.Sprintf("  %s %s %s", weekday(d.Day), column(d.Before, most), column(d.After, most))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString("  What is overdue counts on the first day.\n")
}

func weekday(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("Mon 2006-01-02")
}

// column is a count with its bar; whatever is not nothing can be seen.
func column(n, most int) string {
	length := n * min(barWidth, most) / most
	if n > 0 {
		length = max(length, 1)
	}
	return fmt.Sprintf("%7d %-*s", n, barWidth+1, strings.Repeat("█", length))
}

func writeExamples(b *strings.Builder, examples map[sequence.Effect][]sequence.Change) {
	for _, e := range sequence.Effects() {
		if len(examples[e]) == 0 {
			continue
		}
		fmt.Fprintf(b, "\nExamples: %s\n", spaced(string(e)))
		for _, c := range examples[e] {
			fmt.Fprintf(b, "  lead %s: %s\n", c.Lead, changeText(c))
		}
	}
}

func changeText(c sequence.Change) string {
	switch c.Effect {
	case sequence.Refused:
		return c.Refusal.Error()
	case sequence.StageMoves:
		return placeText(c.Before) + ", " + prospectText(c.Before) + " → " + placeText(c.After) + ", " + prospectText(c.After)
	case sequence.Unchanged, sequence.TouchChanges:
	}
	return prospectText(c.Before) + " → " + prospectText(c.After)
}

func placeText(p sequence.Prospect) string { return spaced(string(p.Stage) + "/" + string(p.Play)) }

func prospectText(p sequence.Prospect) string {
	if p.Next == "" {
		return "nothing planned"
	}
	return p.Next + " on " + p.At.UTC().Format(moment)
}
