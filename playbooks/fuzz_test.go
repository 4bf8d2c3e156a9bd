package playbooks_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// everything and nothingElse are a lead of whom all is known, and one of whom only
// that is known which always is.
var (
	everything = playbooks.Fields{
		FirstName: "Ann", Account: "Acme", Asked: "asked us for information", AskedOn: "3 March", LastSpokeOn: "4 April",
		Owner: "Robin", Company: "Example", CallAt: "Tuesday, 3 March at 14:00 CET", Primary: "Ann", Stakeholders: "Bo Chen",
	}
	nothingElse = playbooks.Fields{Asked: "asked us for information", Owner: "Robin", Company: "Example"}
)

// renders fills in everything that the playbook would ever send or suggest.
func renders(t *testing.T, pb *sequence.Playbook) {
	t.Helper()
	send := func(name string, news bool) {
		for _, f := range []playbooks.Fields{everything, nothingElse} {
			if news {
				f.Reason = &playbooks.Reason{Title: "News"}
			}
			_, _, err := playbooks.Render(pb, name, f)
			require.NoErrorf(t, err, "%s, news %v", name, news)
		}
	}
	for _, name := range []string{pb.Introduction, pb.Cancellation} {
		if name != "" {
			send(name, false)
		}
	}
	for _, plays := range pb.Stages {
		for _, steps := range plays {
			for _, s := range steps {
				if s.Email != "" {
					send(s.Email, s.Reason == sequence.ReasonNew)
				}
				for _, prompt := range []string{s.Call, s.Manual} {
					_, err := playbooks.Prompt(prompt, nothingElse)
					require.NoError(t, err)
				}
			}
		}
	}
}

func TestWhateverTheDefaultPlaybookSendsCanBeFilledIn(t *testing.T) {
	pb, problems := playbooks.Inspect(os.DirFS("default"))
	require.Empty(t, problems)
	renders(t, pb)
}

// Whatever the files say: no panic, no endless loop, a place for each problem; and
// what is accepted can be run, sent and loaded again.
func FuzzInspect(f *testing.F) {
	source, err := os.ReadFile("default/playbook.yaml")
	require.NoError(f, err)
	body, err := os.ReadFile("default/texts/cold/help.md")
	require.NoError(f, err)
	f.Add(source, body)
	for _, nasty := range []string{
		"", "name", "- - -", "a: &a [*a]", "<<: {}", "? a\n: b", "{", "[[[[", "name: !!binary x", "name: |\n  x", "name: >-\n\n", "---\n---", "%YAML 1.2",
		"stages: {warm: {inbound: [~, {}, [], {email: }]}}", "sources: {~: ~, 1: {opener: 1}}", "\ufeffname: x\r\n", "late: {after: 1e9, policy: [x]}",
		"opportunity: { still_in_market: [{after: 6 months, share: 1000%}], win_rates: {won: 1%, : 2%} }", "name: \"\\uD800\"", "no_shows: 0x7fffffffffffffff",
	} {
		f.Add([]byte(nasty), body)
	}
	for _, nasty := range []string{
		"", "Subject:", "Subject: {{", "Subject: x\n\n{{with .Reason}}{{.Title}}{{else}}{{.Owner}}{{end}}", "Subject: {{.Reason.Title.X}}",
		"Subject: x\n{{if and .Account (or .Reason .Owner)}}{{.}}{{end}}", "Subject: x\n{{define \"x\"}}{{end}}{{template \"x\"}}", "Subject: x\n{{block \"x\" .}}{{end}}x",
		"Subject: x\n{{(.Reason).Title}} {{nil}} {{$}} {{1}} {{true}} {{'a'}} {{break}}", "Subject: x\n{{/* no */}}{{- .Owner -}}{{`x`}}{{or \"x\" | not}}",
		"Subject: x\n{{with .Account}}{{with .}}{{.}}{{end}}{{else with .Owner}}{{.}}{{end}}", "Subject: x\n{{not .Account .Owner}}{{and}}{{. .}}{{\"x\" \"y\"}}",
		"Subject: x\n{{if not .Account}}x{{else}}{{.Account}}{{end}} checking in", "Subject: x\n{{with and .Account .Reason}}{{.Title}}{{end}}",
	} {
		f.Add(source, []byte(nasty))
	}
	pb, err := playbooks.Default()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, source, body []byte) {
		dir := fstest.MapFS{}
		for name := range pb.Texts { // the other texts are short, to try more in a minute
			dir["texts/"+name+".md"] = &fstest.MapFile{Data: []byte("Subject: Hello\n\nYou {{.Asked}}.")}
		}
		dir["playbook.yaml"], dir["texts/cold/help.md"] = &fstest.MapFile{Data: source}, &fstest.MapFile{Data: body}
		pb, problems := playbooks.Inspect(dir)
		refused := false
		for _, p := range problems {
			require.NotEmpty(t, p.File)
			require.NotEmpty(t, p.Message)
			require.Positive(t, p.Line)
			require.Positive(t, p.Column)
			refused = refused || !p.Warning
		}
		if refused {
			return
		}
		for _, f := range pb.Check() {
			require.Truef(t, f.Warning, "%+v", f)
		}
		renders(t, pb)
		loaded, err := playbooks.Load(dir)
		require.NoError(t, err)
		require.Equal(t, pb.ID, loaded.ID)
	})
}
