package sequence_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

// ids are the rules as they were written down, before the code.
var ids = []sequence.Rule{
	"R01", "R02", "R03", "R04", "R05", "R06",
	"R10", "R11", "R12", "R13",
	"R20", "R21", "R22", "R23", "R24", "R25", "R26",
	"R30", "R31", "R32", "R33", "R34",
	"R40", "R41", "R42", "R43",
	"R50", "R51", "R52", "R53", "R54", "R55", "R56",
	"R60", "R61", "R62", "R63", "R64", "R65",
	"R70", "R71", "R72", "R73",
	"R80", "R81", "R82", "R83", "R84", "R85",
}

// scene plays a situation under a playbook and gives the rules that are seen
// where the rule in question belongs.
type scene func(t *testing.T, pb *sequence.Playbook) []sequence.Rule

// scenes are two for one rule: in one it fires, in the other it does not, by a
// touch, a day or a word. Where the playbook sets a threshold, moved changes it,
// and what fired fires no more.
type scenes struct {
	rule    sequence.Rule
	fires   string
	when    scene
	silent  string
	unless  scene
	changed string
	moved   func(*sequence.Playbook)
}

func chapters() []scenes {
	return slices.Concat(warmScenes(), sourceScenes(), callScenes(), otherScenes(), coldScenes(), revivalScenes(), breakUpScenes(), checkInScenes(), managingScenes())
}

func TestEveryRuleHasATestThatFiresItAndOneThatDoesNot(t *testing.T) {
	var told []sequence.Rule
	for _, s := range chapters() {
		told = append(told, s.rule)
		t.Run(string(s.rule)+"/fires", func(t *testing.T) {
			require.Contains(t, s.when(t, copyOf(t)), s.rule, s.fires)
		})
		t.Run(string(s.rule)+"/does not fire", func(t *testing.T) {
			require.NotContains(t, s.unless(t, copyOf(t)), s.rule, s.silent)
			require.NotEqual(t, s.fires, s.silent)
		})
		if s.moved == nil {
			continue
		}
		t.Run(string(s.rule)+"/moves with the playbook", func(t *testing.T) {
			pb := copyOf(t)
			s.moved(pb)
			require.NotContains(t, s.when(t, pb), s.rule, s.changed)
		})
	}
	require.Equal(t, ids, told, "every rule has its scenes, in order")
}

func TestTheCatalogueNamesTheRulesAndNoOthers(t *testing.T) {
	var named []sequence.Rule
	for _, d := range sequence.Catalogue() {
		named = append(named, d.ID)
		require.NotEmpty(t, d.Title, d.ID)
		require.NotEmpty(t, d.Says, d.ID)
		require.Equal(t, d.Title, d.ID.Title())
	}
	require.Equal(t, ids, named)
}

// faults are the rules that a playbook goes against.
func faults(pb *sequence.Playbook) []sequence.Rule {
	rules := []sequence.Rule{}
	for _, f := range pb.Check() {
		rules = append(rules, f.Rule)
	}
	return rules
}

// write changes the body of a text.
func write(pb *sequence.Playbook, text, body string) *sequence.Playbook {
	pb.Texts[text] = sequence.Text{Subject: pb.Texts[text].Subject, Body: body}
	return pb
}

// onlyIf gives the rule when it holds.
func onlyIf(holds bool, r sequence.Rule) []sequence.Rule {
	if holds {
		return []sequence.Rule{r}
	}
	return nil
}

// after changes how long a step waits.
func after(stage sequence.Stage, play sequence.Play, step, n int, unit sequence.Unit) func(*sequence.Playbook) {
	return func(pb *sequence.Playbook) {
		pb.Stages[stage][play][step].After = sequence.Wait{N: n, Unit: unit}
	}
}
