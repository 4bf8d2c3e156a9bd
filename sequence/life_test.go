package sequence_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/rehearse"
)

var update = flag.Bool("update", false, "write the golden timelines anew")

// Every .life file is a script and, below a line "---", the timeline that was
// read and found good.
func TestEveryGoldenLifeGoesAsItWasReadAndFoundGood(t *testing.T) {
	files, err := filepath.Glob("testdata/*.life")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".life"), func(t *testing.T) { live(t, file) })
	}
}

func live(t *testing.T, file string) {
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	written, want := rehearse.Split(string(source))
	script, err := rehearse.Parse([]byte(written))
	require.NoError(t, err)
	told, err := rehearse.Run(script, defaultPlaybook(t))
	require.NoError(t, err)
	require.Empty(t, told.Unmet, "what the script itself expects")
	got := told.Text(script.Plans)
	if *update {
		want = got
		require.NoError(t, os.WriteFile(file, []byte(written+"---\n"+got), 0o644))
	}
	require.Equal(t, want, got, "the timeline has changed; read it line by line, then go test ./sequence -run GoldenLife -update")
}

// The story that shows the most of the rules must go on showing them.
func TestOneGoldenLifeMeetsTwentyFiveRulesBetweenTheFirstQuestionAndTheWin(t *testing.T) {
	source, err := os.ReadFile("testdata/two_years.life")
	require.NoError(t, err)
	written, _ := rehearse.Split(string(source))
	script, err := rehearse.Parse([]byte(written))
	require.NoError(t, err)
	told, err := rehearse.Run(script, defaultPlaybook(t))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(told.Rules), 25)
	require.EqualValues(t, "won", told.Stands.Stage)
	require.GreaterOrEqual(t, told.Stands.Since.Sub(told.Lines[0].At).Hours(), 650.0*24)
}
