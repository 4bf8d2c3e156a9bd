package devstack

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// victimDir makes the test binary play a rekindle that starts PostgreSQL there and waits to be killed.
const victimDir = "REKINDLE_DEVSTACK_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		playVictim(dir)
	}
	if file := os.Getenv(deaf); file != "" {
		playDeaf(file)
	}
	os.Exit(m.Run())
}

func playVictim(dir string) {
	binDir, err := FindPostgres()
	if err != nil {
		panic(err)
	}
	pg, err := StartPostgres(context.Background(), PostgresOptions{Dir: dir, BinDir: binDir, Unsafe: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(pg.proc.cmd.Process.Pid)
	<-pg.Exited()
}

// openFolder is a temporary folder that the user PostgreSQL drops to may enter; t.TempDir is closed to it.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devstack-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// soon is time enough for anything a test waits for.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 40*time.Second)
	t.Cleanup(cancel)
	return ctx
}
