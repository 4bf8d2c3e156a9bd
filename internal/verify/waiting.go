package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// mostNamed is how many messages that wait are named; whoever sees that many needs
// no more.
const mostNamed = 1000

// messages names what has not been delivered for too long.
func (c *check) messages(ctx context.Context) error {
	waiting, err := c.Store.WaitingSince(ctx, db.WaitingSinceParams{Before: time.Now().Add(-c.Overdue), Most: mostNamed})
	if err != nil {
		return fmt.Errorf("read the messages that wait: %w", err)
	}
	for _, m := range waiting {
		c.report.Differences = append(c.report.Differences, Difference{
			Kind: MessageWaits, Lead: m.LeadID, What: m.Message,
			Detail: fmt.Sprintf("since %s, after %d attempts: %s", m.CreatedAt.UTC().Format(time.RFC3339), m.Attempts, m.LastError),
		})
	}
	return nil
}

// moves names those that nobody makes.
func (c *check) moves(ctx context.Context) error {
	open, err := c.Store.UnfinishedMoves(ctx)
	if err != nil {
		return fmt.Errorf("read the moves of playbooks: %w", err)
	}
	for _, m := range open {
		runs, err := c.Engine.MoveRuns(ctx, m.ID.String())
		if err != nil {
			return err
		}
		if !runs {
			c.report.Differences = append(c.report.Differences, Difference{Kind: MoveStands, Move: m.ID, Detail: m.FromID + " → " + m.ToID})
		}
	}
	return nil
}
