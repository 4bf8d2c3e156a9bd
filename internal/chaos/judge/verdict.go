package judge

import (
	"fmt"
	"strings"
)

// Check is one thing that was to be proved.
type Check struct {
	Name  string   `json:"name"`
	Of    int      `json:"of"` // how many things were looked at
	Wrong []string `json:"wrong"`
	Note  string   `json:"note,omitempty"`
}

func (c *Check) wrong(format string, a ...any) { c.Wrong = append(c.Wrong, fmt.Sprintf(format, a...)) }

// Verdict is all checks.
type Verdict struct {
	Checks []Check `json:"checks"`
}

// OK reports that nothing was wrong, and that there was something to look at.
func (v Verdict) OK() bool {
	for _, c := range v.Checks {
		if len(c.Wrong) > 0 {
			return false
		}
	}
	return len(v.Checks) > 0
}

// mostShown is how many wrongs of one kind are printed.
const mostShown = 10

func (v Verdict) String() string {
	var b strings.Builder
	for _, c := range v.Checks {
		mark := "ok  "
		if len(c.Wrong) > 0 {
			mark = "FAIL"
		}
		fmt.Fprintf(&b, "%s  %-46s %6d wrong of %d", mark, c.Name, len(c.Wrong), c.Of)
		if c.Note != "" {
			fmt.Fprintf(&b, "  (%s)", c.Note)
		}
		b.WriteByte('\n')
		for _, w := range c.Wrong[:min(len(c.Wrong), mostShown)] {
			fmt.Fprintf(&b, "        %s\n", w)
		}
		if more := len(c.Wrong) - mostShown; more > 0 {
			fmt.Fprintf(&b, "        and %d more\n", more)
		}
	}
	return b.String()
}

// Judge looks at the evidence.
func Judge(e *Evidence) Verdict {
	i := indexed(e)
	return Verdict{Checks: []Check{
		i.duplicates(), i.strayMails(), i.lostMails(), i.untoldMails(), i.afterStop(), i.stopsHold(),
		i.unknowns(), i.windows(), i.limits(),
		i.enrolments(), i.engagements(), i.replies(), i.outcomes(),
		i.stuck(), i.atTheDoor(), i.brokenTasks(), i.rowsAgree(), i.leaks(),
	}}
}
