package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/rekindlehq/rekindle/sequence"
)

// Moves is what the move of leads to another version of their playbook needs.
type Moves interface {
	// LeadsToMove lists living leads of the old version after an id: those not
	// asked yet, and those that could not be moved just then.
	LeadsToMove(ctx context.Context, m Batch, most int) ([]string, error)
	// Asking notes that these leads are being asked: what came of it may be lost
	// with the worker, and they are then asked again.
	Asking(ctx context.Context, move string, leads []string) error
	// Record notes what came of one lead; a nil refusal means it was moved.
	Record(ctx context.Context, move, lead string, refusal *sequence.Refusal) error
	// Finish notes that every lead was asked.
	Finish(ctx context.Context, move string) error
	// MoveLead asks a lead to follow another version, once per move. A
	// *sequence.Refusal says why it does not.
	MoveLead(ctx context.Context, move, lead, from, to string) error
}

// Batch is a stretch of the leads of one move.
type Batch struct {
	Move  string `json:"move"`
	From  string `json:"from"`
	To    string `json:"to"`
	After string `json:"after,omitempty"` // id of the last lead asked
}

// Moved is how far a batch came.
type Moved struct {
	After string `json:"after,omitempty"`
	Again int    `json:"again,omitempty"` // leads to be asked once more later
	Done  bool   `json:"done,omitempty"`  // there was nobody left
}

// batchSize is how many leads are asked in one activity.
const batchSize = 100

// MoveBatch asks the next leads of a move to follow the other version. Run twice,
// it asks nobody twice who has answered.
func (a *Activities) MoveBatch(ctx context.Context, b Batch) (Moved, error) {
	leads, err := a.Moves.LeadsToMove(ctx, b, batchSize)
	if err != nil {
		return Moved{}, fmt.Errorf("list the leads of move %s: %w", b.Move, err)
	}
	if err := a.Moves.Asking(ctx, b.Move, leads); err != nil {
		return Moved{}, fmt.Errorf("note that leads of move %s are asked: %w", b.Move, err)
	}
	moved := Moved{After: b.After, Done: len(leads) < batchSize}
	for _, lead := range leads {
		err := a.Moves.MoveLead(ctx, b.Move, lead, b.From, b.To)
		var refusal *sequence.Refusal
		if err != nil && !errors.As(err, &refusal) {
			return moved, fmt.Errorf("move lead %s: %w", lead, err)
		}
		if err := a.Moves.Record(ctx, b.Move, lead, refusal); err != nil {
			return moved, fmt.Errorf("note what came of moving lead %s: %w", lead, err)
		}
		if refusal != nil && slices.Contains(Passing(), refusal.Code) {
			moved.Again++
		}
		moved.After = lead
		activity.RecordHeartbeat(ctx)
	}
	return moved, nil
}

// FinishMove notes that a move is over.
func (a *Activities) FinishMove(ctx context.Context, b Batch) error {
	return a.Moves.Finish(ctx, b.Move)
}

// Codes of a lead without a lasting answer.
const (
	Asked       = "asked"         // and nothing is known of its answer
	NoAnswerYet = "no_answer_yet" // it may follow the other version, or not
	NotRunning  = "not_running"   // its life is over, or begins soon
)

// Passing are the codes of answers that will not last: the lead is asked again.
func Passing() []string {
	return []string{Asked, NoAnswerYet, NotRunning, "touch_in_flight", "playbook_not_loaded"}
}
