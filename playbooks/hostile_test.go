package playbooks_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
)

func numbered(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

func TestFilesThatAreNoPlaybookAreRefusedWithoutBeingReadToTheEnd(t *testing.T) {
	check(t, map[string]fault{
		"a playbook that is too large":   {replace("playbook.yaml", strings.Repeat("# x\n", 1<<18)+"x"), []string{"playbook.yaml:1:1: the file is larger than 1024 KB"}},
		"a text that is too large":       {replace("texts/cold/help.md", "Subject: x\n\n"+strings.Repeat("x", 64<<10)), []string{"texts/cold/help.md:1:1: the file is larger than 64 KB"}},
		"brackets without an end":        {replace("playbook.yaml", "name: "+strings.Repeat("[", 1<<19)), []string{"playbook.yaml:1:39: nothing in a playbook is nested this deeply"}},
		"lists in lists":                 {replace("playbook.yaml", "name: \n"+strings.Repeat("- ", 1<<18)), []string{"playbook.yaml:2:65: nothing in a playbook is nested this deeply"}},
		"more keys than anybody reads":   {replace("playbook.yaml", numbered(100_000, "k%d: 1\n")), []string{"playbook.yaml:10001:7: there are more than 10000 keys"}},
		"an anchor that grows":           {replace("playbook.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), []string{"playbook.yaml:1:4: anchors"}},
		"nothing":                        {replace("playbook.yaml", ""), []string{"playbook.yaml:1:1: the file is empty"}},
		"a comment alone":                {replace("playbook.yaml", "# later\n"), []string{"playbook.yaml:1:1: the file is empty"}},
		"a list":                         {replace("playbook.yaml", "- name: default\n"), []string{"playbook.yaml:1:1: keys with values are expected"}},
		"zeros":                          {replace("playbook.yaml", "name: a\x00b\n"), []string{"playbook.yaml:1:8: this character is not UTF-8 text"}},
		"a pipe, which never ends":       {pipe("texts/cold/help.md"), []string{"texts/cold/help.md:1:1: this is not a file"}},
		"a pipe instead of the playbook": {pipe("playbook.yaml"), []string{"playbook.yaml:1:1: this is not a file"}},
	})
}

func pipe(file string) func(*testing.T, fstest.MapFS) {
	return func(_ *testing.T, all fstest.MapFS) {
		all[file] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	}
}

func TestThereAreAtMostFiveHundredTexts(t *testing.T) {
	all := files(t)
	for i := range 600 {
		all[fmt.Sprintf("texts/many/%d.md", i)] = &fstest.MapFile{Data: []byte("Subject: x\n\nx")}
	}
	pb, problems := playbooks.Inspect(all)
	require.Nil(t, pb)
	var said []string
	for _, p := range problems {
		said = append(said, p.String())
	}
	require.Contains(t, said, "texts:1:1: there are more than 500 texts; delete those that no step uses")
}

func TestWhatEditorsLeaveBehindIsNoText(t *testing.T) {
	all := files(t)
	all["texts/cold/.#help.md"] = &fstest.MapFile{Data: []byte{0xff}}
	all["texts/.git/help.md"] = &fstest.MapFile{Data: []byte("x")}
	pb, problems := playbooks.Inspect(all)
	require.Empty(t, problems)
	embedded, err := playbooks.Default()
	require.NoError(t, err)
	require.Equal(t, embedded.ID, pb.ID)
}

func TestWindowsLineEndsAndAByteOrderMarkMoveNoFault(t *testing.T) {
	all := files(t)
	for name, f := range all {
		all[name] = &fstest.MapFile{Data: []byte("\ufeff" + strings.ReplaceAll(string(f.Data), "\n", "\r\n"))}
	}
	pb, problems := playbooks.Inspect(all)
	require.Empty(t, problems)
	was, err := playbooks.Default()
	require.NoError(t, err)
	require.Equal(t, was.Texts, pb.Texts)
	require.Equal(t, was.Stages, pb.Stages)

	yaml("zone: America/New_York", "zone: America/Gotham")(t, all)
	text("cold/help", "Hello", "Hello {{.Nickname}}")(t, all)
	_, problems = playbooks.Inspect(all)
	require.Len(t, problems, 2)
	require.Contains(t, problems[0].String(), "playbook.yaml:4:7: ")
	require.Contains(t, problems[1].String(), "texts/cold/help.md:3:9: ")
}

func TestFiftyFaultsOfAPhraseInATextAreEnough(t *testing.T) {
	all := files(t)
	all["texts/cold/help.md"] = &fstest.MapFile{Data: []byte("Subject: x\n\n" + strings.Repeat("check in ", 7000) + strings.Repeat("{{.Nobody}}", 50))}
	_, problems := playbooks.Inspect(all)
	require.Len(t, problems, 100)
}
