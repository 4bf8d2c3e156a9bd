package soak

import (
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

// TestMain is also what a process of the product begins with.
func TestMain(m *testing.M) {
	if os.Getenv(PartVariable) == "" {
		os.Exit(m.Run())
	}
	if err := Play(context.Background()); err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
		os.Exit(1)
	}
}

// The short form of the soak. Nothing here is about time: how much is done in two
// years depends on the machine, how much is kept does not.
func TestThirtyLeadsTakeNoMoreAfterTwoYearsThanTheyMay(t *testing.T) {
	bin, err := devstack.FindTemporal("../../bin")
	require.NoError(t, err, "make test builds the Temporal server; see the Makefile")
	postgres, err := devstack.FindPostgres()
	require.NoError(t, err)
	dir, err := devstack.ProcessFolder("rekindle-soak-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })

	const leads, months, every = 30, 24, 6
	r, err := Run(t.Context(), Options{
		Leads: leads, Months: months, Every: every, ArriveMonths: 3, Seed: 1, Day: 50 * time.Millisecond, Steady: true,
		Dir: dir, Command: Command{os.Args[0]}, PostgresBin: postgres, TemporalBin: bin, Progress: t.Output(),
	})
	require.NoError(t, err)
	for _, c := range r.Checks {
		require.Zero(t, c.Found, c.What)
	}
	require.Len(t, r.Samples, months/every)
	last := r.Samples[len(r.Samples)-1]
	require.GreaterOrEqual(t, last.Leads, int64(leads))
	require.Greater(t, last.Living, int64(leads)/4)
	require.Greater(t, last.Mails, 2*leads, "they have been written to")
	require.Greater(t, last.Did, int64(2*leads), "and they did something")

	for _, s := range r.Samples {
		require.LessOrEqual(t, s.Asleep.Events.Most, 5., "month %d", s.Month)
		require.LessOrEqual(t, s.Asleep.Bytes.Most, 4096., "month %d", s.Month)
		require.LessOrEqual(t, s.State.Most, 3072., "month %d", s.Month)
		require.LessOrEqual(t, s.Open, s.Leads, "month %d", s.Month)
		require.Less(t, s.Worker.Goroutines, 500, "month %d", s.Month)
	}
	for _, table := range last.Tables {
		require.LessOrEqual(t, table.Rows, int64(200*leads), table.Name)
		if table.Name == "leads" {
			require.Greater(t, table.Hot, table.Updates/2, "most turns touch no index of the row")
		}
	}
}
