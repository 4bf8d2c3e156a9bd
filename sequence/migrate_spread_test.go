package sequence_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// Many leads that are moved at once must not all be written to at once.

// leads is how many are moved at once here.
const leads = 500

// spread moves many leads that wait in cold to a version, two weeks after they
// said no, and counts when their next touch is.
func spread(t *testing.T, to *sequence.Playbook) (perDay, perHour map[string]int) {
	berlin := placeIn(t, "Europe/Berlin", "DE")
	perDay, perHour = map[string]int{}, map[string]int{}
	for i := range leads {
		lead := sequence.Lead{ID: fmt.Sprintf("lead-%d", i), Zone: "Europe/Berlin", Country: "DE"}
		s := tellOf(t, lead, "info_request", copyOf(t)).outcome(sequence.NotNow).days(14)
		require.Empty(t, s.under(to))
		at := s.Lead.Next.At
		require.True(t, at.After(s.Now))
		require.True(t, berlin.Open(at, to.Windows.Email))
		perDay[at.Format("Mon 2 Jan")]++
		perHour[at.Format("2 Jan 15")]++
	}
	return perDay, perHour
}

// noBurst: as many on one day as on another, and few in an hour.
func noBurst(t *testing.T, to *sequence.Playbook, perDay, perHour map[string]int) {
	require.Contains(t, []int{to.Late.Over.N, to.Late.Over.N + 1}, len(perDay), "%v", perDay)
	for day, n := range perDay {
		require.InDelta(t, leads/len(perDay), n, leads/10, "%s of %v", day, perDay)
	}
	for hour, n := range perHour {
		require.Less(t, n, leads/10, hour)
	}
}

func TestManyLeadsWhoseStageMovesAreSpreadOverDaysAndAreNoBurst(t *testing.T) {
	over := version(t, "v2", steps(sequence.Cold, sequence.Value, func(all []sequence.Step) []sequence.Step { return all[:1] }))
	for _, n := range []int{3, 5} {
		over.Late.Over.N = n
		perDay, perHour := spread(t, over)
		noBurst(t, over, perDay, perHour)
	}
}

func TestAShorterWaitThatIsOverdueIsSpreadOverDaysAndIsNoBurst(t *testing.T) {
	shorter := version(t, "v2", after(sequence.Cold, sequence.Value, 1, 2, sequence.Days))
	perDay, perHour := spread(t, shorter)
	noBurst(t, shorter, perDay, perHour)
}

func TestAShorterWaitThatIsOverdueIsAtLeastSpreadOverTheHoursOfADay(t *testing.T) {
	_, perHour := spread(t, version(t, "v2", after(sequence.Cold, sequence.Value, 1, 2, sequence.Days)))
	for hour, n := range perHour {
		require.Less(t, n, leads/4, hour)
	}
}
