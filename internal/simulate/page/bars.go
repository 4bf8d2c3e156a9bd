package page

import (
	"fmt"

	"github.com/rekindlehq/rekindle/internal/plot"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
)

// answerChart shows after how many touches the first answer came.
func answerChart(i int, res *population.Result, most float64) chart {
	u, a := res.UntilAnswer, plot.UpTo(most)
	c := chart{
		Frame: frame, ID: fmt.Sprintf("answers-%d", i), Title: "Touches until a person answers", XLabel: "touches made before the first answer", YLabel: "leads",
		Desc:  english.Sprintf("%d leads answered, half of them after %d touches or fewer; %d never did.", res.Answered, u.Median, u.Never),
		Table: table{Caption: "Leads by touches made before their first answer", Head: []string{"touches", "leads"}}, YTicks: frame.YTicks(a),
	}
	n := float64(len(u.Leads))
	for touches, leads := range u.Leads {
		label := english.Sprint(touches)
		if touches == len(u.Leads)-1 {
			label += "+"
		}
		if touches%5 == 0 {
			c.XTicks = append(c.XTicks, frame.XTick((float64(touches)+0.5)/n, label))
		}
		c.Bars = append(c.Bars, bar{
			X: x(float64(touches), n) + 1.5, W: (frame.Right-frame.Left)/n - 3, Y: frame.Y(a, float64(leads)), H: frame.Bottom - frame.Y(a, float64(leads)),
			Class: "bar", Tip: english.Sprintf("%s touches: %d leads", label, leads),
		})
		c.Table.Rows = append(c.Table.Rows, []string{label, english.Sprintf("%d", leads)})
	}
	c.Table.Rows = append(c.Table.Rows, []string{"never answered", english.Sprintf("%d", u.Never)})
	return c
}

// minutesChart shows the work that touches take.
func minutesChart(i int, res *population.Result, reps int, most float64) chart {
	c := loadChart(res, plot.UpTo(most/60), 60, func(w population.LoadWeek) population.PerDay { return w.Minutes })
	c.ID, c.Title, c.YLabel = fmt.Sprintf("load-%d", i), "Hours of touches per working day", "hours a day, all reps"
	m := res.Load.Minutes
	c.Desc = english.Sprintf("Per working day, all %d reps together: mean %.1f hours, nine days in ten at most %.1f, the busiest %.1f.",
		reps, m.Mean/60, float64(m.P90)/60, float64(m.Max)/60)
	c.Table.Caption = "Hours of touches per working day, by week"
	return c
}

// callsChart shows how many calls are asked for.
func callsChart(i int, res *population.Result, reps int, most float64) chart {
	c := loadChart(res, plot.UpTo(most), 1, func(w population.LoadWeek) population.PerDay { return w.Calls })
	c.ID, c.Title, c.YLabel = fmt.Sprintf("calls-%d", i), "Call tasks per working day", "call tasks a day, all reps"
	n := res.Load.Calls
	c.Desc = english.Sprintf("Per working day, all %d reps together: mean %.1f call tasks, nine days in ten at most %d, the busiest %d.", reps, n.Mean, n.P90, n.Max)
	c.Table.Caption = "Call tasks per working day, by week"
	return c
}

// loadChart draws the mean of each week as a bar and its busiest day as a dot.
func loadChart(res *population.Result, a plot.Scale, unit float64, of func(population.LoadWeek) population.PerDay) chart {
	weeks := len(res.Load.Weeks)
	c := chart{
		Frame: frame, XLabel: "months since the first lead came", XTicks: months(weeks), YTicks: frame.YTicks(a),
		Keys:  []key{{Class: "bar", Name: "mean of the week's working days"}, {Class: "dot", Name: "busiest day of the week"}},
		Table: table{Head: []string{"week", "mean", "9 in 10 days at most", "busiest day"}},
	}
	for i, w := range res.Load.Weeks {
		d, n := of(w), float64(weeks)
		mean, busiest := d.Mean/unit, float64(d.Max)/unit
		c.Bars = append(c.Bars, bar{
			X: x(float64(i), n) + 0.7, W: (frame.Right-frame.Left)/n - 1.4, Y: frame.Y(a, mean), H: frame.Bottom - frame.Y(a, mean),
			Class: "bar", Tip: english.Sprintf("week %d: mean %.1f, busiest day %.1f", w.Week, mean, busiest),
		})
		c.Marks = append(c.Marks, mark{X: x(float64(i)+0.5, n), Y: frame.Y(a, busiest), R: min(3, 100/n)})
		c.Table.Rows = append(c.Table.Rows, []string{
			english.Sprint(w.Week), english.Sprintf("%.1f", mean), english.Sprintf("%.1f", float64(d.P90)/unit), english.Sprintf("%.1f", busiest),
		})
	}
	return c
}

const margin = 10 // of a single bar

// coverChart shows the share of follow-ups made in time as one bar (R80).
func coverChart(i int, res *population.Result) chart {
	in, missed := res.Coverage.InTime, res.Coverage.Due-res.Coverage.InTime
	full := frame.Width - 2*margin
	c := chart{
		Frame: frame, ID: fmt.Sprintf("coverage-%d", i), Title: "Follow-ups made in time",
		Desc: english.Sprintf("%.1f%% of %d follow-ups that were due were made in time; %d were late or never made.", 100*res.Coverage.Share, res.Coverage.Due, missed),
		Keys: []key{{Class: "bar", Name: "in time", Note: english.Sprint(in)}, {Class: "late", Name: "late or never", Note: english.Sprint(missed)}},
		Table: table{Caption: "Follow-ups that were due", Head: []string{"", "follow-ups"}, Rows: [][]string{
			{"in time", english.Sprint(in)}, {"late or never", english.Sprint(missed)}, {"due", english.Sprint(res.Coverage.Due)},
		}},
	}
	c.Bars = []bar{
		{X: margin, Y: 8, W: full * res.Coverage.Share, H: 30, Class: "bar", Tip: "in time"},
		{X: margin + full*res.Coverage.Share, Y: 8, W: full * (1 - res.Coverage.Share), H: 30, Class: "late", Tip: "late or never"},
	}
	for share := 0; share <= 100; share += 25 {
		c.XTicks = append(c.XTicks, plot.Tick{X: margin + full*float64(share)/100, Y: 56, Label: fmt.Sprintf("%d%%", share)})
	}
	return c
}
