package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/rebuild"
)

type rebuildCmd struct {
	Database     database `embed:""`
	SkipTemporal bool     `help:"Leave Temporal's namespace and search attributes alone (on Temporal Cloud they are added with tcld)."`
	AtOnce       int      `default:"32" help:"Lives started at the same time."`
	JSON         bool     `name:"json" help:"Print the report as JSON."`
}

// Run starts every life again that Temporal has lost. It may be repeated.
func (c rebuildCmd) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	t, err := dialTemporal(ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	o, err := temporalOptions()
	if err != nil {
		return err
	}
	if !c.SkipTemporal {
		if err := engine.Register(ctx, t, o.Namespace); err != nil {
			return err
		}
	}
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		living, err := s.CountRunning(ctx)
		if err != nil {
			return fmt.Errorf("count the leads (is the database migrated? rekindle migrate): %w", err)
		}
		bar := newBar(living, "starting lives")
		e := engine.Engine{Client: t}
		r := rebuild.Rebuild{
			Store: s, Engine: e, GoOn: policy.Policy{Store: s, Mover: e}.GoOn, AtOnce: c.AtOnce,
			Progress: func(n int) { _ = bar.Add(n) },
		}
		report, err := r.Run(ctx)
		_ = bar.Clear()
		if err != nil {
			return fmt.Errorf("rebuild (run it again, it goes on): %w", err)
		}
		if c.JSON {
			err = json.NewEncoder(os.Stdout).Encode(report)
		} else {
			_, err = fmt.Print(rebuildText(report))
		}
		if err == nil && len(report.Failed) > 0 {
			err = fmt.Errorf("%s could not be started", count(len(report.Failed), "lead"))
		}
		return err
	})
}

// namedFailures is how many leads are named that could not be started.
const namedFailures = 20

func rebuildText(r rebuild.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s", count(r.Leads, "living lead"), r.Took.Round(100*time.Millisecond))
	if s := r.Took.Seconds(); r.Started > 0 && s > 0 {
		fmt.Fprintf(&b, " (%.0f started a second)", float64(r.Started)/s)
	}
	fmt.Fprintf(&b, "\n  %6d started where they stood\n  %6d begin with their enrolment\n  %6d ran already\n", r.Started, r.Enrolled, r.Running)
	fmt.Fprintf(&b, "  %6d messages were lost with Temporal; %d delivered now, %d wait for rekindle serve or work\n", r.Messages, r.Delivered, r.Waiting)
	for _, f := range r.Failed[:min(len(r.Failed), namedFailures)] {
		fmt.Fprintf(&b, "lead %s: %s\n", f.Lead, f.Why)
	}
	if more := len(r.Failed) - namedFailures; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	return b.String()
}
