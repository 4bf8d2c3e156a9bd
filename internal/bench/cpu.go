package bench

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// usage is processor time, by program.
type usage map[string]time.Duration

// cpu is the processor time that this process and all its servers have used so far:
// what an operation costs, also on a machine that others use meanwhile. Nothing where
// the system does not tell.
func cpu() usage {
	const tick = time.Second / 100 // USER_HZ, proc(5)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, used, names := map[int]int{}, map[int]time.Duration{}, map[int]string{}
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		head, tail, _ := strings.Cut(string(raw), " (")
		end := max(0, strings.LastIndex(tail, ")"))
		name, tail, ok := tail[:end], tail[end:], end > 0
		fields := strings.Fields(tail)
		pid, err := strconv.Atoi(head)
		if err != nil || !ok || len(fields) < 16 {
			continue
		}
		names[pid] = name
		parents[pid], _ = strconv.Atoi(fields[2])
		for _, f := range fields[12:16] { // its own, and of its children that have ended
			n, _ := strconv.Atoi(f)
			used[pid] += time.Duration(n) * tick
		}
	}
	sum := usage{}
	for pid, d := range used {
		for up := pid; up > 1; up = parents[up] {
			if up == os.Getpid() {
				sum[names[pid]] += d
				break
			}
		}
	}
	return sum
}

// stretch is how long something took, and how much processor time.
type stretch struct {
	took time.Duration
	used usage
}

// timed measures what do does.
func timed(do func() error) (stretch, error) {
	began, before := time.Now(), cpu()
	err := do()
	s := stretch{time.Since(began), cpu()}
	for name := range s.used {
		s.used[name] -= before[name]
	}
	return s, err
}

// rate is how many a second, each is the processor time of one in milliseconds.
func (s stretch) rate(n int) float64 { return perSecond(n, s.took) }

func (s stretch) each(n int) (sum float64) {
	for _, d := range s.used {
		sum += d.Seconds() * 1000 / float64(n)
	}
	return sum
}

// by tells what each program used of it.
func (s stretch) by(n int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.used)) {
		if ms := s.used[name].Seconds() * 1000 / float64(n); ms >= 0.1 {
			parts = append(parts, fmt.Sprintf("%s %.1f ms", name, ms))
		}
	}
	return strings.Join(parts, ", ")
}
