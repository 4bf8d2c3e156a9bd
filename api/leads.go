package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// LeadView is a lead as it is read.
type LeadView struct {
	ID        uuid.UUID      `json:"id"`
	Stage     sequence.Stage `json:"stage"`
	Play      sequence.Play  `json:"play,omitempty"`
	PersonID  uuid.UUID      `json:"person_id"`
	Erased    bool           `json:"erased,omitempty" doc:"Who it was is not known any more"`
	Name      string         `json:"name"`
	Email     *string        `json:"email,omitempty"`
	Phone     *string        `json:"phone,omitempty"`
	Title     string         `json:"title,omitempty"`
	Account   string         `json:"account,omitempty"`
	Zone      string         `json:"time_zone,omitempty"`
	Country   string         `json:"country,omitempty"`
	OwnerID   uuid.UUID      `json:"owner_id"`
	Owner     string         `json:"owner"`
	Source    string         `json:"source"`
	Playbook  string         `json:"playbook"`
	Blocked   string         `json:"blocked,omitempty" doc:"Why nothing goes out now"`
	NextAt    *time.Time     `json:"next_at,omitempty" doc:"When the lead wakes next"`
	Amount    *int64         `json:"amount,omitempty" doc:"Expected value in cents"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

func viewOf(r db.LeadViewRow) LeadView {
	v := LeadView{
		ID: r.ID, Stage: sequence.Stage(r.Stage), PersonID: r.PersonID, Erased: r.Erased, Name: r.Name, Email: r.Email, Phone: r.Phone, Title: r.Title, Account: r.Account,
		Zone: r.Zone, Country: r.Country, OwnerID: r.OwnerID, Owner: r.Owner, Source: r.Source, Playbook: r.Playbook,
		Blocked: r.Blocked, NextAt: r.NextAt, Amount: r.Amount, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if l, err := stateOf(r.State); err == nil {
		v.Play = l.Play
	}
	return v
}

// stateOf reads the state that the workflow wrote through; its stage is empty
// before the first turn.
func stateOf(state []byte) (l sequence.Lead, err error) {
	if len(state) == 0 {
		return l, nil
	}
	if l, err = policy.Decode(state); err != nil {
		return l, fmt.Errorf("decode the state of a lead: %w", err)
	}
	return l, nil
}

// LeadPath is embedded where a route is below a lead; huma fills exported types only.
type LeadPath struct {
	ID uuid.UUID `path:"id" doc:"Id of the lead"`
}

// lead finds a lead or says that there is none.
func (a *API) lead(ctx context.Context, id uuid.UUID) (db.LeadViewRow, error) {
	r, err := a.Store.LeadView(ctx, id)
	if err = postgres.Translate(err); err == nil {
		err = a.maySee(ctx, r)
	}
	if err != nil {
		return r, fmt.Errorf("read lead %s: %w", id, err)
	}
	return r, nil
}

// ofAll refuses what is about everybody's leads to a rep who sees only their own.
func ofAll(ctx context.Context) error {
	if !callerOf(ctx).OwnOnly {
		return nil
	}
	return problem(http.StatusForbidden, "sees_only_own", "this is about everybody's leads, and you see your own", "read what belongs to one of your leads, below /v1/leads/{id}")
}

// maySee hides a lead from a rep who sees only their own, and those of their tasks.
func (a *API) maySee(ctx context.Context, r db.LeadViewRow) error {
	c := callerOf(ctx)
	if !c.OwnOnly || r.OwnerID == *c.User {
		return nil
	}
	works, err := a.Store.WorksOn(ctx, db.WorksOnParams{LeadID: r.ID, OwnerID: *c.User})
	if err == nil && !works {
		err = postgres.ErrNotFound
	}
	return err
}

// LeadPage is one page of leads.
type LeadPage struct {
	Leads []LeadView `json:"leads"`
	Next  *uuid.UUID `json:"next,omitempty" doc:"Give it as after to get the next page"`
}

func (a *API) leads(api huma.API) {
	route(api, operation(http.MethodGet, "/leads/{id}", "readLead", "Read a lead", everybody...),
		func(ctx context.Context, in *LeadPath) (*body[LeadView], error) {
			r, err := a.lead(ctx, in.ID)
			return reply(viewOf(r)), err
		})
	route(api, operation(http.MethodGet, "/leads", "listLeads", "List leads", everybody...), a.listLeads)
	route(api, operation(http.MethodGet, "/leads/{id}/explanation", "explainLead", "Why is this lead here, and what happens next?", everybody...),
		func(ctx context.Context, in *LeadPath) (*body[sequence.Explanation], error) {
			r, err := a.lead(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			l, err := stateOf(r.State)
			if err != nil {
				return nil, err
			}
			e, err := a.explain(l, r)
			return reply(e), err
		})
	route(api, operation(http.MethodGet, "/leads/{id}/timeline", "readTimeline", "Everything that happened to a lead, with rules and evidence", everybody...), a.timeline)
	route(api, operation(http.MethodGet, "/leads/{id}/ahead", "readAhead", "What will happen to a lead if nothing is heard, played by the code that runs it", everybody...), a.ahead)
	route(api, operation(http.MethodGet, "/leads/{id}/stakeholders", "listStakeholders", "Others at the account who are involved", people...), a.stakeholders)
}

// explain says what a lead waits for. A lead that is accepted and has not begun
// says so.
func (a *API) explain(l sequence.Lead, r db.LeadViewRow) (sequence.Explanation, error) {
	if l.Stage == "" {
		return sequence.Explanation{
			Stage: sequence.Stage(r.Stage), Since: r.CreatedAt, Waiting: "its life to begin: the workflow engine has not taken it over yet",
			Because: []sequence.Ground{{Rule: sequence.SpeedToLead, Title: sequence.SpeedToLead.Title()}}, Then: "the first touch of its play",
		}, nil
	}
	pb, ok := a.Playbook(l.Playbook)
	if !ok {
		return sequence.Explanation{}, fmt.Errorf("playbook %s of lead %s is not loaded", l.Playbook, l.ID)
	}
	return sequence.Explain(l, pb, a.now()), nil
}

// LeadFilter says which leads are listed.
type LeadFilter struct {
	Stage   string    `query:"stage" enum:"warm,scheduled_call,multi_stakeholder,cold,revival,break_up,check_in,won,disqualified,do_not_contact"`
	OwnerID uuid.UUID `query:"owner_id"`
	Source  string    `query:"source" maxLength:"64"`
	Blocked string    `query:"blocked" maxLength:"64" doc:"Why nothing goes out: snoozed, out_of_office, ..."`
	Account string    `query:"account" maxLength:"200" doc:"By its name"`
	From    time.Time `query:"created_from" doc:"Came at this time or later"`
	Before  time.Time `query:"created_before" doc:"Came before this time"`
	Behind  string    `query:"behind" enum:"sales_ready,overdue_first_calls,stagnant" doc:"Those behind a figure of the board, the most pressing first, as it was drawn up; managers"`
	After   uuid.UUID `query:"after" doc:"The next of the page before"`
	Limit   int32     `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// after is the address of the page that follows a lead.
func (f LeadFilter) after(id uuid.UUID) string {
	q := url.Values{"after": {id.String()}, "limit": {strconv.Itoa(int(f.Limit))}}
	for name, value := range map[string]string{"stage": f.Stage, "source": f.Source, "blocked": f.Blocked, "account": f.Account} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.OwnerID != uuid.Nil {
		q.Set("owner_id", f.OwnerID.String())
	}
	for name, at := range map[string]time.Time{"created_from": f.From, "created_before": f.Before} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	return "/v1/leads?" + q.Encode()
}

type listedLeads struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)"`
	Body LeadPage
}

func (a *API) listLeads(ctx context.Context, in *LeadFilter) (*listedLeads, error) {
	if c := callerOf(ctx); c.OwnOnly {
		in.OwnerID = *c.User
	}
	if in.Behind != "" {
		return a.leadsBehind(ctx, in)
	}
	rows, err := a.Store.ListLeads(ctx, db.ListLeadsParams{
		Stage: optional(in.Stage), OwnerID: idOrNone(in.OwnerID), Source: optional(in.Source), Blocked: optional(in.Blocked),
		Account: optional(in.Account), CreatedFrom: instantOrNone(in.From), CreatedBefore: instantOrNone(in.Before),
		After: idOrNone(in.After), Most: in.Limit + 1,
	})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	page := LeadPage{Leads: []LeadView{}}
	out := &listedLeads{}
	for i, r := range rows {
		if i == int(in.Limit) {
			page.Next = &page.Leads[i-1].ID
			out.Link = fmt.Sprintf("<%s>; rel=\"next\"", in.after(*page.Next))
			break
		}
		page.Leads = append(page.Leads, viewOf(db.LeadViewRow(r)))
	}
	out.Body = page
	return out, nil
}

// Stakeholders are the others who are involved in a lead's decision.
type Stakeholders struct {
	Stakeholders []BriefPerson `json:"stakeholders"`
}

func (a *API) stakeholders(ctx context.Context, in *LeadPath) (*body[Stakeholders], error) {
	if _, err := a.lead(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, err := a.Store.StakeholdersOf(ctx, in.ID)
	list := Stakeholders{Stakeholders: []BriefPerson{}}
	for _, o := range rows {
		list.Stakeholders = append(list.Stakeholders, BriefPerson{o.ID, o.Name, o.Title})
	}
	return reply(list), postgres.Translate(err)
}

// TimelineEntry is one line of a lead's timeline.
type TimelineEntry struct {
	sequence.Entry
	Line string `json:"line" doc:"The entry as a person reads it, in the lead's time zone"`
}

// Timeline is a stretch of it.
type Timeline struct {
	Entries []TimelineEntry `json:"entries"`
}

func (a *API) timeline(ctx context.Context, in *struct {
	LeadPath
	After int32 `query:"after" minimum:"0" doc:"Only entries with a greater n"`
	Limit int32 `query:"limit" minimum:"1" maximum:"1000" default:"200"`
},
) (*body[Timeline], error) {
	r, err := a.lead(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Timeline(ctx, db.TimelineParams{LeadID: in.ID, After: in.After, Most: in.Limit})
	if err != nil {
		return nil, err
	}
	zone, ok := sequence.LoadZone(r.Zone)
	if !ok {
		zone = time.UTC
	}
	t := Timeline{Entries: []TimelineEntry{}}
	for _, row := range rows {
		var e sequence.Entry
		if err := json.Unmarshal(row.Entry, &e); err != nil {
			return nil, fmt.Errorf("decode entry %d of lead %s: %w", row.N, in.ID, err)
		}
		t.Entries = append(t.Entries, TimelineEntry{e, simulate.Line(e, zone)})
	}
	return reply(t), nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
