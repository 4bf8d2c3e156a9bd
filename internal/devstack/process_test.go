package devstack

import (
	"bytes"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func shell(t *testing.T, script string) *process {
	t.Helper()
	p, err := start(command{name: "shell", path: "/bin/sh", args: []string{"-c", script}, deathSignal: syscall.SIGKILL})
	require.NoError(t, err)
	return p
}

func TestAChildThatDiesByItselfIsReportedWithItsLastLines(t *testing.T) {
	p := shell(t, "echo the reason >&2; exit 3")
	err := <-p.exited
	require.ErrorContains(t, err, "shell ended by itself: exit status 3")
	require.ErrorContains(t, err, "the reason")
	require.NoError(t, p.stop(soon(t), syscall.SIGTERM, syscall.SIGKILL))
}

func TestAChildThatIsStoppedIsNotReported(t *testing.T) {
	p := shell(t, "sleep 60")
	require.NoError(t, p.stop(soon(t), syscall.SIGTERM, syscall.SIGKILL))
	require.NoError(t, p.stop(soon(t), syscall.SIGTERM, syscall.SIGKILL))
	err, open := <-p.exited
	require.NoError(t, err)
	require.False(t, open)
}

func TestTheEndOfLongOutputIsKeptAndAllOfItPassedOn(t *testing.T) {
	var log bytes.Buffer
	o := output{to: &log}
	for range 100 {
		_, err := o.Write([]byte(strings.Repeat("x", 200) + "\n"))
		require.NoError(t, err)
	}
	_, err := o.Write([]byte("last\n"))
	require.NoError(t, err)
	require.Equal(t, 100*201+5, log.Len())
	require.True(t, strings.HasSuffix(o.tail(), "\nlast"))
	require.Len(t, strings.Split(o.tail(), "\n"), tailLines)
}
