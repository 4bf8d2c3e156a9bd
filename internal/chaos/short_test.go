package chaos_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/chaos"
	"github.com/rekindlehq/rekindle/internal/devstack"
)

// everything is a seed whose first forty seconds hold every kind of part: each is killed,
// and workers and Temporal stand still, connections are cut, and mail is lost and kept.
const everything = 48103

func TestNothingIsLostOrDoneTwiceWhileEverythingIsKilledPausedAndCut(t *testing.T) {
	temporal, err := devstack.FindTemporal("../../bin")
	require.NoError(t, err, "make test builds the Temporal server; see the Makefile")
	postgres, err := devstack.FindPostgres()
	require.NoError(t, err)
	dir, err := devstack.ProcessFolder("rekindle-chaos-test-")
	require.NoError(t, err)
	program := filepath.Join(dir, "rekindle")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/rekindle").CombinedOutput()
	require.NoError(t, err, string(out))

	report, err := chaos.Run(t.Context(), chaos.Options{
		Seed: everything, For: 40 * time.Second, Leads: 60, Day: 10 * time.Second, Patience: 10 * time.Second, Dir: dir,
		Program: program, PostgresBin: postgres, TemporalDev: temporal,
	})
	require.NoError(t, err, "see %s", dir)
	t.Log("\n" + report.String())
	require.True(t, report.OK(), "see %s", dir)
	for _, what := range []string{"postgres kill", "temporal kill", "sink kill", "worker-1 kill"} {
		require.NotZero(t, report.Done[what], what)
	}
	require.NotZero(t, report.Counts["mails kept"])
	require.NoError(t, os.RemoveAll(dir))
}
