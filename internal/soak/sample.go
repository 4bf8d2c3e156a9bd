package soak

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sample is the state of everything at the end of one month of the leads' time.
type Sample struct {
	Month     int       `json:"month"`
	At        time.Time `json:"at"`             // on the leads' clock
	Took      float64   `json:"took_s"`         // real time since the beginning
	Day       float64   `json:"day_s"`          // how long a day takes
	Load      float64   `json:"machine_load"`   // of the last minute
	Worker    Vitals    `json:"worker"`         // a process
	API       Vitals    `json:"api"`            // another one
	Leads     int64     `json:"leads"`          // of all times
	Living    int64     `json:"living"`         // of them
	Overdue   int64     `json:"overdue"`        // living, and a day behind their deadline
	State     Spread    `json:"state_bytes"`    // of leads alive, as Postgres keeps it
	Asleep    Asleep    `json:"asleep"`         // leads that wait for their deadline, in Temporal
	Open      int64     `json:"runs_open"`      // workflows
	Closed    int64     `json:"runs_closed"`    // kept for the retention, which is real time
	Temporal  float64   `json:"temporal_mb"`    // its database
	Tables    []Table   `json:"tables"`         // of the product
	Indexes   []Index   `json:"indexes"`        //
	Lateness  Spread    `json:"lateness_h"`     // of touches of the month against their planned instant, in hours of the leads' time
	Conns     int64     `json:"connections"`    // to Postgres
	LockWaits int64     `json:"lock_waits"`     // sessions seen to wait for a lock, at most, at a moment of the month
	Deadlocks int64     `json:"deadlocks"`      // since the beginning
	Reads     []Read    `json:"reads"`          // of the API
	Mails     int       `json:"mails"`          // taken by the mail server
	Did       int64     `json:"people_did"`     // what people did
	Refused   int64     `json:"people_refused"` // of it
}

// Spread is how values lie.
type Spread struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	Most float64 `json:"max"`
}

func spreadOf(values []float64) Spread {
	n := len(values)
	if n == 0 {
		return Spread{}
	}
	slices.Sort(values)
	at := func(share float64) float64 { return values[min(n-1, int(share*float64(n)))] }
	return Spread{N: n, P50: at(0.5), P90: at(0.9), P99: at(0.99), Most: values[n-1]}
}

// Asleep is the history of leads that sleep.
type Asleep struct {
	Events Spread `json:"events"`
	Bytes  Spread `json:"bytes"`
}

// Read is how long the API takes to answer one question, in milliseconds.
type Read struct {
	What string `json:"what"`
	Took Spread `json:"took_ms"`
}

// sample measures everything once.
func (p *people) sample(ctx context.Context, month int) (s Sample, err error) {
	s = Sample{Month: month, At: p.agenda.Now(), Load: machineLoad(), Did: p.did.Load(), Refused: p.refused(), LockWaits: p.lockWaits.Swap(0)}
	s.Mails, _ = p.sink.counts()
	for _, part := range p.parts {
		v, err := part.measure(ctx)
		if err != nil {
			return s, err
		}
		if part.role == works {
			s.Worker = v
		} else {
			s.API = v
		}
	}
	if err := p.sampleTemporal(ctx, &s); err != nil {
		return s, err
	}
	if err := p.samplePostgres(ctx, &s); err != nil {
		return s, err
	}
	s.Reads, err = p.sampleReads(ctx)
	return s, err
}

// readings is how often each question is asked for a sample.
const readings = 40

// sampleReads asks the API what people ask it most.
func (p *people) sampleReads(ctx context.Context) ([]Read, error) {
	leads, err := p.someLeads(ctx, readings)
	if err != nil || len(leads) == 0 {
		return nil, err
	}
	var all []Read
	for _, ask := range []struct{ what, path string }{
		{"queue", "/queue"},
		{"lead", "/leads/ID"},
		{"explanation", "/leads/ID/explanation"},
		{"timeline", "/leads/ID/timeline"},
		{"messages", "/leads/ID/messages"},
	} {
		var took []float64
		for i := range readings {
			path := strings.Replace(ask.path, "ID", leads[i%len(leads)], 1)
			began := time.Now()
			if err := p.reps[i%len(p.reps)].Get(ctx, path, &struct{}{}); err != nil {
				return nil, err
			}
			took = append(took, float64(time.Since(began).Microseconds())/1000)
		}
		all = append(all, Read{What: ask.what, Took: spreadOf(took)})
	}
	return all, nil
}

// folderSize is what the files of a folder take, in megabytes.
func folderSize(dir string) (size float64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += float64(info.Size()) / megabyte
		}
	}
	return size
}

// machineLoad is the load average of the last minute; 0 where the system does not
// tell (proc(5)).
func machineLoad() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}
