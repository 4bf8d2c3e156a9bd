package api

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// AuditLine is who did what to which lead, or about what, and when.
type AuditLine struct {
	At        time.Time       `json:"at"`
	Actor     string          `json:"actor" doc:"Id of a user, key:… of a program's, cli:… at the command line, lead, rekindle, or nobody before they have signed in"`
	ActorName string          `json:"actor_name"`
	Kind      string          `json:"kind" doc:"What happened to a lead (stage_changed, recorded, …) or which act it was (key_created, person_exported, …)"`
	Rule      string          `json:"rule,omitempty"`
	Lead      *uuid.UUID      `json:"lead_id,omitempty"`
	LeadName  string          `json:"lead_name,omitempty"`
	About     string          `json:"about,omitempty" doc:"Id or name of what an act is about"`
	Entry     *sequence.Entry `json:"entry,omitempty" doc:"Of the lead's timeline"`
	Line      string          `json:"line,omitempty" doc:"The entry as a person reads it, in UTC"`
}

// AuditPage is a page of acts, the newest first.
type AuditPage struct {
	Lines []AuditLine `json:"lines"`
	Next  string      `json:"next,omitempty" doc:"Give it as after to get the next page"`
}

// AuditQuery says which acts are read.
type AuditQuery struct {
	Actor     string    `query:"actor" maxLength:"100" doc:"Id of a user, key:… or cli:…, or lead"`
	Kind      string    `query:"kind" maxLength:"64" doc:"What happened, or which act"`
	LeadID    uuid.UUID `query:"lead_id"`
	From      time.Time `query:"from"`
	Until     time.Time `query:"until"`
	Automatic bool      `query:"automatic" doc:"Of one lead: what went by itself as well"`
	After     string    `query:"after" maxLength:"100" doc:"The next of the page before"`
}

type auditQuery struct {
	AuditQuery
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type auditPage struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)"`
	Body AuditPage
}

// mostAudited is how many lines a file has; a filter brings the others.
const mostAudited = 100_000

// audit registers what managers look at to see who did what.
func (a *API) audit(api huma.API) {
	route(api, operation(http.MethodGet, "/audit", "readAudit", "Who did what to which lead, by which rule, and every act that is about no lead; the newest first", managers...), a.auditPage)
	file := operation(http.MethodGet, "/audit.csv", "downloadAudit", "The same as CSV, up to 100,000 lines", managers...)
	file.Tags = []string{"audit"}
	file.Responses = map[string]*huma.Response{"200": {
		Description: "The lines", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	route(api, file, a.auditFile)
}

func (q AuditQuery) filter() (f postgres.AuditFilter, err error) {
	f = postgres.AuditFilter{Actor: q.Actor, Kind: q.Kind, Lead: idOrNone(q.LeadID), From: q.From, Until: q.Until, Automatic: q.Automatic}
	if q.Automatic && f.Lead == nil {
		return f, invalid([]Fault{{"query.automatic", "needs lead_id: of all leads there is too much that goes by itself"}})
	}
	if q.After == "" {
		return f, nil
	}
	mark, ok := readMark(q.After)
	if !ok {
		return f, invalid([]Fault{{"query.after", "is not the next of a page; leave it out for the first"}})
	}
	f.After = &mark
	return f, nil
}

func (a *API) auditPage(ctx context.Context, in *auditQuery) (*auditPage, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Most = in.Limit + 1
	rows, err := a.Store.Audit(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &auditPage{Body: AuditPage{Lines: []AuditLine{}}}
	for i, row := range rows {
		if i == in.Limit {
			out.Body.Next = writeMark(rows[i-1].AuditMark)
			out.Link = fmt.Sprintf("</v1/audit?%s>; rel=\"next\"", in.next(out.Body.Next).Encode())
			break
		}
		line, err := auditLine(row)
		if err != nil {
			return nil, err
		}
		out.Body.Lines = append(out.Body.Lines, line)
	}
	return out, nil
}

// next is the query of the page that follows.
func (q auditQuery) next(after string) url.Values {
	v := url.Values{"after": {after}, "limit": {strconv.Itoa(q.Limit)}}
	for name, value := range map[string]string{"actor": q.Actor, "kind": q.Kind} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.LeadID != uuid.Nil {
		v.Set("lead_id", q.LeadID.String())
	}
	if q.Automatic {
		v.Set("automatic", "true")
	}
	for name, at := range map[string]time.Time{"from": q.From, "until": q.Until} {
		if !at.IsZero() {
			v.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	return v
}

func auditLine(row postgres.AuditLine) (AuditLine, error) {
	l := AuditLine{At: row.At, Actor: row.Actor, ActorName: row.ActorName, Kind: row.Kind, Rule: row.Rule, Lead: row.Lead, About: row.About}
	if row.LeadName != nil {
		l.LeadName = *row.LeadName
	}
	if row.Entry == nil {
		return l, nil
	}
	l.Entry = new(sequence.Entry)
	if err := json.Unmarshal(row.Entry, l.Entry); err != nil {
		return l, fmt.Errorf("decode entry %d of lead %s: %w", row.N, row.Lead, err)
	}
	l.Line = simulate.Line(*l.Entry, time.UTC)
	return l, nil
}

// auditFile writes the lines as it reads them. Where that breaks off, so does the
// answer.
func (a *API) auditFile(ctx context.Context, in *AuditQuery) (*exportedList, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Most = 1000
	rows, err := a.Store.Audit(ctx, f)
	if err != nil {
		return nil, err
	}
	return &exportedList{"text/csv; charset=utf-8", `attachment; filename="audit.csv"`, func(c huma.Context) {
		w := csv.NewWriter(c.BodyWriter())
		err := w.Write([]string{"at", "actor", "actor_name", "kind", "rule", "lead_id", "about", "line"})
		for n := 0; err == nil && len(rows) > 0 && n < mostAudited; n += len(rows) {
			for _, row := range rows {
				err = errors.Join(err, writeAudit(w, row))
			}
			f.After = &rows[len(rows)-1].AuditMark
			if err == nil {
				rows, err = a.Store.Audit(ctx, f)
			}
		}
		w.Flush()
		if err = errors.Join(err, w.Error()); err != nil {
			slog.ErrorContext(ctx, "the audit trail could not be written", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func writeAudit(w *csv.Writer, row postgres.AuditLine) error {
	l, err := auditLine(row)
	if err != nil {
		return err
	}
	lead := ""
	if l.Lead != nil {
		lead = l.Lead.String()
	}
	return w.Write(csvfile.Inert(l.At.UTC().Format(time.RFC3339), l.Actor, l.ActorName, l.Kind, l.Rule, lead, l.About, l.Line))
}

// writeMark and readMark are a place between two lines, as programs hand it back.
func writeMark(m postgres.AuditMark) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%s/%d", m.At.UnixMicro(), m.ID, m.N))
}

func readMark(s string) (m postgres.AuditMark, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.Split(string(raw), "/")
	if err != nil || len(parts) != 3 {
		return m, false
	}
	at, errAt := strconv.ParseInt(parts[0], 10, 64)
	id, errID := uuid.Parse(parts[1])
	n, errN := strconv.ParseInt(parts[2], 10, 32)
	return postgres.AuditMark{At: time.UnixMicro(at).UTC(), ID: id, N: int32(n)}, errors.Join(errAt, errID, errN) == nil
}
