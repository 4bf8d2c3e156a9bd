package received

import (
	"strings"
	"time"
)

// backOn finds in an out-of-office text the day on which the person is back,
// at its start in the zone of the message's date. It is strict: a wrong date
// costs a lead months, no date costs the playbook's default of some days.
//
//   - "back on X", "ab dem X wieder", "de retour le X": X.
//   - "away until X", "bis X", "from W to X", "through X": the day after X.
//   - "not back until X", "erst am X wieder", "nicht vor dem X": X.
//   - "back after X": the day after X.
//   - A date without a year is the next such date after the message; one that
//     has passed within the last 60 days is a notice left standing: none.
//   - 03/04/2026 is read by the language of the text; English knows both orders,
//     so there it counts only when one number is above 12, both are the same, or
//     another date of the text shows the order.
//   - A date must lie after the message's and within a year, and its sentence
//     must speak of return or of absence. Words like Monday or tomorrow are no
//     dates. Among several days of return, the earliest counts, and a day of
//     return goes before the end of an absence.
//
// date is the message's; now stands in when it is zero or in the future.
func backOn(text string, date, now time.Time) time.Time {
	if date.IsZero() || date.After(now.Add(24*time.Hour)) {
		date = now
	}
	text = strings.Join(paragraphs(judged(clip(text, maxJudged))), "\n\n")
	marked, dates := markDates(text, newCalendar(date, language(text)))
	var returns, ends []time.Time
	for _, s := range statements(marked) {
		returns = append(returns, pick(s, dates, returnForms, true)...)
		ends = append(ends, pick(s, dates, endForms, false)...)
	}
	if day := earliest(returns, date); !day.IsZero() {
		return day
	}
	return earliest(ends, date)
}

// earliest is the first day after the message's and within a year of it.
func earliest(days []time.Time, date time.Time) time.Time {
	var found time.Time
	for _, day := range days {
		if day.After(date) && day.Before(date.AddDate(1, 0, 1)) && (found.IsZero() || day.Before(found)) {
			found = day
		}
	}
	return found
}

// paragraphs joins wrapped lines.
func paragraphs(text string) []string {
	var out []string
	for _, p := range blankLine().Split(text, 500) {
		out = append(out, strings.Join(strings.Fields(p), " "))
	}
	return out
}

// statements splits a text with marked dates into sentences. What belongs to a
// colleague, an offer or an event is not the person's absence.
func statements(marked string) []string {
	var out []string
	for _, s := range statementEnd().Split(marked, 1000) {
		if !aboutOthers().MatchString(s) {
			out = append(out, s)
		}
	}
	return out
}

var (
	statementEnd = lazily(`[.!?;]+(\s|$)|\n\n`)
	aboutOthers  = lazily(`\b(offer|promotion|discount|tickets?|registrations?|register|deadline|webinar|valid|expires?|invoice|angebot|gültig|anmeldung|rabatt|offre|inscriptions?|oferta|válid[ao]|promoção|offerta|iscrizion\pL+|aanbieding|geldig)\b|\b(my |our )?(colleague|boss|manager|assistant)\b[^@]{0,60}\b(is|will be) (also |currently )?(back|away|out|on|returning)\b|\b(kolleg\pL+|collègue|colega|collega)\b[^@]{0,60}\b(auch|ebenfalls|zurück|aussi|también|também|anche|ook|terug|de retour)\b`)
)

// form is a way to state a date: the pattern captures the mark of the date. The
// sentence must match context as well, where one is given; plus days are added.
type form struct {
	pattern pattern
	context pattern
	plus    int
}

// pick resolves the dates that a sentence states in any of the forms, or only in
// the first one that applies, where the more telling ones come first.
func pick(sentence string, dates []time.Time, forms []form, firstForm bool) []time.Time {
	var days []time.Time
	for _, f := range forms {
		if f.context != nil && !f.context().MatchString(sentence) {
			continue
		}
		for _, found := range f.pattern().FindAllStringSubmatch(sentence, 10) {
			day := dateOf(found[1], dates)
			if day.IsZero() {
				continue
			}
			days = append(days, day.AddDate(0, 0, f.plus))
		}
		if days != nil && firstForm {
			return days
		}
	}
	return days
}
