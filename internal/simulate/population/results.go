package population

import (
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// year is the mean length of one in seconds.
const year = 365.25 * 24 * 3600

func (s Setup) report(w *worker) *Report {
	r := &Report{
		Population: s.Population.Name, Start: s.start().Format(time.DateOnly), Months: s.Months, Leads: s.Leads,
		Reps: s.Population.Reps.Count, Seed: s.Seed, Stages: stages,
	}
	days := int(s.end().Sub(s.start()) / (24 * time.Hour))
	for i, t := range w.tallies {
		r.Results = append(r.Results, t.result(s.Playbooks[i], days, s.start().Weekday()))
	}
	if len(w.tallies) == 2 {
		r.Differences, r.Noise = compare(w, s.Playbooks), noise(s.Leads)
	}
	return r
}

func (t *tally) result(pb *sequence.Playbook, days int, first time.Weekday) Result {
	r := Result{
		Playbook: pb.ID, LeadYears: float64(t.seconds) / year,
		Won: t.sum[won], ValueWon: t.sum[value], Answered: t.sum[answers], OptedOut: t.sum[stopped], Conversations: t.sum[talks],
		Emails: t.sum[emails], EmailsPerLead: float64(t.sum[emails]) / float64(t.leads), TouchMinutes: t.sum[minutes],
		Cost: float64(t.sum[minutes]) / 60 * float64(pb.Effort.HourlyCost),
		Flow: t.weeks(days), UntilAnswer: t.answersAfter(), Load: t.load(days, first), Rules: t.deeds(), Refused: t.refusedOther,
	}
	if r.Won > 0 {
		r.CostPerWin, r.DaysToWin = r.Cost/float64(r.Won), daysOf(t.daysToWin[:], t.sum[won])
	}
	for i, stage := range stages {
		r.Outcomes = append(r.Outcomes, Outcome{Stage: stage, Final: stage.Final(), Leads: t.final[i]})
	}
	r.Coverage.FollowUps = sequence.FollowUps{Due: int(t.sum[due]), InTime: int(t.sum[onTime])}
	r.Coverage.Share = r.Coverage.FollowUps.Share()
	r.ColdCalls = ColdCalls{Calls: t.sum[callAll], Cold: t.sum[coldCall], Share: ratio(t.sum[coldCall], t.sum[callAll]), Norm: pb.Managing.ColdCalls.Of(1)}
	return r
}

func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// weeks turns the changes of stage into numbers of leads.
func (t *tally) weeks(days int) []Week {
	var list []Week
	var at [stageCount]int64
	for w := range (days + 6) / 7 {
		add(at[:], t.flow[w][:])
		list = append(list, Week{Week: w + 1, Leads: slices.Clone(at[:])})
	}
	return list
}

func (t *tally) answersAfter() UntilAnswer {
	u := UntilAnswer{Leads: slices.Clone(t.untilAnswer[:]), Never: t.leads - t.sum[answers]}
	u.Median = middle(u.Leads, t.sum[answers])
	return u
}

// middle is the place that half of n are at or before.
func middle(counts []int64, n int64) int {
	seen := int64(0)
	for i, c := range counts {
		if seen += c; n > 0 && 2*seen >= n {
			return i
		}
	}
	return 0
}

func daysOf(counts []int64, n int64) Days {
	d, sum := Days{Median: middle(counts, n), First: -1}, int64(0)
	for day, c := range counts {
		sum += int64(day) * c
		if c > 0 && d.First < 0 {
			d.First = day
		}
	}
	d.Mean = float64(sum) / float64(n)
	return d
}

func (t *tally) load(days int, first time.Weekday) Load {
	l := Load{Days: slices.Clone(t.minutesOn[:days])}
	l.Minutes, l.Calls = perDay(t.minutesOn[:days], first), perDay(t.callsOn[:days], first)
	for from := 0; from < days; from += 7 {
		to := min(from+7, days)
		weekday := time.Weekday((int(first) + from) % 7)
		l.Weeks = append(l.Weeks, LoadWeek{Week: from/7 + 1, Minutes: perDay(t.minutesOn[from:to], weekday), Calls: perDay(t.callsOn[from:to], weekday)})
	}
	return l
}

// perDay describes the days from Monday to Friday, the first of which is given.
func perDay(counts []int64, first time.Weekday) PerDay {
	var working []int64
	sum := int64(0)
	for i, n := range counts {
		if day := time.Weekday((int(first) + i) % 7); day != time.Saturday && day != time.Sunday {
			working, sum = append(working, n), sum+n
		}
	}
	if len(working) == 0 {
		return PerDay{}
	}
	slices.Sort(working)
	return PerDay{Mean: float64(sum) / float64(len(working)), P90: working[(len(working)*9-1)/10], Max: working[len(working)-1]}
}

func (t *tally) deeds() []Deeds {
	var list []Deeds
	for i, n := range t.rules {
		if n == [deeds]int64{} || ruleAt(i) == "" {
			continue
		}
		list = append(list, Deeds{
			Rule: ruleAt(i), Title: ruleAt(i).Title(), Transitions: n[transitions], Plays: n[plays], Touches: n[touches],
			HeldBack: n[heldBack], Pauses: n[pauses], Notices: n[notices], Refusals: n[refusals], Recorded: n[known],
		})
	}
	return list
}
