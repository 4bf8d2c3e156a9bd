package policy_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// copies are leads in the same situations under ids of their own.
func copies(of []sequence.Lead, n int) []sequence.Lead {
	all := make([]sequence.Lead, n)
	for i := range all {
		all[i] = of[i%len(of)]
		all[i].ID = uuid.NewSHA1(uuid.MustParse(all[i].ID), []byte{byte(i), byte(i >> 8), byte(i >> 16)}).String()
	}
	return all
}

// BenchmarkImpact reports how many leads a second an impact report gets through,
// from the records to the counts. The budget is 20,000.
func BenchmarkImpact(b *testing.B) {
	const n = 24_000
	s := newSetting(b)
	from, to := s.publish(files(b)), s.publish(changed(b))
	s.keep(copies(shapes(b, from, 400), n))
	_, err := s.Store.Pool.Exec(b.Context(), `ANALYZE leads`)
	require.NoError(b, err)
	for b.Loop() {
		impact, err := s.Impact(b.Context(), from, to, 5, nil)
		require.NoError(b, err)
		require.Equal(b, n, impact.Leads)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "leads/s")
}

// BenchmarkCompare is the part of it that needs no database: decode and decide.
func BenchmarkCompare(b *testing.B) {
	read := func(files map[string]string) *sequence.Playbook {
		pb, err := playbooks.Load(folder(files))
		require.NoError(b, err)
		return pb
	}
	from, to := read(files(b)), read(changed(b))
	var states [][]byte
	size := 0
	for _, l := range shapes(b, from, 400) {
		l.Undo = nil // which no report reads
		state, err := json.Marshal(l)
		require.NoError(b, err)
		states, size = append(states, state), size+len(state)
	}
	for _, part := range []string{"decode", "decode and compare"} {
		b.Run(part, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				l, err := policy.Decode(states[i%len(states)])
				if err != nil {
					b.Fatal(err)
				}
				if part != "decode" && sequence.Compare(l, from, to, now).Lead != l.ID {
					b.Fatal("another lead")
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "leads/s")
			b.ReportMetric(float64(size)/float64(len(states)), "bytes/state")
		})
	}
}

func folder(files map[string]string) fstest.MapFS {
	dir := fstest.MapFS{}
	for name, content := range files {
		dir[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return dir
}
