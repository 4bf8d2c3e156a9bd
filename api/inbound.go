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

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/received"
)

// InboundMessage is a message that came in, as it stands in the list.
type InboundMessage struct {
	ID         uuid.UUID      `json:"id"`
	Mailbox    string         `json:"mailbox,omitempty" doc:"Where it came in; unknown if left out"`
	ReceivedAt time.Time      `json:"received_at"`
	FromName   string         `json:"from_name,omitempty"`
	From       string         `json:"from_address"`
	Subject    string         `json:"subject"`
	Text       string         `json:"text" doc:"What they wrote, without quotes and signature"`
	Class      received.Class `json:"class" enum:"human,opt_out,out_of_office,auto_reply,bulk,bounce,complaint,calendar"`
	Kind       string         `json:"kind,omitempty" doc:"Of a bounce, or of an answer to an invitation"`
	State      string         `json:"state" enum:"new,taken,unmatched,dismissed"`
	LeadID     *uuid.UUID     `json:"lead_id,omitempty"`
	Damage     []string       `json:"damage,omitempty" doc:"What is wrong with the message"`
}

// InboundPage is one page of messages, the newest first.
type InboundPage struct {
	Messages []InboundMessage `json:"messages"`
	Next     *uuid.UUID       `json:"next,omitempty" doc:"Give it as before to get the next page"`
}

// Evidence is one reason why a message is what it is.
type Evidence struct {
	Where string `json:"where" example:"header Auto-Submitted"`
	Says  string `json:"says"`
}

// InboundFull is a message with everything that is known about it.
type InboundFull struct {
	InboundMessage
	Full      string     `json:"full_text" doc:"The whole text, quotes and signature included"`
	HTML      string     `json:"html,omitempty" doc:"Sanitised: no scripts, styles, images or anything else from elsewhere"`
	Evidence  []Evidence `json:"evidence" doc:"Why it is of this class"`
	BackOn    *time.Time `json:"back_on,omitempty" doc:"Out of office: the day of return they name"`
	PersonID  *uuid.UUID `json:"person_id,omitempty"`
	Touch     string     `json:"touch,omitempty" doc:"The send it answers"`
	MatchedBy string     `json:"matched_by,omitempty" doc:"How the lead was found"`
	HandledBy *uuid.UUID `json:"handled_by,omitempty"`
	HandledAt *time.Time `json:"handled_at,omitempty"`
}

// MessagePath is the path of a message.
type MessagePath struct {
	ID uuid.UUID `path:"id" doc:"Id of the message"`
}

// InboundFilter says which messages are listed.
type InboundFilter struct {
	State  string    `query:"state" enum:"unmatched,taken,dismissed,new" default:"unmatched"`
	Before uuid.UUID `query:"before" doc:"The next of the page before"`
	Limit  int32     `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type listedInbound struct {
	Link string `header:"Link" doc:"The next page (RFC 8288)"`
	Body InboundPage
}

type rawMessage struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

type assignBody struct {
	LeadID uuid.UUID `json:"lead_id" format:"uuid" doc:"The lead it belongs to"`
}

// inbound registers what came in and what people make of it.
func (a *API) inbound(api huma.API) {
	route(api, operation(http.MethodGet, "/inbound-messages", "listInboundMessages", "Mail that came in; by default what belongs to no lead and waits for a person", people...), a.listInbound)
	route(api, operation(http.MethodGet, "/inbound-messages/{id}", "readInboundMessage", "A message whole, and why it was taken for what it is", people...),
		func(ctx context.Context, in *MessagePath) (*body[InboundFull], error) {
			m, err := a.inboundFull(ctx, in.ID)
			return reply(m), err
		})
	raw := operation(http.MethodGet, "/inbound-messages/{id}/raw", "downloadInboundMessage", "A message as it came (RFC 5322)", people...)
	raw.Responses = map[string]*huma.Response{"200": {
		Description: "The message", Content: map[string]*huma.MediaType{"message/rfc822": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	route(api, raw, func(ctx context.Context, in *MessagePath) (*rawMessage, error) {
		row, err := a.message(ctx, in.ID)
		return &rawMessage{"message/rfc822", `attachment; filename="` + in.ID.String() + `.eml"`, "default-src 'none'; sandbox", row.Raw}, err
	})
	route(api, operation(http.MethodPost, "/inbound-messages/{id}/assign", "assignInboundMessage", "Give a message that matched nothing to a lead: it has its effect there", people...), a.assign)
	route(api, operation(http.MethodPost, "/inbound-messages/{id}/dismiss", "dismissInboundMessage", "Put a message that matched nothing away", people...), a.dismiss)
}

func (a *API) message(ctx context.Context, id uuid.UUID) (db.InboundMessage, error) {
	row, err := a.Store.Inbound(ctx, id)
	if err = postgres.Translate(err); err == nil && callerOf(ctx).OwnOnly {
		if err = postgres.ErrNotFound; row.LeadID != nil {
			_, err = a.lead(ctx, *row.LeadID)
		}
	}
	if err != nil {
		return row, fmt.Errorf("read message %s: %w", id, err)
	}
	return row, nil
}

func (a *API) listInbound(ctx context.Context, in *InboundFilter) (*listedInbound, error) {
	if err := ofAll(ctx); err != nil {
		return nil, err
	}
	rows, err := a.Store.InboundPage(ctx, db.InboundPageParams{State: in.State, Before: idOrNone(in.Before), Most: in.Limit + 1})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := &listedInbound{Body: InboundPage{Messages: []InboundMessage{}}}
	for i, r := range rows {
		if i == int(in.Limit) {
			next := rows[i-1].ID
			out.Body.Next = &next
			q := url.Values{"state": {in.State}, "before": {next.String()}, "limit": {strconv.Itoa(int(in.Limit))}}
			out.Link = fmt.Sprintf("</v1/inbound-messages?%s>; rel=\"next\"", q.Encode())
			break
		}
		out.Body.Messages = append(out.Body.Messages, InboundMessage{
			ID: r.ID, Mailbox: r.Mailbox, ReceivedAt: r.ReceivedAt, FromName: r.FromName, From: r.FromAddress, Subject: r.Subject, Text: r.Body,
			Class: received.Class(r.Class), Kind: r.Kind, State: r.State, LeadID: r.LeadID, Damage: r.Damage,
		})
	}
	return out, nil
}

func (a *API) inboundFull(ctx context.Context, id uuid.UUID) (InboundFull, error) {
	r, err := a.message(ctx, id)
	if err != nil {
		return InboundFull{}, err
	}
	m := InboundFull{
		InboundMessage: InboundMessage{
			ID: r.ID, ReceivedAt: r.ReceivedAt, FromName: r.FromName, From: r.FromAddress, Subject: r.Subject, Text: r.Body,
			Class: received.Class(r.Class), Kind: r.Kind, State: r.State, LeadID: r.LeadID, Damage: r.Damage,
		},
		BackOn: r.BackOn, PersonID: r.PersonID, Touch: r.Touch, MatchedBy: r.MatchedBy, HandledBy: r.HandledBy, HandledAt: r.HandledAt,
	}
	if m.Evidence, err = evidenceOf(r.Evidence); err != nil {
		return m, fmt.Errorf("read message %s: %w", id, err)
	}
	if r.MailboxID != nil {
		box, err := a.Store.MailboxRow(ctx, *r.MailboxID)
		if err != nil {
			return m, fmt.Errorf("read the mailbox of message %s: %w", id, err)
		}
		m.Mailbox = box.Name
	}
	whole := received.Read(r.Raw, r.ReceivedAt)
	m.Full, m.HTML = whole.Full, harmless(whole.HTML)
	return m, nil
}

func evidenceOf(encoded []byte) ([]Evidence, error) {
	var all []received.Evidence
	if err := json.Unmarshal(encoded, &all); err != nil {
		return nil, fmt.Errorf("decode the evidence: %w", err)
	}
	shown := []Evidence{}
	for _, e := range all {
		shown = append(shown, Evidence(e))
	}
	return shown, nil
}

func (a *API) assign(ctx context.Context, in *struct {
	MessagePath
	Body assignBody
},
) (*body[InboundFull], error) {
	row, err := a.message(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := a.lead(ctx, in.Body.LeadID); err != nil {
		return nil, foundIn("lead_id", err)
	}
	if !callerOf(ctx).Repeats || row.State != "taken" || row.MatchedBy != "person" {
		if err := a.Room.Assign(ctx, in.ID, in.Body.LeadID, callerOf(ctx).User); err != nil {
			return nil, err
		}
	}
	m, err := a.inboundFull(ctx, in.ID)
	return reply(m), err
}

func (a *API) dismiss(ctx context.Context, in *struct {
	MessagePath
	Body nothing
},
) (*body[InboundFull], error) {
	row, err := a.message(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !callerOf(ctx).Repeats || row.State != "dismissed" {
		if err := a.Room.Dismiss(ctx, in.ID, callerOf(ctx).User); err != nil {
			return nil, err
		}
	}
	m, err := a.inboundFull(ctx, in.ID)
	return reply(m), err
}
