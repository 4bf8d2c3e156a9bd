package web

import (
	"strconv"

	"github.com/rekindlehq/rekindle/internal/plot"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
)

// simulation is what a playbook and another did to the same made-up leads.
type simulation struct {
	population.Report
	Figures     []row
	Ends        []row // leads by stage at the end
	Differences []row
}

func simulationOf(r population.Report) *simulation {
	d := &simulation{Report: r}
	figure := func(name string, of func(population.Result) string) row {
		line := row{Name: name}
		for _, res := range r.Results {
			line.Cells = append(line.Cells, of(res))
		}
		return line
	}
	whole := func(n int64) string { return plot.English.Sprintf("%d", n) }
	share := func(f float64) string { return plot.English.Sprintf("%.1f %%", 100*f) }
	d.Figures = []row{
		figure("Won", func(res population.Result) string { return whole(res.Won) }),
		figure("Value won", func(res population.Result) string { return whole(res.ValueWon) }),
		figure("Days to a win, median", func(res population.Result) string { return strconv.Itoa(res.DaysToWin.Median) }),
		figure("Touch cost per win", func(res population.Result) string { return plot.English.Sprintf("%.0f", res.CostPerWin) }),
		figure("Leads that answered", func(res population.Result) string { return whole(res.Answered) }),
		figure("Touches until then, median", func(res population.Result) string { return strconv.Itoa(res.UntilAnswer.Median) }),
		figure("Said stop", func(res population.Result) string { return whole(res.OptedOut) }),
		figure("Conversations", func(res population.Result) string { return whole(res.Conversations) }),
		figure("Emails per lead", func(res population.Result) string { return plot.English.Sprintf("%.1f", res.EmailsPerLead) }),
		figure("Follow-ups in time (R80)", func(res population.Result) string { return share(res.Coverage.Share) }),
		figure("Cold calls (R13)", func(res population.Result) string { return share(res.ColdCalls.Share) }),
		figure("Touch hours a day, mean", func(res population.Result) string { return plot.English.Sprintf("%.1f", res.Load.Minutes.Mean/60) }),
		figure("Call tasks a day, mean", func(res population.Result) string { return plot.English.Sprintf("%.1f", res.Load.Calls.Mean) }),
		figure("Call tasks on the busiest day", func(res population.Result) string { return whole(res.Load.Calls.Max) }),
	}
	for i, stage := range r.Stages {
		d.Ends = append(d.Ends, figure(stageWord(stage), func(res population.Result) string { return whole(res.Outcomes[i].Leads) }))
	}
	for _, x := range r.Differences {
		d.Differences = append(d.Differences, row{Name: capital(x.What) + ", " + x.Unit, Cells: []string{
			plot.English.Sprintf("%.2f", x.First), plot.English.Sprintf("%.2f", x.Second), plot.English.Sprintf("%+.2f", x.Change), plot.English.Sprintf("± %.2f", x.Error), string(x.Verdict),
		}})
	}
	return d
}
