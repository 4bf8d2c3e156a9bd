package importing

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/csvfile"
)

func TestColumnsAreGuessedAsProgramsCallThem(t *testing.T) {
	for header, want := range map[string][]Field{
		"Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Create Date": {"", FirstName, LastName, Email, Phone, Owner, Account, OccurredAt}, // HubSpot
		"First Name,Last Name,Title,Company / Account,Email,Lead Source,Mailing Country":                 {FirstName, LastName, Title, "", Email, Source, Country},            // Salesforce
		"Person - Name,Person - Email - Work,Person - Phone - Work,Organization - Name":                  {Name, Email, Phone, Account},                                       // Pipedrive
		"Vorname,Nachname,E-Mail-Adresse,Telefon,Firma,Land,Bemerkung":                                   {FirstName, LastName, Email, Phone, Account, Country, Detail},
		"Prénom,Nom,Courriel,Société,Pays":                                                               {FirstName, LastName, Email, Account, Country},
		"Name,Name":                                                                                      {Name, ""},
		"Time Zone,E-mail,Colour":                                                                        {Zone, Email, ""},
	} {
		require.Equal(t, want, Guess(strings.Split(header, ","), nil).Columns, header)
	}
	rows := []csvfile.Row{{Cells: []string{"", "ann@acme.example", "12/31/2025"}}, {Cells: []string{"x", "bo@acme.example", "1/2/2026"}}}
	p := Guess([]string{"A", "B", "Date"}, rows[:1])
	require.Equal(t, []Field{"", Email, OccurredAt}, p.Columns, "a column full of addresses is one")
	require.Equal(t, MonthFirst, p.Dates)
	require.Equal(t, DayFirst, Guess([]string{"A", "B", "Date"}, rows[1:]).Dates)
}

func TestAPlanThatCannotBeFollowedSaysWhy(t *testing.T) {
	header := []string{"Name", "Mail", "Mail 2"}
	good := func() Plan {
		return Plan{Columns: []Field{Name, Email, ""}, Fixed: map[Field]string{Source: "crm_dormant", Basis: "consent: fair"}, Known: Complete}
	}
	require.Empty(t, good().Faults(header))
	for fault, change := range map[string]func(*Plan){
		"columns":      func(p *Plan) { p.Columns = p.Columns[:2] },
		"columns[0]":   func(p *Plan) { p.Columns[0] = "mood" },
		"columns[2]":   func(p *Plan) { p.Columns[2] = Email },
		"fixed.email":  func(p *Plan) { p.Fixed[Email] = "a@b.example" },
		"fixed.mood":   func(p *Plan) { p.Fixed["mood"] = "good" },
		"fixed.source": func(p *Plan) { delete(p.Fixed, Source) },
		"fixed.basis":  func(p *Plan) { delete(p.Fixed, Basis) },
	} {
		p := good()
		change(&p)
		faults := p.Faults(header)
		require.Len(t, faults, 1, fault)
		require.Equal(t, fault, faults[0].Field)
	}
	p := good()
	p.Columns[1] = ""
	require.Equal(t, "columns", p.Faults(header)[0].Field, "nobody could be reached")
}

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for s, want := range map[string]int64{
		"12000": 1_200_000, "12,000": 1_200_000, "12.000": 1_200_000, "1.234,50 €": 123_450, "$1,234.50": 123_450, "1'234.5": 123_450,
		"1 234,50": 123_450, "0.5": 50, "1,234,567": 123_456_700, "EUR 99": 9_900, "7.05": 705, "1.234.567,8": 123_456_780,
	} {
		got, ok := cents(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "a lot", "-5", "1,23,456", "1.2.3", "12,3456.7", "9999999999999999"} {
		_, ok := cents(s)
		require.False(t, ok, s)
	}
}

func TestDatesAreReadAsProgramsWriteThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for s, want := range map[string]string{
		"2026-03-31": "2026-03-31T00:00:00+02:00", "2026-03-31 14:30": "2026-03-31T14:30:00+02:00", "2026-03-31T14:30:00Z": "2026-03-31T14:30:00Z",
		"31.03.2026": "2026-03-31T00:00:00+02:00", "3/4/2026": "2026-04-03T00:00:00+02:00", "3/4/2026 2:05 PM": "2026-04-03T14:05:00+02:00",
		"Jan 2, 2026": "2026-01-02T00:00:00+01:00", "3-4-2026 23:59:59": "2026-04-03T23:59:59+02:00", "3/4/2026 12:05 am": "2026-04-03T00:05:00+02:00",
	} {
		got, ok := instant(s, DayFirst, berlin)
		require.True(t, ok, s)
		require.Equal(t, want, got.Format(time.RFC3339), s)
	}
	got, ok := instant("3/4/2026", MonthFirst, berlin)
	require.True(t, ok)
	require.Equal(t, time.March, got.Month())
	got, ok = instant("3.4.2026", MonthFirst, berlin)
	require.True(t, ok)
	require.Equal(t, time.April, got.Month(), "with dots the day is first")
	for _, s := range []string{"yesterday", "31.02.2026", "13/13/2026", "2026-13-01", "1/1/26", "1/1/2026 25:00"} {
		_, ok := instant(s, DayFirst, berlin)
		require.False(t, ok, s)
	}
}

func TestACountryMayBeCalledByItsName(t *testing.T) {
	for name, code := range map[string]string{"Germany": "DE", "deutschland": "DE", "Allemagne": "DE", "Alemania": "DE", "USA": "US", "United Kingdom": "GB", "fr": "fr", "Narnia": "Narnia", "": ""} {
		require.Equal(t, code, countryCode(name), name)
	}
}
