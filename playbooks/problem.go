package playbooks

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// Problem is one thing wrong with the files of a playbook, where it is and what to
// do about it. Line and Column count from 1, in characters. A warning does not keep
// the playbook from running.
type Problem struct {
	File    string        `json:"file"`
	Line    int           `json:"line"`
	Column  int           `json:"column"`
	Key     string        `json:"key,omitempty"` // such as stages.warm.inbound[2].email
	Rule    sequence.Rule `json:"rule,omitempty"`
	Message string        `json:"message"`
	Remedy  string        `json:"remedy,omitempty"`
	Warning bool          `json:"warning,omitempty"`
}

// String is the form that editors and terminals make a link of:
// playbook.yaml:14:7: unknown key "afer"; did you mean "after"?
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	if p.Rule != "" {
		b.WriteString(" (" + string(p.Rule) + ")")
	}
	return b.String()
}

// place is a position in a file.
type place struct{ line, column int }

// start is where a fault stands that concerns the whole file.
var start = place{1, 1}

func (p Problem) at(where place) Problem {
	p.Line, p.Column = where.line, where.column
	return p
}

// inOrder sorts by place: the playbook first, then its texts.
func inOrder(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}

// refusal is every problem that is not a warning as one error, a line each.
func refusal(problems []Problem) error {
	var lines []string
	for _, p := range problems {
		if !p.Warning {
			lines = append(lines, p.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// quoted shows what somebody wrote, short enough for a line.
func quoted(s string) string {
	const enough = 60
	if r := []rune(s); len(r) > enough {
		s = string(r[:enough]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// clip keeps a message that quotes a whole file within bounds.
func clip(s string) string {
	const enough = 400
	if r := []rune(s); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return s
}
