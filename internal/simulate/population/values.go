package population

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Share is a probability from 0 to 1, written as a percentage: "0.5%".
type Share float64

// UnmarshalText reads "12%" and "0.5%".
func (s *Share) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	n, err := strconv.ParseFloat(strings.TrimSuffix(written, "%"), 64)
	if err != nil || !strings.HasSuffix(written, "%") || !(n >= 0 && n <= 100) {
		return fmt.Errorf("%q is not a share: write a number from 0 to 100 and a percent sign, such as \"0.5%%\"", written)
	}
	*s = Share(n / 100)
	return nil
}

// Date is a calendar day in UTC, written as 2026-01-05.
type Date struct{ time.Time }

// UnmarshalText reads "2026-01-05".
func (d *Date) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a day: write it as 2026-01-05", text)
	}
	d.Time = day
	return nil
}
