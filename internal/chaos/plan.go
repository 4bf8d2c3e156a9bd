package chaos

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/sink"
)

// The parts of the world, and the cables between them ("worker-1→postgres").
const (
	Postgres         = "postgres"
	TemporalPostgres = "temporal-postgres"
	Temporal         = "temporal"
	Sink             = "sink"
)

func apis() []string    { return []string{"api-1", "api-2"} }
func workers() []string { return []string{"worker-1", "worker-2"} }

// between is the name of the cable from one part to another.
func between(from, to string) string { return from + "→" + to }

// cables lists them all: from whom to whom.
func cables() (all [][2]string) {
	for _, api := range apis() {
		all = append(all, [2]string{"client", api}, [2]string{api, Postgres}, [2]string{api, Temporal})
	}
	for _, worker := range workers() {
		all = append(all, [2]string{worker, Postgres}, [2]string{worker, Temporal}, [2]string{worker, Sink})
	}
	return append(all, [2]string{Temporal, TemporalPostgres})
}

// Fault is what is done to a part or a cable.
type Fault string

// The faults. Those of a mail server's mood are sink.Does.
const (
	Kill  Fault = "kill"  // SIGKILL, started again after For
	Crash Fault = "crash" // one process of a Postgres, which then recovers in place
	Pause Fault = "pause" // SIGSTOP, SIGCONT after For
	Cut   Fault = "cut"   // a cable, for For
	Reset Fault = "reset" // its connections, once
	Stall Fault = "stall" // nothing arrives, for For
	Slow  Fault = "slow"  // everything arrives By later, each way, for For
)

// Event is one thing that is done.
type Event struct {
	At   time.Duration `json:"at"` // from the beginning
	On   string        `json:"on"`
	Does Fault         `json:"does"`
	For  time.Duration `json:"for,omitempty"`
	By   time.Duration `json:"by,omitempty"`
}

func (e Event) String() string {
	s := fmt.Sprintf("%8s  %-26s %s", e.At.Round(10*time.Millisecond), e.On, e.Does)
	if e.For > 0 {
		s += " for " + e.For.Round(10*time.Millisecond).String()
	}
	if e.By > 0 {
		s += " by " + e.By.Round(time.Millisecond).String()
	}
	return s
}

// habit is how often something is done to a part, and for how long.
type habit struct {
	on        string
	does      Fault
	perMinute float64
	least     time.Duration
	most      time.Duration
}

func habits() []habit {
	const s = time.Second
	all := []habit{
		{Postgres, Kill, 0.8, s / 5, 3 * s},
		{Postgres, Crash, 0.5, 0, 0},
		{Postgres, Pause, 0.6, s, 5 * s},
		{TemporalPostgres, Kill, 0.4, s / 5, 3 * s},
		{TemporalPostgres, Pause, 0.5, s, 5 * s},
		{Temporal, Kill, 0.7, s / 5, 3 * s},
		{Temporal, Pause, 0.6, s, 8 * s},
		{Sink, Kill, 1.2, s / 5, 4 * s},
		{Sink, Pause, 0.8, s, 6 * s},
		{Sink, Fault(sink.Defers), 0.5, s, 6 * s},
		{Sink, Fault(sink.Refuses), 0.2, s / 2, s},
		{Sink, Fault(sink.Drags), 1.2, 4 * s, 10 * s},
		{Sink, Fault(sink.Loses), 0.5, s / 2, 2 * s},
		{Sink, Fault(sink.Keeps), 0.5, s / 2, 2 * s},
	}
	for _, api := range apis() {
		all = append(all, habit{api, Kill, 1.4, s / 5, 4 * s}, habit{api, Pause, 0.8, s, 6 * s})
	}
	for _, worker := range workers() {
		all = append(all, habit{worker, Kill, 2, s / 5, 4 * s}, habit{worker, Pause, 1, s, 12 * s})
	}
	for _, c := range cables() {
		name := between(c[0], c[1])
		all = append(all, habit{name, Cut, 0.2, s / 2, 4 * s}, habit{name, Reset, 0.3, 0, 0}, habit{name, Stall, 0.15, s, 6 * s}, habit{name, Slow, 0.2, 3 * s, 10 * s})
	}
	return all
}

// calm is how long a part is left alone between two faults.
const calm = 2 * time.Second

// Plan draws what is done within a time. The same seed and time give the same plan,
// and each habit has a stream of its own, so that another one changes nothing else.
func Plan(seed uint64, d time.Duration) []Event {
	var all []Event
	for _, h := range habits() {
		name := fnv.New64a()
		fmt.Fprint(name, h.on, " ", h.does)
		r := rand.New(rand.NewPCG(seed, name.Sum64()))
		for at := untilNext(r, h.perMinute); at < d; at += untilNext(r, h.perMinute) {
			e := Event{At: at, On: h.on, Does: h.does, For: h.least + time.Duration(r.Float64()*float64(h.most-h.least))}
			if h.does == Slow {
				e.By = 20*time.Millisecond + time.Duration(r.Float64()*float64(500*time.Millisecond))
			}
			all = append(all, e)
			if h.does == Fault(sink.Drags) { // whoever dies now has mail in its hands
				all = append(all, Event{At: e.At + e.For/2, On: pick(r.Float64(), workers()), Does: Kill, For: time.Second})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(a.On, b.On)
	})
	return oneAtATime(all)
}

// untilNext draws how long it is to the next of events that come so often a minute.
func untilNext(r *rand.Rand, perMinute float64) time.Duration {
	return time.Duration(r.ExpFloat64() / perMinute * float64(time.Minute))
}

// oneAtATime leaves out what would be done to a part that is down or has just come up.
func oneAtATime(all []Event) []Event {
	free := map[string]time.Duration{}
	return slices.DeleteFunc(all, func(e Event) bool {
		if e.At < free[e.On] {
			return true
		}
		free[e.On] = e.At + e.For + calm
		return false
	})
}
