package importing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/door"
)

// BenchmarkList lets 10,000 rows in, beside as many enrolments by the door that both
// use, without files and their records, in turn.
func BenchmarkList(b *testing.B) {
	const rows = 10_000
	took := map[string]time.Duration{}
	measure := func(what string, do func()) {
		began := time.Now()
		do()
		took[what] += time.Since(began)
	}
	for n := 0; b.Loop(); n++ {
		o := newOffice(b)
		var list strings.Builder
		list.WriteString("Name;E-Mail;Telefon;Firma;Land\n")
		for i := range rows {
			fmt.Fprintf(&list, "Person %d;p%d@file.example;030 %07d;Acme %d;Deutschland\n", i, i, 1_000_000+i, i%2000)
		}
		var id uuid.UUID
		measure("take", func() { id = o.take(list.String()) })
		measure("dry", func() { require.NoError(b, o.Begin(b.Context(), id, true)); o.goThrough(id) })
		measure("rows", func() { require.NoError(b, o.Begin(b.Context(), id, false)); o.goThrough(id) })
		measure("door", func() {
			for from := 0; from < rows; from += 500 {
				var all []door.Enrolment
				for i := from; i < from+500; i++ {
					all = append(all, door.Enrolment{
						Person:     door.Person{Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("p%d@door.example", i), Phone: fmt.Sprintf("+4940%07d", 1_000_000+i), Account: fmt.Sprintf("Beta %d", i%2000), Zone: "Europe/Berlin", Country: "DE"},
						Engagement: door.Engagement{Kind: "crm_dormant", ExternalID: fmt.Sprintf("bench/%d/%d", n, i)}, By: "mo",
					})
				}
				_, err := o.Door.EnrolAll(b.Context(), all)
				require.NoError(b, err)
			}
		})
		require.Equal(b, 2*rows, o.count("SELECT count(*) FROM leads"))
	}
	for what, d := range took {
		b.ReportMetric(float64(rows*b.N)/d.Seconds(), what+"/s")
	}
}
