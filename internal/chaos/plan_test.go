package chaos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheSameSeedGivesTheSamePlanAndAnotherOneAnother(t *testing.T) {
	require.Equal(t, Plan(7, 10*time.Minute), Plan(7, 10*time.Minute))
	require.NotEqual(t, Plan(7, 10*time.Minute), Plan(8, 10*time.Minute))
}

func TestAPlanHurtsEveryPartAndEveryCableInEveryWayAndEachOneAtATime(t *testing.T) {
	const d = 4 * time.Hour
	done, last := map[string]int{}, map[string]time.Duration{}
	for _, e := range Plan(1, d) {
		require.Less(t, e.At, d)
		require.GreaterOrEqual(t, e.At, last[e.On], "%s is left alone in between", e.On)
		last[e.On] = e.At + e.For + calm
		done[e.On+" "+string(e.Does)]++
	}
	for _, h := range habits() {
		require.NotZero(t, done[h.on+" "+string(h.does)], "%s %s", h.on, h.does)
	}
}
