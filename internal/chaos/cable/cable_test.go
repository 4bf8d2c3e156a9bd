package cable_test

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/chaos/cable"
)

// echo is a server that answers what it hears.
func echo(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func lay(t *testing.T) *cable.Cable {
	c, err := cable.Lay(echo(t))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func dial(t *testing.T, c *cable.Cable) net.Conn {
	conn, err := net.Dial("tcp", c.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// says writes a word and reports what came back within a while.
func says(conn net.Conn, within time.Duration) (string, error) {
	if _, err := conn.Write([]byte("hello")); err != nil {
		return "", err
	}
	_ = conn.SetReadDeadline(time.Now().Add(within))
	answer := make([]byte, 5)
	n, err := io.ReadFull(conn, answer)
	return string(answer[:n]), err
}

func TestAWholeCablePassesOnAndOneThatWasCutIsWholeAgainForNewConnections(t *testing.T) {
	c := lay(t)
	conn := dial(t, c)
	heard, err := says(conn, 5*time.Second)
	require.NoError(t, err)
	require.Equal(t, "hello", heard)

	c.Set(cable.Cut, 0)
	_, err = says(conn, 5*time.Second)
	require.Error(t, err)
	_, err = says(dial(t, c), 5*time.Second)
	require.Error(t, err)

	c.Set(cable.Whole, 0)
	heard, err = says(dial(t, c), 5*time.Second)
	require.NoError(t, err)
	require.Equal(t, "hello", heard)
}

func TestAResetEndsWhatIsOpenAndNothingElse(t *testing.T) {
	c := lay(t)
	conn := dial(t, c)
	_, err := says(conn, 5*time.Second)
	require.NoError(t, err)
	c.Reset()
	_, err = says(conn, 5*time.Second)
	require.Error(t, err)
	_, err = says(dial(t, c), 5*time.Second)
	require.NoError(t, err)
}

func TestWhatIsHeldUpInAStalledCableArrivesWhenItIsWholeAgain(t *testing.T) {
	c := lay(t)
	conn := dial(t, c)
	c.Set(cable.Stalled, 0)
	_, err := says(conn, 200*time.Millisecond)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "nothing arrives")
	c.Set(cable.Whole, 0)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 5)
	_, err = io.ReadFull(conn, answer)
	require.NoError(t, err)
	require.Equal(t, "hello", string(answer))
}

func TestASlowCableIsLate(t *testing.T) {
	c := lay(t)
	conn := dial(t, c)
	c.Set(cable.Whole, 50*time.Millisecond)
	began := time.Now()
	_, err := says(conn, 5*time.Second)
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond, "each way")
}
