package hook

import (
	"encoding/json"
	"strings"
)

// typeform is a response as Typeform documents it.
type typeform struct {
	EventID   string `json:"event_id"`
	EventType string `json:"event_type"`
	Response  struct {
		Token       string            `json:"token"`
		SubmittedAt string            `json:"submitted_at"`
		Hidden      map[string]string `json:"hidden"`
		Definition  struct {
			Title string `json:"title"`
		} `json:"definition"`
		Answers []map[string]json.RawMessage `json:"answers"`
	} `json:"form_response"`
}

// usualTypeform: the questions of the types email and phone number, and names by the
// reference that the form gives its questions.
var usualTypeform = ways{
	"email": {{"email"}}, "phone": {{"phone_number"}}, "account": {{"company"}, {"hidden.company"}}, "title": {{"job_title"}},
	"name":        {{"name"}, {"full_name"}, {"first_name", "last_name"}, {"hidden.name"}},
	"detail":      {{"form.title"}},
	"occurred_at": {{"submitted_at"}}, "external_id": {{"token"}},
}

func readTypeform(body []byte, m Mapping) (Report, error) {
	var in typeform
	if err := json.Unmarshal(body, &in); err != nil || in.EventType == "" {
		return Report{}, unknownForm("Typeform")
	}
	r := Report{Event: in.EventType, ID: in.EventID}
	if in.EventType != "form_response" {
		r.Ignored = "only finished responses count, and this is " + short(in.EventType)
		return r, nil
	}
	values := map[string]string{"form.title": in.Response.Definition.Title, "submitted_at": in.Response.SubmittedAt, "token": in.Response.Token}
	for name, v := range in.Response.Hidden {
		values["hidden."+name] = v
	}
	byType := map[string]string{}
	for _, answer := range in.Response.Answers {
		kind, text := answered(answer)
		var field struct{ ID, Ref string }
		_ = json.Unmarshal(answer["field"], &field) // an answer to no question has no name
		for _, name := range []string{field.ID, field.Ref} {
			if name != "" {
				values[name] = text
			}
		}
		if byType[kind] == "" {
			byType[kind] = text
		}
	}
	for _, kind := range []string{"email", "phone_number"} {
		if values[kind] == "" {
			values[kind] = byType[kind]
		}
	}
	r.Values = values
	e, leftOut, err := engaged(said(values, m, usualTypeform))
	r.Engaged, r.LeftOut = []Engaged{e}, leftOut
	return r, err
}

// answered is the type of an answer, under whose name its value stands, and the value.
func answered(answer map[string]json.RawMessage) (kind, text string) {
	_ = json.Unmarshal(answer["type"], &kind)
	var value any
	if json.Unmarshal(answer[kind], &value) != nil {
		return kind, ""
	}
	switch v := value.(type) {
	case string:
		return kind, v
	case map[string]any: // a choice, or several
		var all []string
		if label, ok := v["label"].(string); ok {
			all = append(all, label)
		}
		labels, _ := v["labels"].([]any)
		for _, label := range append(labels, v["other"]) {
			if s, ok := label.(string); ok {
				all = append(all, s)
			}
		}
		return kind, strings.Join(all, ", ")
	}
	return kind, string(answer[kind])
}
