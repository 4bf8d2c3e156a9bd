package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Batches is what doing one thing to many leads needs.
type Batches interface {
	// Ask asks the next leads of a pass after one, and says how far it came. Run twice,
	// it has one effect.
	Ask(ctx context.Context, id uuid.UUID, pass int, after uuid.UUID) (Moved, error)
	// Finish ends a pass in which every lead was asked.
	Finish(ctx context.Context, id uuid.UUID, pass int) error
}

// Chosen is a stretch of a pass over the leads of a batch.
type Chosen struct {
	Batch string `json:"batch"`
	Pass  int    `json:"pass"`
	After string `json:"after,omitempty"` // id of the last lead asked
}

// AskChosen asks the next leads of a batch.
func (a *Activities) AskChosen(ctx context.Context, c Chosen) (Moved, error) {
	id, after, err := c.ids()
	if err != nil {
		return Moved{}, err
	}
	return a.Batches.Ask(ctx, id, c.Pass, after)
}

// FinishBatch ends a pass.
func (a *Activities) FinishBatch(ctx context.Context, c Chosen) error {
	id, _, err := c.ids()
	if err != nil {
		return err
	}
	return a.Batches.Finish(ctx, id, c.Pass)
}

func (c Chosen) ids() (id, after uuid.UUID, err error) {
	if id, err = uuid.Parse(c.Batch); err != nil {
		return id, after, fmt.Errorf("batch %q is not an id: %w", c.Batch, err)
	}
	if c.After == "" {
		return id, after, nil
	}
	if after, err = uuid.Parse(c.After); err != nil {
		return id, after, fmt.Errorf("lead %q is not an id: %w", c.After, err)
	}
	return id, after, nil
}
