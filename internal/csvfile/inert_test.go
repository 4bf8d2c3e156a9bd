package csvfile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/csvfile"
)

func TestNoCellIsAFormulaAndNumbersStayNumbers(t *testing.T) {
	cells := []string{"=HYPERLINK(1)", "@SUM(A1)", "-cmd", "+x", "\t=1", "\r=1", "-12.5", "+49 (30) 123/4", "Ann", "a=b", ""}
	require.Equal(t, []string{"'=HYPERLINK(1)", "'@SUM(A1)", "'-cmd", "'+x", "'\t=1", "'\r=1", "-12.5", "+49 (30) 123/4", "Ann", "a=b", ""}, csvfile.Inert(cells...))
	require.Equal(t, "=HYPERLINK(1)", cells[0], "what was given stays as it was")
}
