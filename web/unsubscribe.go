// Package web holds the pages that people see. It knows HTML; it must not know
// the database, Temporal or what a rule means.
package web

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed *.html
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// Answer is what the unsubscribe page has to say.
type Answer string

// The answers of the unsubscribe page.
const (
	Ask        Answer = "ask"
	Done       Answer = "done"
	TryAgain   Answer = "try_again"
	NoSuchLink Answer = "no_such_link"
)

// Unsubscribe writes the page. It loads nothing and runs no script.
func Unsubscribe(w http.ResponseWriter, status int, a Answer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, "unsubscribe.html", string(a)) // the reader has gone
}
