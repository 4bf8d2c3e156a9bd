package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/suppression"
)

// maxList is the largest suppression list in bytes: its most entries, with long
// addresses.
const maxList = 32 << 20

// mostFaults is how many faults of a list are said one by one.
const mostFaults = 1000

// SuppressionView is one entry of the list. The list has hashes only.
type SuppressionView struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind" enum:"email,domain,phone"`
	Hash      string     `json:"hash" doc:"The first 16 of the hash's 64 hexadecimal digits"`
	Via       string     `json:"via" doc:"How it came: link, reply, rep, phone, complaint, bounce, import, ..."`
	PersonID  *uuid.UUID `json:"person_id,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
}

// SuppressionPage is one page of the list, the newest first.
type SuppressionPage struct {
	Suppressions []SuppressionView `json:"suppressions"`
	Next         *uuid.UUID        `json:"next,omitempty" doc:"Give it as after to get the next page"`
}

// SuppressionFilter says which entries are listed.
type SuppressionFilter struct {
	Kind  string    `query:"kind" enum:"email,domain,phone"`
	After uuid.UUID `query:"after" doc:"The next of the page before"`
	Limit int32     `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type listedSuppressions struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)"`
	Body SuppressionPage
}

// SuppressionBody is what is never to be contacted again.
type SuppressionBody struct {
	Kind  string `json:"kind" enum:"email,domain,phone"`
	Value string `json:"value" minLength:"1" maxLength:"254" doc:"An address, a domain (all its addresses) or a number with its country" example:"acme.example"`
	Via   string `json:"via,omitempty" enum:"rep,reply,phone,complaint,import" default:"rep" doc:"How it came"`
}

// ImportedList says what became of a list.
type ImportedList struct {
	Rows       int                    `json:"rows" doc:"All of them, those with faults included"`
	Added      int                    `json:"added" doc:"Entries that are new, or say more than before"`
	Known      int                    `json:"known" doc:"Good rows that changed nothing"`
	FaultyRows int                    `json:"faulty_rows" doc:"Left out"`
	Faults     []suppression.RowFault `json:"faults" doc:"The first thousand, with their place"`
}

type exportedList struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        func(huma.Context)
}

type listImport struct {
	ContentType string `header:"Content-Type"`
	RawBody     []byte `contentType:"text/csv"`
}

// suppressions registers the list of those who are never contacted again (R72).
func (a *API) suppressions(api huma.API) {
	route(api, operation(http.MethodGet, "/suppressions", "listSuppressions", "Who is never contacted again, as hashes", managers...), a.listSuppressions)
	export := operation(http.MethodGet, "/suppressions.csv", "exportSuppressions", "The whole list as CSV: kind, hash, via, created_at", managers...)
	export.Tags = []string{"suppressions"}
	export.Responses = map[string]*huma.Response{"200": {
		Description: "The list", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	noted(a, api, export, "suppressions_exported", unnamed, a.exportSuppressions)
	noted(a, api, operation(http.MethodPost, "/suppressions", "suppress", "Never contact an address, a domain or a number again; holds as soon as it is acknowledged", managers...),
		"suppression_added", func(in *struct{ Body SuppressionBody }, _ *body[Stopped]) string { return in.Body.Kind }, a.suppress)
	list := operation(http.MethodPost, "/suppressions/import", "importSuppressions",
		"Add a list as CSV: columns kind and value, or kind and hash as exported, and optionally via; up to 100,000 rows. Good rows count whatever the others say", managers...)
	list.MaxBodyBytes, list.BodyReadTimeout = maxList, -1 // the server's own limit holds
	noted(a, api, list, "suppressions_imported", unnamed, a.importSuppressions)
}

func (a *API) listSuppressions(ctx context.Context, in *SuppressionFilter) (*listedSuppressions, error) {
	rows, err := a.Store.Suppressions(ctx, db.SuppressionsParams{Kind: optional(in.Kind), After: idOrNone(in.After), Most: in.Limit + 1})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := &listedSuppressions{Body: SuppressionPage{Suppressions: []SuppressionView{}}}
	for i, r := range rows {
		if i == int(in.Limit) {
			next := rows[i-1].ID
			out.Body.Next = &next
			q := url.Values{"after": {next.String()}, "limit": {strconv.Itoa(int(in.Limit))}}
			if in.Kind != "" {
				q.Set("kind", in.Kind)
			}
			out.Link = fmt.Sprintf("</v1/suppressions?%s>; rel=\"next\"", q.Encode())
			break
		}
		out.Body.Suppressions = append(out.Body.Suppressions, SuppressionView{
			ID: r.ID, Kind: r.Kind, Hash: hex.EncodeToString(r.ValueHash[:8]), Via: r.Via, PersonID: r.PersonID, CreatedAt: r.CreatedAt,
		})
	}
	return out, nil
}

// exportSuppressions writes the list as it reads it. Where that breaks off, so
// does the answer.
func (a *API) exportSuppressions(ctx context.Context, _ *struct{}) (*exportedList, error) {
	return &exportedList{"text/csv; charset=utf-8", `attachment; filename="suppressions.csv"`, func(c huma.Context) {
		w, err := suppression.NewWriter(c.BodyWriter())
		if err == nil {
			err = errors.Join(a.Store.EachSuppression(ctx, w.Add), w.End())
		}
		if err != nil {
			slog.ErrorContext(ctx, "the suppression list could not be written", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func (a *API) suppress(ctx context.Context, in *struct{ Body SuppressionBody }) (*body[Stopped], error) {
	b := in.Body
	value, says := suppression.Normal(b.Kind, b.Value)
	if says != "" {
		return nil, invalid([]Fault{{"body.value", says}})
	}
	stop := map[string]func(ctx context.Context, value, via, by string) error{
		postgres.KindEmail: a.Door.StopAddress, postgres.KindDomain: a.Door.StopDomain, postgres.KindPhone: a.Door.StopNumber,
	}[b.Kind]
	if err := stop(ctx, value, b.Via, callerOf(ctx).actor()); err != nil {
		return nil, err
	}
	return reply(Stopped{"stopped"}), nil
}

func (a *API) importSuppressions(ctx context.Context, in *listImport) (*body[ImportedList], error) {
	if kind, _, err := mime.ParseMediaType(in.ContentType); err != nil || kind != "text/csv" {
		return nil, problem(http.StatusUnsupportedMediaType, "unsupported_media_type", "a list is sent as text/csv", "send it with the header Content-Type: text/csv")
	}
	entries, faults, err := suppression.Read(bytes.NewReader(in.RawBody))
	var none suppression.NoList
	switch {
	case errors.As(err, &none):
		return nil, invalid([]Fault{{fmt.Sprintf("body.line[%d].column[%d]", none.Line, none.Column), none.Message}})
	case errors.Is(err, suppression.ErrTooMany):
		return nil, invalid([]Fault{{"body", err.Error()}})
	case err != nil:
		return nil, err
	}
	added, err := a.Store.SuppressAll(ctx, entries, callerOf(ctx).actor(), a.now())
	if err != nil {
		return nil, err
	}
	list := ImportedList{
		Rows: len(entries) + len(faults), Added: added, Known: len(entries) - added, FaultyRows: len(faults),
		Faults: append([]suppression.RowFault{}, faults[:min(len(faults), mostFaults)]...),
	}
	return reply(list), nil
}
