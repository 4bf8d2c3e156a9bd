package calendar

import "time"

// refresh is how often a calendar program is asked to look again (RFC 7986, 5.7).
const refresh = "PT15M"

// Entry is one call in a feed.
type Entry struct {
	UID         string
	Seq         int
	At          time.Time
	Stamp       time.Time
	Summary     string
	Description string
	Tentative   bool
}

// Feed is a calendar to subscribe to. The same entries give the same bytes.
// Nobody is invited in it: a program that reads it writes to no one.
func Feed(name string, entries []Entry) string {
	var w lines
	w.begin("VCALENDAR")
	w.head("PUBLISH")
	w.text("NAME", name)
	w.text("X-WR-CALNAME", name)
	w.line("REFRESH-INTERVAL", refresh, param{"VALUE", "DURATION"})
	w.line("X-PUBLISHED-TTL", refresh)
	for _, e := range entries {
		w.begin("VEVENT")
		w.event(e.UID, e.Seq, e.At, e.Stamp)
		w.text("SUMMARY", e.Summary)
		if e.Description != "" {
			w.text("DESCRIPTION", e.Description)
		}
		status := "CONFIRMED"
		if e.Tentative {
			status = "TENTATIVE"
		}
		w.line("STATUS", status)
		w.end("VEVENT")
	}
	w.end("VCALENDAR")
	return w.String()
}
