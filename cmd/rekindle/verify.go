package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/verify"
)

type verifyCmd struct {
	Database  database      `embed:""`
	PerSecond int           `default:"500" help:"Workflows read a second; Temporal serves everybody else too."`
	Overdue   time.Duration `default:"5m" help:"Name messages that wait for longer."`
	Mend      bool          `help:"Ask leads whose rows differ to write them from their workflows, which know better."`
	JSON      bool          `name:"json" help:"Print the report as JSON."`
}

// Run names every difference, one a line, and fails if there is one.
func (c verifyCmd) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	t, err := dialTemporal(ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		living, err := s.CountRunning(ctx)
		if err != nil {
			return fmt.Errorf("count the leads (is the database migrated? rekindle migrate): %w", err)
		}
		bar := newBar(living, "comparing")
		v := verify.Verify{
			Store: s, Engine: engine.Engine{Client: t}, PerSecond: c.PerSecond, AtOnce: 16, Overdue: c.Overdue,
			Again:    []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second},
			Progress: func(n int) { _ = bar.Add(n) },
		}
		report, err := v.Run(ctx)
		_ = bar.Clear()
		if err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		if err := c.print(report); err != nil || len(report.Differences) == 0 {
			return err
		}
		if c.Mend {
			asked, err := v.Mend(ctx, report)
			fmt.Fprintf(os.Stderr, "%s asked to write their rows; verify again in a moment\n", count(asked, "lead"))
			return err
		}
		return errors.New(count(len(report.Differences), "difference"))
	})
}

func (c verifyCmd) print(r verify.Report) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	for _, d := range r.Differences {
		fmt.Println(differenceText(d))
	}
	fmt.Printf("%s, %s compared in %s; %d in the middle of a turn; %s\n", count(r.Leads, "living lead"), count(r.Workflows, "running workflow"),
		r.Took.Round(100*time.Millisecond), r.Busy, count(len(r.Differences), "difference"))
	return nil
}

// differenceText says in one line what differs and what to do.
func differenceText(d verify.Difference) string {
	id := d.Lead
	if d.Move != uuid.Nil {
		id = d.Move
	}
	const mend = "rekindle verify --mend lets its workflow write the row"
	switch d.Kind {
	case verify.NoWorkflow:
		return fmt.Sprintf("%s: no workflow, though it stands in %s by its row → rekindle rebuild", id, d.Row)
	case verify.WorkflowOver:
		return fmt.Sprintf("%s: its workflow is over, though it stands in %s by its row → rekindle rebuild", id, d.Row)
	case verify.NoRow:
		return fmt.Sprintf("%s: a workflow without a row → temporal workflow terminate --workflow-id lead-%s", id, id)
	case verify.RowOver:
		return fmt.Sprintf("%s: %s by its row, but its workflow runs in %s → %s", id, d.Row, d.Workflow, mend)
	case verify.StateDiffers:
		return fmt.Sprintf("%s: %s is %q in the row and %q in the workflow → %s", id, d.What, d.Row, d.Workflow, mend)
	case verify.Unindexed:
		return fmt.Sprintf("%s: the search attribute %s is %q instead of %q → rekindle verify --mend lets its workflow set it", id, d.What, d.Workflow, d.Row)
	case verify.TurnUnwritten:
		return fmt.Sprintf("%s: shown in %s, but its workflow, in %s, is not on its way there → %s", id, d.Row, d.Workflow, mend)
	case verify.MessageWaits:
		return fmt.Sprintf("%s: %q waits %s → does rekindle serve or work run, and Temporal?", id, d.What, d.Detail)
	case verify.MoveStands:
		return fmt.Sprintf("%s: the move %s is not finished and nothing makes it → it goes on when rekindle serve or work runs", id, d.Detail)
	}
	return fmt.Sprintf("%s: %s", id, d.Kind)
}
