package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/testdb"
)

// binary builds the program once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rekindle-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "rekindle")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	testdb.Main(m, func() {
		if path, err := binary(); err == nil {
			os.RemoveAll(filepath.Dir(path))
		}
	})
}

// development is `rekindle dev` in a folder and on ports of its own.
type development struct {
	*testing.T
	args []string
	mail string
}

func newDevelopment(t *testing.T) *development {
	dir, err := os.MkdirTemp("", "rekindle-dev-") // t.TempDir is closed to the user that Postgres runs as
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &development{T: t, args: []string{
		"dev", "--data-dir", filepath.Join(dir, "data"), "--bin-dir", "../../bin", "--tools", "../../tools", "--day", "3s",
	}}
	for _, flag := range []string{"--port", "--mail-port", "--smtp-port", "--postgres-port", "--temporal-port", "--temporal-ui-port"} {
		port := freePort(t)
		d.args = append(d.args, flag, port)
		if flag == "--mail-port" {
			d.mail = "http://127.0.0.1:" + port
		}
	}
	return d
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

type running struct {
	*exec.Cmd
	mu    sync.Mutex
	text  bytes.Buffer
	ended chan struct{}
}

func (r *running) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func (d *development) start() *running {
	path, err := binary()
	require.NoError(d, err)
	r := &running{Cmd: exec.Command(path, d.args...), ended: make(chan struct{})}
	out, err := r.StdoutPipe()
	require.NoError(d, err)
	r.Stderr = r.Stdout
	require.NoError(d, r.Start())
	d.Cleanup(func() { _ = r.Process.Kill() })
	go func() {
		defer close(r.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.mu.Lock()
			r.text.WriteString(lines.Text() + "\n")
			r.mu.Unlock()
		}
	}()
	return r
}

func (d *development) waitFor(r *running, text string) {
	d.Helper()
	require.Eventually(d, func() bool { return strings.Contains(r.output(), text) }, 90*time.Second, 50*time.Millisecond,
		"waiting for %q", text)
}

func (d *development) mails() int {
	res, err := http.Get(d.mail + "/api/messages?limit=1000")
	require.NoError(d, err)
	defer res.Body.Close()
	var all []json.RawMessage
	require.NoError(d, json.NewDecoder(res.Body).Decode(&all))
	return len(all)
}

// begun counts the seeded leads whose lives began. Nina Falk writes to the house by
// herself, and may be read a run later.
func begun(output string) (n int) {
	for line := range strings.Lines(output) {
		if strings.Contains(line, "new →") && !strings.HasPrefix(line, "Nina Falk") {
			n++
		}
	}
	return n
}

func TestDevShowsLeadsLivingStopsCleanlyAndGoesOnAfterCtrlCAndAfterKill(t *testing.T) {
	d := newDevelopment(t)

	r := d.start()
	d.waitFor(r, "seeded 30 leads")
	require.Eventually(t, func() bool { return begun(r.output()) == 30 }, 90*time.Second, 50*time.Millisecond, "every life begins")
	require.Positive(t, d.mails())
	require.NoError(t, r.Process.Signal(os.Interrupt))
	<-r.ended
	require.NoError(t, r.Wait(), "Ctrl-C is a clean end:\n%s", r.output())
	requireNoChild(t, d)

	r = d.start()
	d.waitFor(r, "stage changed")
	require.NotContains(t, r.output(), "seeded", "the second run goes on with the same leads")
	require.Zero(t, begun(r.output()), "and starts none again")
	require.NoError(t, r.Process.Signal(syscall.SIGKILL))
	<-r.ended
	_ = r.Wait()

	r = d.start()
	d.waitFor(r, "touch made")
	require.NoError(t, r.Process.Signal(syscall.SIGTERM))
	<-r.ended
	require.NoError(t, r.Wait(), r.output())
	requireNoChild(t, d)
}

// requireNoChild looks for a process that still works on the data folder.
func requireNoChild(t *testing.T, d *development) {
	out, err := exec.Command("ps", "-eo", "args").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		require.False(t, strings.Contains(line, d.args[2]+"/"), "left behind: %s", line)
	}
}

func TestABusyPortIsNamedWithTheFlagThatChangesIt(t *testing.T) {
	d := newDevelopment(t)
	l, err := net.Listen("tcp", "127.0.0.1:"+d.args[len(d.args)-11])
	require.NoError(t, err)
	defer l.Close()
	r := d.start()
	<-r.ended
	require.Error(t, r.Wait())
	require.Contains(t, r.output(), "--port")
	require.Contains(t, r.output(), "in use")
}
