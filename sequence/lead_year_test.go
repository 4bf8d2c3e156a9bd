package sequence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// The lead-year of the budgets (DESIGN.md, 5): 12 touches, 4 outcomes and 6 changes
// of stage, from a question to the first days of check-in.

// news is what happens in the lead-year besides deadlines and mail, in order.
var news = []struct {
	after time.Duration // since the enrolment
	event sequence.Event
}{
	{3 * time.Hour, sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NoAnswer}},
	{day + 3*time.Hour, sequence.OutcomeRecorded{By: rep, ID: "o2", Outcome: sequence.CallScheduled, NextAt: monday.Add(2 * day)}},
	{2*day + time.Hour, sequence.OutcomeRecorded{By: rep, ID: "o3", Outcome: sequence.NotNow}},
	{64 * day, sequence.OutcomeRecorded{By: rep, ID: "o4", Outcome: sequence.NotInterested, Reason: true}},
}

// leadYear lives it through Decide alone and shows every decision to each.
func leadYear(pb *sequence.Playbook, each func(sequence.Event, []sequence.Action)) (sequence.Lead, error) {
	l := sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}
	var failed error
	var let func(ev sequence.Event, now time.Time)
	let = func(ev sequence.Event, now time.Time) {
		next, actions, err := sequence.Decide(l, ev, now, pb)
		if err != nil {
			failed = err
			return
		}
		l = next
		if each != nil {
			each(ev, actions)
		}
		for _, a := range actions {
			if send, ok := a.(sequence.SendEmail); ok {
				let(sequence.TouchPerformed{Touch: send.Touch, Status: sequence.Sent}, now)
			}
		}
	}
	until := func(end time.Time) {
		for failed == nil {
			at, ok := l.Deadline()
			if !ok || at.After(end) {
				return
			}
			let(sequence.DeadlineReached{}, at)
		}
	}
	let(sequence.Enrolled{ID: "e1", Kind: "info_request"}, monday)
	for _, n := range news {
		until(monday.Add(n.after))
		let(n.event, monday.Add(n.after))
	}
	until(monday.Add(365 * day))
	return l, failed
}

func TestTheLeadYearIsTheOneOfTheBudgets(t *testing.T) {
	touches, outcomes, stages := 0, 0, 0
	_, err := leadYear(defaultPlaybook(t), func(ev sequence.Event, actions []sequence.Action) {
		if _, ok := ev.(sequence.OutcomeRecorded); ok {
			outcomes++
		}
		for _, e := range entries(actions) {
			t.Log(e.At, e.What, e.Play, e.Touch, e.To, e.Detail)
			switch e.What {
			case sequence.StageChanged:
				stages++
			case sequence.TouchMade, sequence.TaskAsked:
				touches++
			}
		}
	})
	require.NoError(t, err)
	require.Equal(t, []int{12, 4, 6}, []int{touches, outcomes, stages})
}

// The budget is 20,000 lead-years a second on one core.
func BenchmarkLeadYear(b *testing.B) {
	pb := defaultPlaybook(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := leadYear(pb, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lead-years/s")
}
