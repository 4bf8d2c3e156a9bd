package page_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/rekindlehq/rekindle/internal/simulate/page"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func written(t *testing.T, count int) (string, *population.Report) {
	people, err := population.Default()
	require.NoError(t, err)
	pb, err := playbooks.Default()
	require.NoError(t, err)
	r, err := population.Run(t.Context(), population.Setup{
		Population: people, Playbooks: []*sequence.Playbook{pb, pb}[:count], Leads: 60, Months: 6, Seed: 1, Workers: 2,
	})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, page.Write(&b, r))
	return b.String(), r
}

func each(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := range n.ChildNodes() {
		each(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestThePageHoldsEveryChartWithTitleDescriptionAndTable(t *testing.T) {
	for _, count := range []int{1, 2} {
		text, _ := written(t, count)
		doc, err := html.Parse(strings.NewReader(text))
		require.NoError(t, err)
		charts, ids, tables := map[string]bool{}, map[string]bool{}, 0
		each(doc, func(n *html.Node) {
			if id := attr(n, "id"); id != "" {
				require.False(t, ids[id], "the id %s is there twice", id)
				ids[id] = true
			}
			if n.Data == "details" {
				tables++
			}
			if n.Data == "svg" && attr(n, "role") == "img" {
				charts[attr(n, "id")] = true
			}
		})
		for i := range count {
			for _, kind := range []string{"flow", "answers", "coverage", "load", "calls"} {
				id := fmt.Sprintf("%s-%d", kind, i)
				require.True(t, charts[id] && ids[id+"-t"] && ids[id+"-d"], id)
			}
		}
		require.Len(t, charts, 5*count)
		require.Equal(t, 5*count, tables)
		require.True(t, ids["rules-table"])
		require.Equal(t, count == 2, ids["difference"])
	}
}

func TestEveryDrawingIsWellFormedAndFreeOfNonsense(t *testing.T) {
	text, _ := written(t, 2)
	for _, nonsense := range []string{"NaN", "Inf", "ZgotmplZ", "%!", "<no value>", "<script", "http://", "https://"} {
		require.NotContains(t, text, nonsense)
	}
	parts := strings.Split(text, "<svg ")[1:]
	require.Greater(t, len(parts), 10)
	for _, part := range parts {
		drawing, _, ok := strings.Cut("<svg "+part, "</svg>")
		require.True(t, ok)
		require.NoError(t, xml.Unmarshal([]byte(drawing+"</svg>"), new(struct{})))
	}
}

func TestThePageSaysTheNumbersOfTheReport(t *testing.T) {
	text, r := written(t, 1)
	res := r.Results[0]
	require.Contains(t, text, res.Playbook)
	require.Contains(t, text, fmt.Sprintf("<dt>deals won</dt><dd>%d</dd>", res.Won))
	require.Contains(t, text, fmt.Sprintf("%.1f%% of", 100*res.Coverage.Share))
	require.Contains(t, text, fmt.Sprintf("%d never did", res.UntilAnswer.Never))
	for _, d := range res.Rules {
		require.Contains(t, text, `<th scope="row">`+string(d.Rule)+"</th>")
	}
}
