package devmail

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
)

//go:embed assets
var assets embed.FS

const (
	pageSize = 100

	// pagePolicy lets the pages use their own files only.
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

	// letterPolicy shuts a message in: nothing is loaded from afar, so no tracking pixel fires, and nothing runs.
	letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

// pages shows the mailbox. Its links are relative, so it can stand below any path.
type pages struct {
	store     *store
	empty     func() error
	templates *template.Template
}

// Handler serves the mailbox's pages and its small API. It refuses changes that a foreign web page asks for.
func (s *Server) Handler() http.Handler {
	own, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the path is a constant
	}
	p := pages{store: s.store, empty: s.Clear, templates: template.Must(template.ParseFS(own, "*.html"))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.list)
	mux.HandleFunc("GET /mailboxes", p.mailboxes)
	mux.HandleFunc("POST /clear", p.clearForm)
	mux.HandleFunc("GET /messages/{id}", p.message)
	mux.HandleFunc("GET /messages/{id}/raw", p.raw)
	mux.HandleFunc("GET /messages/{id}/html", p.html)
	mux.HandleFunc("GET /api/messages", p.apiList)
	mux.HandleFunc("DELETE /api/messages", p.apiClear)
	for _, file := range []string{"mailbox.css", "mailbox.js"} {
		mux.HandleFunc("GET /assets/"+file, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, own, file)
		})
	}
	return http.NewCrossOriginProtection().Handler(withHeaders(mux))
}

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// row is a message in a list, with what was played in answer to it.
type row struct {
	Message
	AnsweredBy []Message
}

func (p pages) list(w http.ResponseWriter, r *http.Request) {
	shown := asked(r)
	messages := p.store.list(shown.wants, r.FormValue("before"), pageSize+1)
	view := struct {
		query
		Before string
		Older  template.URL
		Rows   []row
	}{query: shown, Before: r.FormValue("before")}
	if len(messages) > pageSize {
		messages = messages[:pageSize]
		view.Older = shown.address(messages[pageSize-1].ID)
	}
	answers := p.store.answers()
	for _, m := range messages {
		view.Rows = append(view.Rows, row{m, answers[m.ID]})
	}
	p.render(w, "list.html", view)
}

func (p pages) mailboxes(w http.ResponseWriter, _ *http.Request) {
	p.render(w, "mailboxes.html", p.store.mailboxes())
}

func (p pages) message(w http.ResponseWriter, r *http.Request) {
	message, err := p.store.find(r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	raw, err := p.store.raw(message.ID)
	if err != nil {
		fail(w, err)
		return
	}
	view := struct {
		row
		Letter letter
		Raw    string
	}{row: row{message, p.store.answers()[message.ID]}, Letter: readLetter(raw)}
	if view.Letter.Broken {
		view.Raw = string(raw)
	}
	p.render(w, "message.html", view)
}

func (p pages) raw(w http.ResponseWriter, r *http.Request) {
	raw, err := p.store.raw(r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(raw)
}

func (p pages) html(w http.ResponseWriter, r *http.Request) {
	raw, err := p.store.raw(r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	var clean bytes.Buffer
	if err := sanitise(&clean, readLetter(raw).HTML); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", letterPolicy)
	p.render(w, "letter.html", template.HTML(clean.String())) //nolint:gosec // sanitised above
}

func (p pages) clearForm(w http.ResponseWriter, _ *http.Request) {
	if err := p.empty(); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Location", "./")
	w.WriteHeader(http.StatusSeeOther)
}

func (p pages) apiList(w http.ResponseWriter, r *http.Request) {
	limit := pageSize
	if asked := r.FormValue("limit"); asked != "" {
		var err error
		if limit, err = strconv.Atoi(asked); err != nil || limit < 1 {
			http.Error(w, "limit must be a whole number above 0", http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p.store.list(asked(r).wants, "", limit))
}

func (p pages) apiClear(w http.ResponseWriter, _ *http.Request) {
	if err := p.empty(); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// render writes the page whole or not at all.
func (p pages) render(w http.ResponseWriter, name string, view any) {
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, name, view); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = page.WriteTo(w)
}

// fail may show its cause: whoever sees these pages owns the machine.
func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrNotFound) {
		http.Error(w, "There is no such message. It may have been removed.", http.StatusNotFound)
		return
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
