package sequence_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/internal/holidays"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

func window(t require.TestingT, s string) sequence.Window {
	var w sequence.Window
	require.NoError(t, w.UnmarshalText([]byte(s)))
	return w
}

func wait(t require.TestingT, s string) sequence.Wait {
	var w sequence.Wait
	require.NoError(t, w.UnmarshalText([]byte(s)))
	return w
}

func placeIn(t require.TestingT, zone, country string) sequence.Place {
	loc, ok := sequence.LoadZone(zone)
	require.Truef(t, ok, "there is no zone %s", zone)
	return sequence.Place{Zone: loc, Known: true, Holidays: holidays.Tables()[country]}
}

// clock reads wall-clock time at a place.
func clock(t require.TestingT, p sequence.Place, s string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, p.Zone)
	require.NoError(t, err)
	return at
}

func TestAWindowOpensAtTheNextWorkingHourOfTheLeadsPlace(t *testing.T) {
	for _, c := range []struct{ story, zone, country, now, open string }{
		{"inside it is open now", "Europe/Berlin", "DE", "2026-03-02 10:30", "2026-03-02 10:30"},
		{"the first minute belongs to it", "Europe/Berlin", "DE", "2026-03-02 09:00", "2026-03-02 09:00"},
		{"the last one does not", "Europe/Berlin", "DE", "2026-03-02 17:00", "2026-03-03 09:00"},
		{"early in the morning it waits for the opening", "Europe/Berlin", "DE", "2026-03-02 03:00", "2026-03-02 09:00"},
		{"on Friday evening it waits for Monday", "Europe/Berlin", "DE", "2026-03-06 18:00", "2026-03-09 09:00"},
		{"on Saturday it waits for Monday", "Europe/Berlin", "DE", "2026-03-07 12:00", "2026-03-09 09:00"},
		{"Good Friday and Easter Monday in Germany", "Europe/Berlin", "DE", "2026-04-03 10:00", "2026-04-07 09:00"},
		{"German Unity Day", "Europe/Berlin", "DE", "2025-10-03 10:00", "2025-10-06 09:00"},
		{"Christmas in Germany lasts two days", "Europe/Berlin", "DE", "2025-12-25 10:00", "2025-12-29 09:00"},
		{"Thanksgiving", "America/New_York", "US", "2026-11-26 10:00", "2026-11-27 09:00"},
		{"Independence Day on a Saturday is observed on Friday", "America/New_York", "US", "2026-07-03 10:00", "2026-07-06 09:00"},
		{"Boxing Day on a Saturday is observed on Monday", "Europe/London", "GB", "2026-12-25 10:00", "2026-12-29 09:00"},
		{"the early May bank holiday", "Europe/London", "GB", "2026-05-04 10:00", "2026-05-05 09:00"},
		{"the holidays of another country do not count", "Europe/Berlin", "US", "2025-10-03 10:00", "2025-10-03 10:00"},
		{"an unknown country has weekends only", "Europe/Berlin", "", "2025-10-03 10:00", "2025-10-03 10:00"},
		{"the day the clocks spring forward in Berlin is a Sunday", "Europe/Berlin", "DE", "2026-03-28 12:00", "2026-03-30 09:00"},
		{"the day after they fall back", "Europe/Berlin", "DE", "2026-10-25 02:30", "2026-10-26 09:00"},
	} {
		p := placeIn(t, c.zone, c.country)
		got := p.NextOpen(clock(t, p, c.now), window(t, "mon-fri 09:00-17:00"))
		require.Equal(t, c.open, got.In(p.Zone).Format("2006-01-02 15:04"), c.story)
		require.True(t, p.Open(got, window(t, "mon-fri 09:00-17:00")), c.story)
	}
}

func TestAWaitEndsWhenASalesManagerWouldSayItDoes(t *testing.T) {
	for _, c := range []struct{ story, zone, country, from, wait, until string }{
		{"at once", "Europe/Berlin", "DE", "2026-03-02 10:00", "at once", "2026-03-02 10:00"},
		{"minutes", "Europe/Berlin", "DE", "2026-03-02 23:50", "15 minutes", "2026-03-03 00:05"},
		{"a day keeps the time of day", "Europe/Berlin", "DE", "2026-03-02 10:00", "1 day", "2026-03-03 10:00"},
		{"a week", "Europe/Berlin", "DE", "2026-03-02 10:00", "1 week", "2026-03-09 10:00"},
		{"working minutes inside the window", "Europe/Berlin", "DE", "2026-03-02 10:00", "15 working minutes", "2026-03-02 10:15"},
		{"working minutes over the night", "Europe/Berlin", "DE", "2026-03-02 17:50", "15 working minutes", "2026-03-03 09:05"},
		{"working minutes over the weekend", "Europe/Berlin", "DE", "2026-03-06 17:50", "15 working minutes", "2026-03-09 09:05"},
		{"working minutes begin with the window", "Europe/Berlin", "DE", "2026-03-07 12:00", "15 working minutes", "2026-03-09 09:15"},
		{"working minutes over Easter", "Europe/Berlin", "DE", "2026-04-02 17:55", "15 working minutes", "2026-04-07 09:10"},
		{"working hours over days", "Europe/Berlin", "DE", "2026-03-02 16:00", "12 working hours", "2026-03-04 10:00"},
		{"working days", "Europe/Berlin", "DE", "2026-03-02 10:00", "2 working days", "2026-03-04 10:00"},
		{"working days over the weekend", "Europe/Berlin", "DE", "2026-03-06 10:00", "2 working days", "2026-03-10 10:00"},
		{"working days over Easter", "Europe/Berlin", "DE", "2026-04-02 10:00", "1 working day", "2026-04-07 10:00"},
		{"working days around Thanksgiving", "America/New_York", "US", "2026-11-25 10:00", "2 working days", "2026-11-30 10:00"},
		{"working days over a British Christmas", "Europe/London", "GB", "2026-12-24 10:00", "1 working day", "2026-12-29 10:00"},
		{"a month", "Europe/Berlin", "DE", "2026-03-15 10:00", "1 month", "2026-04-15 10:00"},
		{"a month after the 31st is the last of February", "Europe/Berlin", "DE", "2026-01-31 10:00", "1 month", "2026-02-28 10:00"},
		{"in a leap year the 29th", "Europe/Berlin", "DE", "2028-01-31 10:00", "1 month", "2028-02-29 10:00"},
		{"a quarter after the last of November", "Europe/Berlin", "DE", "2026-11-30 10:00", "3 months", "2027-02-28 10:00"},
		{"a quarter after the 31st of August", "Europe/Berlin", "DE", "2026-08-31 10:00", "3 months", "2026-11-30 10:00"},
		{"fourteen months over two new years", "Europe/Berlin", "DE", "2026-12-31 10:00", "14 months", "2028-02-29 10:00"},
		{"months do not remember the day they lost", "Europe/Berlin", "DE", "2026-02-28 10:00", "1 month", "2026-03-28 10:00"},

		{"a day in which an hour is missing", "Europe/Berlin", "DE", "2026-03-28 10:00", "1 day", "2026-03-29 10:00"},
		{"24 hours over a missing hour", "Europe/Berlin", "DE", "2026-03-28 10:00", "24 hours", "2026-03-29 11:00"},
		{"a day with one hour too many", "Europe/Berlin", "DE", "2026-10-24 10:00", "1 day", "2026-10-25 10:00"},
		{"24 hours over the hour too many", "Europe/Berlin", "DE", "2026-10-24 10:00", "24 hours", "2026-10-25 09:00"},
		{"New York springs forward three weeks earlier", "America/New_York", "US", "2026-03-07 10:00", "24 hours", "2026-03-08 11:00"},
		{"and falls back a week later", "America/New_York", "US", "2026-10-31 10:00", "24 hours", "2026-11-01 09:00"},
		{"working minutes know nothing of clocks that change on Sunday", "America/New_York", "US", "2026-03-06 17:50", "15 working minutes", "2026-03-09 09:05"},
		{"Lord Howe moves half an hour ahead", "Australia/Lord_Howe", "AU", "2026-10-03 10:00", "24 hours", "2026-10-04 10:30"},
		{"and half an hour back", "Australia/Lord_Howe", "AU", "2026-04-04 10:00", "24 hours", "2026-04-05 09:30"},
		{"half an hour more makes the same time of day", "Australia/Lord_Howe", "AU", "2026-10-03 10:00", "1 day", "2026-10-04 10:00"},

		{"Cairo skips the hour after midnight: the day begins at one", "Africa/Cairo", "", "2026-04-23 00:30", "1 day", "2026-04-24 01:30"},
		{"Asunción did so, too: it is the same day all the same", "America/Asuncion", "", "2024-10-05 00:30", "1 day", "2024-10-06 01:30"},
		{"a month before it does not end the month before", "America/Asuncion", "", "2024-09-06 00:30", "1 month", "2024-10-06 01:30"},
		{"a working day is counted once", "America/Asuncion", "", "2024-10-04 00:30", "1 working day", "2024-10-07 00:30"},
		{"Havana falls back at one to midnight", "America/Havana", "", "2026-10-31 00:30", "1 day", "2026-11-01 00:30"},
	} {
		p := placeIn(t, c.zone, c.country)
		got := wait(t, c.wait).After(clock(t, p, c.from), p, window(t, "mon-fri 09:00-18:00")).In(p.Zone)
		require.Equal(t, c.until, got.Format("2006-01-02 15:04"), c.story)
	}
}

func TestAReminderIsCountedBackFromTheCall(t *testing.T) {
	p := placeIn(t, "Europe/Berlin", "DE")
	hours := window(t, "mon-fri 09:00-17:00")
	for _, c := range []struct{ story, call, wait, at string }{
		{"an hour", "2026-03-05 14:30", "1 hour", "2026-03-05 13:30"},
		{"a day", "2026-03-05 14:30", "1 day", "2026-03-04 14:30"},
		{"a day on which an hour was lost", "2026-03-29 14:30", "1 day", "2026-03-28 14:30"},
		{"a working day before Monday is Friday", "2026-03-09 14:30", "1 working day", "2026-03-06 14:30"},
		{"and before Easter Tuesday it is Thursday", "2026-04-07 14:30", "1 working day", "2026-04-02 14:30"},
		{"a month before the 31st", "2026-03-31 14:30", "1 month", "2026-02-28 14:30"},
	} {
		at := wait(t, c.wait).Before(clock(t, p, c.call), p, hours)
		require.Equal(t, c.at, at.In(p.Zone).Format("2006-01-02 15:04"), c.story)
	}
}

func TestTheNextOpeningIsOpenAndNothingBeforeItIs(t *testing.T) {
	zones := []string{
		"Europe/Berlin", "America/New_York", "America/Asuncion", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe",
		"Asia/Kathmandu", "Pacific/Kiritimati", "America/Santiago", "Asia/Beirut", "UTC",
	}
	windows := []string{"mon-fri 09:00-17:00", "tue,thu 10:00-12:30", "sat-sun 00:00-01:00", "mon-sun 00:00-00:30", "fri 23:00-23:59"}
	rapid.Check(t, func(rt *rapid.T) {
		p := placeIn(rt, rapid.SampledFrom(zones).Draw(rt, "zone"), rapid.SampledFrom([]string{"DE", "US", "GB", ""}).Draw(rt, "country"))
		w := window(rt, rapid.SampledFrom(windows).Draw(rt, "window"))
		from := time.Unix(int64(rapid.IntRange(1_704_067_200, 1_900_000_000).Draw(rt, "from")), 0)
		open := p.NextOpen(from, w)
		require.False(rt, open.Before(from))
		require.Truef(rt, p.Open(open, w), "%s is not open", open)
		for at := from; at.Before(open); at = at.Add(max(open.Sub(from)/12, time.Minute)) {
			require.Falsef(rt, p.Open(at, w), "%s was open, before %s", at, open)
		}
	})
}

func TestATouchIsSpreadInsideItsWindowByItsKeyAlone(t *testing.T) {
	hours := []string{"mon-fri 09:00-17:00", "mon-fri 09:00-09:01", "tue,thu 10:00-12:30"}
	rapid.Check(t, func(rt *rapid.T) {
		p := placeIn(rt, rapid.SampledFrom([]string{"Europe/Berlin", "America/Asuncion", "Australia/Lord_Howe"}).Draw(rt, "zone"), "DE")
		w := window(rt, rapid.SampledFrom(hours).Draw(rt, "window"))
		due := time.Unix(int64(rapid.IntRange(1_704_067_200, 1_900_000_000).Draw(rt, "due")), 0)
		spread := time.Duration(rapid.IntRange(0, 24*60).Draw(rt, "spread")) * time.Minute
		key := rapid.String().Draw(rt, "key")
		at, open := p.Slot(due, w, spread, key), p.NextOpen(due, w)
		require.Truef(rt, p.Open(at, w), "%s is outside the window", at)
		require.False(rt, at.Before(open))
		require.LessOrEqual(rt, at.Sub(open), spread)
		require.Equal(rt, at, p.Slot(due, w, spread, key), "the same touch gets the same instant")
	})
}

func TestTouchesDueTogetherAreSpreadOverTheWholeSpread(t *testing.T) {
	p := placeIn(t, "Europe/Berlin", "DE")
	perHour := map[int]int{}
	for i := range 600 {
		at := p.Slot(clock(t, p, "2026-03-02 00:00"), window(t, "mon-fri 09:00-17:00"), 6*time.Hour, "lead-"+strconv.Itoa(i)+":3:2")
		perHour[at.Hour()]++
	}
	require.Len(t, perHour, 6)
	for hour, n := range perHour {
		require.InDeltaf(t, 100, n, 40, "touches at %d o'clock", hour)
	}
}

func TestALeadOfUnknownPlaceIsCalledInTheStrictestHours(t *testing.T) {
	for _, zone := range []string{"", "Local", "Mars/Olympus_Mons"} {
		lead := sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: zone, Country: "US"}
		life, err := simulate.Begin(lead, "info_request", defaultPlaybook(t), time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		require.False(t, sequence.PlaceOf(life.Lead, life.Playbook).Known)
		require.NoError(t, life.For(60*24*time.Hour))
		newYork, _ := sequence.LoadZone("America/New_York")
		calls := 0
		for _, c := range only[sequence.CreateTask](life.Actions) {
			if c.Kind == sequence.TaskCall {
				calls++
				due := c.DueAt.In(newYork)
				require.GreaterOrEqual(t, due.Hour(), 11)
				require.Less(t, due.Hour(), 15)
			}
		}
		require.Positive(t, calls)
	}
}

func TestALeadOfKnownPlaceIsCalledInThePlaybooksHours(t *testing.T) {
	life := born(t, "info_request")
	require.NoError(t, life.For(time.Minute))
	calls := only[sequence.CreateTask](life.Actions)
	require.Len(t, calls, 1)
	require.Equal(t, monday.Add(15*time.Minute), calls[0].DueAt, "ten o'clock in Berlin is a good time")
}

func TestAPlaybookCannotCallOutsideTheLegalHours(t *testing.T) {
	pb := *defaultPlaybook(t)
	pb.Windows.Call = window(t, "mon-sun 00:00-23:59")
	life, err := simulate.Begin(sequence.Lead{ID: "lead-1", Zone: "Europe/Berlin"}, "info_request", &pb, monday.Add(13*time.Hour))
	require.NoError(t, err)
	require.NoError(t, life.For(40*24*time.Hour))
	for _, c := range only[sequence.CreateTask](life.Actions) {
		if c.Kind == sequence.TaskCall {
			hour := c.DueAt.In(sequence.PlaceOf(life.Lead, &pb).Zone).Hour()
			require.GreaterOrEqual(t, hour, 8)
			require.Less(t, hour, 21)
		}
	}
}

func TestAWaitReadsAsItIsWritten(t *testing.T) {
	for text, canonical := range map[string]string{
		"at once": "at once", "0 days": "at once", "1 day": "1 day", "1 days": "1 day", "2 day": "2 days",
		"15 working minutes": "15 working minutes", " 3\tmonths ": "3 months", "1 working  hour": "1 working hour", "10000 weeks": "10000 weeks",
	} {
		w := wait(t, text)
		require.Equal(t, canonical, w.String(), text)
		written, err := w.MarshalText()
		require.NoError(t, err)
		require.Equal(t, w.String(), wait(t, string(written)).String())
	}
}

func TestAWaitThatMeansNothingIsRefusedWithAnExample(t *testing.T) {
	for _, text := range []string{"", "soon", "two days", "-1 day", "1.5 hours", "10001 days", "1", "3 fortnights", "3 working weeks", "1 day or so", "days 2"} {
		was := sequence.Wait{N: 7, Unit: sequence.Days}
		got := was
		err := got.UnmarshalText([]byte(text))
		require.Errorf(t, err, "%q", text)
		require.Regexpf(t, "working days", err.Error(), "%q", text)
		require.Equal(t, was, got, "what is refused changes nothing")
	}
}

func TestAWindowReadsAsItIsWritten(t *testing.T) {
	for text, canonical := range map[string]string{
		"mon-fri 09:00-17:00": "mon-fri 09:00-17:00", "Mon-Fri 9:00-17:00": "mon-fri 09:00-17:00",
		"tue,thu 10:00-12:30": "tue,thu 10:00-12:30", "thu,tue 10:00-12:30": "tue,thu 10:00-12:30",
		"sat-mon 00:00-23:59": "mon,sat,sun 00:00-23:59", "wed 08:15-08:16": "wed 08:15-08:16",
		"mon,wed-fri  09:00-17:00": "mon,wed,thu,fri 09:00-17:00",
	} {
		w := window(t, text)
		written, err := w.MarshalText()
		require.NoError(t, err)
		require.Equal(t, canonical, string(written), text)
		require.Equal(t, w, window(t, string(written)))
	}
}

func TestAWindowThatNeverOpensOrMeansNothingIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "mon-fri", "09:00-17:00", "mon-fri 09:00", "mon-fri 17:00-09:00", "mon-fri 09:00-09:00", "mon-fri 25:00-26:00",
		"mon-fri 09:00-24:00", "montag-freitag 09:00-17:00", "mon- 09:00-17:00", "-fri 09:00-17:00", "mon-wed-fri 09:00-17:00",
		"mon,,fri 09:00-17:00", "mon-fri 09:00-17:00 CET", "mon-fri nine-five", strings.Repeat("mon,", 40),
	} {
		was := window(t, "tue 10:00-11:00")
		got := was
		require.Errorf(t, got.UnmarshalText([]byte(text)), "%q", text)
		require.Equal(t, was, got, "what is refused changes nothing")
	}
}

func TestAnyWaitAndWindowSurviveBeingWrittenDown(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := sequence.Wait{
			N: rapid.IntRange(1, 10_000).Draw(rt, "n"),
			Unit: rapid.SampledFrom([]sequence.Unit{
				sequence.Minutes, sequence.Hours, sequence.Days, sequence.Weeks, sequence.Months,
				sequence.WorkingMinutes, sequence.WorkingHours, sequence.WorkingDays,
			}).Draw(rt, "unit"),
		}
		require.Equal(rt, w, wait(rt, w.String()))

		var open sequence.Window
		open.Days[rapid.IntRange(0, 6).Draw(rt, "a day")] = true
		for d := range open.Days {
			open.Days[d] = open.Days[d] || rapid.Bool().Draw(rt, "day")
		}
		open.From = rapid.IntRange(0, 24*60-2).Draw(rt, "from")
		open.To = rapid.IntRange(open.From+1, 24*60-1).Draw(rt, "to")
		written, err := open.MarshalText()
		require.NoError(rt, err)
		require.Equal(rt, open, window(rt, string(written)))
	})
}
