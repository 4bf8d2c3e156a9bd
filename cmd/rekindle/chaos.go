package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos"
	"github.com/rekindlehq/rekindle/internal/chaos/sink"
	"github.com/rekindlehq/rekindle/internal/devstack"
)

type chaosCmd struct {
	Seed     uint64        `help:"Draws what is done to whom and when; any if left out."`
	For      time.Duration `default:"10m" help:"How long."`
	Leads    int           `help:"Leads that are enrolled meanwhile; 60 a minute if left out."`
	Day      time.Duration `default:"30s" help:"How long a virtual day takes."`
	Dir      string        `help:"Where everything is left that the run leaves; a temporary folder if left out, which goes when all is well."`
	JSON     string        `help:"Also write the verdict to this file." type:"path"`
	Plan     bool          `help:"Only print what would be done."`
	Patience time.Duration `default:"3m" help:"How long after the last blow a client repeats a request; one whose API was killed is answered after two minutes."`
	Gentle   bool          `help:"Hurt nothing: what the judge finds then is wrong in any weather."`
	Temporal string        `enum:"server,dev" default:"server" help:"The Temporal server on Postgres, or the development server on a file (dev)."`
	Tools    string        `default:"tools" help:"The nested module that Temporal is built from."`
	BinDir   string        `default:"bin" help:"Where built tools are kept."`
}

// Run runs chaos and says what the judge found; anything wrong is an error.
func (c chaosCmd) Run(ctx context.Context) error {
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1_000_000)
	}
	if c.Plan {
		for _, e := range chaos.Plan(c.Seed, c.For) {
			fmt.Println(e)
		}
		return nil
	}
	o, err := c.options(ctx)
	if err != nil {
		return err
	}
	say("seed %d for %s in %s", c.Seed, c.For, o.Dir)
	log, err := os.Create(filepath.Join(o.Dir, "chaos.log"))
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	report, err := chaos.Run(ctx, o)
	if err != nil {
		return fmt.Errorf("run chaos (see %s): %w", o.Dir, err)
	}
	fmt.Print("\n", report)
	if err := c.keep(report, filepath.Join(o.Dir, "verdict.json"), c.JSON); err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("chaos found something: seed %d, everything is in %s", c.Seed, o.Dir)
	}
	if c.Dir == "" {
		return os.RemoveAll(o.Dir)
	}
	return nil
}

func (c chaosCmd) options(ctx context.Context) (o chaos.Options, err error) {
	if c.For <= 0 || c.Day < time.Second {
		return o, errors.New("--for must be more than nothing and --day at least a second")
	}
	if c.Leads == 0 {
		c.Leads = max(1, int(60*c.For.Minutes()))
	}
	o = chaos.Options{Seed: c.Seed, For: c.For, Leads: c.Leads, Day: c.Day, Gentle: c.Gentle, Patience: c.Patience}
	if o.Program, err = os.Executable(); err != nil {
		return o, fmt.Errorf("find this program: %w", err)
	}
	if o.PostgresBin, err = findPostgres(ctx); err != nil {
		return o, err
	}
	if c.Temporal == "dev" {
		o.TemporalDev, err = findTemporal(ctx, c.Tools, c.BinDir)
	} else {
		o.TemporalServer, o.TemporalTool, err = findTemporalServer(ctx, c.Tools, c.BinDir)
	}
	if err != nil {
		return o, err
	}
	if c.Dir == "" {
		o.Dir, err = devstack.ProcessFolder("rekindle-chaos-" + strconv.FormatUint(c.Seed, 10) + "-")
	} else if o.Dir, err = filepath.Abs(c.Dir); err == nil {
		err = os.MkdirAll(o.Dir, 0o755)
	}
	return o, err
}

func (c chaosCmd) keep(report chaos.Report, paths ...string) error {
	encoded, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	for _, path := range paths {
		if path == "" {
			continue
		}
		if err := os.WriteFile(path, append(encoded, '\n'), 0o644); err != nil {
			return fmt.Errorf("keep the verdict: %w", err)
		}
	}
	return nil
}

type chaosSinkCmd struct {
	Dir    string `arg:"" help:"Where the mail is written down."`
	Listen string `arg:"" help:"Address to listen on."`
}

// Run takes mail until it is told to stop, or killed.
func (c chaosSinkCmd) Run(ctx context.Context) error { return sink.Serve(ctx, c.Dir, c.Listen) }
