package csvfile

import (
	"slices"
	"strings"
)

// Inert keeps a spreadsheet from taking a cell of a file for a formula (OWASP, CSV
// injection).
func Inert(cells ...string) []string {
	cells = slices.Clone(cells)
	for n, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) && !isNumber(c) {
			cells[n] = "'" + c
		}
	}
	return cells
}

// isNumber: a phone number or an amount, which begin with a sign.
func isNumber(s string) bool { return strings.Trim(s, "+-0123456789 ()/.,") == "" }
