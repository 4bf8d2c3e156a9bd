package web

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestEveryOutcomeHasAKeyOfItsOwn(t *testing.T) {
	taken := map[string]string{"j": "the next task", "k": "the task before", "z": "take it back", "d": "done"}
	for _, o := range sequence.Outcomes() {
		key := outcomeKeys[o].Key
		require.Len(t, key, 1, o)
		require.Empty(t, taken[key], "%s: %s", o, key)
		taken[key] = string(o)
	}
	require.Len(t, outcomeKeys, len(sequence.Outcomes()))
}

func TestOutcomesAreOfferedWhereTheyCanBe(t *testing.T) {
	words := func(k sequence.TaskKind, s sequence.Stage) (all []string) {
		for _, c := range choicesFor(k, s) {
			all = append(all, c.Value)
		}
		return all
	}
	require.NotContains(t, words(sequence.TaskCall, sequence.Warm), "no_show")
	require.Contains(t, words(sequence.TaskCall, sequence.ScheduledCall), "no_show")
	require.NotContains(t, words(sequence.TaskCall, sequence.Warm), "objection")
	require.NotContains(t, words(sequence.TaskReply, sequence.Warm), "voicemail")
	require.Contains(t, words(sequence.TaskReply, sequence.Warm), "interested")
}

func TestTimesAreAsShortAsTheyAreClear(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	v := &visit{zone: berlin, now: time.Date(2026, 3, 2, 22, 30, 0, 0, time.UTC)} // 23:30 in Berlin
	for at, want := range map[string]string{
		"2026-03-02T08:00:00Z": "today 09:00", "2026-03-02T23:30:00Z": "tomorrow 00:30", "2026-03-01T12:00:00Z": "yesterday 13:00",
		"2026-03-05T12:00:00Z": "Thu 5 Mar 13:00", "2026-07-01T12:00:00Z": "1 Jul 14:00", "2025-07-01T12:00:00Z": "1 Jul 2025",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		require.Equal(t, want, v.short(instant))
	}
	require.Equal(t, "Mon 17:30 EST there", v.There(v.now, "America/New_York"))
	require.Empty(t, v.There(v.now, "Europe/Vienna"), "the same time")
	require.Empty(t, v.When(time.Time{}))
	require.Equal(t, "3 h", v.Late(v.now.Add(-3*time.Hour)))
}

func TestTheFormOfAnIncomingWebhookHasEveryFieldOfAMapping(t *testing.T) {
	var names []string
	for _, f := range mappable {
		names = append(names, f.Name)
	}
	require.ElementsMatch(t, hook.Fields(), names)
}

func TestNoNameInAChartsFileIsAFormula(t *testing.T) {
	var file strings.Builder
	c := chart{Head: []string{"Rep", "Calls"}, Rows: []row{{Name: `=HYPERLINK("https://evil.example")`, Cells: []string{"-3"}}}}
	require.NoError(t, c.write(&file))
	require.Equal(t, "Rep,Calls\n\"'=HYPERLINK(\"\"https://evil.example\"\")\",-3\n", file.String())
}

func TestMoneyIsRoundedAndGrouped(t *testing.T) {
	require.Equal(t, "1\u202f234\u202f568", money(int64(123_456_750)))
	require.Equal(t, "0", money(int64(49)))
	require.Empty(t, money((*int64)(nil)))
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	for address, want := range map[string]string{"/desk?task=1": "/desk?task=1", "": "/", "https://evil.example": "/", "//evil.example": "/", `/\evil`: "/", "desk": "/", "javascript:x": "/"} {
		require.Equal(t, want, own(address), address)
	}
}
