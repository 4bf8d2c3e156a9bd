package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	block = regexp.MustCompile("(?s)(?:`([^`\n]+)`[^`\n]*:\n\n)?```(\\w+)\n(.*?)```\n")
	named = regexp.MustCompile("`(small/[^`]+)`")
)

// TestTheTutorialWorksAsItIsWritten does what the page says, in its order: writes
// the files, makes the changes, runs the commands and compares what they print.
func TestTheTutorialWorksAsItIsWritten(t *testing.T) {
	page, err := os.ReadFile("../../docs/playbook-tutorial.md")
	require.NoError(t, err)
	dir, ran := t.TempDir(), 0
	for _, m := range block.FindAllStringSubmatchIndex(string(page), -1) {
		kind, content := string(page[m[4]:m[5]]), string(page[m[6]:m[7]])
		file := ""
		if m[2] >= 0 {
			file = filepath.Join(dir, string(page[m[2]:m[3]]))
		}
		switch {
		case kind == "console":
			ran += session(t, dir, content)
		case kind == "diff":
			require.FileExists(t, file)
			patch(t, file, content)
		case file != "" && named.MatchString(string(page[m[0]:m[1]])):
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
		}
	}
	require.Equal(t, 5, ran, "every command of the page was run")
}

// session runs each command and compares its output; "..." stands for anything.
func session(t *testing.T, dir, content string) (ran int) {
	t.Helper()
	for part := range strings.SplitSeq("\n"+content, "\n$ rekindle ") {
		if part == "" {
			continue
		}
		command, want, _ := strings.Cut(part, "\n")
		out, complaint, _ := rekindle(t, dir, strings.Fields(command)...)
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), `\.\.\.`, ".*") + "$"
		require.Regexp(t, pattern, strings.TrimSpace(out+complaint), command)
		ran++
	}
	return ran
}

// patch replaces each run of removed lines by the added ones below it.
func patch(t *testing.T, file, content string) {
	t.Helper()
	var from, to string
	for line := range strings.Lines(content + " ") {
		if line[0] == '-' && to != "" || line[0] == ' ' {
			edit(t, file, from, to)
			from, to = "", ""
		}
		if line[0] == '-' {
			from += line[1:]
		} else {
			to += line[1:]
		}
	}
}
