package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

// impact is what another version would do to living leads, for a page.
type impact struct {
	policy.Impact
	Effects []row
	Refused []row
	Due     []row // each day, before and after
	Told    []told
}

// told is one lead and what would change for it.
type told struct {
	Effect string
	Change sequence.Change
}

func impactOf(i policy.Impact) *impact {
	d := &impact{Impact: i}
	for _, e := range sequence.Effects() {
		n := i.Counts[e]
		share := "–"
		if i.Leads > 0 {
			share = fmt.Sprintf("%.0f %%", 100*float64(n)/float64(i.Leads))
		}
		d.Effects = append(d.Effects, row{Name: capital(words(e)), Cells: []string{strconv.Itoa(n), share}})
		for _, c := range i.Examples[e] {
			d.Told = append(d.Told, told{words(e), c})
		}
	}
	for _, code := range slices.Sorted(maps.Keys(i.Refusals)) {
		d.Refused = append(d.Refused, row{Name: capital(words(code)), Cells: []string{strconv.Itoa(i.Refusals[code])}})
	}
	for _, day := range i.Days {
		d.Due = append(d.Due, row{Name: day.Day, Cells: []string{strconv.Itoa(day.Before), strconv.Itoa(day.After)}})
	}
	return d
}
