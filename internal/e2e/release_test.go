package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// edit is a change of the source: what is put before a text that stands there once.
type edit struct{ file, before, text string }

// laterRelease has a manager review each email before it goes out, and counts the
// reviews: a new rule, action and activity, a new field of the state, and another
// order of what a turn does.
var laterRelease = []edit{
	{"sequence/action.go", "func (Suppress) isAction()", "func (AskForReview) isAction() {}\n"},
	{"sequence/action.go", "// TheLead stands for", "// AskForReview has a manager look at an email.\ntype AskForReview struct {\n\tTouch string `json:\"touch\"`\n}\n\n"},
	{"sequence/actions.go", "\tcase \"Suppress\":", "\tcase \"AskForReview\":\n\t\treturn read[AskForReview](w.Do)\n"},
	{"sequence/lead.go", "\tTouchSeq     int", "\tReviews int `json:\"reviews,omitempty\"`\n"},
	{"sequence/touch.go", "\tt.do(send)", "\tt.lead.Reviews++\n\tt.do(AskForReview{Touch: send.Touch})\n"},
	{"workflows/turn.go", "\tcase sequence.Suppress:\n\t\treturn step", "\tcase sequence.AskForReview:\n\t\treturn step(t, ctx, name, t.acts.AskForReview, a)\n"},
	{"workflows/turn.go", "\tcase sequence.Suppress:\n\t\treturn activities", "\tcase sequence.AskForReview:\n\t\treturn activities.AskForReview, \"a manager looks at it\"\n"},
	{"activities/activities.go", "\tFinishMove    = \"FinishMove\"", "\tAskForReview  = \"AskForReview\"\n"},
	{"activities/activities.go", "// SaveLead writes the lead's row", `// AskForReview has a manager look at an email.
func (a *Activities) AskForReview(ctx context.Context, j Job[sequence.AskForReview]) error {
	return permanent(a.Records.Notify(ctx, j.Lead, j.At, "review", sequence.Notify{Who: sequence.TheManager, About: "review of " + j.Do.Touch}))
}

`},
	{"worker/worker.go", "\t\tactivities.Suppress:", "\t\tactivities.AskForReview: a.AskForReview,\n"},
}

// buildLater builds the program as the later release has it, from this tree.
func buildLater(t *testing.T) string {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir, changed := t.TempDir(), map[string]string{}
	for _, e := range laterRelease {
		path := filepath.Join(root, e.file)
		source := changed[path]
		if source == "" {
			read, err := os.ReadFile(path)
			require.NoError(t, err)
			source = string(read)
		}
		require.Equal(t, 1, strings.Count(source, e.before), "%s stands once in %s", e.before, e.file)
		changed[path] = strings.Replace(source, e.before, e.text+e.before, 1)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, source := range changed {
		overlay.Replace[path] = filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(path, root), "/", "_"))
		require.NoError(t, os.WriteFile(overlay.Replace[path], []byte(source), 0o600))
	}
	encoded, err := json.Marshal(overlay)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), encoded, 0o600))
	program := filepath.Join(dir, "rekindle")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "../../cmd/rekindle").CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// tell asks a worker to stop (SIGTERM).
func (p *process) tell() {
	p.Helper()
	require.NoError(p, p.cmd.Process.Signal(syscall.SIGTERM))
}

// stopped waits until it has, in order.
func (p *process) stopped() {
	p.Helper()
	err := p.cmd.Wait()
	require.NoError(p, err, p.log.String())
}
