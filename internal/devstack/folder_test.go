package devstack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFoldersOfDeadProcessesAreSweptAndThoseOfTheLivingKept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	dead := filepath.Join(os.TempDir(), "servers-"+strconv.Itoa(gone.Process.Pid)+"-1")
	require.NoError(t, os.Mkdir(dead, 0o755))

	living, err := ProcessFolder("servers-")
	require.NoError(t, err)
	require.NoDirExists(t, dead)
	_, err = ProcessFolder("servers-")
	require.NoError(t, err)
	require.DirExists(t, living)
}
