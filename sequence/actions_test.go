package sequence_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/sequence"
)

var instant = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

// everyAction is one of each kind.
var everyAction = sequence.Actions{
	sequence.SendEmail{Touch: "t7", Text: "warm/idea", To: "s1", Rule: sequence.BringSomething},
	sequence.CreateTask{Touch: "t8", Kind: sequence.TaskCall, DueAt: instant, Hot: true, Rule: sequence.SpeedToLead},
	sequence.CancelTasks{Kind: sequence.TaskCall, UpTo: 8, Why: "they answered"},
	sequence.ReopenTasks{UpTo: 8, Since: instant},
	sequence.CalmAccount{Talking: true},
	sequence.MoveTasks{Owner: "u2"},
	sequence.Notify{Who: sequence.TheManager, About: "late", Rule: sequence.SpeedToLead},
	sequence.StartOutreach{Stakeholders: []string{"s1", "s2"}},
	sequence.Suppress{Why: "link"},
	sequence.Entry{N: 9, At: instant, What: sequence.TouchMade, Actor: sequence.ActorRekindle, Touch: "t7"},
}

func TestEveryActionIsReadAsItWasWritten(t *testing.T) {
	source, err := os.ReadFile("action.go")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, match := range regexp.MustCompile(`func \((\w+)\) +isAction`).FindAllSubmatch(source, -1) {
		names[string(match[1])] = true
	}
	for _, a := range everyAction {
		require.True(t, names[reflect.TypeOf(a).Name()], "%T", a)
		delete(names, reflect.TypeOf(a).Name())
	}
	require.Empty(t, names, "these actions are not in this test")

	written, err := json.Marshal(everyAction)
	require.NoError(t, err)
	var read sequence.Actions
	require.NoError(t, json.Unmarshal(written, &read))
	require.Equal(t, everyAction, read)
}

func TestAnActionOfALaterReleaseStaysAsItWasWritten(t *testing.T) {
	const written = `[{"name":"CalmAccount","do":{"talking":true}},{"name":"PostLetter","do":{"touch":"t9","weight":20}}]`
	var read sequence.Actions
	require.NoError(t, json.Unmarshal([]byte(written), &read))
	require.Equal(t, sequence.UnknownAction{Name: "PostLetter", Do: json.RawMessage(`{"touch":"t9","weight":20}`)}, read[1])
	again, err := json.Marshal(read)
	require.NoError(t, err)
	require.JSONEq(t, written, string(again))
}
