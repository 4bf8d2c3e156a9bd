package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/batch"
)

// batched is one thing that is done to many leads.
type batched struct {
	batch.View
	Title  string
	Chosen []string // by what they were chosen, in words
	Fields []field
	Values map[string]string // of the fields
	Counts []counted
	Asked  int
	Only   string // the result whose leads are shown
	Listed []batch.Chosen
	Next   *uuid.UUID
}

// batchActs are what can be done to many leads, in words.
var batchActs = []choice{
	{Value: string(batch.Pause), Word: "Pause"},
	{Value: string(batch.Resume), Word: "Resume"},
	{Value: string(batch.Snooze), Word: "Snooze"},
	{Value: string(batch.Reassign), Word: "Give to somebody else"},
	{Value: string(batch.Enrol), Word: "Enrol again"},
}

// batchResults are what can come of a lead, in words.
var batchResults = map[string]string{
	batch.Done: "did it", batch.Refused: "refused, and go on as before", batch.MovedOn: "stand otherwise by now, and stay so",
	batch.Asked: "have not answered yet, and are asked again", batch.Waiting: "are to be asked",
}

func (p *Pages) batches(v *visit) error {
	var list api.BatchList
	if err := v.get("/v1/batches", &list); err != nil {
		return err
	}
	var all []batched
	for _, b := range list.Batches {
		all = append(all, batched{View: b, Title: batchTitle(b)})
	}
	return v.show(http.StatusOK, "batches", "Batches", Said{}, all)
}

// makeBatch chooses the leads that a page of leads shows, and goes on with them.
func (p *Pages) makeBatch(v *visit) error {
	pick, err := v.choice(v.PostForm)
	var made batch.View
	if err == nil {
		err = v.post("/v1/batches", v.PostForm("once"), map[string]any{"act": v.PostForm("act"), "choice": pick}, &made)
	}
	if err != nil {
		said, status, err := v.said("batch", err)
		if err != nil {
			return err
		}
		return p.leadsWith(v, status, said)
	}
	v.Redirect(http.StatusSeeOther, "/batches/"+made.ID.String())
	return nil
}

func (p *Pages) batch(v *visit) error { return p.batchWith(v, http.StatusOK, Said{}) }

func (p *Pages) batchWith(v *visit, status int, said Said) error {
	at := "/v1/batches/" + url.PathEscape(v.Param("id"))
	d := batched{Only: v.Query("result")}
	var users api.Colleagues
	if err := errors.Join(v.get(at, &d.View), v.get("/v1/users", &users)); err != nil {
		return err
	}
	d.Title, d.Chosen, d.Fields = batchTitle(d.View), chosenBy(v, d.Choice, users.Users), batchFields(d.View, users.Users)
	d.Values = map[string]string{"reason": string(d.Terms.Reason), "owner_id": d.Terms.Owner.String(), "source": string(d.Terms.Source), "detail": d.Terms.Detail, "basis": d.Terms.Basis}
	if !d.Terms.Until.IsZero() {
		d.Values["until"] = v.Field(d.Terms.Until)
	}
	for _, result := range batch.Results {
		if n := d.Results[result]; n > 0 {
			d.Counts = append(d.Counts, counted{result, batchResults[result], n})
			if result != batch.Waiting && result != batch.Asked {
				d.Asked += n
			}
		}
	}
	q := url.Values{"limit": {"50"}}
	for _, key := range []string{"result", "after"} {
		if said := v.Query(key); said != "" {
			q.Set(key, said)
		}
	}
	var page api.BatchLeads
	if err := v.get(at+"/leads?"+q.Encode(), &page); err != nil {
		return err
	}
	d.Listed, d.Next = page.Leads, page.Next
	return v.show(status, "batch", d.Title, said, d)
}

// changeBatch does what a form of the batch's page asks for. Its terms are saved with
// whatever comes after them.
func (p *Pages) changeBatch(v *visit) error {
	at, act, once := "/v1/batches/"+url.PathEscape(v.Param("id")), v.Param("act"), v.PostForm("once")
	var made batch.View
	err := v.saveTerms(at, act)
	if err == nil && act != "terms" {
		err = v.post(at+"/"+url.PathEscape(act), once, map[string]any{}, &made)
	}
	if err != nil {
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.batchWith(v, status, said)
	}
	to := v.Param("id")
	if act == "undo" {
		to = made.ID.String()
	}
	v.Redirect(http.StatusSeeOther, "/batches/"+to)
	return nil
}

func (v *visit) saveTerms(at, act string) error {
	if v.PostForm("terms") == "" || act == "stop" || act == "undo" {
		return nil
	}
	terms := map[string]any{}
	for _, name := range []string{"reason", "owner_id", "source", "detail", "basis"} {
		if said := strings.TrimSpace(v.PostForm(name)); said != "" {
			terms[name] = said
		}
	}
	if v.PostForm("until") != "" {
		until, err := v.instantOf("until")
		if err != nil {
			return err
		}
		terms["until"] = until
	}
	return v.post(at+"/terms", uuid.NewString(), terms, nil) // the same again changes nothing
}

func batchTitle(b batch.View) string {
	word := string(b.Act)
	if i := slices.IndexFunc(batchActs, func(c choice) bool { return c.Value == string(b.Act) }); i >= 0 {
		word = batchActs[i].Word
	}
	if b.Undoes != nil {
		word = "Take back: " + strings.ToLower(word)
	}
	return fmt.Sprintf("%s, %s", word, several(b.Leads, "lead"))
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// batchFields are what the act needs to know.
func batchFields(b batch.View, users []api.Colleague) []field {
	var owners []choice
	for _, u := range users {
		owners = append(owners, choice{Value: u.ID.String(), Word: u.Name})
	}
	switch b.Act {
	case batch.Pause:
		return []field{{Name: "reason", Label: "Because", Kind: "choice", Options: pauseReasons}, {Name: "until", Label: "Until, if you know", Kind: "time"}}
	case batch.Snooze:
		return []field{{Name: "until", Label: "Until", Kind: "time", Required: true}}
	case batch.Reassign:
		return []field{{Name: "owner_id", Label: "To", Kind: "choice", Options: append([]choice{{Word: "choose"}}, owners...), Required: true}}
	case batch.Enrol:
		sources := []choice{{Word: "choose"}}
		for _, s := range b.Sources {
			sources = append(sources, choice{Value: string(s), Word: words(s)})
		}
		return []field{
			{Name: "source", Label: "As what they come in", Kind: "choice", Options: sources, Required: true},
			{Name: "detail", Label: "Detail, such as the campaign", Kind: "text"},
			{Name: "basis", Label: "Legal basis; empty: as it was", Kind: "text"},
			{Name: "owner_id", Label: "To", Kind: "choice", Options: append([]choice{{Word: "their former owner"}}, owners...)},
		}
	case batch.Resume:
	}
	return nil
}

// chosenBy says a query in words.
func chosenBy(v *visit, c batch.Choice, users []api.Colleague) (all []string) {
	if c.Stage != "" {
		all = append(all, "in the stage "+stageWord(c.Stage))
	}
	for _, u := range users {
		if u.ID == c.Owner {
			all = append(all, "of "+u.Name)
		}
	}
	for before, said := range map[string]string{"at the account ": c.Account, "that came as ": words(c.Source), "held by ": words(c.Blocked)} {
		if said != "" {
			all = append(all, before+said)
		}
	}
	if !c.From.IsZero() {
		all = append(all, "that came on "+c.From.In(v.zone).Format(formDay)+" or later")
	}
	if !c.Before.IsZero() {
		all = append(all, "that came before "+c.Before.In(v.zone).Format(formDay))
	}
	slices.Sort(all)
	return all
}
