package rebuild

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// input is what a life is started again with: the state that its workflow wrote
// last, the messages in it, and the touches that a later turn had begun.
func input(row db.LivesKeptRow, begun []workflows.Begun, clock *workflows.Clock) (workflows.Input, error) {
	in := workflows.Input{Form: workflows.Form, Clock: clock, Recent: row.Recent, Begun: begun}
	kept := row.State
	if row.Before != nil { // what is shown was not performed
		kept = row.Before
	}
	if kept == nil || string(kept) == "null" {
		return in, errNoTurn
	}
	if err := json.Unmarshal(kept, &in.Lead); err != nil {
		return in, fmt.Errorf("decode lead %s: %w", row.ID, err)
	}
	putBack(&in.Lead)
	if row.Todo == nil {
		return in, nil
	}
	if err := json.Unmarshal(row.Todo, &in.Todo); err != nil {
		return in, fmt.Errorf("decode what lead %s has to do: %w", row.ID, err)
	}
	if row.TodoAt != nil {
		in.NotBefore = row.TodoAt.UTC()
	}
	return in, nil
}

// putBack plans touches again that stand as being made: a state that was shown ahead
// of its turn, as older releases wrote it, may hold some.
func putBack(l *sequence.Lead) {
	l.Invited = slices.DeleteFunc(l.Invited, func(i sequence.Invitation) bool { return slices.Contains(l.InFlight, i.Touch) })
	l.InFlight = nil
}
