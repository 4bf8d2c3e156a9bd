package rehearse_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/rehearse"
)

var (
	update  = flag.Bool("update", false, "write the output in the documents anew")
	scripts = regexp.MustCompile("(?s)```yaml\n(title: .*?)```\n")
	worked  = regexp.MustCompile("(?s)```yaml\n(title: [^`]*?)```\n\n<!-- output -->\n```text\n(.*?)```\n")
)

func documents(t *testing.T) map[string]string {
	files, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	pages := map[string]string{}
	for _, file := range append(files, "../../README.md") {
		page, err := os.ReadFile(file)
		require.NoError(t, err)
		pages[file] = string(page)
	}
	return pages
}

func TestEveryScriptInTheDocumentsIsPlayedAsItExpects(t *testing.T) {
	played := 0
	for file, page := range documents(t) {
		for _, found := range scripts.FindAllStringSubmatch(page, -1) {
			told := play(t, found[1])
			require.Empty(t, told.Unmet, file)
			played++
		}
	}
	require.GreaterOrEqual(t, played, 2)
}

func TestTheOutputInTheDocumentIsReal(t *testing.T) {
	const file = "../../docs/rehearsal.md"
	page := documents(t)[file]
	found := worked.FindStringSubmatchIndex(page)
	require.NotNil(t, found, "the worked example is there")
	want := play(t, page[found[2]:found[3]]).Text(false)
	if *update {
		page = page[:found[4]] + want + page[found[5]:]
		require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
		found = worked.FindStringSubmatchIndex(page)
	}
	require.Equal(t, want, page[found[4]:found[5]], "go test ./internal/rehearse -run Document -update writes it anew")
}

func TestTheDocumentNamesEveryKey(t *testing.T) {
	page := documents(t)["../../docs/rehearsal.md"]
	source, err := os.ReadFile("script.go")
	require.NoError(t, err)
	for _, key := range regexp.MustCompile("`yaml:\"([a-z_]+)\"`").FindAllStringSubmatch(string(source), -1) {
		named := strings.Contains(page, "`"+key[1]+"`") || strings.Contains(page, key[1]+":")
		require.Truef(t, named, "docs/rehearsal.md says nothing about %s", key[1])
	}
}

func play(t *testing.T, source string) rehearse.Rehearsal {
	t.Helper()
	script, err := rehearse.Parse([]byte(source))
	require.NoError(t, err)
	told, err := rehearse.Run(script, defaultPlaybook(t))
	require.NoError(t, err)
	return told
}
