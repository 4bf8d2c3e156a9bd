package devstack

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// deaf makes the test binary play a process that runs a deaf family and waits to be killed.
const deaf = "REKINDLE_DEVSTACK_DEAF"

// family starts a program with a child; neither hears SIGTERM. Their numbers are written to the file.
func family(file string) (*Running, error) {
	const script = `trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & echo $! $$ >"$0.new"; mv "$0.new" "$0"; while :; do sleep 1; done`
	return Run(Program{Name: "family", Path: "/bin/sh", Args: []string{"-c", script, file}})
}

func playDeaf(file string) {
	if _, err := family(file); err != nil {
		panic(err)
	}
	select {}
}

// members reads the family's process numbers when they are there.
func members(t *testing.T, file string) (pids []int) {
	t.Helper()
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(file)
		for _, field := range strings.Fields(string(raw)) {
			pid, err := strconv.Atoi(field)
			require.NoError(t, err)
			pids = append(pids, pid)
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)
	require.Len(t, pids, 2)
	for _, pid := range pids {
		require.NotEmpty(t, commandLine(pid))
	}
	return pids
}

func requireGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		require.Eventually(t, func() bool { return commandLine(pid) == "" }, 10*time.Second, 5*time.Millisecond)
	}
}

func TestAProgramIsStoppedWithItsChildrenWhenItDoesNotListen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	running, err := family(file)
	require.NoError(t, err)
	pids := members(t, file)
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	running.Stop(impatient)
	running.Stop(impatient)
	requireGone(t, pids)
}

func TestAProgramAndItsChildrenDieWithUs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), deaf+"="+file)
	require.NoError(t, parent.Start())
	pids := members(t, file)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	requireGone(t, pids)
}

func TestAwaitingAProgramThatEndsSaysSo(t *testing.T) {
	running, err := Run(Program{Name: "short", Path: "/bin/false"})
	require.NoError(t, err)
	err = running.Await(soon(t), func(context.Context) error { return errors.New("not yet") })
	require.ErrorContains(t, err, "short ended by itself: exit status 1")
	running.Stop(soon(t))
}
