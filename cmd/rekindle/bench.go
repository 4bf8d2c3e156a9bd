package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/rekindlehq/rekindle/internal/bench"
	"github.com/rekindlehq/rekindle/internal/devstack"
)

type benchCmd struct {
	Rounds   int      `default:"5" help:"How often each measurement is made; the median counts."`
	Scale    float64  `default:"1" help:"Of all sizes; 1 needs two hours and more on two cores, and a machine that does nothing else."`
	Only     []string `help:"Measure only these: ${bench}." placeholder:"NAME"`
	Short    bool     `help:"Small sizes and one round, under two minutes: the counts are true, the times only show that all works."`
	SQLite   bool     `name:"sqlite" help:"Measure on Temporal's development server instead of the server on Postgres."`
	JSON     string   `help:"Write the report to this file." placeholder:"FILE"`
	Markdown string   `help:"Write the table to this file, for documents." placeholder:"FILE"`
	Plots    string   `help:"Write charts into this folder." placeholder:"DIR"`
	Profile  string   `help:"Write a CPU profile of the driver, the API and the worker to this file, for go tool pprof." placeholder:"FILE"`
	Dir      string   `help:"Where the servers keep their data while it runs; a new folder in the system's temporary one if left out." placeholder:"DIR"`
	Tools    string   `default:"tools" help:"The nested module that Temporal is built from."`
	BinDir   string   `default:"bin" help:"Where built tools are kept."`
}

// Run measures, prints the table and fails when a count is above its budget. Times
// depend on the machine, so they are judged in the table only.
func (c benchCmd) Run(ctx context.Context) error {
	if c.Short {
		c.Rounds, c.Scale = 1, 0.01
	}
	o, err := c.options(ctx)
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // waiting for Temporal is part of the measurement
	stop, err := c.profile()
	if err != nil {
		return err
	}
	report, err := bench.Run(ctx, o)
	if err := errors.Join(err, stop(), c.write(report)); err != nil {
		return err
	}
	if missed := report.MissedCounts(); len(missed) > 0 {
		var names []string
		for _, row := range missed {
			names = append(names, row.Name)
		}
		return fmt.Errorf("above their budget: %s", strings.Join(names, "; "))
	}
	return nil
}

// profile watches what this process spends its time on, if somebody wants to know.
func (c benchCmd) profile() (stop func() error, err error) {
	if c.Profile == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(c.Profile)
	if err != nil {
		return nil, fmt.Errorf("write the profile: %w", err)
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, pprof.StartCPUProfile(f)
}

func (c benchCmd) options(ctx context.Context) (o bench.Options, err error) {
	o = bench.Options{Rounds: c.Rounds, Scale: c.Scale, Only: c.Only, Say: os.Stderr}
	if o.Program, err = os.Executable(); err != nil {
		return o, err
	}
	if o.PostgresBin, err = findPostgres(ctx); err != nil {
		return o, err
	}
	if c.SQLite {
		o.Temporal, err = findTemporal(ctx, c.Tools, c.BinDir)
	} else {
		o.Server, o.SQLTool, err = findTemporalServer(ctx, c.Tools, c.BinDir)
	}
	if err != nil {
		return o, err
	}
	if o.Stack.Dir = c.Dir; o.Stack.Dir == "" {
		o.Stack.Dir, err = devstack.ProcessFolder("rekindle-bench-")
	}
	return o, err
}

func (c benchCmd) write(r bench.Report) error {
	err := r.Print(os.Stdout)
	if c.Plots != "" {
		err = errors.Join(err, r.WritePlots(c.Plots))
	}
	for path, write := range map[string]func(io.Writer) error{
		c.Markdown: r.Markdown,
		c.JSON: func(w io.Writer) error {
			out := json.NewEncoder(w)
			out.SetIndent("", "  ")
			return out.Encode(r)
		},
	} {
		if path != "" {
			err = errors.Join(err, writeFile(path, write))
		}
	}
	return err
}

func writeFile(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// benchNames lists what can be measured.
func benchNames() string {
	names, about := bench.Names()
	for i := range names {
		names[i] += " (" + about[i] + ")"
	}
	return strings.Join(names, ", ")
}
