package devstack

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestAPostgresThatIsKilledCrashedAndHeldStillKeepsWhatWasCommitted(t *testing.T) {
	bin, err := FindPostgres()
	require.NoError(t, err)
	folder, err := ProcessFolder("rekindle-devstack-hurt-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	opts := PostgresOptions{Dir: filepath.Join(folder, "postgres"), BinDir: bin}
	pg, err := StartPostgres(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { pg.Kill() })
	at, err := url.Parse(pg.URL())
	require.NoError(t, err)
	opts.Port, err = strconv.Atoi(at.Port())
	require.NoError(t, err)

	insert := func(within time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		conn, err := pgx.Connect(ctx, pg.URL())
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS kept (n serial); INSERT INTO kept DEFAULT VALUES")
		return err
	}
	require.NoError(t, insert(10*time.Second))

	require.NoError(t, pg.Pause())
	require.Error(t, insert(300*time.Millisecond), "it stands still")
	require.NoError(t, pg.Resume())
	require.Eventually(t, func() bool { return insert(time.Second) == nil }, 20*time.Second, 20*time.Millisecond)

	require.NoError(t, pg.Crash())
	require.Eventually(t, func() bool { return insert(time.Second) == nil }, 30*time.Second, 20*time.Millisecond, "it recovers in place")

	children := childrenOf(pg.proc.cmd.Process.Pid)
	require.NotEmpty(t, children)
	pg.Kill()
	for _, pid := range children {
		require.Empty(t, commandLine(pid), "a child outlived it")
	}
	pg, err = StartPostgres(t.Context(), opts)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), pg.URL())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var n int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&n))
	require.GreaterOrEqual(t, n, 3)
}
