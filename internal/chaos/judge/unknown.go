package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// How far from a send a blow may be and still have to do with it: what was slow or stood
// still before, and how long a send may take.
const (
	blowBefore = 5 * time.Second
	blowWithin = 75 * time.Second
)

// unknowns: whatever nobody knows has a reason: something was done, while it was being
// sent, to one of those who had it in hand.
func (i *index) unknowns() Check {
	c := Check{Name: "unknown sends that nothing explains"}
	why, kept := map[string]int{}, 0
	for _, s := range i.Sends {
		if s.State != "unknown" {
			continue
		}
		c.Of++
		if i.kept[s.MessageID] > 0 {
			kept++
		}
		reason := i.explain(s)
		if reason == "" {
			c.wrong("touch %s of lead %s", s.Touch, s.Lead)
			continue
		}
		why[reason]++
	}
	if c.Of == 0 {
		return c
	}
	parts := []string{fmt.Sprintf("%d of them arrived", kept)}
	for _, reason := range slices.Sorted(maps.Keys(why)) {
		parts = append(parts, fmt.Sprintf("%s %d", reason, why[reason]))
	}
	c.Note = strings.Join(parts, ", ")
	return c
}

// explain is the first blow at those who had a send in hand; empty when there was none.
func (i *index) explain(s Send) string {
	var begun, ended time.Time
	worker := ""
	for _, step := range i.steps[touch{s.Lead, s.Touch}] {
		switch {
		case step.Begun && step.State == "reserved":
			begun, worker = step.At, step.By
		case step.State == "unknown":
			ended = step.At
		}
	}
	if begun.IsZero() {
		return ""
	}
	if latest := begun.Add(blowWithin); ended.IsZero() || ended.After(latest) {
		ended = latest
	}
	hands := []string{worker, worker + "→sink", worker + "→postgres", "sink", "postgres"}
	for _, b := range i.Blows {
		if b.Does == "defer" || b.Does == "refuse" { // these are answers
			continue
		}
		if slices.Contains(hands, b.On) && b.From.Before(ended) && b.To.After(begun.Add(-blowBefore)) {
			return b.On + " " + b.Does
		}
	}
	return ""
}
