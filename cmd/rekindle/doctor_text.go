package main

import (
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/internal/doctor"
)

// marks can be told apart without colour.
var marks = map[doctor.Level]string{doctor.OK: "ok", doctor.Warning: "WARNING", doctor.Problem: "PROBLEM"}

// findingWidth is where the text of a finding is broken. Records to publish stay in
// one line, so that they can be copied.
const findingWidth = 88

// doctorText is the findings as people read them, by mailbox, with what to do below
// each.
func doctorText(findings []doctor.Finding) string {
	var b strings.Builder
	of := ""
	for _, f := range findings {
		if f.Mailbox != of {
			of = f.Mailbox
			fmt.Fprintf(&b, "\n%s\n", of)
		}
		mark, check := marks[f.Level], string(f.Check)
		for _, line := range wrap(f.Says, findingWidth) {
			fmt.Fprintf(&b, "  %-7s  %-13s  %s\n", mark, check, line)
			mark, check = "", ""
		}
		writeRemedy(&b, f.Remedy)
	}
	fmt.Fprintf(&b, "\n%s, %s, %d ok\n", count(atLevel(findings, doctor.Problem), "problem"),
		count(atLevel(findings, doctor.Warning), "warning"), atLevel(findings, doctor.OK))
	return b.String()
}

func writeRemedy(b *strings.Builder, remedy string) {
	if remedy == "" {
		return
	}
	lines := []string{remedy}
	if !strings.Contains(remedy, ` TXT "`) {
		lines = wrap(remedy, findingWidth-2)
	}
	before := "→ "
	for _, line := range lines {
		fmt.Fprintf(b, "%26s%s%s\n", "", before, line)
		before = "  "
	}
}

func atLevel(findings []doctor.Finding, level doctor.Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}
