package sequence

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheClockOnTheWallAgreesWithTheTimePackage(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Asuncion", "Africa/Cairo", "Africa/Casablanca",
		"Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns", "Pacific/Apia", "Asia/Tehran", "America/Sao_Paulo", "Europe/Dublin",
	} {
		c, ok := loadClock(name)
		require.True(t, ok, name)
		rapid.Check(t, func(rt *rapid.T) {
			at := time.Unix(rapid.Int64Range(1_500_000_000, 2_950_000_000).Draw(rt, "instant"), 0)
			if len(c.from) > 1 && rapid.Bool().Draw(rt, "near a change of the clocks") {
				at = time.Unix(rapid.SampledFrom(c.from).Draw(rt, "change")+rapid.Int64Range(-90_000, 90_000).Draw(rt, "off by"), 0)
			}
			day, second := c.local(at)
			local := at.In(c.location)
			y, m, d := local.Date()
			require.Equal(rt, DayOf(local), dayNumber(day))
			require.Equal(rt, local.Weekday(), weekday(day))
			require.Equal(rt, int64(local.Hour()*3600+local.Minute()*60+local.Second()), second)
			minute := rapid.IntRange(0, 24*60).Draw(rt, "minute")
			require.True(rt, time.Date(y, m, d, 0, minute, 0, 0, c.location).Equal(c.time(c.instant(day, int64(minute)*60))), "%s %s minute %d", name, local, minute)
		})
	}
}

func TestDaysOffAreTheDaysOfTheTable(t *testing.T) {
	table := map[Day]string{20260101: "New Year's Day", 20261225: "Christmas Day", 20280229: "Leap Day"}
	off := newDaysOff(table)
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2031; day = day.AddDate(0, 0, 1) {
		_, holiday := table[DayOf(day)]
		require.Equal(t, holiday, off.has(day.Unix()/daySeconds), day)
	}
	require.False(t, newDaysOff(nil).has(0))

	var found []Day
	for day, ok := off.next(0); ok; day, ok = off.next(day + 1) {
		found = append(found, dayNumber(day))
	}
	require.Equal(t, []Day{20260101, 20261225, 20280229}, found)
	_, ok := newDaysOff(nil).next(0)
	require.False(t, ok)
}
