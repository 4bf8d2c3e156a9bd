package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACalendarAddressIsPrintedRenewedAndRevoked(t *testing.T) {
	r := newRecords(t)
	t.Setenv("REKINDLE_PUBLIC_URL", "https://rekindle.example.com/")
	open := func() (n int) {
		require.NoError(t, r.Pool.QueryRow(t.Context(), `SELECT count(*) FROM users WHERE calendar_hash IS NOT NULL`).Scan(&n))
		return n
	}
	first, aside, code := rekindle(t, r.dir, "user", "calendar", "Robin@seller.example")
	require.Zero(t, code, aside)
	require.Regexp(t, `^https://rekindle\.example\.com/calendar/[\w-]{43}\.ics\n$`, first)
	second, _, _ := rekindle(t, r.dir, "user", "calendar", "robin@seller.example")
	require.NotEqual(t, first, second)
	require.Equal(t, 1, open())

	nothing, aside, code := rekindle(t, r.dir, "user", "calendar", "robin@seller.example", "--revoke")
	require.Zero(t, code, aside)
	require.Empty(t, nothing)
	require.Zero(t, open())

	_, complaint, code := rekindle(t, r.dir, "user", "calendar", "kim@seller.example")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "rekindle user list")
}
