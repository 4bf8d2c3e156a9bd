package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/rekindlehq/rekindle/internal/soak"
)

type soakCmd struct {
	Leads  int           `default:"2000" help:"How many leads."`
	Years  float64       `default:"5" help:"How many years they live."`
	Arrive float64       `default:"6" help:"Months in which they come."`
	Seed   uint64        `default:"1" help:"Of the people."`
	Day    time.Duration `default:"5s" help:"How long a day takes at the beginning; then as long as the machine needs."`
	Steady bool          `help:"Keep to --day."`
	Dir    string        `help:"Where everything lives; a folder that goes away afterwards if left out." placeholder:"DIR"`
	JSON   string        `help:"Write what was measured here." placeholder:"FILE"`
	Plots  string        `help:"Draw it into this folder." placeholder:"DIR"`
	SQLite bool          `name:"sqlite" help:"Use the Temporal development server, with its state in a file, instead of the server on Postgres."`
	Tools  string        `default:"tools" help:"The nested module that Temporal is built from."`
	BinDir string        `default:"bin" help:"Where built tools are kept."`
}

// Run soaks the product and says whether anything grew.
func (c soakCmd) Run(ctx context.Context) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	o := soak.Options{
		Leads: c.Leads, Months: int(12 * c.Years), Every: 1, ArriveMonths: c.Arrive, Seed: c.Seed, Day: c.Day, Steady: c.Steady, Dir: c.Dir,
		Command: soak.Command{self, "soak-part"}, Progress: os.Stdout,
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("/var/tmp", "rekindle-soak-"); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		defer os.RemoveAll(o.Dir)
	}
	if o.Dir, err = dataDir(o.Dir); err != nil {
		return err
	}
	if err := os.Chmod(o.Dir, 0o755); err != nil { // Postgres runs as another user
		return err
	}
	if o.PostgresBin, err = findPostgres(ctx); err != nil {
		return err
	}
	if c.SQLite {
		o.TemporalBin, err = findTemporal(ctx, c.Tools, c.BinDir)
	} else {
		o.TemporalServer, o.TemporalSQLTool, err = findTemporalServer(ctx, c.Tools, c.BinDir)
	}
	if err != nil {
		return err
	}
	r, err := soak.Run(ctx, o)
	if r == nil {
		return err
	}
	r.Print(os.Stdout)
	return errors.Join(err, c.keep(r))
}

func (c soakCmd) keep(r *soak.Report) error {
	if c.JSON != "" {
		b, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, b, 0o644); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if c.Plots != "" {
		if err := r.Draw(filepath.Clean(c.Plots)); err != nil {
			return err
		}
	}
	if !r.Holds() {
		return errors.New("something grew, or does not hold; see above")
	}
	return nil
}

// soakPartCmd is one process of the product in a soak.
type soakPartCmd struct{}

// Run works until rekindle soak, which started it, has had enough.
func (soakPartCmd) Run(ctx context.Context) error { return soak.Play(ctx) }
