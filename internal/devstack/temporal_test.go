package devstack

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
)

func temporalOptions(t *testing.T, dir string) TemporalOptions {
	t.Helper()
	bin, err := FindTemporal("../../bin")
	require.NoError(t, err, "make setup builds the Temporal server")
	return TemporalOptions{
		Bin: bin, Dir: dir, Namespace: "rekindle", SearchAttributes: map[string]string{"Stage": "Keyword"},
	}
}

func startTemporalForTest(t *testing.T, opts TemporalOptions) *Temporal {
	t.Helper()
	server, err := StartTemporal(soon(t), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(soon(t))) })
	return server
}

func searchAttributes(t *testing.T, server *Temporal) []string {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: server.Address(), Namespace: "rekindle"})
	require.NoError(t, err)
	defer c.Close()
	answer, err := c.OperatorService().ListSearchAttributes(soon(t), &operatorservice.ListSearchAttributesRequest{Namespace: "rekindle"})
	require.NoError(t, err)
	var names []string
	for name := range answer.CustomAttributes {
		names = append(names, name)
	}
	return names
}

func TestTemporalKeepsItsStateAndTakesNewSearchAttributesAtARestart(t *testing.T) {
	opts := temporalOptions(t, filepath.Join(t.TempDir(), "temporal"))
	server := startTemporalForTest(t, opts)
	require.Contains(t, searchAttributes(t, server), "Stage")
	page, err := http.Get(server.UIAddress())
	require.NoError(t, err)
	defer page.Body.Close()
	require.Equal(t, http.StatusOK, page.StatusCode)
	_, err = StartTemporal(soon(t), opts)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, server.Stop(soon(t)))
	require.NoError(t, <-server.Exited())

	opts.SearchAttributes["Owner"] = "Keyword"
	again := startTemporalForTest(t, opts)
	require.Subset(t, searchAttributes(t, again), []string{"Stage", "Owner"})
}

func TestATemporalServerLeftOverIsStoppedFirst(t *testing.T) {
	opts := temporalOptions(t, t.TempDir())
	old := startTemporalForTest(t, opts)
	pidFile := filepath.Join(opts.Dir, "temporal.pid")
	require.FileExists(t, pidFile)
	require.NoError(t, os.Remove(filepath.Join(opts.Dir, "temporal.lock")), "as if its rekindle had been killed")

	startTemporalForTest(t, opts)
	require.Error(t, <-old.Exited(), "the old server was stopped by other hands than its supervisor's")
}

func TestTemporalInMemoryLeavesNothingBehind(t *testing.T) {
	server := startTemporalForTest(t, temporalOptions(t, ""))
	require.NotEqual(t, server.Address(), server.UIAddress())
	require.Contains(t, searchAttributes(t, server), "Stage")
}
