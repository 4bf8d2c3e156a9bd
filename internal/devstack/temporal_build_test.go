package devstack

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeGo stands in for the go command: the real build takes minutes.
func fakeGo(t *testing.T, build string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\ncase $1 in\nlist) echo a; echo b;;\nbuild) " + build + ";;\nesac\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestABuiltTemporalStandsWhereItWasAskedFor(t *testing.T) {
	fakeGo(t, `echo binary > "$4"`)
	out := filepath.Join(t.TempDir(), "bin", "temporal")
	var log bytes.Buffer
	require.NoError(t, BuildTemporal(t.Context(), t.TempDir(), out, &log))
	require.FileExists(t, out)
	require.Contains(t, log.String(), "takes some minutes")
}

func TestABrokenBuildLeavesNothingAndSaysWhy(t *testing.T) {
	fakeGo(t, `echo half > "$4"; echo the compiler is unhappy >&2; exit 1`)
	out := filepath.Join(t.TempDir(), "bin", "temporal")
	require.ErrorContains(t, BuildTemporal(t.Context(), t.TempDir(), out, &bytes.Buffer{}), "the compiler is unhappy")
	left, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestProgressTellsHowFarTheBuildIs(t *testing.T) {
	p := progress{total: 3}
	_, err := p.Write([]byte("one\ntwo\n"))
	require.NoError(t, err)
	require.Equal(t, "  1m5s: 2 of 3 packages compiled", p.line(65*time.Second))
	_, err = p.Write([]byte("three\n"))
	require.NoError(t, err)
	require.Equal(t, "  1m5s: all packages compiled, linking", p.line(65*time.Second))
	require.Equal(t, "  5s: 0 packages compiled", (&progress{}).line(5*time.Second))
}
