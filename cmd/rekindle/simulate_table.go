package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/rekindlehq/rekindle/internal/simulate/population"
)

// printReport prints what a simulation found, the playbooks side by side.
func printReport(to io.Writer, r *population.Report) {
	p := message.NewPrinter(language.English)
	p.Fprintf(to, "%d leads over %d months from %s, population %q, seed %d\n\n", r.Leads, r.Months, r.Start, r.Population, r.Seed)
	t := tabwriter.NewWriter(to, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, of func(population.Result) string) {
		fmt.Fprintf(t, "%-30s\t", name)
		for _, res := range r.Results {
			fmt.Fprintf(t, "%s\t", of(res))
		}
		fmt.Fprintln(t)
	}
	row("", func(res population.Result) string { return res.Playbook })
	row("won", func(res population.Result) string { return p.Sprint(res.Won) })
	row("value won", func(res population.Result) string { return p.Sprint(res.ValueWon) })
	row("days to a win, median", func(res population.Result) string { return p.Sprint(res.DaysToWin.Median) })
	row("touch cost per win", func(res population.Result) string { return p.Sprintf("%.0f", res.CostPerWin) })
	row("leads that answered", func(res population.Result) string { return p.Sprint(res.Answered) })
	row("touches until then, median", func(res population.Result) string { return p.Sprint(res.UntilAnswer.Median) })
	row("said stop", func(res population.Result) string { return p.Sprint(res.OptedOut) })
	row("conversations", func(res population.Result) string { return p.Sprint(res.Conversations) })
	row("emails per lead", func(res population.Result) string { return p.Sprintf("%.1f", res.EmailsPerLead) })
	row("follow-ups in time (R80)", func(res population.Result) string { return percent(res.Coverage.Share) })
	row("cold calls (R13)", func(res population.Result) string { return percent(res.ColdCalls.Share) })
	row("touch hours a day, mean", func(res population.Result) string { return p.Sprintf("%.1f", res.Load.Minutes.Mean/60) })
	row("  9 in 10 days, busiest", func(res population.Result) string {
		return p.Sprintf("%.1f, %.1f", float64(res.Load.Minutes.P90)/60, float64(res.Load.Minutes.Max)/60)
	})
	row("call tasks a day, mean", func(res population.Result) string { return p.Sprintf("%.1f", res.Load.Calls.Mean) })
	row("  9 in 10 days, busiest", func(res population.Result) string { return p.Sprintf("%d, %d", res.Load.Calls.P90, res.Load.Calls.Max) })
	row("at the end", func(population.Result) string { return "" })
	for i, stage := range r.Stages {
		row("  "+strings.ReplaceAll(string(stage), "_", " "), func(res population.Result) string { return p.Sprint(res.Outcomes[i].Leads) })
	}
	t.Flush()
	printRules(to, p, r)
	printDifferences(to, r)
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

func printRules(to io.Writer, p *message.Printer, r *population.Report) {
	for _, res := range r.Results {
		fmt.Fprintf(to, "\nwhat the rules did (%s)\n", res.Playbook)
		t := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "rule\tstage changes\tplays\ttouches\tput off\tpauses\tnotices\trefusals\tnoted\t")
		for _, d := range res.Rules {
			p.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t  %s\n", d.Rule, d.Transitions, d.Plays, d.Touches, d.HeldBack, d.Pauses, d.Notices, d.Refusals, d.Recorded, d.Title)
		}
		t.Flush()
	}
}

func printDifferences(to io.Writer, r *population.Report) {
	if len(r.Differences) == 0 {
		return
	}
	fmt.Fprintln(to, "\nthe second playbook against the first")
	t := tabwriter.NewWriter(to, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tfirst\tsecond\tchange\tstandard error\t")
	for _, d := range r.Differences {
		fmt.Fprintf(t, "%-34s\t%.2f\t%.2f\t%+.2f\t%.2f\t  %s\n", d.What+", "+d.Unit, d.First, d.Second, d.Change, d.Error, d.Verdict)
	}
	t.Flush()
	fmt.Fprintf(to, "\n%s\n", r.Noise)
}
