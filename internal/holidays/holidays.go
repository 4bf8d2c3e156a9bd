// Package holidays lays out public holidays as the tables that a playbook
// carries. It knows the calendar library; nobody else needs to.
package holidays

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"github.com/rekindlehq/rekindle/sequence"
)

// The years for which the tables are laid out. A lead that lives beyond them
// meets no holidays.
const (
	FirstYear = 2020
	LastYear  = 2060
)

func calendars() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"AT": at.Holidays, "AU": au.HolidaysNSW, "BE": be.Holidays, "BR": br.Holidays, "CA": ca.Holidays,
		"CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "ES": es.Holidays,
		"FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays, "IT": it.Holidays, "JP": jp.Holidays,
		"NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays, "PL": pl.Holidays, "SE": se.Holidays,
		"US": us.Holidays, "ZA": za.Holidays,
	}
}

// called is the name of a holiday; those that nearly everybody has are called
// alike everywhere, so that a playbook can name them.
func called(h *cal.Holiday, actual time.Time) string {
	switch actual.Format("01-02") {
	case "01-01":
		return "New Year's Day"
	case "12-25":
		return "Christmas Day"
	}
	return h.Name
}

// Tables gives the nationwide public holidays by country, both the day itself
// and the day on which it is observed. The tables are made once and shared:
// treat them as read-only.
var Tables = sync.OnceValue(func() sequence.Holidays {
	tables := sequence.Holidays{}
	for country, list := range calendars() {
		days := map[sequence.Day]string{}
		for _, h := range list {
			if h.Type != cal.ObservancePublic && h.Type != cal.ObservanceBank {
				continue
			}
			for year := FirstYear; year <= LastYear; year++ {
				actual, observed := h.Calc(year)
				for _, day := range []time.Time{actual, observed} {
					if !day.IsZero() {
						days[sequence.DayOf(day)] = called(h, actual)
					}
				}
			}
		}
		tables[country] = days
	}
	return tables
})
