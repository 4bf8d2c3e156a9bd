// Package unsubscribe is the page on which a person says stop. It knows HTML and
// nothing else.
package unsubscribe

import (
	"embed"
	"html/template"
	"net/http"
)

//go:embed unsubscribe.html
var files embed.FS

var pages = template.Must(template.ParseFS(files, "unsubscribe.html"))

// Answer is what the unsubscribe page has to say.
type Answer string

// The answers of the unsubscribe page.
const (
	Ask        Answer = "ask"
	Done       Answer = "done"
	TryAgain   Answer = "try_again"
	NoSuchLink Answer = "no_such_link"
)

// Write writes the page. It loads nothing and runs no script.
func Write(w http.ResponseWriter, status int, a Answer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, "unsubscribe.html", string(a)) // the reader has gone
}
