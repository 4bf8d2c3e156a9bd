package bench

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cpu is the processor time that this process and all its servers have used so far:
// what an operation costs, also on a machine that others use meanwhile. Zero where
// the system does not tell.
func cpu() time.Duration {
	const tick = time.Second / 100 // USER_HZ, proc(5)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, used := map[int]int{}, map[int]time.Duration{}
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		head, tail, _ := strings.Cut(string(raw), " (")
		_, tail, ok := strings.Cut(tail[strings.LastIndex(tail, ")")+1:], " ")
		fields := strings.Fields(tail)
		pid, err := strconv.Atoi(head)
		if err != nil || !ok || len(fields) < 15 {
			continue
		}
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, f := range fields[11:15] { // its own, and of its children that have ended
			n, _ := strconv.Atoi(f)
			used[pid] += time.Duration(n) * tick
		}
	}
	var sum time.Duration
	for pid, d := range used {
		for up := pid; up > 1; up = parents[up] {
			if up == os.Getpid() {
				sum += d
				break
			}
		}
	}
	return sum
}

// stretch is how long something took, and how much processor time.
type stretch struct{ took, used time.Duration }

// timed measures what do does.
func timed(do func() error) (stretch, error) {
	began, used := time.Now(), cpu()
	err := do()
	return stretch{time.Since(began), cpu() - used}, err
}

// rate is how many a second, each is the processor time of one in milliseconds.
func (s stretch) rate(n int) float64 { return perSecond(n, s.took) }
func (s stretch) each(n int) float64 { return s.used.Seconds() * 1000 / float64(n) }
