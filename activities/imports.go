package activities

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Imports is what letting in a list of leads needs.
type Imports interface {
	// Batch lets in the next rows of a pass over a file after a line, and says at which
	// line it stopped and whether there are more. Run twice, it has one effect.
	Batch(ctx context.Context, id uuid.UUID, pass, after int) (last int, more bool, err error)
}

// Rows is a stretch of a pass over a file.
type Rows struct {
	Import string `json:"import"`
	Pass   int    `json:"pass"`
	After  int    `json:"after,omitempty"` // line of the last row that was let in
}

// Imported is how far a stretch came.
type Imported struct {
	After int  `json:"after,omitempty"`
	More  bool `json:"more,omitempty"`
}

// ImportBatch lets in the next rows of a file.
func (a *Activities) ImportBatch(ctx context.Context, r Rows) (Imported, error) {
	id, err := uuid.Parse(r.Import)
	if err != nil {
		return Imported{}, fmt.Errorf("import %q is not an id: %w", r.Import, err)
	}
	last, more, err := a.Imports.Batch(ctx, id, r.Pass, r.After)
	return Imported{last, more}, err
}
