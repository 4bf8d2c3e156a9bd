package bench

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is everything that one run found.
type Report struct {
	At       time.Time `json:"at"`
	Machine  string    `json:"machine"`
	Go       string    `json:"go"`
	Temporal string    `json:"temporal"`
	Rounds   int       `json:"rounds"`
	Scale    float64   `json:"scale"`
	Rows     []Row     `json:"rows"`
}

// Row is one line of the table.
type Row struct {
	Measure  string  `json:"measure"`
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Leads    int     `json:"leads,omitempty"` // that were there, where growth is shown
	Baseline *Sample `json:"baseline,omitempty"`
	Ours     Sample  `json:"ours"`
	Budget   *Budget `json:"budget,omitempty"`
	Verdict  string  `json:"verdict,omitempty"`
	Note     string  `json:"note,omitempty"`
}

// Budget is the limit of a figure, or of its ratio to the baseline.
type Budget struct {
	AtLeast float64 `json:"at_least,omitempty"`
	AtMost  float64 `json:"at_most,omitempty"`
	None    bool    `json:"none,omitempty"` // not one, in any round
	OfRatio bool    `json:"of_ratio,omitempty"`
	Count   bool    `json:"count,omitempty"` // the same on every machine: what CI holds us to
	Known   float64 `json:"known,omitempty"` // a count above its budget, why is in docs/performance.md; it may not grow
}

// The verdicts.
const (
	Met    = "met"
	Missed = "missed"
)

// Ratio is ours against the baseline; zero when there is none.
func (r Row) Ratio() float64 {
	if r.Baseline == nil || r.Baseline.Median == 0 {
		return 0
	}
	return r.Ours.Median / r.Baseline.Median
}

// against judges a row by a budget.
func (r Row) against(b Budget) Row {
	value := r.Ours.Median
	if b.OfRatio {
		value = r.Ratio()
	}
	r.Budget, r.Verdict = &b, Met
	if b.AtLeast > 0 && value < b.AtLeast || b.AtMost > 0 && value > b.AtMost || b.None && r.Ours.High > 0 {
		r.Verdict = Missed
	}
	return r
}

func (b *Budget) String() string {
	if b == nil {
		return ""
	}
	unit := ""
	if b.OfRatio {
		unit = " ×"
	}
	if b.None {
		return "none"
	}
	if b.AtLeast > 0 {
		return "≥ " + figure(b.AtLeast) + unit
	}
	return "≤ " + figure(b.AtMost) + unit
}

// MissedCounts are the rows whose budget is missed on every machine alike, except
// by as much as is known.
func (r Report) MissedCounts() (missed []Row) {
	for _, row := range r.Rows {
		if row.Verdict == Missed && row.Budget.Count && row.Ours.Median > row.Budget.Known {
			missed = append(missed, row)
		}
	}
	return missed
}

// cells are a row as it is printed.
func (r Row) cells() []string {
	name := r.Name
	if r.Leads > 0 {
		name += fmt.Sprintf(" (%d leads)", r.Leads)
	}
	baseline, ratio := "", ""
	if r.Baseline != nil {
		baseline, ratio = r.Baseline.String(), fmt.Sprintf("%.2f", r.Ratio())
	}
	return []string{name, r.Unit, baseline, r.Ours.String(), ratio, r.Budget.String(), r.Verdict}
}

var heads = []string{"what", "unit", "baseline", "ours", "ratio", "budget", "verdict"}

// String is the median, and how far the rounds spread.
func (s Sample) String() string {
	if len(s.Each) < 2 || s.Low == s.High {
		return figure(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", figure(s.Median), figure(s.Low), figure(s.High))
}

func figure(v float64) string {
	switch {
	case v != 0 && v < 10:
		return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", v), "0"), ".0")
	case v < 100:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.0f", v)
}

// Print writes the table for people.
func (r Report) Print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(heads, "\t"))
	for _, row := range r.Rows {
		fmt.Fprintln(w, strings.Join(row.cells(), "\t"))
	}
	fmt.Fprintf(w, "\n%s, %s, %s; %d rounds, sizes × %s: medians, lowest and highest in brackets\n", r.Machine, r.Temporal, r.Go, r.Rounds, figure(r.Scale))
	return w.Flush()
}

// Markdown writes the table for documents.
func (r Report) Markdown(to io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row.cells(), " | "))
	}
	_, err := io.WriteString(to, b.String())
	return err
}

// machine is what the figures were measured on.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(info), "model name"); ok {
			line, _, _ := strings.Cut(after, "\n")
			model = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
		}
	}
	return fmt.Sprintf("%d × %s, %s", runtime.NumCPU(), model, runtime.GOOS)
}
