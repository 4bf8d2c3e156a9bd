package main

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// monday is when the reports are drawn up.
var monday = time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)

func TestAnImpactReportSaysWhatChangesForHowManyAndShowsABurst(t *testing.T) {
	idea := sequence.Prospect{Stage: sequence.Warm, Play: "inbound", Next: "email warm/idea", At: monday.AddDate(0, 0, 1)}
	call := sequence.Prospect{Stage: sequence.Warm, Play: "inbound", Next: "call", At: monday.AddDate(0, 0, 2).Add(20 * time.Minute)}
	r := policy.Impact{
		From: "default-a1", To: "default-b2", At: monday, Leads: 1000,
		Counts: map[sequence.Effect]int{
			sequence.Unchanged: 649, sequence.TouchChanges: 300, sequence.StageMoves: 48, sequence.Refused: 3,
		},
		Refusals: map[string]int{"touch_in_flight": 2, "unknown_kind": 1},
		Stages: map[sequence.Stage]map[sequence.Stage]int{
			sequence.Warm: {sequence.Cold: 40, sequence.Warm: 7}, sequence.Revival: {sequence.BreakUp: 1},
		},
		Days: []policy.Day{
			{Day: "2026-11-23", Before: 12, After: 240}, {Day: "2026-11-24", Before: 120, After: 1}, {Day: "2026-11-25"},
		},
		Examples: map[sequence.Effect][]sequence.Change{
			sequence.TouchChanges: {{Lead: "l1", Effect: sequence.TouchChanges, Before: idea, After: call}},
			sequence.StageMoves: {{
				Lead: "l2", Effect: sequence.StageMoves, Before: call,
				After: sequence.Prospect{Stage: sequence.Cold, Play: "rest"},
			}},
			sequence.Refused: {{Lead: "l3", Effect: sequence.Refused, Refusal: &sequence.Refusal{
				Code: "touch_in_flight", Message: "an email is being sent right now", Remedy: "try again in a minute",
			}}},
		},
	}
	require.Equal(t, `default-a1 → default-b2, as of Mon 2026-11-23 09:30 UTC. Nothing is changed by this report.

1000 living leads of default-a1
  unchanged                649   64.9 %
  next touch changes       300   30.0 %
  stage moves               48    4.8 %
  refused                    3    0.3 %

Refused, by reason
  touch in flight            2
  unknown kind               1

Moves of stage
  warm, another play                           7
  warm → cold                                 40
  revival → break up                           1

Due on, UTC       before                             after
  Mon 2026-11-23      12 █                             240 ████████████████████████
  Tue 2026-11-24     120 ████████████                    1 █
  Wed 2026-11-25       0                                 0
  What is overdue counts on the first day.

Examples: next touch changes
  lead l1: email warm/idea on Tue 2026-11-24 09:30 UTC → call on Wed 2026-11-25 09:50 UTC

Examples: stage moves
  lead l2: warm/inbound, call on Wed 2026-11-25 09:50 UTC → cold/rest, nothing planned

Examples: refused
  lead l3: an email is being sent right now; try again in a minute
`, impactText(r))
}

func TestAReportOfAVersionThatNobodyFollowsIsShort(t *testing.T) {
	require.Equal(t, `default-a1 → default-b2, as of Mon 2026-11-23 09:30 UTC. Nothing is changed by this report.

0 living leads of default-a1
`, impactText(policy.Impact{From: "default-a1", To: "default-b2", At: monday}))
}

func TestAQuietFortnightAndThePaceAreSaidInWords(t *testing.T) {
	r := policy.Impact{From: "a", To: "b", At: monday, Leads: 1, Counts: map[sequence.Effect]int{sequence.Unchanged: 1}, Days: []policy.Day{{Day: "2026-11-23"}}}
	require.Contains(t, impactText(r), "\nNothing is due in the coming two weeks, before or after.\n")
	require.Equal(t, "40000 leads compared in 1.6s, 25000 a second", pace(40_000, 1600*time.Millisecond))
	require.Equal(t, "0 leads compared in 0s, 0 a second", pace(0, 0))
}

func TestTheEndOfAMoveNamesWhoWasRefusedAndWhy(t *testing.T) {
	end := monday.Add(12 * time.Second)
	m := db.MoveRow{FromID: "default-a1", ToID: "default-b2", Total: 30, StartedAt: monday, FinishedAt: &end, Moved: 18, Refused: 12}
	refused := []db.RefusedByRow{{LeadID: uuid.UUID{15: 1}, Code: "unknown_kind", Detail: "the new version knows no engagement kind \"webinar\""}}
	for i := range byte(11) {
		refused = append(refused, db.RefusedByRow{LeadID: uuid.UUID{15: 2 + i}, Code: "not_running", Detail: "no workflow runs for this lead"})
	}
	require.Equal(t, `default-a1 → default-b2: 18 moved, 12 refused in 12s; 30 leads when it began

11 leads: no workflow runs for this lead
  00000000-0000-0000-0000-000000000002
  00000000-0000-0000-0000-000000000003
  00000000-0000-0000-0000-000000000004
  00000000-0000-0000-0000-000000000005
  00000000-0000-0000-0000-000000000006
  00000000-0000-0000-0000-000000000007
  00000000-0000-0000-0000-000000000008
  00000000-0000-0000-0000-000000000009
  00000000-0000-0000-0000-00000000000a
  00000000-0000-0000-0000-00000000000b
  and 1 more

1 lead: the new version knows no engagement kind "webinar"
  00000000-0000-0000-0000-000000000001
`, moveText(m, refused))
}
