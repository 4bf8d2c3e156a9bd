package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/signin"
	"github.com/rekindlehq/rekindle/sequence"
)

// sheets are the templates of pages, each below the frame they share.
var sheets = func() map[string]*template.Template {
	words := template.FuncMap{
		"stage": stageWord, "outcome": outcomeWord, "kind": kindWord, "words": words, "once": uuid.NewString,
		"queue":        func(v view, title string, tasks []api.TaskView, o *open) queue { return queue{v, title, tasks, o} },
		"thread":       func(v view, m []api.ThreadMessage) thread { return thread{v, m} },
		"explained":    func(v view, e sequence.Explanation) explained { return explained{v, e} },
		"foresight":    func(v view, act, at string) foresight { return foresight{v, act, at} },
		"fields":       func(v view, act string, f outcomeForm) fields { return fields{v, act, f} },
		"pickable":     pickable,
		"tried":        func(v view, f sourceForm) tried { return tried{v, f} },
		"sourceStates": func() map[string]string { return sourceStates },
		"percent":      func(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) },
		"importFields": func() []importing.Field { return importing.Fields }, "importState": importState,
		"money": money, "factor": factor,
	}
	frame := template.Must(template.New("frame.html").Funcs(words).ParseFS(files, "templates/frame.html", "templates/parts.html", "templates/playbook_parts.html", "templates/hook_parts.html"))
	all := map[string]*template.Template{}
	for _, name := range []string{"desk", "leads", "lead", "board", "playbooks", "playbook", "draft", "move", "batches", "batch", "imports", "import", "hooks", "hook_new", "hook", "delivery", "webhooks", "webhook", "audit", "account", "sorry"} {
		all[name] = template.Must(template.Must(frame.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return all
}()

// explained and fields are what parts of pages are about.
type (
	explained struct {
		V view
		E sequence.Explanation
	}
	fields struct {
		V   view
		Act string
		F   outcomeForm
	}
	foresight struct {
		V   view
		Act string
		At  string // where the form goes
	}
	queue struct {
		V     view
		Title string
		Tasks []api.TaskView
		Open  *open
	}
	thread struct {
		V        view
		Messages []api.ThreadMessage
	}
	tried struct {
		V view
		F sourceForm
	}
)

// view is what a template sees: who reads, and what the page is about.
type view struct {
	*visit
	Title string
	Here  string // the part of the navigation
	Said  Said
	Data  any
}

// Said is what came of a form, above everything else.
type Said struct {
	Done    string
	Problem *api.Problem
	Pending bool // send the same form again
	Once    string
	Form    map[string][]string // what was filled in
	Act     string              // the form

	Foreseen *foreseen // what the form would do, where that was asked
}

// show writes a page.
func (v *visit) show(status int, sheet, title string, said Said, data any) error {
	var b bytes.Buffer
	here := "/" + strings.Split(v.Request.URL.Path+"/", "/")[1]
	if err := sheets[sheet].ExecuteTemplate(&b, "frame.html", view{visit: v, Title: title, Here: here, Said: said, Data: data}); err != nil {
		return fmt.Errorf("write page %s: %w", sheet, err)
	}
	v.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// fail shows what went wrong on a page of its own.
func (v *visit) fail(err error) {
	var p *api.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		v.Redirect(http.StatusSeeOther, "/sign-in")
		return
	case !errors.As(err, &p):
		slog.ErrorContext(v.Context, "a page failed", "route", v.FullPath(), "error", err)
		p = &api.Problem{Status: http.StatusInternalServerError, Detail: "something went wrong on our side", Remedy: "try again; if it stays, tell the operator the time"}
	}
	if err := v.show(p.Status, "sorry", "That did not work", Said{Problem: p}, nil); err != nil {
		slog.ErrorContext(v.Context, "a page failed", "route", v.FullPath(), "error", err)
		v.AbortWithStatus(http.StatusInternalServerError)
	}
}

// said turns the error of a form into what is shown above it.
func (v *visit) said(act string, err error) (Said, int, error) {
	s := Said{Act: act, Once: v.PostForm("once"), Form: v.Request.PostForm}
	switch {
	case errors.Is(err, errPending):
		s.Pending = true
		return s, http.StatusAccepted, nil
	case errors.As(err, &s.Problem) && s.Problem.Status < 500 && s.Problem.Status != http.StatusUnauthorized:
		s.Once = "" // another attempt is another request
		return s, s.Problem.Status, nil
	}
	return s, 0, err
}

// Was is what was filled in before.
func (s Said) Was(act, field string) string {
	if s.Act != act || len(s.Form[field]) == 0 {
		return ""
	}
	return s.Form[field][0]
}

// Again is the key under which a form is sent: the one before while its answer is
// not known.
func (s Said) Again(act string) string {
	if s.Act == act && s.Once != "" {
		return s.Once
	}
	return uuid.NewString()
}

// served serves the few files that pages load, by their name and what is in them.
func served(c *gin.Context) {
	name := c.Param("file")
	content, err := static.ReadFile("static/" + name)
	if err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	kinds := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, kinds[name[strings.LastIndexByte(name, '.')+1:]], content)
}

// Manages reports whether the reader may do what managers do.
func (v *visit) Manages() bool { return v.Reader.Role != api.Rep }

var _ SignIn = signin.SignIn{}
