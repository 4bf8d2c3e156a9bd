package rehearse_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestALifeAheadGoesOnFromWhereTheLeadStands(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	life, err := simulate.Begin(sequence.Lead{ID: "l", Account: "a", Owner: "o", Zone: "Europe/Berlin", Country: "DE"}, "ebook_download", pb, monday)
	require.NoError(t, err)
	require.NoError(t, life.For(6*time.Hour))
	var open []sequence.CreateTask
	for _, a := range life.Actions {
		if task, ok := a.(sequence.CreateTask); ok {
			open = append(open, task)
		}
	}
	require.NotEmpty(t, open, "the first call waits")
	before := life.Lead
	entries, err := rehearse.Ahead(life.Lead, open, pb, life.Now, life.Now.AddDate(1, 0, 0))
	require.NoError(t, err)
	require.Equal(t, before, life.Lead, "nothing is done to the lead itself")

	var stages []sequence.Stage
	for i, e := range entries {
		require.Equal(t, before.EntrySeq+1+i, e.N, "the timeline goes on where it stands")
		require.False(t, e.At.Before(life.Now))
		if e.What == sequence.StageChanged {
			stages = append(stages, e.To)
		}
	}
	require.Contains(t, stages, sequence.Cold, "calls that reach nobody do not go on for ever")
	require.Contains(t, stages, sequence.CheckIn)
}
