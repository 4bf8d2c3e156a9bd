package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAListOfStopsGoesOutAndInByCommand(t *testing.T) {
	r := newRecords(t)
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "in.csv"), []byte("kind,value\nemail,Ann@acme.example\nfax,1\ndomain,other.example\n"), 0o600))
	out, complaint, code := rekindle(t, r.dir, "suppression", "import", "in.csv")
	require.Equal(t, 1, code)
	require.Contains(t, out, "2 good rows: 2 new, 0 known before")
	require.Contains(t, complaint, "in.csv: line 3, column 1: ")
	require.Contains(t, complaint, "1 row left out")
	require.NotContains(t, complaint, "acme")

	_, complaint, code = rekindle(t, r.dir, "suppression", "export", "out.csv")
	require.Zero(t, code, complaint)
	list, err := os.ReadFile(filepath.Join(r.dir, "out.csv"))
	require.NoError(t, err)
	require.Regexp(t, `^kind,hash,via,created_at\n(email|domain),[0-9a-f]{64},import,2026-03-03T09:00:00Z\n(email|domain),`, string(list))

	out, complaint, code = rekindle(t, r.dir, "suppression", "import", "out.csv")
	require.Zero(t, code, complaint)
	require.Contains(t, out, "2 good rows: 0 new, 2 known before")
	_, complaint, code = rekindle(t, r.dir, "suppression", "import", "none.csv")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "none.csv")
}
