package web

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
)

// draft is a playbook while somebody writes it. It lives in the form alone: whatever
// is asked about it comes back with all that was typed.
type draft struct {
	Of        string // the version it began as
	Files     []draftFile
	Versions  []api.Version
	Faults    int
	Outside   []playbooks.Problem // of files that are not there
	Checked   *api.Checked
	Stages    []stageDrawing
	Rehearsal *rehearsal
	Simulated *simulation
	Impact    *impact

	Script, Against, From, Leads, Months string
}

// draftFile is one file, and what is wrong with it.
type draftFile struct {
	Name, Content string
	Problems      []problemAt
	Faulty        bool
}

// problemAt is a problem with the line that it is in.
type problemAt struct {
	playbooks.Problem
	Text string
}

// rehearsal is a life that was played.
type rehearsal struct {
	rehearse.Rehearsal
	Told []rehearsedLine
}

const (
	fileField  = "file:"
	mainFile   = "playbook.yaml"
	lifeScript = `title: They ask, miss the call, and are interested
lead: { source: info_request, zone: Europe/Berlin, country: DE, amount: 12000 }
begins: 2026-03-02 10:00
until: 2 months
happens:
  - { day: 4, out_of_office: day 11 }
  - { day: 15 10:30, outcome: call_scheduled, next: day 18 14:00 }
  - { at: call, outcome: no_show }
  - { after: 1 day 10:00, outcome: interested, why_none: they wait for the budget }
`
)

func (p *Pages) editPlaybook(v *visit) error {
	var version api.Version
	if err := v.get(versionAt(v), &version); err != nil {
		return err
	}
	d := draft{Script: lifeScript, Leads: "500", Months: "12"}
	d.write(version.Files)
	return p.draftWith(v, http.StatusOK, Said{}, &d)
}

// takeDraft does what is asked with what was typed. Publishing leads to the new
// version; everything else comes back to the form.
func (p *Pages) takeDraft(v *visit) error {
	d, files, act := v.typed(), v.typedFiles(), v.PostForm("do")
	d.write(files)
	var err error
	if act == "publish" {
		var made api.Version
		if err = v.post("/v1/playbooks", v.PostForm("once"), map[string]any{"files": files}, &made); err == nil {
			v.Redirect(http.StatusSeeOther, "/playbooks/"+url.PathEscape(made.ID))
			return nil
		}
	}
	status, said := http.StatusOK, Said{}
	if checking := v.check(d, files); checking != nil {
		return checking
	}
	switch {
	case d.Faults > 0:
		status = http.StatusUnprocessableEntity
	case err == nil:
		err = v.try(act, d, files)
	}
	if err != nil && d.Faults == 0 {
		if said, status, err = v.said(act, err); err != nil {
			return err
		}
	}
	return p.draftWith(v, status, said, d)
}

// try plays a draft that is without faults.
func (v *visit) try(act string, d *draft, files api.PlaybookFiles) error {
	switch act {
	case "rehearse":
		var told rehearse.Rehearsal
		err := v.post("/v1/rehearsals", uuid.NewString(), map[string]any{"script": d.Script, "files": files}, &told)
		if err == nil {
			d.Rehearsal = rehearsalOf(told)
		}
		return err
	case "simulate":
		leads, bad := strconv.Atoi(d.Leads)
		months, worse := strconv.Atoi(d.Months)
		if errors.Join(bad, worse) != nil || leads < 10 || leads > 5000 || months < 2 || months > 24 {
			return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "so many leads or months cannot be simulated here", Remedy: "10 to 5,000 leads over 2 to 24 months; rekindle simulate takes more"}
		}
		var r population.Report
		err := v.post("/v1/simulations", uuid.NewString(), map[string]any{"files": files, "against": d.Against, "leads": leads, "months": months}, &r)
		if err == nil {
			d.Simulated = simulationOf(r)
		}
		return err
	case "impact":
		var i policy.Impact
		err := v.post("/v1/playbooks/impact", uuid.NewString(), map[string]any{"from": d.From, "files": files}, &i)
		if err == nil {
			d.Impact = impactOf(i)
		}
		return err
	}
	return nil
}

// check notes every fault beside the file that it is in.
func (v *visit) check(d *draft, files api.PlaybookFiles) error {
	d.Checked = &api.Checked{}
	if err := v.post("/v1/playbooks/check", uuid.NewString(), map[string]any{"files": files}, d.Checked); err != nil {
		return err
	}
	d.Stages = drawStages(d.Checked.Stages)
	for _, fault := range d.Checked.Problems {
		if !fault.Warning {
			d.Faults++
		}
		i := slices.IndexFunc(d.Files, func(f draftFile) bool { return f.Name == fault.File })
		if i < 0 {
			d.Outside = append(d.Outside, fault)
			continue
		}
		f := &d.Files[i]
		lines := strings.Split(f.Content, "\n")
		f.Problems = append(f.Problems, problemAt{fault, lines[min(max(fault.Line, 1), len(lines))-1]})
		f.Faulty = f.Faulty || !fault.Warning
	}
	return nil
}

func (p *Pages) draftWith(v *visit, status int, said Said, d *draft) error {
	var versions api.Versions
	if err := v.get("/v1/playbooks", &versions); err != nil {
		return err
	}
	d.Of, d.Versions = v.Param("id"), versions.Playbooks
	for _, version := range d.Versions {
		if version.Current {
			d.Against, d.From = cmp.Or(d.Against, version.ID), cmp.Or(d.From, version.ID)
		}
	}
	return v.show(status, "draft", "Change "+d.Of, said, d)
}

// write puts the files into the form: the playbook, then its texts.
func (d *draft) write(files api.PlaybookFiles) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		d.Files = append(d.Files, draftFile{Name: name, Content: files[name]})
	}
}

func (v *visit) typed() *draft {
	return &draft{Script: unix(v.PostForm("script")), Against: v.PostForm("against"), From: v.PostForm("from"), Leads: v.PostForm("leads"), Months: v.PostForm("months")}
}

// typedFiles are the files as they stand in the form. A text that was emptied is
// left out, and a new one is taken in.
func (v *visit) typedFiles() api.PlaybookFiles {
	files := api.PlaybookFiles{}
	v.PostForm("do") // the form is read by the first who asks
	for field, values := range v.Request.PostForm {
		name, is := strings.CutPrefix(field, fileField)
		if content := unix(values[0]); is && (name == mainFile || strings.TrimSpace(content) != "") {
			files[name] = content
		}
	}
	if name := strings.TrimSpace(v.PostForm("new_name")); name != "" {
		files["texts/"+strings.TrimSuffix(strings.TrimPrefix(name, "texts/"), ".md")+".md"] = unix(v.PostForm("new_text"))
	}
	return files
}

// unix undoes what forms do to the ends of lines: the id of a version is of its bytes.
func unix(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
