package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

type rulesCmd struct {
	JSON bool `name:"json" help:"Print the rules as JSON."`
}

// Run prints the catalogue: under each title what the rule says, beside it the keys
// of its threshold and what it decides.
func (c rulesCmd) Run() error {
	if c.JSON {
		return printJSON(sequence.Catalogue())
	}
	printRow("RULE", []string{"WHAT IT SAYS"}, "THRESHOLD", "WHERE")
	for _, r := range sequence.Catalogue() {
		fmt.Println()
		says := append(wrap(strings.ToUpper(r.Title[:1])+r.Title[1:], 60), wrap(r.Says, 60)...)
		printRow(string(r.ID), says, cmp.Or(r.Threshold, "none"), r.Where)
	}
	return nil
}

func printRow(id string, says []string, threshold, where string) {
	cells := [][]string{{id}, says, wrap(threshold, 26), wrap(where, 22)}
	for i := range max(len(says), len(cells[2]), len(cells[3])) {
		line := make([]any, len(cells))
		for j, cell := range cells {
			line[j] = ""
			if i < len(cell) {
				line[j] = cell[i]
			}
		}
		fmt.Println(strings.TrimRight(fmt.Sprintf("%-5s %-60s  %-26s  %s", line...), " "))
	}
}

// wrap breaks a sentence into lines.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
