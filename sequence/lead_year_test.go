package sequence_test

import (
	"errors"
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

// decider decides on a lead in place and gives the emails that are to go out.
type decider func(l *sequence.Lead, ev sequence.Event, now time.Time) ([]sequence.Action, error)

// leadYear lives it: the deadlines, the mail and the news, and nothing else.
func leadYear(decide decider) error {
	l := sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}
	let := func(ev sequence.Event, now time.Time) error {
		actions, err := decide(&l, ev, now)
		for _, a := range actions {
			if send, ok := a.(sequence.SendEmail); ok && err == nil {
				_, err = decide(&l, sequence.TouchPerformed{Touch: send.Touch, Status: sequence.Sent}, now)
				break // one email at a time
			}
		}
		return err
	}
	until := func(end time.Time) error {
		for {
			at, ok := l.Deadline()
			if !ok || at.After(end) {
				return nil
			}
			if err := let(sequence.DeadlineReached{}, at); err != nil {
				return err
			}
		}
	}
	err := let(sequence.Enrolled{ID: "e1", Kind: "info_request"}, monday)
	for _, n := range news {
		err = errors.Join(err, until(monday.Add(n.after)), let(n.event, monday.Add(n.after)))
	}
	return errors.Join(err, until(monday.Add(365*day)))
}

// each decides with Decide, and shows every decision to see.
func each(pb *sequence.Playbook, see func(sequence.Event, []sequence.Action)) decider {
	return func(l *sequence.Lead, ev sequence.Event, now time.Time) (actions []sequence.Action, err error) {
		*l, actions, err = sequence.Decide(*l, ev, now, pb)
		see(ev, actions)
		return actions, err
	}
}

func TestTheLeadYearIsTheOneOfTheBudgets(t *testing.T) {
	touches, outcomes, stages := 0, 0, 0
	require.NoError(t, leadYear(each(defaultPlaybook(t), func(ev sequence.Event, actions []sequence.Action) {
		if _, ok := ev.(sequence.OutcomeRecorded); ok {
			outcomes++
		}
		for _, e := range entries(actions) {
			switch e.What {
			case sequence.StageChanged:
				stages++
			case sequence.TouchMade, sequence.TaskAsked:
				touches++
			}
		}
	})))
	require.Equal(t, []int{12, 4, 6}, []int{touches, outcomes, stages})
}

// The budget is 20,000 lead-years a second on one core.
func BenchmarkLeadYear(b *testing.B) {
	pb := defaultPlaybook(b)
	var desk sequence.Desk
	for _, by := range []struct {
		name   string
		decide decider
	}{
		{"Decide", each(pb, func(sequence.Event, []sequence.Action) {})},
		{"Desk", func(l *sequence.Lead, ev sequence.Event, now time.Time) ([]sequence.Action, error) {
			_, actions, err := desk.Decide(l, ev, now, pb)
			return actions, err
		}},
	} {
		b.Run(by.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := leadYear(by.decide); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lead-years/s")
		})
	}
}
