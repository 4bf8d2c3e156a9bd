package devstack

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

// TestTheServerOnPostgresOutlivesAKill needs the server, which `rekindle setup --server` builds in minutes: benchmarks
// and chaos run on it, ordinary tests do not.
func TestTheServerOnPostgresOutlivesAKill(t *testing.T) {
	bin, tool, err := FindTemporalServer("../../bin")
	if err != nil {
		t.Skip("the Temporal server for Postgres is not built on this machine: rekindle setup --server builds it")
	}
	binDir, err := FindPostgres()
	require.NoError(t, err)
	dir := openFolder(t)
	pg, err := StartPostgres(soon(t), PostgresOptions{Dir: filepath.Join(dir, "postgres"), BinDir: binDir, Unsafe: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pg.Stop(soon(t))) })

	opts := ServerOptions{
		Bin: bin, SQLTool: tool, Dir: filepath.Join(dir, "temporal"), PostgresURL: pg.URL(),
		Namespace: "rekindle", SearchAttributes: map[string]string{"Stage": "Keyword"},
	}
	server, err := StartTemporalServer(soon(t), opts)
	require.NoError(t, err)
	address := server.Address()
	c, err := client.Dial(client.Options{HostPort: address, Namespace: "rekindle"})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.ExecuteWorkflow(soon(t), client.StartWorkflowOptions{ID: "life", TaskQueue: "nobody"}, "Life")
	require.NoError(t, err)

	server.Kill()
	require.NoError(t, <-server.Exited(), "its end was no surprise")
	server, err = StartTemporalServer(soon(t), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(soon(t))) })
	require.Equal(t, address, server.Address())
	d, err := c.DescribeWorkflow(soon(t), "life", "")
	require.NoError(t, err)
	require.Equal(t, "Life", d.WorkflowType.Name)
	require.NoError(t, server.Pause())
	require.NoError(t, server.Resume())
}
