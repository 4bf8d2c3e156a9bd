package received

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dates in a text are replaced by marks ⟦0⟧, ⟦1⟧, … so that their dots do not
// end sentences and patterns can speak of "a date" as such.
var (
	mark         = lazily(`⟦(\d+)⟧`)
	replaceMarks = strings.NewReplacer(
		"[^D]", "[^⟦]",
		"WD", betweenDate+`⟦(\d+)⟧`,
		"WE", betweenDate+`⟦(\d+)⟧`,
		"D ?ben", `⟦(\d+)⟧ ?ben`,
		"D ?", `⟦\d+⟧ ?`,
	)
)

// betweenDate is what may stand before a date: articles, "the morning of", a
// weekday in any of the languages.
const betweenDate = `,? ?(?:(?:the|this|next|early|end of day|eod|cob|close of business|noon|on|próximo|próxima|prossimo|prochain|nächsten|komenden|kommenden|and including|dem|den|einschließlich|inklusive|inkl\.?|inclusive|le|el|il|lo|o|a|ao|al|de|da|do|dia|día|giorno|matin du|mañana del|including|voraussichtlich|probably|approximately) )*` +
	`(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|(?:maan|dins|woens|donder|vrij|zater|zon)dag)?\.?,? ?(?:(?:the|dem|den|le|el|il|dia|día|de|,) )*`

const monthNames = `january|february|march|april|may|june|july|august|september|october|november|december|` +
	`januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|` +
	`janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|` +
	`enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|` +
	`janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|` +
	`gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|` +
	`januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december`

// otherMonths are short and unaccented forms, with their month.
var otherMonths = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
	"jän": 1, "jänner": 1, "mär": 3, "maerz": 3, "mrz": 3, "okt": 10, "dez": 12,
	"janv": 1, "févr": 2, "fév": 2, "fevrier": 2, "avr": 4, "juil": 7, "aout": 8, "déc": 12, "decembre": 12,
	"ene": 1, "abr": 4, "ago": 8, "setiembre": 9, "dic": 12, "fev": 2, "marco": 3, "mai": 5, "set": 9, "out": 10,
	"gen": 1, "mag": 5, "giu": 6, "lug": 7, "ott": 10, "mrt": 3,
}

// months is every name of a month, and its number.
var months = func() map[string]time.Month {
	all := map[string]time.Month{}
	for i, name := range strings.Split(monthNames, "|") {
		all[name] = time.Month(i%12 + 1)
	}
	for name, month := range otherMonths {
		all[name] = month
	}
	return all
}()

// calendar resolves the dates of one message.
type calendar struct {
	today      time.Time // start of the message's day, in its zone
	lang       string
	monthFirst bool // another date of the text shows this order
	dayFirst   bool
}

func newCalendar(date time.Time, lang string) calendar {
	return calendar{today: time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, date.Location()), lang: lang}
}

// markDates replaces every date in text by a mark, and returns what each means;
// those that mean nothing certain are zero.
func markDates(text string, c calendar) (string, []time.Time) {
	var dates []time.Time
	c.learnOrder(text)
	text = mark().ReplaceAllString(text, " ")
	for _, f := range writtenDates {
		text = replaceDates(text, f.pattern, func(groups []string) string {
			day := f.read(c, groups)
			dates = append(dates, day)
			m := "⟦" + strconv.Itoa(len(dates)-1) + "⟧"
			if f.isRange {
				return m + " - " + m
			}
			return m
		})
	}
	return rangeOfDays().ReplaceAllString(text, "${1}${3} - ${3}"), dates
}

// replaceDates is ReplaceAllStringFunc with groups, leaving alone what is part
// of a longer number, and at most 200 of them.
func replaceDates(text string, form pattern, with func(groups []string) string) string {
	var b strings.Builder
	last := 0
	for _, at := range form().FindAllStringSubmatchIndex(text, 200) {
		if at[0] > 0 && partBefore().MatchString(text[max(0, at[0]-2):at[0]]) || at[1] < len(text) && partOfNumber().MatchString(text[at[1]:min(len(text), at[1]+8)]) {
			continue
		}
		groups := make([]string, len(at)/2)
		for i := range groups {
			if at[2*i] >= 0 {
				groups[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		b.WriteString(text[last:at[0]])
		b.WriteString(with(groups))
		last = at[1]
	}
	return b.String() + text[last:]
}

// A hyphen joins two dates of a range, but not within a number.
var (
	partBefore   = lazily(`[\d/+]$|\d\.$|^-$`)
	partOfNumber = lazily(`^(\d|/\d)`)
)

func dateOf(number string, dates []time.Time) time.Time {
	if i, err := strconv.Atoi(number); err == nil && i < len(dates) {
		return dates[i]
	}
	return time.Time{}
}

const (
	dayNumber = `(\d{1,2})(?:st|nd|rd|th|\.|er|º|°|ª|e\b)?`
	separates = ` ?(?:-|to|through|thru|until|till|and|bis(?: zum)?|und|au|et|al|a|y|ao|e|até(?: a[o]?)?|hasta(?: el)?|fino al|t/m|tot(?: en met)?|en) ?`
	aYear     = `(?:,? ?(?:de |del |of )?(20\d\d)\b)?`
)

var (
	anyMonth     = anyMonthOf(months)
	englishMonth = `january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec`

	// rangeOfDays is "3 to ⟦14 August⟧": a range of which only the end is a date.
	rangeOfDays = lazily(`(^|[ (])` + dayNumber + separates + betweenDate + `(⟦\d+⟧)`)
)

// anyMonthOf lists the names of months, longer ones first so that "sept" is not
// read as "sep".
func anyMonthOf(names map[string]time.Month) string {
	all := slices.Collect(maps.Keys(names))
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return strings.Join(all, "|")
}

// writtenDates are the ways to write a date, the more explicit ones first.
var writtenDates = []struct {
	pattern pattern
	isRange bool
	read    func(c calendar, g []string) time.Time
}{
	{lazily(`\b(20\d\d)-(\d{1,2})-(\d{1,2})`), false, func(c calendar, g []string) time.Time {
		return c.day(number(g[1]), number(g[2]), number(g[3]))
	}},
	{lazily(`\b(` + englishMonth + `)\.? ` + dayNumber + separates + dayNumber + `\b` + aYear), true, func(c calendar, g []string) time.Time {
		return c.day(number(g[4]), int(months[g[1]]), number(g[3]))
	}},
	{lazily(`\b` + dayNumber + `[ -]?(?:of |de |di |d'|day of )?(` + anyMonth + `)\b\.?-?` + aYear), false, func(c calendar, g []string) time.Time {
		if c.lang == "en" && (g[2] == "out" || g[2] == "set" || g[2] == "ago") {
			return time.Time{}
		}
		return c.day(number(g[3]), int(months[g[2]]), number(g[1]))
	}},
	{lazily(`\b(` + englishMonth + `)\.? (\d{1,2})(?:st|nd|rd|th)?\b` + aYear), false, func(c calendar, g []string) time.Time {
		return c.day(number(g[3]), int(months[g[1]]), number(g[2]))
	}},
	{lazily(`\b(\d{1,2})\. ?(\d{1,2})\.(?: ?(20\d\d|\d\d)\b)?`), false, func(c calendar, g []string) time.Time {
		return c.day(number(g[3]), number(g[2]), number(g[1]))
	}},
	{lazily(`\b(\d{1,2})[/-](\d{1,2})[/-](20\d\d|\d\d)\b`), false, func(c calendar, g []string) time.Time {
		return c.ambiguous(number(g[3]), number(g[1]), number(g[2]))
	}},
	{lazily(`\b(\d{1,2})/(\d{1,2})\b`), false, func(c calendar, g []string) time.Time {
		if g[0] == "24/7" {
			return time.Time{}
		}
		return c.ambiguous(0, number(g[1]), number(g[2]))
	}},
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// learnOrder looks for a date with slashes that can be read in one order only:
// whoever wrote it wrote the others in the same order.
func (c *calendar) learnOrder(text string) {
	for _, g := range slashed().FindAllStringSubmatch(text, 50) {
		a, b := number(g[1]), number(g[2])
		c.dayFirst = c.dayFirst || a > 12 && a <= 31 && b <= 12 && g[0] != "24/7"
		c.monthFirst = c.monthFirst || b > 12 && b <= 31 && a <= 12
	}
}

var slashed = lazily(`\b(\d{1,2})/(\d{1,2})\b`)

// ambiguous reads two numbers whose order depends on the country: day first in
// all our languages but English, which knows both.
func (c calendar) ambiguous(year, a, b int) time.Time {
	switch {
	case a > 12 || a == b:
		return c.day(year, b, a)
	case b > 12:
		return c.day(year, a, b)
	case c.monthFirst && !c.dayFirst:
		return c.day(year, a, b)
	case !c.dayFirst && (c.lang == "en" || c.lang == ""), c.dayFirst && c.monthFirst:
		return time.Time{}
	}
	return c.day(year, b, a)
}

// day is the start of a day; without a year (0) that of the next such date. It
// is zero when there is no such day, or when it has just passed.
func (c calendar) day(year, month, day int) time.Time {
	if year > 0 {
		if year < 100 {
			year += 2000
		}
		return c.date(year, month, day)
	}
	year = c.today.Year()
	next := c.date(year, month, day)
	if next.IsZero() || next.Before(c.today) {
		next = c.date(year+1, month, day)
	}
	if next.IsZero() {
		return next
	}
	if last := next.AddDate(-1, 0, 0); last.Before(c.today) && c.today.Sub(last) <= 60*24*time.Hour {
		return time.Time{}
	}
	return next
}

func (c calendar) date(year, month, day int) time.Time {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, c.today.Location())
	if month < 1 || month > 12 || day < 1 || t.Day() != day {
		return time.Time{}
	}
	return t
}
