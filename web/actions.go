package web

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/rekindlehq/rekindle/api"
)

// action is something one can do to a lead. What it would do now says the API.
type action struct {
	Name   string // of the form, and of the route below the lead
	Title  string
	Fields []field
	Final  bool // ends the life
}

// field is one thing that an action needs to know. Its name is that of the API.
type field struct {
	Name     string
	Label    string
	Kind     string // text, time, money, choice
	Required bool
	Options  []choice
}

var (
	pauseReasons = []choice{{Value: "manual", Word: "another reason"}, {Value: "owner_on_leave", Word: "the owner is on leave"}, {Value: "colleague_in_conversation", Word: "somebody talks with a colleague"}}
	notFitFor    = []choice{
		{Value: "not_a_fit", Word: "no fit"},
		{Value: "never_qualified", Word: "never qualified"},
		{Value: "duplicate", Word: "duplicate"},
		{Value: "out_of_business", Word: "out of business"},
		{Value: "competitor", Word: "competitor"},
		{Value: "other", Word: "other"},
	}
	stopsBy = []choice{{Value: "rep", Word: "they told a rep"}, {Value: "reply", Word: "they wrote it"}, {Value: "phone", Word: "by phone"}, {Value: "complaint", Word: "they complained"}}
)

// actions are those that a lead and its reader allow.
func (v *visit) actions(l api.LeadView) ([]action, error) {
	all := []action{
		{Name: "snooze", Title: "Snooze", Fields: []field{{Name: "until", Label: "Until", Kind: "time", Required: true}}},
		{Name: "pause", Title: "Pause", Fields: []field{
			{Name: "reason", Label: "Because", Kind: "choice", Options: pauseReasons}, {Name: "until", Label: "Until, if you know", Kind: "time"},
		}},
		{Name: "resume", Title: "Resume"},
		{Name: "amount", Title: "Estimate the value", Fields: []field{{Name: "amount", Label: "Whole units of your currency", Kind: "money", Required: true}}},
		{Name: "stakeholders", Title: "Name somebody else there", Fields: []field{
			{Name: "name", Label: "Name", Kind: "text"}, {Name: "email", Label: "Email address", Kind: "text"}, {Name: "phone", Label: "Phone", Kind: "text"}, {Name: "title", Label: "Role", Kind: "text"},
		}},
		{Name: "proposals", Title: "Report a proposal", Fields: []field{
			{Name: "amount", Label: "Value", Kind: "money"}, {Name: "expires_at", Label: "Expires", Kind: "time"},
		}},
		{Name: "permissions", Title: "Write down a permission", Fields: []field{
			{Name: "channel", Label: "By", Kind: "choice", Options: []choice{{Value: "email", Word: "email"}, {Value: "call", Word: "call"}, {Value: "manual", Word: "another way"}}},
			{Name: "every", Label: "How often, such as 2 months", Kind: "text"},
			{Name: "until", Label: "Until", Kind: "time"},
		}},
		{Name: "addresses", Title: "Correct address or number", Fields: []field{
			{Name: "email", Label: "Email address", Kind: "text"}, {Name: "phone", Label: "Phone", Kind: "text"},
		}},
		{Name: "diagnosis", Title: "Say why it went cold", Fields: []field{{Name: "diagnosis", Label: "Because", Kind: "choice", Options: diagnoses}}},
	}
	if v.Reader.Role != api.Rep {
		owners, err := v.owners(l)
		if err != nil {
			return nil, err
		}
		all = append(all, action{Name: "reassign", Title: "Give to another owner", Fields: []field{{Name: "owner_id", Label: "To", Kind: "choice", Options: owners}}})
	}
	return append(
		all,
		action{Name: "win", Title: "They bought", Fields: []field{{Name: "amount", Label: "Value", Kind: "money"}}, Final: true},
		action{Name: "disqualify", Title: "Disqualify", Fields: []field{{Name: "reason", Label: "Because", Kind: "choice", Options: notFitFor}}, Final: true},
		action{Name: "opt-out", Title: "They said stop", Fields: []field{{Name: "via", Label: "How", Kind: "choice", Options: stopsBy}}, Final: true},
	), nil
}

func (v *visit) owners(l api.LeadView) (all []choice, err error) {
	var users api.Colleagues
	if err := v.get("/v1/users", &users); err != nil {
		return nil, err
	}
	for _, u := range users.Users {
		if u.ID != l.OwnerID {
			all = append(all, choice{Value: u.ID.String(), Word: u.Name})
		}
	}
	return all, nil
}

// order is what a form of the lead's page asks of the API, and where. Empty fields are
// left out.
func (v *visit) order(at, name string) (path string, body map[string]any, err error) {
	switch name {
	case "outcome":
		body, err = v.outcomeBody()
		return at + "/outcomes", body, err
	case "take-back":
		return at + "/outcomes/" + url.PathEscape(v.PostForm("outcome_id")) + "/undo", map[string]any{}, nil
	}
	all, err := v.actions(api.LeadView{})
	if err != nil {
		return "", nil, err
	}
	for _, a := range all {
		if a.Name != name {
			continue
		}
		body = map[string]any{}
		for _, f := range a.Fields {
			said := strings.TrimSpace(v.PostForm(f.Name))
			if said == "" {
				continue
			}
			if body[f.Name], err = v.valueOf(f, said); err != nil {
				return "", nil, err
			}
		}
		return at + "/" + name, body, nil
	}
	return "", nil, &api.Problem{Status: 404, Detail: "there is nothing here"}
}

func (v *visit) valueOf(f field, said string) (any, error) {
	switch f.Kind {
	case "time":
		return v.instantOf(f.Name)
	case "money":
		units, err := strconv.ParseFloat(said, 64)
		if err != nil || math.IsNaN(units) || units < 0 || units > 1e12 {
			return nil, &api.Problem{
				Status: 422, Code: "not_valid", Detail: fmt.Sprintf("%q is no amount", said), Remedy: "give a number, such as 12000",
				Errors: []api.Fault{{Field: "body." + f.Name, Message: "is no amount"}},
			}
		}
		return int64(math.Round(units * 100)), nil
	}
	return said, nil
}
