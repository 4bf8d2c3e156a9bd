package devstack

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs puts stand-ins for the named programs into a folder.
func programs(t *testing.T, dir, content string, names ...string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, name := range names {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755))
	}
	return dir
}

func realFolder(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	return dir
}

func TestPostgresOnThePathIsFollowedToItsRealFolder(t *testing.T) {
	root := realFolder(t)
	bin := programs(t, filepath.Join(root, "real"), "\x7fELF", serverPrograms()...)
	links := programs(t, filepath.Join(root, "links"), "")
	for _, name := range serverPrograms() {
		require.NoError(t, os.Symlink(filepath.Join(bin, name), filepath.Join(links, name)))
	}
	t.Setenv("PG_BIN", "")
	t.Setenv("PATH", links)
	found, err := findPostgres(nil)
	require.NoError(t, err)
	require.Equal(t, bin, found)
}

func TestWrappersAndHalfAnInstallationOnThePathAreNotTaken(t *testing.T) {
	root := realFolder(t)
	wrappers := programs(t, filepath.Join(root, "wrappers"), "#!/bin/sh\n", serverPrograms()...)
	half := programs(t, filepath.Join(root, "half"), "\x7fELF", "postgres")
	t.Setenv("PG_BIN", "")
	for _, path := range []string{wrappers, half, half + string(os.PathListSeparator) + wrappers} {
		t.Setenv("PATH", path)
		_, err := findPostgres(nil)
		require.ErrorIs(t, err, ErrNoPostgres, path)
	}
}

func TestTheNewestCompleteInstallationIsTaken(t *testing.T) {
	root := realFolder(t)
	programs(t, filepath.Join(root, "9.6", "bin"), "\x7fELF", serverPrograms()...)
	want := programs(t, filepath.Join(root, "16", "bin"), "\x7fELF", serverPrograms()...)
	programs(t, filepath.Join(root, "17", "bin"), "\x7fELF", "postgres")
	t.Setenv("PG_BIN", "")
	t.Setenv("PATH", root)
	found, err := findPostgres([]string{filepath.Join(root, "*", "bin")})
	require.NoError(t, err)
	require.Equal(t, want, found)
	require.Equal(t, 17, versionIn("/opt/homebrew/opt/postgresql@17/bin"))
}

func TestAChosenFolderWithoutPostgresIsAnErrorNotASearch(t *testing.T) {
	t.Setenv("PG_BIN", realFolder(t))
	_, err := FindPostgres()
	require.ErrorIs(t, err, ErrNoPostgres)
	require.ErrorContains(t, err, "$PG_BIN")
}

func TestOurOwnTemporalIsPreferredToTheOneOnThePath(t *testing.T) {
	ours := programs(t, filepath.Join(realFolder(t), "ours"), "\x7fELF", "temporal")
	others := programs(t, filepath.Join(realFolder(t), "others"), "\x7fELF", "temporal")
	t.Setenv("TEMPORAL_BIN", "")
	t.Setenv("PATH", others)

	found, err := FindTemporal(ours)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(ours, "temporal"), found)

	found, err = FindTemporal(realFolder(t))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(others, "temporal"), found)

	t.Setenv("PATH", "")
	_, err = FindTemporal(realFolder(t))
	require.ErrorIs(t, err, ErrNoTemporal)
}

func TestInstallingKeepsDebiansOwnClusterAwayAndTakesTheRuleBack(t *testing.T) {
	root := realFolder(t)
	rule := filepath.Join(root, "policy", "rekindle.conf")
	apt := filepath.Join(root, "apt-get")
	script := "#!/bin/sh\necho \"$@\"\ncat " + rule + "\ntest $DEBIAN_FRONTEND = noninteractive\n"
	require.NoError(t, os.WriteFile(apt, []byte(script), 0o755))
	var out bytes.Buffer
	require.NoError(t, aptInstall(t.Context(), &out, apt, filepath.Dir(rule)))
	require.Contains(t, out.String(), "install -y --no-install-recommends postgresql\ncreate_main_cluster = false\n")
	require.NoFileExists(t, rule)
}

func TestWithoutAPackageManagerTheHintNamesTheDownloads(t *testing.T) {
	t.Setenv("PATH", "")
	err := InstallPostgres(t.Context(), &bytes.Buffer{})
	require.ErrorIs(t, err, ErrNoPostgres)
	require.ErrorContains(t, err, "https://www.postgresql.org/download/")

	t.Setenv("PATH", programs(t, realFolder(t), "\x7fELF", "brew"))
	require.ErrorContains(t, InstallPostgres(t.Context(), &bytes.Buffer{}), "install it with: brew install postgresql@17")
}
