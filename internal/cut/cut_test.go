package cut_test

import (
	"bufio"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/cut"
)

// counter is a server that answers each line with how many it has heard.
func counter(t *testing.T) (address string, heard *atomic.Int32) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	heard = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					fmt.Fprintln(c, heard.Add(1))
				}
			}()
		}
	}()
	return l.Addr().String(), heard
}

// say sends a line and reports whether an answer came.
func say(t *testing.T, c net.Conn, word string) bool {
	if _, err := fmt.Fprintln(c, word); err != nil {
		return false
	}
	require.NoError(t, c.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	_, err := bufio.NewReader(c).ReadString('\n')
	return err == nil
}

func TestWhatIsSaidIsHeardUpToTheCut(t *testing.T) {
	for _, one := range []struct {
		name  string
		at    int
		heard bool
		total int
	}{{"at once, unheard", 1, false, 0}, {"at once, heard", 1, true, 1}, {"at the third, unheard", 3, false, 4}, {"at the third, heard", 3, true, 5}} {
		t.Run(one.name, func(t *testing.T) {
			address, heard := counter(t)
			p, err := cut.Listen(address)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, p.Close()) })
			p.CutAt(one.at, one.heard, func(said []byte) bool { return string(said) != "never mind\n" })
			c, err := net.Dial("tcp", p.Addr())
			require.NoError(t, err)
			defer c.Close()
			for range one.at - 1 {
				require.True(t, say(t, c, "one more"))
				require.True(t, say(t, c, "never mind"))
			}
			require.False(t, p.Fell())
			require.False(t, say(t, c, "one more"))
			require.True(t, p.Fell())
			require.EqualValues(t, one.total, heard.Load())

			p.Allow()
			again, err := net.Dial("tcp", p.Addr())
			require.NoError(t, err)
			defer again.Close()
			require.True(t, say(t, again, "one more"))
			p.Mute()
			require.False(t, say(t, again, "one more"))
			require.EqualValues(t, one.total+2, heard.Load(), "what is said is heard all the same")
		})
	}
}
