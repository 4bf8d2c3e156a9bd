package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// desk is a rep's day: what is due, in the order of R81, and the one thing at hand.
type desk struct {
	Everybody bool // a manager looks at all queues
	Now       []api.TaskView
	Later     []api.TaskView // today
	Tomorrow  []api.TaskView
	Open      *open
	Notices   []api.Notice
	Unread    int64 // of which the notices are the newest
	Recorded  *recorded
}

// open is the task at hand and everything to do it well (R23).
type open struct {
	api.TaskWithBrief
	View        api.TaskView
	Person      api.LeadView
	Explanation sequence.Explanation
	Choices     []choice
	Diagnoses   []choice
	Colleagues  []api.Colleague
	Form        outcomeForm
}

// recorded is what the last form brought about.
type recorded struct {
	Lead        api.LeadView
	Explanation sequence.Explanation
	Outcome     string // id, by which it can be taken back
}

// queueShown is how many tasks a page shows; the others come up as these are done.
const queueShown = "100"

func (p *Pages) desk(v *visit) error {
	return p.deskWith(v, http.StatusOK, v.Query("task"), Said{})
}

func (p *Pages) deskWith(v *visit, status int, task string, said Said) error {
	d := desk{Everybody: v.Query("whose") == "all" && v.Reader.Role != api.Rep}
	q := url.Values{"ahead_days": {"1"}, "limit": {queueShown}}
	if !d.Everybody {
		q.Set("owner_id", v.Reader.User.String())
	}
	var queue api.TaskQueue
	if err := v.get("/v1/queue?"+q.Encode(), &queue); err != nil {
		return err
	}
	d.sort(v, queue.Tasks)
	var err error
	if d.Open, err = p.openTask(v, &d, queue.Tasks, task); err != nil {
		return err
	}
	if d.Recorded, err = v.recorded(); err != nil {
		return err
	}
	var notices api.Notices
	if err := v.get("/v1/notifications?limit=5", &notices); err != nil {
		return err
	}
	d.Notices, d.Unread = notices.Notices, notices.Unread
	return v.show(status, "desk", "Desk", said, d)
}

// pickable are tasks that can be done together, because they need no words.
func pickable(t api.TaskView) bool {
	return t.Kind == sequence.TaskManual || t.Kind == sequence.TaskEngaged || t.Kind == sequence.TaskFindOthers
}

// Pickable reports whether any can.
func (d desk) Pickable() bool {
	return slices.ContainsFunc(slices.Concat(d.Now, d.Later, d.Tomorrow), pickable)
}

// sort puts tasks under the part of the reader's day in which they are due.
func (d *desk) sort(v *visit, tasks []api.TaskView) {
	for _, t := range tasks {
		switch days := daysBetween(v.now.In(v.zone), t.DueAt.In(v.zone)); {
		case !t.DueAt.After(v.now):
			d.Now = append(d.Now, t)
		case days == 0:
			d.Later = append(d.Later, t)
		case days == 1:
			d.Tomorrow = append(d.Tomorrow, t)
		}
	}
}

// openTask is the one that was asked for, or the first.
func (p *Pages) openTask(v *visit, d *desk, all []api.TaskView, id string) (*open, error) {
	here := append(slices.Clone(d.Now), d.Later...)
	if id == "" && len(here) == 0 {
		return nil, nil
	}
	if id == "" {
		id = here[0].ID.String()
	}
	var o open
	err := v.get("/v1/tasks/"+url.PathEscape(id), &o.TaskWithBrief)
	var gone *api.Problem
	if errors.As(err, &gone) && gone.Status == http.StatusNotFound || err == nil && o.State != "open" {
		return nil, nil // somebody has done it
	}
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(t api.TaskView) bool { return t.ID == o.ID }); i >= 0 {
		o.View = all[i]
	}
	lead := "/v1/leads/" + o.Lead.String()
	var colleagues api.Colleagues
	if err := errors.Join(v.get(lead, &o.Person), v.get(lead+"/explanation", &o.Explanation), v.get("/v1/users", &colleagues)); err != nil {
		return nil, err
	}
	o.Colleagues = slices.DeleteFunc(colleagues.Users, func(c api.Colleague) bool { return c.ID == v.Reader.User })
	o.Choices, o.Diagnoses = choicesFor(o.Kind, o.Person.Stage), diagnoses
	o.Form = outcomeForm{Now: v.now.In(v.zone), Others: o.Brief.Others, Choices: o.Choices}
	return &o, nil
}

// recorded reads what the address says was done last.
func (v *visit) recorded() (*recorded, error) {
	id, err := uuid.Parse(v.Query("recorded"))
	if err != nil {
		return nil, nil
	}
	r := recorded{Outcome: v.Query("outcome")}
	lead := "/v1/leads/" + id.String()
	if err := errors.Join(v.get(lead, &r.Lead), v.get(lead+"/explanation", &r.Explanation)); err != nil {
		return nil, nil //nolint:nilerr // the lead may be with somebody else now
	}
	return &r, nil
}

// work takes what came of a task, and goes on with the next.
func (p *Pages) work(v *visit) error {
	id, act := v.Param("id"), v.Param("act")
	path := "/v1/tasks/" + url.PathEscape(id)
	var d api.Decision
	var err error
	switch act {
	case "snooze":
		var until time.Time
		if until, err = v.instantOf("until"); err == nil {
			err = v.post(path+"/snooze", v.PostForm("once"), map[string]any{"until": until}, nil)
		}
	case "hand-over":
		err = v.post(path+"/hand-over", v.PostForm("once"), map[string]any{"owner_id": v.PostForm("owner_id")}, nil)
	default:
		var body map[string]any
		if body, err = v.completion(act); err == nil {
			err = v.post(path+"/complete", v.PostForm("once"), body, &d)
		}
	}
	if err != nil {
		said, status, err := v.said(act, err)
		if err != nil {
			return err
		}
		return p.deskWith(v, status, id, said)
	}
	q := url.Values{}
	if d.Lead != uuid.Nil {
		q.Set("recorded", d.Lead.String())
	}
	if d.Outcome != nil {
		q.Set("outcome", d.Outcome.String())
	}
	v.Redirect(http.StatusSeeOther, "/desk?"+q.Encode())
	return nil
}

// completion is what a form says of the task at hand.
func (v *visit) completion(act string) (map[string]any, error) {
	switch act {
	case "outcome":
		body, err := v.outcomeBody()
		return map[string]any{"outcome": body}, err
	case "diagnosis":
		return map[string]any{"diagnosis": v.PostForm("diagnosis"), "note": v.PostForm("note")}, nil
	case "done":
		return map[string]any{"note": v.PostForm("note")}, nil
	}
	return nil, &api.Problem{Status: http.StatusNotFound, Detail: "there is nothing here"}
}

// seen marks what the reader was told as read: one, or all up to the newest shown.
func (p *Pages) seen(v *visit) error {
	older := v.Param("act") == "all-seen"
	if !older && v.Param("act") != "seen" {
		return &api.Problem{Status: http.StatusNotFound, Detail: "there is nothing here"}
	}
	err := v.post("/v1/notifications/"+url.PathEscape(v.Param("id"))+"/read", v.PostForm("once"), map[string]any{"and_older": older}, nil)
	if err == nil {
		v.Redirect(http.StatusSeeOther, own(v.PostForm("back")))
	}
	return err
}

// Unread is how much the reader was told and has not seen.
func (v *visit) Unread() int64 {
	var n api.Notices
	if err := v.get("/v1/notifications?limit=1", &n); err != nil {
		return 0 // the page is about something else
	}
	return n.Unread
}

// doneTogether marks several tasks as done that need no words. What cannot be done
// stays in the queue.
func (p *Pages) doneTogether(v *visit) error {
	done := 0
	var last error
	for _, id := range v.PostFormArray("task") {
		err := v.post("/v1/tasks/"+url.PathEscape(id)+"/complete", v.PostForm("once")+id, map[string]any{"note": v.PostForm("note")}, nil)
		if err == nil {
			done++
		} else {
			last = err
		}
	}
	said := Said{Done: fmt.Sprintf("%d of %d done.", done, len(v.PostFormArray("task")))}
	if last != nil {
		failed, status, err := v.said("together", last)
		if err != nil {
			return err
		}
		failed.Done = said.Done
		return p.deskWith(v, status, "", failed)
	}
	return p.deskWith(v, http.StatusOK, "", said)
}
