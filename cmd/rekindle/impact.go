package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

type playbookImpactCmd struct {
	Database database `embed:""`
	Old      string   `arg:"" help:"The version that leads follow now: its id, or its folder."`
	New      string   `arg:"" help:"The version to compare with: its id, or a folder, which need not be published."`
	Examples int      `default:"5" help:"How many examples of each effect to show."`
	JSON     bool     `name:"json" help:"Print the report as JSON."`
}

// Run decides every living lead under both versions and writes nothing.
func (c playbookImpactCmd) Run(ctx context.Context) error {
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error {
		from, err := versionNamed(ctx, p, c.Old)
		if err != nil {
			return err
		}
		to, err := versionNamed(ctx, p, c.New)
		if err != nil {
			return err
		}
		r, took, err := compare(ctx, p, from, to, c.Examples)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(r)
		}
		_, err = fmt.Print(impactText(r), "\n", pace(r.Leads, took), "\n")
		return err
	})
}

// compare draws up the report, with a progress bar, and says how long it took.
func compare(ctx context.Context, p policy.Policy, from, to *sequence.Playbook, examples int) (policy.Impact, time.Duration, error) {
	version, err := p.Store.PlaybookVersion(ctx, from.ID)
	if err != nil {
		return policy.Impact{}, 0, fmt.Errorf("count the leads of %s: %w", from.ID, err)
	}
	bar := newBar(version.Leads, "comparing")
	began := time.Now()
	r, err := p.Impact(ctx, from, to, examples, func(seen int) { _ = bar.Set(seen) })
	took := time.Since(began)
	_ = bar.Clear()
	return r, took, err
}

// newBar shows progress where somebody looks on, and is silent elsewhere.
func newBar(total int64, what string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(max(total, 1),
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(term.IsTerminal(int(os.Stderr.Fd()))),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("leads"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

func pace(leads int, took time.Duration) string {
	perSecond := 0.0
	if took > 0 {
		perSecond = float64(leads) / took.Seconds()
	}
	return fmt.Sprintf("%s compared in %s, %.0f a second", count(leads, "lead"), took.Round(time.Millisecond), perSecond)
}
