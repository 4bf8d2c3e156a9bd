package persona

import (
	"strconv"
	"time"
)

// Language is what a persona writes in, an ISO 639-1 code.
type Language string

// The languages.
const (
	English    Language = "en"
	German     Language = "de"
	French     Language = "fr"
	Spanish    Language = "es"
	Portuguese Language = "pt"
	Italian    Language = "it"
	Dutch      Language = "nl"
)

// Languages lists them in a fixed order.
func Languages() []Language {
	return []Language{English, German, French, Spanish, Portuguese, Italian, Dutch}
}

// tongue is how mail is written in a language. Texts have {places}.
type tongue struct {
	months       [12]string
	date         string    // {d} {month} {y}
	dayMonth     string    // the same without the year
	numeric      string    // {dd} {mm} {y}
	firstOfMonth string    // what the first day is called where it is not 1
	reply        string    // the subject's prefix that Outlook puts
	wrote        string    // the line above a quotation: {date} {time} {who}
	labels       [5]string // above what Outlook quotes: original message, from, sent, to, subject
	greeting     string    // {name}
	closing      string
	says         map[Reaction]string
	away         string // {from} {back} {desk}
	awaySubject  string
	invited      map[Reaction]string // the subject's prefixes of calendar replies
	another      string              // why another time
}

// on writes a date. Style 0 is long, 1 numeric, 2 without the year.
func (t tongue) on(at time.Time, style int) string {
	day := strconv.Itoa(at.Day())
	if at.Day() == 1 && t.firstOfMonth != "" {
		day = t.firstOfMonth
	}
	form := [...]string{t.date, t.numeric, t.dayMonth}[style]
	return fill(form, "d", day, "month", t.months[at.Month()-1], "y", at.Format("2006"), "dd", at.Format("02"), "mm", at.Format("01"))
}
