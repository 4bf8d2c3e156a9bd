package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/sequence"
)

// mapped is something that can be known of somebody, and where it stands in what a
// service sends.
type mapped struct{ Name, Label, Says, Path string }

// mappable are the fields of a mapping.
var mappable = []mapped{
	{Name: "email", Label: "Email address", Says: "this or a number is needed"},
	{Name: "phone", Label: "Phone number", Says: "with the country's code, or as written where the country is known"},
	{Name: "name", Label: "Name", Says: "several are joined: data.first + data.last"},
	{Name: "account", Label: "Company"},
	{Name: "title", Label: "Their role there"},
	{Name: "country", Label: "Country", Says: "two letters, such as DE"},
	{Name: "time_zone", Label: "Time zone", Says: "such as Europe/Berlin"},
	{Name: "detail", Label: "What it was about", Says: "stands in the brief of the call"},
	{Name: "occurred_at", Label: "When it happened", Says: "such as 2026-11-24T08:00:00Z; empty: when it came"},
	{Name: "external_id", Label: "Its number at the service", Says: "the same one counts once"},
	{Name: "basis", Label: "Legal basis", Says: "empty: that this webhook reported them"},
}

// sourceForm is how a source is set, and what came of trying that on an example.
type sourceForm struct {
	Kind, Engagement, Owner string
	Engagements             []sequence.Kind
	Fields                  []mapped // none: the service says itself where things are
	Example                 string
	Trial                   *hook.Trial
}

// formOf shows how a source is set.
func formOf(s hook.Source, engagements []sequence.Kind) sourceForm {
	f := sourceForm{Kind: s.Kind, Engagement: s.Engagement, Owner: s.Owner, Engagements: engagements}
	if s.Kind == hook.Cal {
		return f
	}
	f.Fields = slices.Clone(mappable)
	for i := range f.Fields {
		f.Fields[i].Path = strings.Join(s.Mapping[f.Fields[i].Name], " + ")
	}
	return f
}

// sourceTyped is the form as it was filled in.
func (v *visit) sourceTyped(s hook.Source, engagements []sequence.Kind) sourceForm {
	f := formOf(s, engagements)
	f.Engagement, f.Owner, f.Example = v.PostForm("engagement"), strings.TrimSpace(v.PostForm("owner")), v.PostForm("example")
	for i := range f.Fields {
		f.Fields[i].Path = v.PostForm("map_" + f.Fields[i].Name)
	}
	return f
}

// Mapped reports whether the form names any field.
func (f sourceForm) Mapped() bool { return len(f.mapping()) > 0 }

func (f sourceForm) mapping() hook.Mapping {
	m := hook.Mapping{}
	for _, field := range f.Fields {
		for path := range strings.SplitSeq(field.Path, "+") {
			if path = strings.TrimSpace(path); path != "" {
				m[field.Name] = append(m[field.Name], path)
			}
		}
	}
	return m
}

// settings are the form as the API takes it.
func (f sourceForm) settings(off bool, secret string) hook.Settings {
	s := hook.Settings{Kind: f.Kind, Engagement: f.Engagement, Owner: f.Owner, Mapping: f.mapping(), Off: off}
	if secret != "" {
		s.Secrets = []string{secret}
	}
	return s
}

// trySource holds the form against the example in it.
func (v *visit) trySource(f *sourceForm) error {
	if strings.TrimSpace(f.Example) == "" {
		return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "there is no example to try it on", Remedy: "paste the body of a call, as the service shows or documents it"}
	}
	return v.post("/v1/hook-trials", uuid.NewString(), map[string]any{"kind": f.Kind, "mapping": f.mapping(), "body": f.Example}, &f.Trial)
}
