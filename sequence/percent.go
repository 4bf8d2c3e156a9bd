package sequence

import (
	"fmt"
	"strconv"
	"strings"
)

// Percent is a share as people write it: "10%".
type Percent int

// Of is that share of an amount.
func (p Percent) Of(n float64) float64 { return n * float64(p) / 100 }

func (p Percent) String() string { return strconv.Itoa(int(p)) + "%" }

// MarshalText writes the form that UnmarshalText reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads "10%".
func (p *Percent) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(text)), "%"))
	if err != nil || n < 0 || n > 1000 || !strings.HasSuffix(strings.TrimSpace(string(text)), "%") {
		return fmt.Errorf("%q is not a share: write a whole number and a percent sign, such as \"10%%\"", text)
	}
	*p = Percent(n)
	return nil
}
