package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// quietFor is how long nothing happens before it looks as if no worker ran. It is
// longer than leads are waited for that are asked again.
const quietFor = 45 * time.Second

// watch follows a move in the records until it is finished. The move does not
// need it: Ctrl-C only looks away.
func watch(ctx context.Context, s *postgres.Store, id uuid.UUID) error {
	m, err := follow(ctx, s, id)
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "\nthe move goes on; watch it again: rekindle playbook migrate --watch %s\n", id)
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	refused, err := s.RefusedBy(ctx, db.RefusedByParams{MoveID: id, Most: int32(m.Refused)})
	if err != nil {
		return fmt.Errorf("read who was refused by move %s: %w", id, err)
	}
	fmt.Print(moveText(m, refused))
	if current, err := released(ctx, s); err == nil && current == m.FromID {
		fmt.Fprintf(os.Stderr, "new leads still begin with %s: rekindle playbook release %s\n", m.FromID, m.ToID)
	}
	if m.Refused > 0 {
		return fmt.Errorf("%s not moved", count(int(m.Refused), "lead"))
	}
	return nil
}

func follow(ctx context.Context, s *postgres.Store, id uuid.UUID) (db.MoveRow, error) {
	m, err := s.Move(ctx, db.MoveParams{ID: id, Asked: activities.Asked})
	if errors.Is(err, pgx.ErrNoRows) {
		return m, fmt.Errorf("there is no move %s; see rekindle playbook moves", id)
	}
	if err != nil {
		return m, fmt.Errorf("read move %s: %w", id, err)
	}
	return m, pursue(ctx, int64(m.Total), "moving", func() (int64, bool, error) {
		if m, err = s.Move(ctx, db.MoveParams{ID: id, Asked: activities.Asked}); err != nil {
			return 0, false, fmt.Errorf("read move %s: %w", id, err)
		}
		return m.Moved + m.Refused, m.FinishedAt != nil, nil
	})
}

// pursue looks at what goes on by itself until it is over or ctx ends, and shows how
// far it is.
func pursue(ctx context.Context, total int64, what string, look func() (done int64, over bool, err error)) error {
	bar := newBar(total, what)
	defer func() { _ = bar.Clear() }()
	before, since := int64(-1), time.Now()
	for {
		done, over, err := look()
		if err != nil || over {
			return err
		}
		if done != before {
			before, since = done, time.Now()
		} else if time.Since(since) > quietFor {
			fmt.Fprintf(os.Stderr, "\nnothing has happened for %s: does a worker run (rekindle work)?\n", quietFor)
			since = time.Now()
		}
		if done >= total {
			bar.Describe("asking again whoever could not answer just then")
		}
		_ = bar.Set64(max(0, min(done, total-1))) // at its end the bar would go
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// namedLeads is how many leads are named for each reason.
const namedLeads = 10

// moveText is what came of a move: how many moved, and who did not and why.
func moveText(m db.MoveRow, refused []db.RefusedByRow) string {
	var b strings.Builder
	took := ""
	if m.FinishedAt != nil {
		took = " in " + m.FinishedAt.Sub(m.StartedAt).Round(100*time.Millisecond).String()
	}
	fmt.Fprintf(&b, "%s → %s: %d moved, %d refused%s; %s when it began\n", m.FromID, m.ToID, m.Moved, m.Refused, took, count(int(m.Total), "lead"))
	byCode := map[string][]db.RefusedByRow{}
	for _, r := range refused {
		byCode[r.Code] = append(byCode[r.Code], r)
	}
	codes := slices.SortedFunc(maps.Keys(byCode), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(byCode[y]), len(byCode[x])), cmp.Compare(x, y))
	})
	for _, code := range codes {
		rows := byCode[code]
		fmt.Fprintf(&b, "\n%s: %s\n", count(len(rows), "lead"), rows[0].Detail)
		for _, r := range rows[:min(len(rows), namedLeads)] {
			fmt.Fprintf(&b, "  %s\n", r.LeadID)
		}
		if more := len(rows) - namedLeads; more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", more)
		}
	}
	return b.String()
}
