package mailbox_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/sequence"
)

func hours(t require.TestingT, s string) (w sequence.Window) {
	require.NoError(t, w.UnmarshalText([]byte(s)))
	return w
}

func zone(t require.TestingT, name string) *time.Location {
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestSlotsKeepTheGapTheHoursAndTheDailyLimit(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		require.NoError(t, err)
		return v
	}
	l := mailbox.Limits{Daily: 3, Gap: 10 * time.Minute, Hours: hours(t, "mon-fri 09:00-17:00"), Zone: berlin}
	for name, c := range map[string]struct {
		from  string
		given []string
		want  string
	}{
		"at once":                              {"2026-03-25 10:00", nil, "2026-03-25 10:00"},
		"before it opens":                      {"2026-03-25 07:00", nil, "2026-03-25 09:00"},
		"on a weekend":                         {"2026-03-28 10:00", nil, "2026-03-30 09:00"},
		"after another":                        {"2026-03-25 10:00", []string{"2026-03-25 09:55"}, "2026-03-25 10:05"},
		"before another there is no room":      {"2026-03-25 10:00", []string{"2026-03-25 10:05"}, "2026-03-25 10:15"},
		"a gap between two is used":            {"2026-03-25 10:00", []string{"2026-03-25 10:00", "2026-03-25 10:20"}, "2026-03-25 10:10"},
		"a gap that is too narrow is not":      {"2026-03-25 10:00", []string{"2026-03-25 10:00", "2026-03-25 10:19"}, "2026-03-25 10:29"},
		"the day is full":                      {"2026-03-25 10:00", []string{"2026-03-25 09:00", "2026-03-25 09:10", "2026-03-25 09:20"}, "2026-03-26 09:00"},
		"the gap runs over the end of the day": {"2026-03-25 16:58", []string{"2026-03-25 16:55"}, "2026-03-26 09:00"},
		"yesterday's do not count":             {"2026-03-25 09:00", []string{"2026-03-24 09:00", "2026-03-24 09:10", "2026-03-24 09:20"}, "2026-03-25 09:00"},
	} {
		t.Run(name, func(t *testing.T) {
			var given []time.Time
			for _, g := range c.given {
				given = append(given, at(g))
			}
			got, ok := l.Book(given).Next(at(c.from))
			require.True(t, ok)
			require.Equal(t, c.want, got.In(berlin).Format("2006-01-02 15:04"))
		})
	}
}

func TestANewMailboxSendsMoreEveryDay(t *testing.T) {
	l := mailbox.Limits{Daily: 50, RampFrom: 5, RampStep: 10, RampSince: time.Date(2026, 3, 27, 15, 0, 0, 0, time.UTC), Zone: zone(t, "Europe/Berlin")}
	var got []int
	for day := -1; day < 7; day++ { // over the change of the clocks
		got = append(got, l.On(time.Date(2026, 3, 27+day, 22, 30, 0, 0, time.UTC)))
	}
	require.Equal(t, []int{5, 5, 15, 35, 45, 50, 50, 50}, got, "22:30 UTC is half past midnight once summer time has begun")
}

func TestAMailboxThatNeverOpensHasNoSlot(t *testing.T) {
	_, ok := mailbox.Limits{Daily: 0, Gap: time.Minute}.Book(nil).Next(time.Date(2026, 3, 27, 15, 0, 0, 0, time.UTC))
	require.False(t, ok)
}

// However slots are asked for, no two are nearer than the gap, no day has more
// than its limit, and none is outside the hours.
func TestEverySlotIsWithinTheLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := mailbox.Limits{
			Daily:    rapid.IntRange(1, 30).Draw(t, "daily"),
			Gap:      time.Duration(rapid.IntRange(0, 3*3600).Draw(t, "gap")) * time.Second,
			RampFrom: rapid.IntRange(0, 5).Draw(t, "ramp"), RampStep: rapid.IntRange(0, 5).Draw(t, "step"),
			Zone: zone(t, rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}).Draw(t, "zone")),
		}
		if rapid.Bool().Draw(t, "has hours") {
			l.Hours = hours(t, rapid.SampledFrom([]string{"mon-fri 09:00-17:00", "mon,wed 10:00-10:30", "sun-sat 00:00-23:59"}).Draw(t, "hours"))
		}
		start := time.Unix(rapid.Int64Range(1767225600, 1798761600).Draw(t, "start"), 0)
		l.RampSince = start
		var given []time.Time
		book := l.Book(nil)
		for range rapid.IntRange(1, 60).Draw(t, "slots") {
			from := start.Add(time.Duration(rapid.IntRange(0, 5*24*60).Draw(t, "from")) * time.Minute)
			at, ok := book.Next(from)
			require.True(t, ok)
			require.False(t, at.Before(from))
			for _, g := range given {
				require.GreaterOrEqual(t, at.Sub(g).Abs(), l.Gap)
			}
			if (l.Hours != sequence.Window{}) {
				require.True(t, sequence.Place{Zone: l.Zone}.Open(at, l.Hours))
			}
			given = append(given, at)
			book.Give(at)
			if rapid.Bool().Draw(t, "opened anew") {
				book = l.Book(given)
			}
			day := 0
			for _, g := range given {
				if l.DayOf(g).Equal(l.DayOf(at)) {
					day++
				}
			}
			require.LessOrEqual(t, day, l.On(at))
		}
	})
}
