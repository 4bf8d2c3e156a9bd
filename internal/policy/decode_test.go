package policy_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// full is a lead with something in every part of its state.
func full() sequence.Lead {
	at := time.Date(2026, 10, 25, 1, 30, 0, 123_456_789, time.UTC)
	return sequence.Lead{
		ID: "lead-1", Account: "account-1", Owner: "owner-1", Source: "info_request", Zone: "Europe/Berlin", Country: "DE", Playbook: "default-1",
		Stage: sequence.Warm, Play: sequence.Inbound, EnteredAt: at, Because: sequence.Because{Rule: sequence.Persist, Evidence: []string{"a", "b"}, At: at},
		Next:    &sequence.Planned{Step: -1, At: at, From: at, Back: 2, Rule: sequence.Inherited, Touch: "t7", To: "p1", Done: []string{"p2"}},
		Watch:   &sequence.Watch{For: sequence.WatchReply, At: at, Touch: "t6", Rule: sequence.ReplyFirst, Times: 3},
		Pause:   &sequence.Pause{Reason: sequence.PausedParked, Since: at, Until: at, Detail: "said \"no\"\n\u00e4\u20ac <&> \U0001f600", Rule: sequence.ByHand},
		Blocked: &sequence.Blocked{Reason: sequence.NothingNew, Since: at, Times: 2}, InFlight: []string{"t7"},
		Call: &sequence.CallSlot{UID: "call", Seq: 1, At: at}, NoEmail: true, NoPhone: true,
		Engaged: []sequence.Engaged{{Kind: "site_visit", At: at}}, Others: []sequence.Stakeholder{{ID: "p1", Closed: true, Later: true}},
		Invited: []sequence.Invitation{{
			CallSlot: sequence.CallSlot{UID: "call", Seq: 1, At: at}, To: "p1", By: "owner-2", Answer: sequence.Tentative, Touch: "t3", Off: true, RetryAt: at,
		}},
		Proposal: &sequence.Proposal{At: at, ExpiresAt: at},
		Grant:    &sequence.Grant{Channel: sequence.ByEmail, Every: sequence.Wait{N: 2, Unit: sequence.WorkingDays}, Until: at},
		Amount:   1 << 40, WantedAt: at, HardNo: true, Talking: []string{"lead-2"}, With: "p1", Away: at, Introduce: true,
		Diagnosis: sequence.Timing, Qualified: true, EndedBy: "won", SpokenAt: at, AskedOthers: true,
		Touches: 1, StageTouches: 2, Channels: []sequence.Channel{sequence.ByCall, sequence.ByEmail}, Unanswered: 3, Voicemails: 4,
		Tried: &sequence.Tried{Week: 5, Calls: []int{6, 7}}, Talks: 8, Effort: 9, Spent: 10, QuietAt: at, CheckIns: 11,
		Once: []string{"x"}, Did: []string{"y"}, DidFrom: 12, NoShows: 13, TouchSeq: 14, EntrySeq: 15,
		Undo: &sequence.Undo{Outcome: "o1", At: at, Until: at, Was: &sequence.Lead{Stage: sequence.Cold}, Followed: []string{"z"}},
	}
}

func TestALeadIsReadForAReportAsTheStandardLibraryReadsIt(t *testing.T) {
	pb, err := playbooks.Default()
	require.NoError(t, err)
	for _, l := range append(shapes(t, pb, 200), full(), sequence.Lead{}) {
		state, err := json.Marshal(l)
		require.NoError(t, err)
		var want sequence.Lead
		require.NoError(t, json.Unmarshal(state, &want))
		got, err := policy.Decode(state)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, broken := range []string{"", "{", `{"id":7}`, `{"next":{"at":"yesterday"}}`, `{"grant":{"every":"soon"}}`, `[]`} {
		_, err := policy.Decode([]byte(broken))
		require.Error(t, err, broken)
	}
}

// Whoever adds a part to the state adds it to the lead above.
func TestTheFullLeadLeavesNothingOut(t *testing.T) {
	state, err := json.Marshal(full())
	require.NoError(t, err)
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(state, &parts))
	require.Len(t, parts, reflect.TypeFor[sequence.Lead]().NumField())
}
