package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rekindle runs the program in a folder and gives what it prints and its exit code.
func rekindle(t *testing.T, dir string, args ...string) (out, complaint string, code int) {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	var stdout, stderr strings.Builder
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

func edit(t *testing.T, file, from, to string) {
	t.Helper()
	was, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(was), from)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(was), from, to, 1)), 0o644))
}

func TestANewPlaybookIsTheDefaultOneAndHasNoFaults(t *testing.T) {
	dir := t.TempDir()
	out, _, code := rekindle(t, dir, "playbook", "new", "ours")
	require.Zero(t, code)
	require.Contains(t, out, "rekindle playbook validate ours")
	for _, path := range []string{"ours", filepath.Join("ours", "playbook.yaml")} {
		out, _, code = rekindle(t, dir, "playbook", "validate", "--strict", path)
		require.Zero(t, code)
		require.Regexp(t, `^default-[0-9a-f]{12}: no faults\n$`, out)
	}
	schema, _, code := rekindle(t, dir, "playbook", "schema")
	require.Zero(t, code)
	beside, err := os.ReadFile(filepath.Join(dir, "ours", "playbook.schema.json"))
	require.NoError(t, err)
	require.Equal(t, schema, string(beside))

	_, complaint, code := rekindle(t, dir, "playbook", "new", "ours")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "ours is not empty", "nobody's work is written over")
}

func TestFaultsOfAPlaybookFailAndWarningsFailWhenStrict(t *testing.T) {
	dir := t.TempDir()
	_, _, code := rekindle(t, dir, "playbook", "new", ".")
	require.Zero(t, code)
	edit(t, filepath.Join(dir, "texts", "cold", "help.md"), "Take from it", "Just checking in. Take from it")

	out, _, code := rekindle(t, dir, "playbook", "validate", ".")
	require.Zero(t, code)
	require.Contains(t, out, "texts/cold/help.md:13:1: warning: ")
	require.Regexp(t, `(?m)^default-[0-9a-f]{12}: no faults, 1 warning$`, out)
	_, complaint, code := rekindle(t, dir, "playbook", "validate", "--strict", ".")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "0 faults, 1 warning")

	edit(t, filepath.Join(dir, "playbook.yaml"), "no_shows", "no_show")
	out, complaint, code = rekindle(t, dir, "playbook", "validate", ".")
	require.Equal(t, 1, code)
	require.Contains(t, out, `playbook.yaml:21:1: unknown key "no_show"; did you mean "no_shows"?`)
	require.Contains(t, complaint, "1 fault, 1 warning")

	out, _, code = rekindle(t, dir, "playbook", "validate", "--json", ".")
	require.Equal(t, 1, code)
	var verdict struct {
		ID       string
		Problems []struct {
			File         string
			Line, Column int
			Message      string
			Warning      bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &verdict))
	require.Empty(t, verdict.ID)
	require.Len(t, verdict.Problems, 2)
	require.Equal(t, "playbook.yaml", verdict.Problems[0].File)
	require.Equal(t, 21, verdict.Problems[0].Line)
	require.True(t, verdict.Problems[1].Warning)
}

func TestAPathThatIsNoPlaybookSaysSo(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644))
	_, complaint, code := rekindle(t, dir, "playbook", "validate", "notes.txt")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "notes.txt is not a playbook")
	out, _, code := rekindle(t, dir, "playbook", "validate", ".")
	require.Equal(t, 1, code)
	require.Contains(t, out, "playbook.yaml:1:1: the file is missing")
	_, complaint, code = rekindle(t, dir, "playbook", "validate", "nowhere")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "nowhere")
}

func TestTheRulesArePrintedForPeopleAndForPrograms(t *testing.T) {
	out, _, code := rekindle(t, t.TempDir(), "rules")
	require.Zero(t, code)
	require.Regexp(t, `(?m)^R05   Persist: .*  minimum  .* transition, touch$`, out)
	for line := range strings.SplitSeq(out, "\n") {
		require.LessOrEqual(t, len([]rune(line)), 130)
	}
	out, _, code = rekindle(t, t.TempDir(), "rules", "--json")
	require.Zero(t, code)
	var rules []struct{ ID, Title, Says, Threshold, Where string }
	require.NoError(t, json.Unmarshal([]byte(out), &rules))
	require.Equal(t, "R01", rules[0].ID)
	for _, r := range rules {
		require.NotEmpty(t, r.Title)
		require.NotEmpty(t, r.Says)
		require.NotEmpty(t, r.Where)
	}
}
