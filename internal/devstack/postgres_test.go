package devstack

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func startForTest(t *testing.T, dir string) *Postgres {
	t.Helper()
	binDir, err := FindPostgres()
	require.NoError(t, err)
	pg, err := StartPostgres(soon(t), PostgresOptions{Dir: dir, BinDir: binDir, Unsafe: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pg.Stop(soon(t))) })
	return pg
}

func query(t *testing.T, pg *Postgres, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(soon(t), pg.URL())
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	var answer string
	require.NoError(t, conn.QueryRow(soon(t), sql).Scan(&answer))
	return answer
}

func TestWhatPostgresKeepsSurvivesARestart(t *testing.T) {
	dir := filepath.Join(openFolder(t), "data", "postgres")
	pg := startForTest(t, dir)
	require.Equal(t, "UTF8", query(t, pg, "SHOW server_encoding"))
	require.Equal(t, "127.0.0.1", query(t, pg, "SHOW listen_addresses"))
	require.Equal(t, "", query(t, pg, "SHOW unix_socket_directories"))
	require.Equal(t, "rekindle", query(t, pg, "SELECT current_database()"))
	conn, err := pgx.Connect(soon(t), pg.URL())
	require.NoError(t, err)
	_, err = conn.Exec(soon(t), "CREATE TABLE kept AS SELECT 'still here' AS word")
	require.NoError(t, err)
	require.NoError(t, pg.Stop(soon(t)), "an open session must not hold up the shutdown")
	require.NoError(t, pg.Stop(soon(t)))
	require.NoError(t, <-pg.Exited())

	require.Equal(t, "still here", query(t, startForTest(t, dir), "SELECT word FROM kept"))
	info, err := os.Stat(dir + ".password")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestASecondRekindleMayNotTakeTheRunningOnesCluster(t *testing.T) {
	dir := filepath.Join(openFolder(t), "postgres")
	pg := startForTest(t, dir)
	binDir, err := FindPostgres()
	require.NoError(t, err)
	_, err = StartPostgres(soon(t), PostgresOptions{Dir: dir, BinDir: binDir})
	require.ErrorIs(t, err, ErrInUse)
	require.Equal(t, "1", query(t, pg, "SELECT '1'"))
}

func TestAPostmasterLeftOverIsStoppedFirst(t *testing.T) {
	dir := filepath.Join(openFolder(t), "postgres")
	pg := startForTest(t, dir)
	require.NoError(t, pg.Stop(soon(t)))
	as, err := accountFor(dir)
	require.NoError(t, err)
	c := cluster{dir: dir, binDir: filepath.Dir(pg.proc.cmd.Path), as: as, unsafe: true}
	old, err := c.serve(soon(t), PostgresOptions{}, pg.password, func() {})
	require.NoError(t, err)

	fresh := startForTest(t, dir)
	require.Error(t, <-old.Exited(), "the old server was stopped by other hands than its supervisor's")
	require.Equal(t, "1", query(t, fresh, "SELECT '1'"))
}

func TestAPidFileWhoseNumberBelongsToAnotherProgramIsNoObstacle(t *testing.T) {
	dir := filepath.Join(openFolder(t), "postgres")
	require.NoError(t, startForTest(t, dir).Stop(soon(t)))
	as, err := accountFor(dir)
	require.NoError(t, err)
	stranger, err := start(command{name: "stranger", path: "/bin/sleep", args: []string{"60"}, as: as, deathSignal: syscall.SIGKILL})
	require.NoError(t, err)
	t.Cleanup(func() { _ = stranger.stop(soon(t), syscall.SIGKILL, syscall.SIGKILL) })
	pidFile := filepath.Join(dir, "postmaster.pid")
	require.NoError(t, os.WriteFile(pidFile, []byte(strconv.Itoa(stranger.cmd.Process.Pid)+"\n"+dir+"\n"), 0o600))
	require.NoError(t, as.own(pidFile))

	require.Equal(t, "1", query(t, startForTest(t, dir), "SELECT '1'"))
	require.NotEmpty(t, commandLine(stranger.cmd.Process.Pid), "the stranger lives on")
}

func TestPostgresDiesWithAParentThatIsKilledAndStartsAgain(t *testing.T) {
	dir := filepath.Join(openFolder(t), "postgres")
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	require.Contains(t, commandLine(pid), dir)
	require.NoError(t, victim.Process.Kill())
	require.Error(t, victim.Wait())
	if runtime.GOOS == "linux" { // elsewhere the next start stops it
		orphan := leftover{pid: pid, ours: func() bool { return strings.Contains(commandLine(pid), dir) }}
		require.True(t, orphan.gone(soon(t), leftoverPatience))
	}

	pg := startForTest(t, dir)
	require.NotContains(t, commandLine(pid), dir)
	require.Equal(t, "1", query(t, pg, "SELECT '1'"))
}

func TestAServerThatDiesByItselfIsReported(t *testing.T) {
	pg := startForTest(t, filepath.Join(openFolder(t), "postgres"))
	require.NoError(t, syscall.Kill(pg.proc.cmd.Process.Pid, syscall.SIGQUIT))
	require.ErrorContains(t, <-pg.Exited(), "immediate shutdown")
}

func TestABusyPortIsToldInPostgresOwnWords(t *testing.T) {
	binDir, err := FindPostgres()
	require.NoError(t, err)
	_, err = StartPostgres(soon(t), PostgresOptions{
		Dir: filepath.Join(openFolder(t), "postgres"), BinDir: binDir, Port: busyPort(t), Unsafe: true,
	})
	require.ErrorContains(t, err, "could not bind")
}

func TestAFolderThatTheServersUserMayNotEnterIsNamed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root drops to another user")
	}
	closed := openFolder(t)
	require.NoError(t, os.Chmod(closed, 0o700))
	_, err := StartPostgres(soon(t), PostgresOptions{Dir: filepath.Join(closed, "a", "postgres"), DirFlag: "--data-dir"})
	require.ErrorContains(t, err, "may not enter "+closed+";")
	require.ErrorContains(t, err, "--data-dir")
}

func TestALostPasswordIsToldApartFromABrokenServer(t *testing.T) {
	dir := filepath.Join(openFolder(t), "postgres")
	pg := startForTest(t, dir)
	require.NoError(t, pg.Stop(soon(t)))
	require.NoError(t, os.Remove(dir+".password"))
	_, err := StartPostgres(soon(t), PostgresOptions{Dir: dir, BinDir: filepath.Dir(pg.proc.cmd.Path)})
	require.ErrorContains(t, err, "put "+dir+".password back")
}
