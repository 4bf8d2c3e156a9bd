package e2e_test

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// build builds the program.
func build(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "rekindle")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../cmd/rekindle").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// process is a `rekindle work` of its own.
type process struct {
	*testing.T
	cmd *exec.Cmd
	log bytes.Buffer // to be read once it has ended
}

// work starts one whose connections to the database bear a name.
func (s *stack) work(program, name, smtp string) *process {
	database, err := url.Parse(s.database)
	require.NoError(s, err)
	q := database.Query()
	q.Set("application_name", name)
	database.RawQuery = q.Encode()
	p := &process{T: s.T, cmd: exec.Command(program, "work")}
	p.cmd.Env = append(os.Environ(), "DATABASE_URL="+database.String(), "TEMPORAL_ADDRESS="+s.temporal.Address(), "SMTP_URL=smtp://"+smtp,
		"REKINDLE_PUBLIC_URL=http://rekindle.example", "REKINDLE_COMPANY=Example", "REKINDLE_POSTAL_ADDRESS=1 Street", "REKINDLE_LISTEN=127.0.0.1:0")
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(s, p.cmd.Start())
	s.Cleanup(p.kill)
	return p
}

// kill ends it as a power cut does: it hears nothing of it (SIGKILL).
func (p *process) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	require.NoError(p, p.cmd.Process.Kill())
	_ = p.cmd.Wait() // that it was killed is no news
	if p.Failed() {
		p.Log(p.log.String())
	}
}
