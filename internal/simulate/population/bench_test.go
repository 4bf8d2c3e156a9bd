package population_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// The world around the core takes its share here: a lead-year of this population is
// some sixty decisions. sequence.BenchmarkLeadYear measures the core alone.
func BenchmarkOneWorker(b *testing.B) {
	pb, err := playbooks.Default()
	require.NoError(b, err)
	people, err := population.Default()
	require.NoError(b, err)
	years := 0.0
	for b.Loop() {
		r, err := population.Run(b.Context(), population.Setup{
			Population: people, Playbooks: []*sequence.Playbook{pb}, Leads: 500, Months: 12, Seed: 1, Workers: 1,
		})
		require.NoError(b, err)
		years += r.LeadYears()
	}
	b.ReportMetric(years/b.Elapsed().Seconds(), "lead-years/s")
}
