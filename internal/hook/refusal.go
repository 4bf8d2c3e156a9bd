package hook

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Why a call was turned away.
const (
	NotSigned = "not_signed"
	OutOfTime = "out_of_time"
)

// Refusal says how often calls were turned away, and when the last time.
type Refusal struct {
	Why    string    `json:"why" enum:"not_signed,out_of_time"`
	Calls  int64     `json:"calls" doc:"At least so many since the source is there"`
	LastAt time.Time `json:"last_at"`
}

// noteEvery is how often one process writes down at most that calls to one source were
// turned away for one reason: anybody may call, and nobody is to keep the database busy
// by it.
const noteEvery = 5 * time.Second

// Refusals count the calls that one process turns away. The zero value is ready.
type Refusals struct {
	mu    sync.Mutex
	noted map[refusal]time.Time
	calls map[refusal]int64 // since then
}

type refusal struct {
	source uuid.UUID
	why    string
}

// due counts a call, and gives how many are to be written down now; 0: later.
func (r *Refusals) due(of refusal, now time.Time) (calls int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.noted == nil {
		r.noted, r.calls = map[refusal]time.Time{}, map[refusal]int64{}
	}
	r.calls[of]++
	if now.Sub(r.noted[of]) < noteEvery {
		return 0
	}
	calls, r.noted[of], r.calls[of] = r.calls[of], now, 0
	return calls
}

// Refuse notes that somebody called a source who may not, or too late.
func (h Hooks) Refuse(ctx context.Context, r *Refusals, source uuid.UUID, why string) error {
	calls := r.due(refusal{source, why}, time.Now())
	if calls == 0 {
		return nil
	}
	if err := h.Store.NoteRefusals(ctx, db.NoteRefusalsParams{SourceID: source, Why: why, Calls: calls, LastAt: h.Now()}); err != nil {
		return fmt.Errorf("note that a webhook was refused: %w", err)
	}
	return nil
}

func (h Hooks) refusals(ctx context.Context) (map[uuid.UUID][]Refusal, error) {
	rows, err := h.Store.Refusals(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which webhooks were refused: %w", err)
	}
	all := map[uuid.UUID][]Refusal{}
	for _, r := range rows {
		all[r.SourceID] = append(all[r.SourceID], Refusal{r.Why, r.Calls, r.LastAt})
	}
	return all, nil
}
