package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// leadList is a page of leads, and by what they were chosen.
type leadList struct {
	Is      map[string]string // of the filter
	Stages  []sequence.Stage
	Reasons []sequence.PauseReason
	Users   []api.Colleague
	Leads   []api.LeadView
	Next    string
	Acts    []choice // what can be done to all of them
}

// heldBy are the reasons for which somebody looks.
var heldBy = []sequence.PauseReason{
	sequence.PausedByHand, sequence.PausedSnoozed, sequence.PausedReply, sequence.PausedOutOfOffice, sequence.PausedColleague, sequence.PausedOwnerAway,
	sequence.PausedMailbox, sequence.PausedParked,
}

// choosing are the fields of the filter.
var choosing = []string{"stage", "owner_id", "account", "source", "blocked", "created_from", "created_before"}

func (p *Pages) leads(v *visit) error { return p.leadsWith(v, http.StatusOK, Said{}) }

func (p *Pages) leadsWith(v *visit, status int, said Said) error {
	asked := v.Query
	if v.Request.Method == http.MethodPost {
		asked = v.PostForm
	}
	d := leadList{Is: map[string]string{}, Stages: sequence.Stages(), Reasons: heldBy}
	for _, name := range append([]string{"behind"}, choosing...) {
		if s := asked(name); s != "" {
			d.Is[name] = s
		}
	}
	pick, err := v.choice(asked)
	if err != nil && status == http.StatusOK {
		if said, status, err = v.said("", err); err != nil {
			return err
		}
	}
	q := url.Values{"limit": {"50"}}
	for name, value := range pick {
		q.Set(name, value)
	}
	for _, name := range []string{"behind", "after"} {
		if s := asked(name); s != "" {
			q.Set(name, s)
		}
	}
	var page api.LeadPage
	var users api.Colleagues
	if err := errors.Join(v.get("/v1/leads?"+q.Encode(), &page), v.get("/v1/users", &users)); err != nil {
		return err
	}
	d.Leads, d.Users = page.Leads, users.Users
	if v.Manages() && d.Is["behind"] == "" {
		d.Acts = batchActs
	}
	if page.Next != nil {
		next := url.Values{"after": {page.Next.String()}}
		for name, value := range d.Is {
			next.Set(name, value)
		}
		d.Next = "/leads?" + next.Encode()
	}
	return v.show(status, "leads", "Leads", said, d)
}

const formDay = "2006-01-02"

// choice is a filter as the API takes it: days begin in the reader's zone.
func (v *visit) choice(asked func(string) string) (map[string]string, error) {
	pick := map[string]string{}
	for _, name := range choosing {
		said := asked(name)
		if said == "" {
			continue
		}
		if name == "created_from" || name == "created_before" {
			day, err := time.ParseInLocation(formDay, said, v.zone)
			if err != nil {
				return pick, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "that is no day", Remedy: "give one such as 2026-03-02", Errors: []api.Fault{{Field: name, Message: "is no day"}}}
			}
			said = day.Format(time.RFC3339)
		}
		pick[name] = said
	}
	return pick, nil
}
