package soak

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// years makes samples of so many months, in which a table and the heap grow by so
// much a month.
func years(months int, table, heap float64) *Report {
	r := &Report{Leads: 100, Months: months}
	for m := 1; m <= months; m++ {
		s := Sample{Month: m, Leads: 100, Tables: []Table{
			{Name: "leads", Rows: 100, Bytes: 1 << 20, Indexes: 1<<20 + int64(table*float64(m))},
			{Name: "audit", Rows: int64(1000 * m), Bytes: int64(400_000 * m), Indexes: int64(100_000 * m)},
		}}
		s.Worker.Heap = 20 + heap*float64(m)
		s.Reads = []Read{{What: "queue"}}
		r.Samples = append(r.Samples, s)
	}
	r.judge()
	return r
}

func (r *Report) growth(what string) Growth {
	for _, g := range r.Growth {
		if g.What == what {
			return g
		}
	}
	return Growth{}
}

func TestWhatStaysIsFlatAndRecordsMayGrowWithWhatHappens(t *testing.T) {
	r := years(36, 0, 0)
	require.True(t, r.Holds())
	require.InDelta(t, 400, r.growth("audit: a row").Last, 1e-6)
	require.InDelta(t, 10485.76, r.growth("leads: table, a lead").First, 1e-6)
}

func TestWhatGrowsIsFound(t *testing.T) {
	table := years(36, 20_000, 0)
	require.False(t, table.Holds())
	g := table.growth("leads: indexes, a lead")
	require.False(t, g.Flat)
	require.InDelta(t, 12*200/((g.First+g.Last)/2), g.Share, 1e-6)
	require.True(t, table.growth("leads: table, a lead").Flat)

	require.False(t, years(36, 0, 1).growth("worker: live heap").Flat)
	require.True(t, years(36, 0, 0.1).growth("worker: live heap").Flat, "a megabyte a year may be chance")
}

func TestWhatDoesNotHoldIsSaid(t *testing.T) {
	r := years(24, 0, 0)
	r.Checks = []Check{{"parked leads", 0}}
	require.True(t, r.Holds())
	r.Checks[0].Found = 2
	require.False(t, r.Holds())
	var b bytes.Buffer
	r.Print(&b)
	require.Contains(t, b.String(), "2 parked leads")
}

func TestThePlotsAreDrawn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plots")
	require.NoError(t, years(24, 0, 0).Draw(dir))
	drawn, err := filepath.Glob(filepath.Join(dir, "soak-*.svg"))
	require.NoError(t, err)
	require.Len(t, drawn, 6)
	raw, err := os.ReadFile(filepath.Join(dir, "soak-memory.svg"))
	require.NoError(t, err)
	require.Contains(t, string(raw), "worker, live heap: from 20 to 20.")
}
