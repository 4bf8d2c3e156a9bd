package verify

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// differences compares the row of a lead that sleeps with what its newest run began
// with: its whole state, and what managers search it by.
func differences(row db.RowsToVerifyRow, s engine.Standing) []Difference {
	lead := s.Input.Lead
	found := columns(row, lead)
	if row.Ahead {
		found = []Difference{{Kind: TurnUnwritten, What: "stage", Row: row.Stage, Workflow: string(lead.Stage)}}
	} else if len(found) == 0 && !same(row.State, lead) {
		found = []Difference{{Kind: StateDiffers, What: "state"}}
	}
	found = append(found, attributes(s)...)
	for i := range found {
		found[i].Lead = row.ID
	}
	return found
}

// columns compares what the row shows.
func columns(row db.RowsToVerifyRow, lead sequence.Lead) (found []Difference) {
	next := ""
	if at, ok := lead.Deadline(); ok {
		next = instant(at)
	}
	shown := ""
	if row.NextAt != nil {
		shown = instant(*row.NextAt)
	}
	for _, c := range []struct{ what, row, workflow string }{
		{"stage", row.Stage, string(lead.Stage)},
		{"next deadline", shown, next},
		{"playbook", row.Playbook, lead.Playbook},
		{"owner", row.OwnerID.String(), lead.Owner},
		{"blocked", row.Blocked, lead.BlockedReason()},
	} {
		if c.row != c.workflow {
			found = append(found, Difference{Kind: StateDiffers, What: c.what, Row: c.row, Workflow: c.workflow})
		}
	}
	return found
}

// instant is a time as the database keeps it: in microseconds.
func instant(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }

// same reports that a row holds exactly this state.
func same(row []byte, lead sequence.Lead) bool {
	var kept sequence.Lead
	if row == nil || json.Unmarshal(row, &kept) != nil {
		return false
	}
	a, errA := json.Marshal(kept)
	b, errB := json.Marshal(lead)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// attributes compares what a run shows with its own state.
func attributes(s engine.Standing) (found []Difference) {
	lead := s.Input.Lead
	for _, a := range []struct{ name, want string }{
		{workflows.LeadStage.GetName(), string(lead.Stage)},
		{workflows.LeadOwner.GetName(), lead.Owner},
		{workflows.LeadSource.GetName(), string(lead.Source)},
		{workflows.Playbook.GetName(), lead.Playbook},
		{workflows.BlockedReason.GetName(), lead.BlockedReason()},
	} {
		if s.Attributes[a.name] != a.want {
			found = append(found, Difference{Kind: Unindexed, What: a.name, Row: a.want, Workflow: s.Attributes[a.name]})
		}
	}
	return found
}
