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
	used := map[string]bool{}
	for _, plays := range pb.Stages {
		for _, steps := range plays {
			for _, s := range steps {
				used[s.Email] = true
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

func TestAFaultIsNamedWithItsFileAndPlace(t *testing.T) {
	for fault, c := range map[string]struct {
		alter func(*testing.T, fstest.MapFS)
		says  []string
	}{
		"an unknown key": {
			yaml("zone: America/New_York", "zone: America/New_York\nzoom: 3"),
			[]string{"playbook.yaml: [5:1]", "zoom"},
		},
		"an unknown key of a step": {
			yaml("{ email: cold/help, after: 3 weeks", "{ email: cold/help, afterwards: 3 weeks"),
			[]string{"playbook.yaml: [", "afterwards"},
		},
		"a wait that is none": {
			yaml("out_of_office: 7 days", "out_of_office: a while"),
			[]string{"playbook.yaml: [20:16] ", "a while", "2 working days"},
		},
		"a wait that is nothing": {
			yaml("out_of_office: 7 days", "out_of_office: at once"),
			[]string{"playbook.yaml: out_of_office: must be longer than nothing"},
		},
		"a window that is none": {
			yaml("email: mon-fri 09:00-17:00", "email: mon-fri 9 to 5"),
			[]string{"playbook.yaml: [7:10] ", "9 to 5"},
		},
		"a window outside the legal hours": {
			yaml("call: mon-fri 09:00-18:00", "call: mon-fri 22:00-23:00"),
			[]string{"playbook.yaml: windows.call: never opens", "playbook.yaml: windows.unknown_place: never opens"},
		},
		"a zone that is none": {
			yaml("zone: America/New_York", "zone: America/Gotham"),
			[]string{`playbook.yaml: zone: "America/Gotham" is not an IANA time zone`},
		},
		"a policy that is none": {
			yaml("policy: spread", "policy: panic"),
			[]string{`playbook.yaml: late.policy: "panic" is not one of`},
		},
		"a text that is missing": {
			func(_ *testing.T, all fstest.MapFS) { delete(all, "texts/cold/help.md") },
			[]string{`playbook.yaml: stages.cold.rest[1].email: there is no text "cold/help"`},
		},
		"an empty play": {
			func(t *testing.T, all fstest.MapFS) {
				yaml("    farewell:\n", "    farewell: []\n    # was:\n")(t, all)
				yaml("      - { email: break_up/farewell, after: 1 working day, rule: R64 }\n", "")(t, all)
				yaml("      - { rest: \"time to answer\", after: 3 weeks, rule: R64 }\n", "")(t, all)
			},
			[]string{"playbook.yaml: stages.break_up.farewell: has no steps"},
		},
		"a play that would never wait": {
			yaml("{ email: check_in/quarterly, after: 3 months,", "{ email: check_in/quarterly,"),
			[]string{"playbook.yaml: stages.check_in.quarterly: repeats, and would never wait"},
		},
		"a step that is two things": {
			yaml("{ email: cold/slower,", "{ email: cold/slower, rest: \"and rest\","),
			[]string{"playbook.yaml: stages.cold.slower[0]: give exactly one of"},
		},
		"a step to nobody": {
			yaml("to: stakeholders, reason: opener", "to: everybody, reason: opener"),
			[]string{`playbook.yaml: stages.multi_stakeholder.outreach[0].to: "everybody" is nobody`},
		},
		"a prompt with an unknown field": {
			yaml("You {{.Asked}}. What", "You {{.Wanted}}. What"),
			[]string{"playbook.yaml: stages.warm.inbound[1]", "Wanted"},
		},
		"a text with a loop": {
			text("cold/help", "Hello", "{{range .Account}}x{{end}} Hello"),
			[]string{"texts/cold/help.md: ", "no range"},
		},
		"a text with a call": {
			text("cold/help", "Hello", `{{printf "%s" .Account}} Hello`),
			[]string{"texts/cold/help.md: ", "no function printf"},
		},
		"a text with a variable": {
			text("cold/help", "Hello", `{{$a := .Account}} Hello`),
			[]string{"texts/cold/help.md: ", "no variables"},
		},
		"a text that includes another": {
			text("cold/help", "Hello", `{{define "x"}}{{range .Account}}{{end}}{{end}}{{template "x" .}} Hello`),
			[]string{"texts/cold/help.md: ", "no template"},
		},
		"a text with an unknown field": {
			text("cold/help", "Hello", "Hello {{.Nickname}}"),
			[]string{"texts/cold/help.md: ", "cold/help:3:", "Nickname"},
		},
		"a subject with an unknown field": {
			text("cold/help", "Subject: ", "Subject: {{.Mood}} "),
			[]string{"texts/cold/help.md: ", "subject:1:", "Mood"},
		},
		"a text that is not closed": {
			text("cold/help", "Hello", "{{with .Account}} Hello"),
			[]string{"texts/cold/help.md: ", "unexpected EOF"},
		},
		"a text without a subject": {
			text("cold/help", "Subject: ", "About: "),
			[]string{"texts/cold/help.md:1: ", `begins with a line "Subject: ..."`},
		},
		"an empty subject": {
			text("cold/help", "Subject: Something useful, nothing to answer", "Subject:  "),
			[]string{"texts/cold/help.md:1: "},
		},
		"news in a text whose step brings none": {
			text("cold/empathy", "Hello", "{{.Reason.Title}} Hello"),
			[]string{"texts/cold/empathy.md: ", "Reason.Title"},
		},
	} {
		t.Run(fault, func(t *testing.T) {
			all := files(t)
			c.alter(t, all)
			_, err := playbooks.Read(all)
			require.Error(t, err)
			for _, said := range c.says {
				require.Contains(t, err.Error(), said)
			}
		})
	}
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
