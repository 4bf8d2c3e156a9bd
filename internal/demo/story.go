package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// Tell prints what happens to the leads as it happens, until ctx ends. Plans are
// left out: they are in each lead's timeline.
func Tell(ctx context.Context, s *postgres.Store, out io.Writer) {
	type line struct {
		lead string
		n    int32
	}
	told := map[line]bool{}
	since := time.Now().Add(-time.Second)
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		rows, err := s.RecentAudit(ctx, since)
		if err != nil {
			continue
		}
		for _, r := range rows {
			if key := (line{r.LeadID.String(), r.N}); !told[key] {
				told[key] = true
				tellOne(out, r.Name, r.Zone, r.Entry)
			}
			if late := r.Written.Add(-2 * time.Second); late.After(since) {
				since = late // rows of slower transactions may still come
			}
		}
	}
}

func tellOne(out io.Writer, name, zone string, entry []byte) {
	var e sequence.Entry
	if json.Unmarshal(entry, &e) != nil || e.What == sequence.TouchPlanned || e.What == sequence.PlayChanged {
		return
	}
	place, ok := sequence.LoadZone(zone)
	if !ok {
		place = time.UTC
	}
	fmt.Fprintf(out, "%-11.11s %s\n", name, simulate.Line(e, place))
}
