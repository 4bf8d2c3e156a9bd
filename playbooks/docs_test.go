package playbooks_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

var update = flag.Bool("update", false, "write the generated documents anew")

// current compares a document with what the code says today, or writes it.
func current(t *testing.T, file, content string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
	}
	was, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equalf(t, content, string(was), "%s is out of date: go test ./playbooks -update", file)
}

func TestThePublishedSchemaIsTheOneOfTheCode(t *testing.T) {
	schema, err := playbooks.Schema()
	require.NoError(t, err)
	current(t, "../docs/playbook.schema.json", string(schema))
}

func TestTheReferenceOfThePlaybookIsTheOneOfTheCode(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	current(t, "../docs/playbook-reference.md", reference(pb))
}

func TestTheListOfTheRulesIsTheOneOfTheCode(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The business rules\n\n" +
		"What Rekindle knows about following up leads, as rules. Every transition, wait and explanation names the rule behind\n" +
		"it. *Threshold* is where a playbook sets the rule's numbers or words: see the [reference](playbook-reference.md). A\n" +
		"threshold that is left out switches its rule off. `rekindle rules` prints the same list, `rekindle rules --json` for\n" +
		"programs.\n\n" +
		"Written from the code by `go test ./playbooks -update`; do not edit.\n\n" +
		"| rule | in a few words | what it says | threshold | where it acts |\n|---|---|---|---|---|\n")
	for _, r := range sequence.Catalogue() {
		threshold := "none"
		if r.Threshold != "" {
			threshold = "`" + r.Threshold + "`"
		}
		fmt.Fprintf(&b, "| **%s** | %s | %s | %s | %s |\n", r.ID, cell(r.Title), cell(r.Says), threshold, cmp.Or(r.Where, "none"))
	}
	current(t, "../docs/rules.md", b.String())
}

// cell is a text that does not end its column.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
