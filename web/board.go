package web

import (
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/sequence"
)

// board is what managers look at: figures that open the leads behind them, and charts
// with the same as tables.
type board struct {
	managing.Board
	Charts    []chart
	Mailboxes []mailroom.Status
}

// chart is a picture of a table.
type chart struct {
	Name    string // of the CSV file
	Title   string
	Says    string
	Picture template.HTML
	Head    []string
	Rows    []row
}

// row is a line of a table.
type row struct {
	Name  string
	Link  string // the leads behind it; none: there is no list of them
	Cells []string
}

func (p *Pages) board(v *visit) error {
	var b board
	if err := v.get("/v1/board", &b.Board); err != nil {
		return err
	}
	var boxes api.Mailboxes
	if err := v.get("/v1/mailboxes", &boxes); err != nil {
		return err
	}
	b.Mailboxes = boxes.Mailboxes
	b.Charts = v.charts(b.Board)
	return v.show(http.StatusOK, "board", "Board", Said{}, b)
}

// boardCSV is one of the board's tables as a file.
func (p *Pages) boardCSV(v *visit) error {
	var b managing.Board
	if err := v.get("/v1/board", &b); err != nil {
		return err
	}
	name := strings.TrimSuffix(v.Param("chart"), ".csv")
	for _, c := range v.charts(b) {
		if c.Name != name {
			continue
		}
		v.Header("Content-Type", "text/csv; charset=utf-8")
		v.Header("Content-Disposition", `attachment; filename="`+name+"-"+b.AsOf.Format(time.DateOnly)+`.csv"`)
		return c.write(v.Writer)
	}
	return &api.Problem{Status: http.StatusNotFound, Detail: "the board has no such table"}
}

// write gives the table as CSV; people are called as they like, and no cell is a formula.
func (c chart) write(to io.Writer) error {
	w := csv.NewWriter(to)
	_ = w.Write(c.Head)
	for _, r := range c.Rows {
		_ = w.Write(csvfile.Inert(append([]string{r.Name}, r.Cells...)...))
	}
	w.Flush()
	return w.Error()
}

func (v *visit) charts(b managing.Board) []chart {
	return []chart{stagesNow(b), held(b), stagesOverTime(b), moves(b), answers(b), load(b), coldCalls(b)}
}

func stagesNow(b managing.Board) chart {
	c := chart{Name: "stages", Title: "Leads by stage", Says: "Where they are now.", Head: []string{"Stage", "Leads"}}
	var bars []bar
	for _, s := range b.Stages {
		link := "/leads?stage=" + string(s.Stage)
		c.Rows = append(c.Rows, row{stageWord(s.Stage), link, []string{strconv.Itoa(s.Leads)}})
		bars = append(bars, bar{stageWord(s.Stage), link, "stage-" + string(s.Stage), float64(s.Leads), strconv.Itoa(s.Leads)})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

func held(b managing.Board) chart {
	c := chart{Name: "held", Title: "Held, and why", Says: "Nothing goes out to them for now.", Head: []string{"Reason", "Leads"}}
	var bars []bar
	for _, h := range b.Held {
		link := "/leads?blocked=" + url.QueryEscape(h.Reason)
		c.Rows = append(c.Rows, row{capital(words(h.Reason)), link, []string{strconv.Itoa(h.Leads)}})
		bars = append(bars, bar{capital(words(h.Reason)), link, "plain", float64(h.Leads), strconv.Itoa(h.Leads)})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

func stagesOverTime(b managing.Board) chart {
	c := chart{Name: "stages-over-time", Title: "Leads by stage over time", Says: "Living leads at the end of each week.", Head: []string{"Week to"}}
	var living []sequence.Stage
	for _, s := range sequence.Stages() {
		if !s.Final() {
			living = append(living, s)
			c.Head = append(c.Head, stageWord(s))
		}
	}
	for _, w := range b.Weeks {
		r := row{Name: w.Ends.Format("2 Jan 2006")}
		for _, s := range living {
			r.Cells = append(r.Cells, strconv.Itoa(w.Stages[s]))
		}
		c.Rows = append(c.Rows, r)
	}
	c.Picture = drawAreas(c.Title, b.Weeks, living)
	return c
}

func moves(b managing.Board) chart {
	c := chart{Name: "moves", Title: "Moves between stages", Says: "In the last four weeks.", Head: []string{"Move", "Leads"}}
	var bars []bar
	for _, f := range b.Flows {
		from := "New"
		if f.From != "" {
			from = stageWord(f.From)
		}
		name := from + " → " + stageWord(f.To)
		link := "/leads?stage=" + string(f.To)
		c.Rows = append(c.Rows, row{name, link, []string{strconv.Itoa(f.Leads)}})
		bars = append(bars, bar{name, link, "stage-" + string(f.To), float64(f.Leads), strconv.Itoa(f.Leads)})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

func answers(b managing.Board) chart {
	c := chart{Name: "answers", Title: "Touches until the first answer", Says: "Of leads that came in the last 180 days and answered.", Head: []string{"Touches", "Leads"}}
	var bars []bar
	for _, a := range b.Answers {
		c.Rows = append(c.Rows, row{strconv.Itoa(a.Touches), "", []string{strconv.Itoa(a.Leads)}})
		bars = append(bars, bar{strconv.Itoa(a.Touches), "", "plain", float64(a.Leads), strconv.Itoa(a.Leads)})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

func load(b managing.Board) chart {
	c := chart{
		Name: "load", Title: "Work of the coming weeks", Says: "Tasks of each rep, played ahead by the code that runs the leads, if nothing is heard. What is overdue is in the first week.",
		Head: []string{"Rep", "This week", "Next week", "In two weeks", "In three weeks"},
	}
	var bars []bar
	for _, l := range b.Load {
		r := row{Name: l.Name, Link: "/leads?owner_id=" + l.ID.String()}
		sum := 0
		for _, n := range l.Weeks {
			r.Cells = append(r.Cells, strconv.Itoa(n))
			sum += n
		}
		c.Rows = append(c.Rows, r)
		bars = append(bars, bar{l.Name, r.Link, "plain", float64(sum), strings.Join(r.Cells, " + ")})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

func coldCalls(b managing.Board) chart {
	c := chart{Name: "cold-calls", Title: "Cold calls", Says: "Share of each rep's call time in the last seven days that went to leads without any engagement (R13).", Head: []string{"Rep", "Share", "Minutes cold", "Minutes"}}
	var bars []bar
	for _, r := range b.ColdCalls {
		share := 0.0
		if r.Time.All > 0 {
			share = 100 * float64(r.Time.Cold) / float64(r.Time.All)
		}
		word := fmt.Sprintf("%.0f %%", share)
		if r.TooCold {
			word += " too much"
		}
		c.Rows = append(c.Rows, row{r.Name, "/leads?owner_id=" + r.ID.String(), []string{word, strconv.Itoa(r.Time.Cold), strconv.Itoa(r.Time.All)}})
		bars = append(bars, bar{r.Name, "/leads?owner_id=" + r.ID.String(), "plain", share, word})
	}
	c.Picture = drawBars(c.Title, bars)
	return c
}

// bar is one of a chart.
type bar struct {
	Name, Link, Class string
	Length            float64
	Word              string
}

// The measures of charts, in their own units.
const (
	chartWidth = 640.0
	barStep    = 26.0
	barFrom    = 210.0
	areaHeight = 240.0
)

// drawBars draws lying bars, each with its name and figure in words.
func drawBars(title string, bars []bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	longest := 1.0
	for _, b := range bars {
		longest = max(longest, b.Length)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %g %g" role="group" aria-label="%s">`, chartWidth, barStep*float64(len(bars)), esc(title))
	for i, b := range bars {
		y := barStep * float64(i)
		line := fmt.Sprintf(`<text class="label" x="%g" y="%g" text-anchor="end">%s</text><rect class="bar-of %s" x="%g" y="%g" width="%.1f" height="%g"/><text class="value" x="%.1f" y="%g">%s</text>`,
			barFrom-8, y+18, esc(b.Name), esc(b.Class), barFrom, y+4, max(1, (chartWidth-barFrom-110)*b.Length/longest), barStep-8,
			barFrom+6+max(1, (chartWidth-barFrom-110)*b.Length/longest), y+18, esc(b.Word))
		if b.Link != "" {
			line = fmt.Sprintf(`<a href="%s">%s</a>`, esc(b.Link), line)
		}
		s.WriteString(line)
	}
	s.WriteString("</svg>")
	return template.HTML(s.String()) //nolint:gosec // every text is escaped
}

// drawAreas stacks the stages, week by week. Each is named where it is thickest, so
// that no colour has to be looked up.
func drawAreas(title string, weeks []managing.StageWeek, stages []sequence.Stage) template.HTML {
	most := 1
	for _, w := range weeks {
		sum := 0
		for _, s := range stages {
			sum += max(0, w.Stages[s])
		}
		most = max(most, sum)
	}
	const from, to = 46.0, chartWidth - 6
	x := func(i int) float64 { return from + (to-from)*float64(i)/math.Max(1, float64(len(weeks)-1)) }
	y := func(n int) float64 { return 8 + (areaHeight-34)*(1-float64(n)/float64(most)) }
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartWidth, areaHeight, esc(title))
	below := make([]int, len(weeks))
	for _, stage := range stages {
		var top, bottom []string
		thick, at, middle := 0, 0, 0.0
		for i, w := range weeks {
			n := max(0, w.Stages[stage])
			if n > thick && i > 1 && i < len(weeks)-3 {
				thick, at, middle = n, i, (y(below[i])+y(below[i]+n))/2
			}
			bottom = append(bottom, fmt.Sprintf("%.1f,%.1f", x(i), y(below[i])))
			below[i] += n
			top = append(top, fmt.Sprintf("%.1f,%.1f", x(i), y(below[i])))
		}
		for i, j := 0, len(bottom)-1; i < j; i, j = i+1, j-1 {
			bottom[i], bottom[j] = bottom[j], bottom[i]
		}
		fmt.Fprintf(&s, `<polygon class="band stage-%s" points="%s %s"><title>%s</title></polygon>`, stage, strings.Join(top, " "), strings.Join(bottom, " "), stageWord(stage))
		if (areaHeight-34)*float64(thick)/float64(most) > 15 {
			fmt.Fprintf(&s, `<text class="name" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(at), middle+4, stageWord(stage))
		}
	}
	fmt.Fprintf(&s, `<text class="tick" x="%g" y="18" text-anchor="end">%d</text><text class="tick" x="%g" y="%g" text-anchor="end">0</text>`, from-6, most, from-6, y(0))
	if len(weeks) > 0 {
		fmt.Fprintf(&s, `<text class="tick" x="%g" y="%g">%s</text><text class="tick" x="%g" y="%g" text-anchor="end">now</text>`, from, areaHeight-6, weeks[0].Ends.Format("2 Jan 2006"), to, areaHeight-6)
	}
	s.WriteString("</svg>")
	return template.HTML(s.String()) //nolint:gosec // every text is escaped or ours
}

func esc(s string) string { return template.HTMLEscapeString(s) }
