package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/rekindlehq/rekindle/internal/simulate/page"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

type simulateCmd struct {
	Playbook        string `help:"Folder of the playbook; the default one if left out." placeholder:"PATH"`
	Against         string `help:"Folder of a second playbook, to compare on the same leads; \"default\" is the default one." placeholder:"PATH"`
	Leads           int    `help:"How many leads, up to 1,000,000." default:"1000"`
	Months          int    `help:"How many months, 1 to 36." default:"12"`
	Seed            uint64 `help:"The same seed gives the same leads and the same luck." default:"1"`
	Population      string `help:"Population file; see --print-population." type:"existingfile" placeholder:"FILE"`
	Workers         int    `help:"How many leads to live at the same time; as many as there are processors if left out." placeholder:"N"`
	JSON            bool   `help:"Print the report as JSON."`
	HTML            string `help:"Write the report as one HTML file." placeholder:"FILE"`
	PrintPopulation bool   `help:"Print the default population file, to start your own from."`
}

// Run simulates and prints.
func (c simulateCmd) Run(ctx context.Context) error {
	if c.PrintPopulation {
		_, err := os.Stdout.Write(population.DefaultFile())
		return err
	}
	s, err := c.setup()
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // little is kept here, and much is thrown away
	done := showProgress(&s)
	began := time.Now()
	r, err := population.Run(ctx, s)
	took := time.Since(began)
	done()
	if err != nil {
		return err
	}
	if c.HTML != "" {
		if err := writePage(c.HTML, r); err != nil {
			return err
		}
	}
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	printReport(os.Stdout, r)
	fmt.Printf("\n%.0f lead-years in %s: %.0f a second with %s\n", r.LeadYears(), took.Round(time.Millisecond), r.LeadYears()/took.Seconds(), workers(s.Workers))
	if c.HTML != "" {
		fmt.Println("the report with charts:", c.HTML)
	}
	return nil
}

func workers(n int) string {
	if n == 1 {
		return "1 worker"
	}
	return fmt.Sprintf("%d workers", n)
}

func (c simulateCmd) setup() (population.Setup, error) {
	s := population.Setup{Leads: c.Leads, Months: c.Months, Seed: c.Seed, Workers: c.Workers}
	if s.Workers == 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	file := population.DefaultFile()
	var err error
	if c.Population != "" {
		if file, err = os.ReadFile(c.Population); err != nil {
			return s, fmt.Errorf("read the population: %w", err)
		}
	}
	if s.Population, err = population.Read(file); err != nil {
		return s, err
	}
	paths := []string{c.Playbook}
	if c.Against != "" {
		paths = append(paths, c.Against)
	}
	for _, path := range paths {
		pb, err := readPlaybook(path)
		if err != nil {
			return s, err
		}
		s.Playbooks = append(s.Playbooks, pb)
	}
	return s, nil
}

func readPlaybook(path string) (*sequence.Playbook, error) {
	if path == "" || path == "default" {
		return playbooks.Default()
	}
	pb, err := playbooks.Read(os.DirFS(path))
	if err != nil {
		return nil, fmt.Errorf("playbook %s: %w", path, err)
	}
	return pb, nil
}

func writePage(path string, r *population.Report) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer f.Close()
	if err := page.Write(f, r); err != nil {
		return err
	}
	return f.Close()
}

// showProgress shows a bar where somebody sits before the screen.
func showProgress(s *population.Setup) (done func()) {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func() {}
	}
	bar := progressbar.NewOptions(s.Leads, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("leads"),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	s.Lived = func(n int) { _ = bar.Add(n) } // a bar that cannot be drawn stops nothing
	return func() { _ = bar.Finish() }
}
