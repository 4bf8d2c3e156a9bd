package sequence_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

var arrow = regexp.MustCompile(`(?m)^\s*(\S+) --> (\S+?)(?::\s*(.+?))?\s*$`)

func TestTheMapInTheDocumentsIsTheMapInTheCode(t *testing.T) {
	page, err := os.ReadFile("../docs/stages.md")
	require.NoError(t, err)
	drawn := map[sequence.Path]bool{}
	ends := map[sequence.Stage]bool{}
	for _, a := range arrow.FindAllStringSubmatch(string(page), -1) {
		from, to := sequence.Stage(a[1]), sequence.Stage(a[2])
		switch {
		case a[1] == "[*]":
			require.Contains(t, sequence.Stages(), to, "a life begins in a stage")
		case a[2] == "[*]":
			ends[from] = true
		case a[1] == "living":
			require.Truef(t, to.Final(), "every living stage leads to %s?", to)
			drawn[sequence.Path{From: "living", To: to}] = true
		default:
			require.Contains(t, sequence.Paths(), sequence.Path{From: from, To: to, When: a[3]}, "drawn, but not in the code")
			drawn[sequence.Path{From: from, To: to, When: a[3]}] = true
		}
	}
	for _, p := range sequence.Paths() {
		require.Truef(t, drawn[p], "%s → %s (%s) is in the code, but not drawn", p.From, p.To, p.When)
	}
	for _, s := range sequence.Stages() {
		require.Containsf(t, string(page), "### "+string(s)+"\n", "%s has its paragraph", s)
		require.Equalf(t, s.Final(), ends[s], "%s ends the life in the drawing", s)
		if s.Final() {
			require.Truef(t, drawn[sequence.Path{From: "living", To: s}], "no arrow leads to %s", s)
		}
		for _, play := range sequence.PlaysOf(s) {
			require.Containsf(t, string(page), "`"+string(play)+"`", "the play %s of %s is told of", play, s)
		}
	}
}

func TestTheDocumentsNameOnlyRulesThatExist(t *testing.T) {
	page, err := os.ReadFile("../docs/stages.md")
	require.NoError(t, err)
	for _, id := range regexp.MustCompile(`\bR\d\d\b`).FindAllString(string(page), -1) {
		require.NotEqualf(t, id, sequence.Rule(id).Title(), "%s has no title in rule.go", id)
	}
}
