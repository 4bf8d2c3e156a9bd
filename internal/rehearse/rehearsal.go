package rehearse

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// Rehearsal is a life as it was played: line by line, and where it stands.
type Rehearsal struct {
	Title    string               `json:"title,omitempty"`
	Playbook string               `json:"playbook"`
	Zone     string               `json:"zone"` // the lead's
	Lines    []Line               `json:"lines"`
	Rules    []sequence.Rule      `json:"rules"` // that fired, in order of their ids
	Stands   sequence.Explanation `json:"stands"`
	At       time.Time            `json:"at"`              // the end
	Unmet    []string             `json:"unmet,omitempty"` // what the script expected, and did not come

	zone *time.Location
}

// Line is one line of it: a chapter's heading, an entry of the lead's timeline, a
// refusal, or a note.
type Line struct {
	At      time.Time         `json:"at"`
	Chapter string            `json:"chapter,omitempty"`
	Entry   *sequence.Entry   `json:"entry,omitempty"`
	Event   string            `json:"event,omitempty"` // the script's, where the core made no entry of it
	Refusal *sequence.Refusal `json:"refusal,omitempty"`
	Note    string            `json:"note,omitempty"`
}

func (r *Rehearsal) add(l Line) { r.Lines = append(r.Lines, l) }

func (r *Rehearsal) chapter(at time.Time, heading string) { r.add(Line{At: at, Chapter: heading}) }

// chapterBefore puts a heading above the entries of this instant with which a
// stage or play was entered, else below everything so far.
func (r *Rehearsal) chapterBefore(at time.Time, b beat) {
	where := len(r.Lines)
	for i, l := range slices.Backward(r.Lines) {
		if !l.At.Equal(at) || l.Chapter != "" {
			break
		}
		if e := l.Entry; e != nil && b.waits == "stage" && (e.To == b.stage || b.play != "" && e.What == sequence.PlayChanged && e.Play == b.play) {
			where = i
		}
	}
	r.Lines = slices.Insert(r.Lines, where, Line{At: at, Chapter: b.line.Chapter})
}

func (p *performance) finish() Rehearsal {
	r := p.told
	r.At, r.Stands = p.life.Now, sequence.Explain(p.life.Lead, p.life.Playbook, p.life.Now)
	r.Rules = fired(r.Lines)
	return r
}

var ruleID = regexp.MustCompile(`^R\d\d`)

// fired lists the business rules that made something happen or refused it. What
// is only planned has not happened.
func fired(lines []Line) []sequence.Rule {
	rules := []sequence.Rule{}
	for _, l := range lines {
		id := ""
		switch {
		case l.Entry != nil && l.Entry.What != sequence.TouchPlanned:
			id = string(l.Entry.Rule)
		case l.Refusal != nil:
			id = l.Refusal.Message
		}
		if r := sequence.Rule(ruleID.FindString(id)); r != "" && !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	slices.Sort(rules)
	return rules
}

// Text writes the rehearsal for people; plans shows what is planned, too.
func (r Rehearsal) Text(plans bool) string {
	var b strings.Builder
	if r.Title != "" {
		fmt.Fprintf(&b, "# %s\n\n", r.Title)
	}
	open := false // a timeline, below which a heading needs a blank line
	for _, l := range r.Lines {
		switch {
		case l.Chapter != "":
			if open {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "## %s\n\n", l.Chapter)
			open = false
		case plans || l.Entry == nil || l.Entry.What != sequence.TouchPlanned:
			fmt.Fprintln(&b, r.line(l))
			open = true
		}
	}
	fmt.Fprintf(&b, "\n## Where they stand on %s\n\n%s\n", r.At.In(r.zone).Format("Mon 2 Jan 2006"), r.Stands.Markdown(r.zone))
	fmt.Fprintf(&b, "%d rules fired: %s\n", len(r.Rules), join(r.Rules))
	return b.String()
}

func (r Rehearsal) line(l Line) string {
	if l.Entry != nil {
		return simulate.Line(*l.Entry, r.zone)
	}
	what, rule, said := "note", "", l.Event+" "+l.Note
	if l.Refusal != nil {
		what, rule = "refused", ruleID.FindString(l.Refusal.Message)
		said = l.Event + ": " + strings.TrimPrefix(l.Refusal.Error(), rule+": ")
	}
	return fmt.Sprintf("%s  %-5s %-14s %s", l.At.In(r.zone).Format("Mon 2006-01-02 15:04"), rule, what, said)
}

func join(rules []sequence.Rule) string {
	var list []string
	for _, r := range rules {
		list = append(list, string(r))
	}
	return strings.Join(list, ", ")
}
