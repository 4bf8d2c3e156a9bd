package chaos

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/rekindlehq/rekindle/internal/chaos/sink"
)

// The words by which personal data is found wherever it must not be: each stands in
// the names, addresses, numbers or notes of everybody, with a first letter of either size.
func secrets() []string { return []string{"uorvath", "emplin", "+49305", "elmora"} }

// person is somebody who is enrolled.
type person struct {
	n                          int
	name, email, phone         string
	account, zone, country     string
	source                     string
	zoneOf                     *time.Location
	enrolledAfter, engageAfter time.Duration // from the beginning; the latter zero: they do nothing more
}

// chance is a number from 0 to 1 that follows from the seed and what it is about, so
// that what people do depends on nothing else.
type chance struct{ seed uint64 }

func (c chance) of(about ...any) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, c.seed, "|", fmt.Sprintln(about...))
	x := h.Sum64()
	x ^= x >> 31 // FNV's low bits say little of short inputs
	x *= 0x9e3779b97f4a7c15
	return float64(x>>11) / (1 << 53)
}

// pick chooses by chance.
func pick[T any](x float64, of []T) T { return of[int(x*float64(len(of)))] }

// persons makes those who are enrolled within a time, evenly.
func persons(c chance, n int, within time.Duration) []person {
	places := []struct{ zone, country string }{
		{"Europe/Berlin", "DE"}, {"Europe/London", "GB"}, {"America/New_York", "US"}, {"America/Denver", "US"}, {"Asia/Tokyo", "JP"}, {"Australia/Sydney", "AU"},
	}
	sources := []string{"info_request", "ebook_download", "webinar_attended", "site_chat", "referral", "booth_visit", "crm_dormant"}
	all := make([]person, n)
	for i := range all {
		place := pick(c.of("place", i), places)
		zone, err := time.LoadLocation(place.zone)
		if err != nil {
			panic(err) // the zones are embedded
		}
		account := i / 3
		p := person{
			n: i, name: fmt.Sprintf("Ann Quorvath %d", i), email: fmt.Sprintf("ann.quorvath%d@zemplin%d.example", i, account),
			phone: fmt.Sprintf("+49305%07d", 1000000+i), account: fmt.Sprintf("Zemplin Works %d", account),
			zone: place.zone, country: place.country, zoneOf: zone, source: pick(c.of("source", i), sources),
			enrolledAfter: time.Duration(float64(within) * (float64(i) + c.of("enrol", i)) / float64(n)),
		}
		if c.of("gone", i) < 0.03 {
			p.email = sink.Gone + p.email
		}
		if c.of("engages", i) < 0.3 {
			p.engageAfter = p.enrolledAfter + time.Duration(c.of("engage", i)*float64(within)/2)
		}
		all[i] = p
	}
	return all
}
