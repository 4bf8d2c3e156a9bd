package page

import (
	"fmt"

	"github.com/rekindlehq/rekindle/internal/simulate/population"
)

// answerChart shows after how many touches the first answer came.
func answerChart(i int, res *population.Result, most float64) chart {
	u, a := res.UntilAnswer, axisTo(most)
	c := chart{
		ID: fmt.Sprintf("answers-%d", i), Title: "Touches until a person answers", XLabel: "touches made before the first answer", YLabel: "leads",
		Desc:  english.Sprintf("%d leads answered, half of them after %d touches or fewer; %d never did.", res.Answered, u.Median, u.Never),
		Table: table{Caption: "Leads by touches made before their first answer", Head: []string{"touches", "leads"}}, YTicks: a.ticks(),
	}
	n := float64(len(u.Leads))
	for touches, leads := range u.Leads {
		label := english.Sprint(touches)
		if touches == len(u.Leads)-1 {
			label += "+"
		}
		if touches%5 == 0 {
			c.XTicks = append(c.XTicks, tick{X: x(float64(touches)+0.5, n), Y: height - below + 18, Label: label})
		}
		c.Bars = append(c.Bars, bar{
			X: x(float64(touches), n) + 1.5, W: (width-left-right)/n - 3, Y: a.y(float64(leads)), H: a.y(0) - a.y(float64(leads)),
			Class: "bar", Tip: english.Sprintf("%s touches: %d leads", label, leads),
		})
		c.Table.Rows = append(c.Table.Rows, []string{label, english.Sprintf("%d", leads)})
	}
	c.Table.Rows = append(c.Table.Rows, []string{"never answered", english.Sprintf("%d", u.Never)})
	return c
}

// minutesChart shows the work that touches take.
func minutesChart(i int, res *population.Result, reps int, most float64) chart {
	c := loadChart(res, axisTo(most/60), 60, func(w population.LoadWeek) population.PerDay { return w.Minutes })
	c.ID, c.Title, c.YLabel = fmt.Sprintf("load-%d", i), "Hours of touches per working day", "hours a day, all reps"
	m := res.Load.Minutes
	c.Desc = english.Sprintf("Per working day, all %d reps together: mean %.1f hours, nine days in ten at most %.1f, the busiest %.1f.",
		reps, m.Mean/60, float64(m.P90)/60, float64(m.Max)/60)
	c.Table.Caption = "Hours of touches per working day, by week"
	return c
}

// callsChart shows how many calls are asked for.
func callsChart(i int, res *population.Result, reps int, most float64) chart {
	c := loadChart(res, axisTo(most), 1, func(w population.LoadWeek) population.PerDay { return w.Calls })
	c.ID, c.Title, c.YLabel = fmt.Sprintf("calls-%d", i), "Call tasks per working day", "call tasks a day, all reps"
	n := res.Load.Calls
	c.Desc = english.Sprintf("Per working day, all %d reps together: mean %.1f call tasks, nine days in ten at most %d, the busiest %d.", reps, n.Mean, n.P90, n.Max)
	c.Table.Caption = "Call tasks per working day, by week"
	return c
}

// loadChart draws the mean of each week as a bar and its busiest day as a dot.
func loadChart(res *population.Result, a axis, unit float64, of func(population.LoadWeek) population.PerDay) chart {
	weeks := len(res.Load.Weeks)
	c := chart{
		XLabel: "months since the first lead came", XTicks: months(weeks), YTicks: a.ticks(),
		Keys:  []key{{Class: "bar", Name: "mean of the week's working days"}, {Class: "dot", Name: "busiest day of the week"}},
		Table: table{Head: []string{"week", "mean", "9 in 10 days at most", "busiest day"}},
	}
	for i, w := range res.Load.Weeks {
		d, n := of(w), float64(weeks)
		mean, busiest := d.Mean/unit, float64(d.Max)/unit
		c.Bars = append(c.Bars, bar{
			X: x(float64(i), n) + 0.7, W: (width-left-right)/n - 1.4, Y: a.y(mean), H: a.y(0) - a.y(mean),
			Class: "bar", Tip: english.Sprintf("week %d: mean %.1f, busiest day %.1f", w.Week, mean, busiest),
		})
		c.Marks = append(c.Marks, mark{X: x(float64(i)+0.5, n), Y: a.y(busiest), R: min(3, 100/n)})
		c.Table.Rows = append(c.Table.Rows, []string{
			english.Sprint(w.Week), english.Sprintf("%.1f", mean), english.Sprintf("%.1f", float64(d.P90)/unit), english.Sprintf("%.1f", busiest),
		})
	}
	return c
}

// coverChart shows the share of follow-ups made in time as one bar (R80).
func coverChart(i int, res *population.Result) chart {
	in, missed := res.Coverage.InTime, res.Coverage.Due-res.Coverage.InTime
	full := width - 2*right
	c := chart{
		ID: fmt.Sprintf("coverage-%d", i), Title: "Follow-ups made in time",
		Desc: english.Sprintf("%.1f%% of %d follow-ups that were due were made in time; %d were late or never made.", 100*res.Coverage.Share, res.Coverage.Due, missed),
		Keys: []key{{Class: "bar", Name: "in time", Note: english.Sprint(in)}, {Class: "late", Name: "late or never", Note: english.Sprint(missed)}},
		Table: table{Caption: "Follow-ups that were due", Head: []string{"", "follow-ups"}, Rows: [][]string{
			{"in time", english.Sprint(in)}, {"late or never", english.Sprint(missed)}, {"due", english.Sprint(res.Coverage.Due)},
		}},
	}
	c.Bars = []bar{
		{X: right, Y: 8, W: full * res.Coverage.Share, H: 30, Class: "bar", Tip: "in time"},
		{X: right + full*res.Coverage.Share, Y: 8, W: full * (1 - res.Coverage.Share), H: 30, Class: "late", Tip: "late or never"},
	}
	for share := 0; share <= 100; share += 25 {
		c.XTicks = append(c.XTicks, tick{X: right + full*float64(share)/100, Y: 56, Label: fmt.Sprintf("%d%%", share)})
	}
	return c
}
