package sequence_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/sequence"
)

// What a lead is worth, and what comes first.

// months are as long as the curve takes them.
func months(n float64) time.Duration { return time.Duration(n * 30.44 * float64(day)) }

func stillIn(pb *sequence.Playbook, n float64) float64 {
	return sequence.WorthOf(sequence.Lead{Stage: sequence.Warm, WantedAt: monday}, monday.Add(months(n)), pb).StillIn
}

func TestTheShareThatIsStillInTheMarketFollowsTheCurve(t *testing.T) {
	for _, c := range []struct {
		story         string
		months, share float64
	}{
		{"all of them at first", 0, 1},
		{"half way to the first point, in logarithms", 3, math.Sqrt(0.56)},
		{"56% after half a year", 6, 0.56},
		{"half way between the points", 9, math.Sqrt(0.56 * 0.35)},
		{"35% after a year", 12, 0.35},
		{"and on along the last slope", 18, 0.35 * 0.35 / 0.56},
		{"for years", 36, 0.35 * math.Pow(0.35/0.56, 4)},
	} {
		require.InDelta(t, c.share, stillIn(copyOf(t), c.months), 1e-6, c.story)
	}
}

func TestTheShareNeverGrowsAndNeverVanishes(t *testing.T) {
	pb := copyOf(t)
	rapid.Check(t, func(rt *rapid.T) {
		early := rapid.Float64Range(0, 100).Draw(rt, "months")
		late := early + rapid.Float64Range(0.01, 20).Draw(rt, "more")
		require.Less(rt, stillIn(pb, late), stillIn(pb, early))
		require.Positive(rt, stillIn(pb, late))
		require.LessOrEqual(rt, stillIn(pb, early), 1.0)
	})
}

func TestWorthIsAmountTimesStillInTimesWinRate(t *testing.T) {
	pb := copyOf(t)
	half := monday.Add(months(6))
	known := sequence.WorthOf(sequence.Lead{Stage: sequence.ScheduledCall, Amount: 20_000_00, WantedAt: monday}, half, pb)
	require.True(t, known.Known)
	require.Equal(t, 0.3, known.WinRate)
	require.InDelta(t, 20_000_00*0.56*0.3, known.Value, 1)
	typical := sequence.WorthOf(sequence.Lead{Stage: sequence.Cold}, half, pb)
	require.False(t, typical.Known)
	require.EqualValues(t, 5000_00, typical.Amount)
	require.Equal(t, 1.0, typical.StillIn, "who never said so has not waited")
	require.EqualValues(t, 5000_00*5/100, typical.Value)
}

func TestEveryPartOfThePriorityIsThePlaybooks(t *testing.T) {
	lead := sequence.Lead{Stage: sequence.Warm, Amount: 1000_00, WantedAt: monday}
	part := func(change func(*sequence.Lead), due time.Time) sequence.Priority {
		l := lead
		change(&l)
		return sequence.PriorityOf(l, due, false, monday, copyOf(t))
	}
	same := func(*sequence.Lead) {}
	plain := part(same, monday)
	require.Equal(t, []float64{1, 1, 1}, []float64{plain.Investment, plain.Source, plain.Urgency})
	require.EqualValues(t, 100_00, plain.Score)
	require.InDelta(t, 1.9, part(func(l *sequence.Lead) { l.Talks, l.Proposal = 2, &sequence.Proposal{} }, monday).Investment, 1e-9)
	strongest := part(func(l *sequence.Lead) { l.Engaged = []sequence.Engaged{{Kind: "site_visit"}, {Kind: "info_request"}} }, monday)
	require.Equal(t, 2.0, strongest.Source, "the strongest engagement counts")
	require.EqualValues(t, 200_00, strongest.Score)
	require.Equal(t, 3.0, part(same, monday.Add(-2*day)).Urgency, "one more for each day overdue")
	require.Equal(t, 1.0, part(same, monday.Add(5*day)).Urgency, "and none less for days to come")
}

func TestPromisedGoesFirstThenSalesReadyThenTheScore(t *testing.T) {
	order := []sequence.Priority{
		{Promised: true, SalesReady: true, Score: 1},
		{Promised: true, Score: 9},
		{Promised: true, Score: 2},
		{SalesReady: true, Score: 3},
		{Score: 1000},
		{Score: 999},
	}
	for i, p := range order {
		for j, q := range order {
			require.Equalf(t, i < j, p.Before(q), "%d before %d", i, j)
		}
	}
}

func TestAPromiseCountsWhenItsTimeHasCome(t *testing.T) {
	l, pb := sequence.Lead{Stage: sequence.Warm}, copyOf(t)
	for d, promised := range map[time.Duration]bool{-time.Minute: false, 0: true, time.Hour: true} {
		require.Equal(t, promised, sequence.PriorityOf(l, monday, true, monday.Add(d), pb).Promised, d)
	}
	require.False(t, sequence.PriorityOf(l, monday, false, monday, pb).Promised)
}

func TestHoldingALeadCostsItsEffortAndItsMonths(t *testing.T) {
	pb := copyOf(t)
	l := sequence.Lead{Stage: sequence.CheckIn, Effort: 90, WantedAt: monday}
	h := sequence.HoldingOf(l, monday.Add(months(8)), pb)
	require.True(t, h.Stagnant)
	require.EqualValues(t, 60_00, h.Effort, "an hour and a half at 40")
	require.InDelta(t, 8_00, h.Held, 1)
	require.Equal(t, h.Effort+h.Held, h.Total)
	require.False(t, sequence.HoldingOf(l, monday.Add(months(5.9)), pb).Stagnant)
	l.Stage = sequence.Won
	require.False(t, sequence.HoldingOf(l, monday.Add(months(8)), pb).Stagnant, "a finished life is held no more")
	pb.Effort.Stagnant = sequence.Wait{}
	l.Stage = sequence.CheckIn
	require.False(t, sequence.HoldingOf(l, monday.Add(months(80)), pb).Stagnant, "left out, the rule is off")
}
