package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/importing"
)

// ImportPath is embedded where a route is below an import.
type ImportPath struct {
	ID uuid.UUID `path:"id" doc:"Id of the import"`
}

// ImportList is the last imports, the newest first.
type ImportList struct {
	Imports []importing.View `json:"imports"`
}

// ImportRows are rows of a file and what came of them.
type ImportRows struct {
	Rows []importing.Row `json:"rows"`
	Next *int            `json:"next,omitempty" doc:"Give it as after to get the next rows"`
}

// ImportRowFilter says which rows are listed.
type ImportRowFilter struct {
	ImportPath
	Result string `query:"result" enum:"created,completed,recorded,known,repeated,stopped,refused"`
	After  int    `query:"after" minimum:"0" doc:"Only rows on later lines"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type newImport struct {
	Name        string `query:"name" maxLength:"200" default:"leads.csv" doc:"Of the file, to tell it from others"`
	ContentType string `header:"Content-Type"`
	RawBody     []byte `contentType:"text/csv"`
}

// imports registers lists of leads that come as files.
func (a *API) imports(api huma.API) {
	take := operation(http.MethodPost, "/imports", "takeImport",
		"Send a list of leads as CSV, up to 100,000 rows, in any delimiter and encoding that spreadsheets write; nothing begins yet", managers...)
	take.MaxBodyBytes, take.BodyReadTimeout, take.DefaultStatus = importing.MostBytes, -1, http.StatusCreated
	take.Metadata["file"] = true
	route(api, take, a.takeImport)
	route(api, operation(http.MethodGet, "/imports", "listImports", "The last hundred lists that came as files", managers...),
		func(ctx context.Context, _ *struct{}) (*body[ImportList], error) {
			views, err := a.Imports.List(ctx, 100)
			return reply(ImportList{append([]importing.View{}, views...)}), err
		})
	route(api, operation(http.MethodGet, "/imports/{id}", "readImport", "How far an import is, and how its first rows are read", managers...),
		func(ctx context.Context, in *ImportPath) (*body[importing.View], error) {
			return a.look(ctx, in.ID, nil)
		})
	route(api, operation(http.MethodPost, "/imports/{id}/plan", "planImport", "Say what the columns mean, and what a row does whose person is known", managers...),
		func(ctx context.Context, in *struct {
			ImportPath
			Body importing.Plan
		},
		) (*body[importing.View], error) {
			return a.look(ctx, in.ID, a.Imports.Plan(ctx, in.ID, in.Body))
		})
	for name, op := range map[string]struct {
		id, summary, act string
		do               func(context.Context, uuid.UUID) error
	}{
		"check": {"checkImport", "Go through the whole file and say what would come of each row; changes nothing", "import_checked", func(ctx context.Context, id uuid.UUID) error { return a.Imports.Begin(ctx, id, true) }},
		"start": {"startImport", "Let the rows in; one that is not good hinders no other", "import_begun", func(ctx context.Context, id uuid.UUID) error { return a.Imports.Begin(ctx, id, false) }},
		"stop":  {"stopImport", "Stop after the rows that it is at; start goes on", "import_stopped", a.Imports.Stop},
	} {
		type nothingMore struct {
			ImportPath
			Body struct{}
		}
		noted(a, api, operation(http.MethodPost, "/imports/{id}/"+name, op.id, op.summary, managers...), op.act,
			func(in *nothingMore, _ *body[importing.View]) string { return in.ID.String() },
			func(ctx context.Context, in *nothingMore) (*body[importing.View], error) {
				return a.look(ctx, in.ID, op.do(ctx, in.ID))
			})
	}
	route(api, operation(http.MethodGet, "/imports/{id}/rows", "listImportRows", "Rows of the file and what came of each in the last pass", managers...), a.importRows)
	result := operation(http.MethodGet, "/imports/{id}/result.csv", "exportImport", "The file again, with what came of each row beside it", managers...)
	result.Responses = map[string]*huma.Response{"200": {
		Description: "The list", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	route(api, result, a.importResult)
}

func (a *API) takeImport(ctx context.Context, in *newImport) (*body[importing.View], error) {
	if kind, _, err := mime.ParseMediaType(in.ContentType); err != nil || kind == "application/json" {
		return nil, problem(http.StatusUnsupportedMediaType, "unsupported_media_type", "a list of leads is sent as a file", "send it with the header Content-Type: text/csv")
	}
	id := derivedID(ctx, "import")
	name := strings.TrimSpace(clean(filepath.Base(in.Name)))
	err := a.Imports.Take(ctx, id, name, callerOf(ctx).actor(), in.RawBody)
	var unreadable importing.Unreadable
	switch {
	case errors.As(err, &unreadable):
		return nil, invalid([]Fault{{"body", unreadable.Error()}})
	case err != nil:
		return nil, err
	}
	out, err := a.look(ctx, id, nil)
	if err == nil {
		out.Status = http.StatusCreated
	}
	return out, err
}

// look answers with the import as it is after something was done to it.
func (a *API) look(ctx context.Context, id uuid.UUID, err error) (*body[importing.View], error) {
	var unsound importing.Unsound
	if errors.As(err, &unsound) {
		var faults []Fault
		for _, f := range unsound.Faults {
			faults = append(faults, Fault{"body." + f.Field, f.Message})
		}
		return nil, invalid(faults)
	}
	if err != nil {
		return nil, err
	}
	v, err := a.Imports.Look(ctx, id)
	return reply(v), err
}

func (a *API) importRows(ctx context.Context, in *ImportRowFilter) (*body[ImportRows], error) {
	rows, err := a.Imports.Rows(ctx, in.ID, in.Result, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := ImportRows{Rows: rows}
	if len(rows) > in.Limit {
		out.Rows = rows[:in.Limit]
		out.Next = &out.Rows[in.Limit-1].Line
	}
	return reply(out), nil
}

// importResult writes the file as it reads it. Where that breaks off, so does the
// answer.
func (a *API) importResult(ctx context.Context, in *ImportPath) (*exportedList, error) {
	v, err := a.Imports.Look(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"\/:;`, r) || r > '~' {
			return '-'
		}
		return r
	}, strings.TrimSuffix(v.Name, ".csv"))
	return &exportedList{"text/csv; charset=utf-8", `attachment; filename="` + name + `-result.csv"`, func(c huma.Context) {
		// Spreadsheets take a file without the mark for one in their own encoding.
		if _, err = io.WriteString(c.BodyWriter(), "\ufeff"); err == nil {
			err = a.Imports.Write(ctx, in.ID, c.BodyWriter())
		}
		if err != nil {
			slog.ErrorContext(ctx, "what came of an import could not be written", "import", in.ID, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
