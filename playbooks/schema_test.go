package playbooks_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	goyaml "github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	published, err := playbooks.Schema()
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("playbook.schema.json", doc))
	compiled, err := c.Compile("playbook.schema.json")
	require.NoError(t, err)
	require.Equal(t, 2020, compiled.DraftVersion)
	return compiled
}

// judge gives the schema's opinion of a playbook.yaml.
func judge(t *testing.T, s *jsonschema.Schema, source []byte) error {
	t.Helper()
	asJSON, err := goyaml.YAMLToJSON(source)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return s.Validate(doc)
}

func TestTheDefaultPlaybookHasTheFormThatTheSchemaDescribes(t *testing.T) {
	source, err := os.ReadFile("default/playbook.yaml")
	require.NoError(t, err)
	require.NoError(t, judge(t, schema(t), source))
}

func TestTheSchemaRefusesTheSlipsThatAnEditorShouldShow(t *testing.T) {
	s := schema(t)
	for slip, c := range map[string]struct{ from, to, says string }{
		"an unknown key":            {"zone: America/New_York", "zone: America/New_York\nzoom: 3", "zoom"},
		"an unknown key of a step":  {"{ email: cold/help, after", "{ email: cold/help, afer", "afer"},
		"an unknown stage":          {"  break_up:\n", "  breakup:\n", "breakup"},
		"an unknown play":           {"    farewell:\n", "    goodbye:\n", "goodbye"},
		"a play that is missing":    {"    farewell:\n", "    goodbye:\n", "farewell"},
		"a wait that is none":       {"out_of_office: 7 days", "out_of_office: a while", "pattern"},
		"a window that is none":     {"email: mon-fri 09:00-17:00", "email: mon-fri 9 to 5", "pattern"},
		"a share that is none":      {"proposal: 50%", "proposal: 50", "string"},
		"a text for a number":       {"no_shows: 2", "no_shows: two", "integer"},
		"less than none":            {"no_shows: 2", "no_shows: -1", "minimum"},
		"a policy that is none":     {"policy: spread", "policy: panic", "ask_owner"},
		"a rule that there is not":  {"rule: R64", "rule: R99", "R85"},
		"a step that is two things": {"{ email: cold/slower,", "{ email: cold/slower, rest: more,", "oneOf"},
		"a key that is missing":     {"name: default", "", "name"},
	} {
		t.Run(slip, func(t *testing.T) {
			all := files(t)
			change(t, all, "playbook.yaml", c.from, c.to)
			require.ErrorContains(t, judge(t, s, all["playbook.yaml"].Data), c.says)
		})
	}
}

// A key is required by the schema if, and only if, no life can go on without it.
func TestTheSchemaRequiresWhatAPlaybookCannotDoWithout(t *testing.T) {
	s := schema(t)
	source, err := os.ReadFile("default/playbook.yaml")
	require.NoError(t, err)
	for _, block := range regexp.MustCompile(`(?m)^\w+:.*\n(?:[ #].*\n|\n)*`).FindAllString(string(source), -1) {
		key, _, _ := strings.Cut(block, ":")
		all := files(t)
		change(t, all, "playbook.yaml", block, "")
		_, err := playbooks.Read(all)
		require.Equalf(t, err != nil, judge(t, s, all["playbook.yaml"].Data) != nil, "without %s: %v", key, err)
	}
}

func TestWhatTheSchemaAcceptsAsAWaitAWindowOrAShareCanBeRead(t *testing.T) {
	published, err := playbooks.Schema()
	require.NoError(t, err)
	var doc struct {
		Properties map[string]struct {
			Pattern    string
			Properties map[string]struct{ Pattern string }
		}
	}
	require.NoError(t, json.Unmarshal(published, &doc))
	for pattern, reads := range map[string]encoding.TextUnmarshaler{
		doc.Properties["spread"].Pattern:                                 new(sequence.Wait),
		doc.Properties["windows"].Properties["email"].Pattern:            new(sequence.Window),
		doc.Properties["opportunity"].Properties["conversation"].Pattern: new(sequence.Percent),
	} {
		require.NotEmpty(t, pattern)
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.StringMatching(pattern).Draw(t, "value")
			if err := reads.UnmarshalText([]byte(s)); err != nil && !strings.Contains(err.Error(), "closes before it opens") {
				t.Fatal(err)
			}
		})
	}
}
