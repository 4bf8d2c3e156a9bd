package playbooks_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// files is the default playbook in memory, to be changed.
func files(t *testing.T) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	dir := os.DirFS("default")
	require.NoError(t, fs.WalkDir(dir, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(dir, file)
		all[file] = &fstest.MapFile{Data: body}
		return err
	}))
	return all
}

// change replaces a passage of a file, which must be there.
func change(t *testing.T, all fstest.MapFS, file, from, to string) {
	t.Helper()
	require.Contains(t, all, file)
	was := string(all[file].Data)
	require.Contains(t, was, from)
	all[file] = &fstest.MapFile{Data: []byte(strings.Replace(was, from, to, 1))}
}

func TestTheDefaultPlaybookReadsWithoutFaults(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	require.Empty(t, pb.Check())
	require.Regexp(t, `^default-[0-9a-f]{12}$`, pb.ID)
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			require.NotEmptyf(t, pb.Steps(stage, play), "%s/%s", stage, play)
		}
	}
	require.NotEmpty(t, pb.Holidays["DE"])
	require.Equal(t, sequence.Revival, pb.Sources["crm_dormant"].Enters)
	for _, steps := range pb.Stages {
		for _, play := range steps {
			for _, s := range play {
				require.NotEqualf(t, string(s.Rule), s.Rule.Title(), "the step %+v names a rule that exists", s)
			}
		}
	}
}

func TestEveryTextOfTheDefaultPlaybookIsUsedAndSaysNothingForbidden(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	used := map[string]bool{pb.Introduction: true, pb.Cancellation: true}
	for _, plays := range pb.Stages {
		for _, steps := range plays {
			for _, s := range steps {
				used[s.Email], used[s.Voicemail] = true, true
			}
		}
	}
	for name, text := range pb.Texts {
		require.Truef(t, used[name], "no step sends %s", name)
		require.NotRegexp(t, `(?i)checking in|touching base|just following up`, text.Subject+"\n"+text.Body, "R03, R06: %s", name)
	}
}

func TestAPlaybookIsNamedByItsContent(t *testing.T) {
	read := func(all fs.FS) string {
		pb, err := playbooks.Read(all)
		require.NoError(t, err)
		return pb.ID
	}
	embedded, err := playbooks.Default()
	require.NoError(t, err)
	require.Equal(t, embedded.ID, read(files(t)), "the same files have the same name, wherever they lie")
	require.Equal(t, read(files(t)), read(files(t)))

	seen := map[string]string{embedded.ID: "nothing"}
	for what, alter := range map[string]func(fstest.MapFS){
		"a word in a text":      func(all fstest.MapFS) { change(t, all, "texts/cold/help.md", "Hello", "Good day") },
		"a subject":             func(all fstest.MapFS) { change(t, all, "texts/cold/help.md", "Subject: ", "Subject: News: ") },
		"a number in the yaml":  func(all fstest.MapFS) { change(t, all, "playbook.yaml", "touches: 8", "touches: 9") },
		"a comment in the yaml": func(all fstest.MapFS) { change(t, all, "playbook.yaml", "# R05", "# persist") },
		"a text more": func(all fstest.MapFS) {
			all["texts/cold/more.md"] = &fstest.MapFile{Data: []byte("Subject: More\n\nMore.")}
		},
	} {
		all := files(t)
		alter(all)
		id := read(all)
		require.Emptyf(t, seen[id], "%s leaves the name as %s does", what, seen[id])
		seen[id] = what
	}

	beside := files(t)
	beside["README.md"] = &fstest.MapFile{Data: []byte("how we write")}
	beside["texts/cold/notes.txt"] = &fstest.MapFile{Data: []byte("ideas")}
	require.Equal(t, embedded.ID, read(beside), "files that are no part of it do not count")
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	all := files(t)
	yaml("zone: America/New_York", "zone: America/Gotham")(t, all)
	delete(all, "texts/cold/help.md")
	text("cold/empathy", "Hello", "Hello {{.Nickname}}")(t, all)
	_, err := playbooks.Read(all)
	require.Error(t, err)
	require.Contains(t, err.Error(), "zone")
	require.Contains(t, err.Error(), "cold/help")
	require.Contains(t, err.Error(), "Nickname")
}

func TestAFolderWithoutAPlaybookSaysSo(t *testing.T) {
	_, err := playbooks.Read(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "playbook.yaml")
}

func TestNothingInATextCanReachAnotherHeader(t *testing.T) {
	pb := &sequence.Playbook{Texts: map[string]sequence.Text{"hello": {Subject: "For {{.Account}}", Body: "Hello {{.FirstName}}"}}}
	subject, body, err := playbooks.Render(pb, "hello", playbooks.Fields{Account: "Acme\r\nBcc: everybody", FirstName: "{{.Owner}}"})
	require.NoError(t, err)
	require.Equal(t, "For Acme Bcc: everybody", subject)
	require.Equal(t, "Hello {{.Owner}}", body, "what a lead is called is no template")
	_, _, err = playbooks.Render(pb, "goodbye", playbooks.Fields{})
	require.ErrorContains(t, err, "goodbye")
}

func yaml(from, to string) func(*testing.T, fstest.MapFS) {
	return func(t *testing.T, all fstest.MapFS) {
		t.Helper()
		change(t, all, "playbook.yaml", from, to)
	}
}

func text(name, from, to string) func(*testing.T, fstest.MapFS) {
	return func(t *testing.T, all fstest.MapFS) {
		t.Helper()
		change(t, all, "texts/"+name+".md", from, to)
	}
}

// What is said to a voicemail is heard to the end, or not at all: 8 to 14 seconds at 150
// words a minute.
func TestWhatTheDefaultPlaybookSaysToAVoicemailIsShort(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	said := map[string]int{}
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			for _, s := range pb.Steps(stage, play) {
				require.Equal(t, s.Call != "", s.Voicemail != "", "%s/%s: every call has its words, and nothing else has", stage, play)
				if s.Voicemail != "" {
					said[s.Voicemail]++
				}
			}
		}
	}
	require.Equal(t, 1, said["voicemail/first"], "the first call says something else than the later ones")
	require.Greater(t, said["voicemail/later"], 1)
	for name := range said {
		for kind, source := range pb.Sources {
			for _, f := range []playbooks.Fields{
				{Asked: source.Opener, Owner: "Robin", Company: "Example"},
				{FirstName: "Ann", Asked: source.Opener, AskedOn: "3 March", LastSpokeOn: "12 March", Owner: "Robin", Company: "Example", Primary: "Bo"},
			} {
				subject, words, err := playbooks.Render(pb, name, f)
				require.NoError(t, err)
				require.Empty(t, subject)
				n := len(strings.Fields(words))
				require.True(t, n >= 20 && n <= 35, "%s to %s has %d words: %s", name, kind, n, words)
				require.NotContains(t, words, "http")
			}
		}
	}
}
