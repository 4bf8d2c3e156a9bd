package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/sequence"
)

// imported is one list of leads that came as a file.
type imported struct {
	importing.View
	Columns []column
	Fixed   []fixed
	Shown   []importing.Field // what the preview has columns for
	Counts  []counted
	Done    int
	Only    string // the result whose rows are shown
	Listed  []importing.Row
	Next    *int
}

type column struct {
	Title string
	Is    importing.Field
}

// fixed is a field that may hold for all rows.
type fixed struct {
	Field    importing.Field
	Label    string
	Value    string
	Required bool
	Sources  []sequence.Kind
}

// counted is how many rows came to something, in words.
type counted struct {
	Result string
	Says   string
	N      int
}

func (p *Pages) imports(v *visit) error { return p.importsWith(v, http.StatusOK, Said{}) }

func (p *Pages) importsWith(v *visit, status int, said Said) error {
	var list api.ImportList
	if err := v.get("/v1/imports", &list); err != nil {
		return err
	}
	return v.show(status, "imports", "Imports", said, list.Imports)
}

// takeImport keeps a file that was chosen, and goes on with what it is.
func (p *Pages) takeImport(v *visit) error {
	v.Request.Body = http.MaxBytesReader(v.Writer, v.Request.Body, importing.MostBytes+1<<20)
	file, header, err := v.Request.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		err = &api.Problem{Status: http.StatusRequestEntityTooLarge, Detail: "the file is too large", Remedy: "divide it: 64 MB and 100,000 rows are the most"}
	case err != nil:
		err = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "no file was chosen", Remedy: "choose the list that the other program exported"}
	}
	var made importing.View
	if err == nil {
		defer file.Close()
		content, failed := io.ReadAll(file)
		if failed != nil {
			return failed
		}
		err = v.send(http.MethodPost, "/v1/imports?name="+url.QueryEscape(header.Filename), v.PostForm("once"), "text/csv", content, &made)
	}
	if err != nil {
		said, status, err := v.said("take", err)
		if err != nil {
			return err
		}
		return p.importsWith(v, status, said)
	}
	v.Redirect(http.StatusSeeOther, "/imports/"+made.ID.String())
	return nil
}

func (p *Pages) imported(v *visit) error { return p.importedWith(v, http.StatusOK, Said{}) }

func (p *Pages) importedWith(v *visit, status int, said Said) error {
	at := "/v1/imports/" + url.PathEscape(v.Param("id"))
	d := imported{Only: v.Query("result")}
	if err := v.get(at, &d.View); err != nil {
		return err
	}
	for n, title := range d.Header {
		d.Columns = append(d.Columns, column{title, d.Plan.Columns[n]})
	}
	for _, f := range importing.Fields {
		if slices.ContainsFunc(d.Preview, func(r importing.Reading) bool { return r.Says[f] != "" }) {
			d.Shown = append(d.Shown, f)
		}
	}
	for _, f := range []fixed{
		{Field: importing.Source, Label: "What brought them", Required: true, Sources: d.Sources},
		{Field: importing.Basis, Label: "Where the data come from, and on which legal basis", Required: true},
		{Field: importing.Owner, Label: "Owner's email address; empty: the rep with the fewest leads"},
		{Field: importing.Country, Label: "Country"},
		{Field: importing.Zone, Label: "Time zone"},
		{Field: importing.Detail, Label: "Detail, such as the fair"},
	} {
		f.Value = d.Plan.Fixed[f.Field]
		f.Required = f.Required && !slices.Contains(d.Plan.Columns, f.Field)
		d.Fixed = append(d.Fixed, f)
	}
	for _, m := range importing.Meanings {
		if n := d.Results[m.Result]; n > 0 {
			d.Counts = append(d.Counts, counted{m.Result, m.Says(d.View), n})
			d.Done += n
		}
	}
	if d.Only != "" {
		q := url.Values{"result": {d.Only}, "limit": {"100"}}
		if after := v.Query("after"); after != "" {
			q.Set("after", after)
		}
		var rows api.ImportRows
		if err := v.get(at+"/rows?"+q.Encode(), &rows); err != nil {
			return err
		}
		d.Listed, d.Next = rows.Rows, rows.Next
	}
	return v.show(status, "import", d.Name, said, d)
}

// changeImport does what a form of the import's page asks for. Its plan is saved with
// whatever comes after it.
func (p *Pages) changeImport(v *visit) error {
	at, act, once := "/v1/imports/"+url.PathEscape(v.Param("id")), v.Param("act"), v.PostForm("once")
	var err error
	if act != "stop" && len(v.PostFormArray("column")) > 0 {
		err = v.post(at+"/plan", uuid.NewString(), v.plan(), nil) // the same plan again changes nothing
	}
	if err == nil && act != "plan" {
		err = v.post(at+"/"+url.PathEscape(act), once, map[string]any{}, nil)
	}
	if err != nil {
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.importedWith(v, status, said)
	}
	v.Redirect(http.StatusSeeOther, "/imports/"+v.Param("id"))
	return nil
}

func (v *visit) plan() importing.Plan {
	plan := importing.Plan{Fixed: map[importing.Field]string{}, Known: importing.Known(v.PostForm("known")), Dates: importing.Order(v.PostForm("dates"))}
	for _, f := range v.PostFormArray("column") {
		plan.Columns = append(plan.Columns, importing.Field(f))
	}
	for _, f := range importing.Fields {
		if value := strings.TrimSpace(v.PostForm("fixed_" + string(f))); value != "" {
			plan.Fixed[f] = value
		}
	}
	return plan
}
