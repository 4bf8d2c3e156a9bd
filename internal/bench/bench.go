// Package bench measures what a lead costs and how fast it goes: on a Temporal
// server and a Postgres of its own it runs raw Temporal and the product in turns,
// and compares them with the budgets of the design.
//
// It knows every part, as a client and as an operator do. No part may know it, and
// it must not make anything faster than a user would find it.
package bench

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// Options say what is measured and on what.
type Options struct {
	Stack
	Rounds  int     // of each measurement; the median counts
	Scale   float64 // of all sizes; 1 is what docs/performance.md shows
	Only    []string
	Program string    // the rekindle whose memory is measured as a process of its own
	Say     io.Writer // progress
}

// measure is one measurement: what it is called and what it gives.
type measure struct {
	Name, About string
	run         func(context.Context, *bench) ([]Row, error)
}

var measures = []measure{
	{"counts", "events, bytes and billable actions, from real histories", counts},
	{"starts", "enrolments against raw starts", starts},
	{"drain", "touches that are due at once, and spread", drain},
	{"outcomes", "a decision's round trip, idle and under load", outcomes},
	{"reactions", "from an engagement to what it brings about", reactions},
	{"stops", "from an opt-out to silence", stops},
	{"mail", "emails through the send ledger", mails},
	{"core", "the rules alone: simulation and impact reports", core},
	{"growth", "memory and speed with 1,000, 10,000 and 100,000 leads", growth},
}

// Names lists the measurements with what they are about.
func Names() (names, about []string) {
	for _, m := range measures {
		names, about = append(names, m.Name), append(about, m.About)
	}
	return names, about
}

// bench is one run.
type bench struct {
	Options
	servers  *servers
	patience float64 // factor: how much more time this machine needs
}

// size is a number of things to measure with, scaled.
func (b *bench) size(n int) int { return max(10, int(float64(n)*b.Scale)) }

func (b *bench) say(format string, a ...any) { fmt.Fprintf(b.Say, "· "+format+"\n", a...) }

// Run measures and reports. What was measured before an error is in the report.
func Run(ctx context.Context, o Options) (r Report, err error) {
	for _, name := range o.Only {
		if !slices.ContainsFunc(measures, func(m measure) bool { return m.Name == name }) {
			names, _ := Names()
			return r, fmt.Errorf("there is no measurement called %q; there are %v", name, names)
		}
	}
	b := &bench{Options: o, patience: 1}
	r = Report{At: time.Now().UTC(), Machine: machine(), Go: runtime.Version(), Rounds: o.Rounds, Scale: o.Scale}
	b.say("starting %s and Postgres", o.Stack.name())
	if b.servers, err = startServers(ctx, o.Stack); err != nil {
		return r, err
	}
	defer b.servers.stop()
	r.Temporal = o.Stack.name()
	for _, m := range measures {
		if len(o.Only) > 0 && !slices.Contains(o.Only, m.Name) {
			continue
		}
		began := time.Now()
		b.say("%s: %s", m.Name, m.About)
		rows, err := m.run(ctx, b)
		for i := range rows {
			rows[i].Measure = m.Name
		}
		r.Rows = append(r.Rows, rows...)
		if err != nil {
			return r, fmt.Errorf("measure %s: %w", m.Name, err)
		}
		b.say("%s took %s", m.Name, time.Since(began).Round(time.Second))
	}
	return r, nil
}
