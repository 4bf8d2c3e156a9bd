package plot_test

import (
	"bytes"
	"encoding/xml"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/plot"
)

func drawn(t *testing.T, l plot.Lines) string {
	var b bytes.Buffer
	require.NoError(t, l.WriteSVG(&b))
	require.NoError(t, xml.Unmarshal(b.Bytes(), new(struct{})))
	for _, nonsense := range []string{"NaN", "Inf", "ZgotmplZ", "%!", "<no value>"} {
		require.NotContains(t, b.String(), nonsense)
	}
	return b.String()
}

func TestALineChartSaysItsTitleItsUnitsAndWhatItShows(t *testing.T) {
	text := drawn(t, plot.Lines{
		Title: "Memory & leads", Desc: "It grows < linearly.", X: plot.Axis{Label: "leads", Log: true}, Y: plot.Axis{Label: "memory (MB)"},
		Series: []plot.Series{
			{Name: "worker", Points: []plot.Point{{1000, 120}, {10_000, 180}, {100_000, 290}}},
			{Name: "API", Points: []plot.Point{{1000, 60}, {100_000, 61.5}}},
		},
	})
	for _, said := range []string{
		`aria-labelledby="memory---leads-t memory---leads-d"`, `<title id="memory---leads-t">Memory &amp; leads</title>`, `>It grows &lt; linearly.</desc>`,
		">memory (MB)</text>", ">leads</text>", ">10,000</text>", ">100,000</text>", ">300</text>", ">worker</text>", ">API</text>", "API: 61.5 at 100,000",
		"stroke-dasharray", "prefers-color-scheme: dark",
	} {
		require.Contains(t, text, said)
	}
	require.Equal(t, 5, strings.Count(text, "<circle"))
}

func TestEverythingIsDrawnWithinTheFrame(t *testing.T) {
	for _, points := range [][]plot.Point{{{5, 5}}, {{0, 0}, {1, 0}}, {{-3, -8}, {4, 12}}, {{1, 0.0004}, {2, 0.0007}}, {{1, 3e9}, {60, 1e6}}} {
		text := drawn(t, plot.Lines{Title: "t", Series: []plot.Series{{Name: "s", Points: points}}})
		var svg struct {
			Circles []struct {
				X float64 `xml:"cx,attr"`
				Y float64 `xml:"cy,attr"`
			} `xml:"circle"`
		}
		require.NoError(t, xml.Unmarshal([]byte(text), &svg))
		require.Len(t, svg.Circles, len(points))
		for _, c := range svg.Circles {
			require.True(t, c.X >= 66 && c.X <= 710 && c.Y >= 0 && c.Y <= 336.01, "%v of %v", c, points)
		}
	}
}

func TestNamesThatNeedMoreRoomGetMoreRows(t *testing.T) {
	l := plot.Lines{Title: "t"}
	for range plot.MostSeries {
		l.Series = append(l.Series, plot.Series{Name: strings.Repeat("long ", 6), Points: []plot.Point{{1, 1}}})
	}
	text := drawn(t, l)
	for _, y := range []string{`y="44"`, `y="64"`} {
		require.Contains(t, text, y)
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	line := func(points ...plot.Point) []plot.Series { return []plot.Series{{Name: "s", Points: points}} }
	for what, l := range map[string]plot.Lines{
		"nothing":        {},
		"no points":      {Series: line()},
		"too many":       {Series: make([]plot.Series, plot.MostSeries+1)},
		"not a number":   {Series: line(plot.Point{math.NaN(), 1})},
		"endless":        {Series: line(plot.Point{1, math.Inf(1)})},
		"log of nothing": {Series: line(plot.Point{1, 0}), Y: plot.Axis{Log: true}},
	} {
		require.Error(t, l.WriteSVG(new(bytes.Buffer)), what)
	}
}

func TestNumbersHaveThreeDigitsThatCount(t *testing.T) {
	for v, said := range map[float64]string{
		0: "0", 0.1 + 0.2: "0.3", 0.00025: "0.00025", 12: "12", 12_345: "12,300", 100_000: "100,000", 2_500_000: "2.5M", 4e9: "4G", -7.25: "-7.25", 61.54: "61.5",
	} {
		require.Equal(t, said, plot.Number(v))
	}
}

func TestScalesEndAtRoundNumbers(t *testing.T) {
	for largest, to := range map[float64]float64{0: 1, 7: 8, 83: 100, 999: 1000, 1001: 1500, 0.3: 0.3} {
		require.InDelta(t, to, plot.UpTo(largest).To, 1e-9, "%v", largest)
	}
	require.InDelta(t, 0.5, plot.Decades(1, 100).Share(10), 1e-9)
	require.InDelta(t, 1, plot.UpTo(7).EndingAt(7).Share(7), 1e-9)
}
