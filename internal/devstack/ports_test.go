package devstack

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func busyPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestFreePortsAreNoCauseForComplaint(t *testing.T) {
	free, err := freePort()
	require.NoError(t, err)
	require.NoError(t, CheckPorts([]Port{{"API", free, "--port"}, {"any", 0, "--any"}, {"any too", 0, "--any"}}))
}

func TestEveryBusyPortIsNamedWithItsFlag(t *testing.T) {
	first, second := busyPort(t), busyPort(t)
	err := CheckPorts([]Port{{"Temporal", first, "--temporal-port"}, {"mailbox", second, "--smtp-port"}})
	require.EqualError(t, err, fmt.Sprintf(
		"port %d (Temporal) is in use by another program; stop it or choose another with --temporal-port\n"+
			"port %d (mailbox) is in use by another program; stop it or choose another with --smtp-port", first, second))
}

func TestAPortAskedForTwiceIsNamedWithBothPurposes(t *testing.T) {
	free, err := freePort()
	require.NoError(t, err)
	err = CheckPorts([]Port{{"API", free, "--port"}, {"mailbox", free, "--mail-port"}})
	require.EqualError(t, err, fmt.Sprintf("port %d is asked for twice, by API and mailbox; choose another with --mail-port", free))
}
