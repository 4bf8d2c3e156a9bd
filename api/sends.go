package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/received"
)

// UnknownSend is a mail of which nobody knows whether it went out. It counts as
// sent and is never sent again.
type UnknownSend struct {
	LeadID    uuid.UUID `json:"lead_id"`
	Touch     string    `json:"touch"`
	MessageID string    `json:"message_id" doc:"Look for it in the mailbox's sent mail"`
	Mailbox   string    `json:"mailbox,omitempty"`
	Subject   string    `json:"subject,omitempty"`
	Reason    string    `json:"reason" doc:"Why it is not known"`
	At        time.Time `json:"at" doc:"When it was to go out"`
}

// UnknownSends lists them, the newest first.
type UnknownSends struct {
	Sends []UnknownSend `json:"sends"`
}

// TouchPath is the path of a send.
type TouchPath struct {
	LeadPath
	Touch string `path:"touch" maxLength:"64" doc:"Of the lead" example:"t3"`
}

type settleBody struct {
	WentOut bool `json:"went_out" doc:"Whether it went out, as a person found"`
}

// SettledSend is what became of a send.
type SettledSend struct {
	LeadID uuid.UUID `json:"lead_id"`
	Touch  string    `json:"touch"`
	State  string    `json:"state" enum:"sent,failed"`
}

// ThreadMessage is one mail to or from a lead and the people around it.
type ThreadMessage struct {
	Direction string         `json:"direction" enum:"out,in"`
	At        time.Time      `json:"at"`
	PersonID  *uuid.UUID     `json:"person_id,omitempty" doc:"To whom, or from whom"`
	Person    string         `json:"person,omitempty"`
	Address   string         `json:"address,omitempty" doc:"Out: of our mailbox. In: from which they wrote"`
	Subject   string         `json:"subject"`
	Text      string         `json:"text"`
	Touch     string         `json:"touch,omitempty"`
	State     string         `json:"state,omitempty" enum:"sent,unknown,failed" doc:"Out only"`
	Detail    string         `json:"detail,omitempty" doc:"Why it failed or is not known"`
	BouncedAt *time.Time     `json:"bounced_at,omitempty"`
	MessageID *uuid.UUID     `json:"message_id,omitempty" doc:"In: read it whole under /v1/inbound-messages"`
	Class     received.Class `json:"class,omitempty" enum:"human,opt_out,out_of_office,auto_reply,bulk,bounce,complaint,calendar"`
	Kind      string         `json:"kind,omitempty"`
	BackOn    *time.Time     `json:"back_on,omitempty"`
	Evidence  []Evidence     `json:"evidence,omitempty" doc:"Why it is of this class"`
}

// Thread is the mail of a lead in the order of time.
type Thread struct {
	Messages []ThreadMessage `json:"messages"`
}

func (a *API) sends(api huma.API) {
	route(api, operation(http.MethodGet, "/sends", "listSends", "Mail of which nobody knows whether it went out, and why", people...),
		func(ctx context.Context, in *struct {
			State string `query:"state" enum:"unknown" default:"unknown"`
			Limit int32  `query:"limit" minimum:"1" maximum:"500" default:"100"`
		},
		) (*body[UnknownSends], error) {
			if err := ofAll(ctx); err != nil {
				return nil, err
			}
			rows, err := a.Store.UnknownSends(ctx, in.Limit)
			list := UnknownSends{Sends: []UnknownSend{}}
			for _, r := range rows {
				list.Sends = append(list.Sends, UnknownSend{
					LeadID: r.LeadID, Touch: r.Touch, MessageID: r.MessageID, Mailbox: r.Mailbox, Subject: r.Subject, Reason: r.Detail, At: r.ReservedAt,
				})
			}
			return reply(list), err
		})
	route(api, operation(http.MethodPost, "/leads/{id}/sends/{touch}/settle", "settleSend", "Say what became of a mail; it is never sent again", people...), a.settle)
	route(api, operation(http.MethodGet, "/leads/{id}/messages", "readThread", "The mail of a lead in the order of time, both ways", people...), a.thread)
}

func (a *API) settle(ctx context.Context, in *struct {
	TouchPath
	Body settleBody
},
) (*body[SettledSend], error) {
	n, err := a.Store.SettleSend(ctx, db.SettleSendParams{LeadID: in.ID, Touch: in.Touch, WentOut: in.Body.WentOut})
	if err != nil {
		return nil, postgres.Translate(err)
	}
	row, err := a.Store.LedgerRowUnlocked(ctx, db.LedgerRowUnlockedParams{LeadID: in.ID, Touch: in.Touch})
	if err = postgres.Translate(err); errors.Is(err, postgres.ErrNotFound) {
		return nil, problem(http.StatusNotFound, "not_found", "the lead has no mail of this touch", "GET /v1/sends lists what is to be settled")
	}
	if err != nil {
		return nil, fmt.Errorf("read touch %s of lead %s: %w", in.Touch, in.ID, err)
	}
	before := callerOf(ctx).Repeats && row.Reconciled == "person" && (row.State == "sent") == in.Body.WentOut
	if n == 0 && !before {
		return nil, problem(http.StatusConflict, "send_settled", "it is known what became of this mail: it is "+row.State,
			"read the lead's mail: GET /v1/leads/{id}/messages")
	}
	slog.InfoContext(ctx, "a person settled a send", "lead", in.ID, "touch", in.Touch, "state", row.State, "by", callerOf(ctx).actor())
	return reply(SettledSend{in.ID, in.Touch, row.State}), nil
}

func (a *API) thread(ctx context.Context, in *LeadPath) (*body[Thread], error) {
	if _, err := a.lead(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := a.messages(ctx, in.ID)
	return reply(Thread{all}), err
}

// messages is the mail of a lead in the order of time, both ways.
func (a *API) messages(ctx context.Context, lead uuid.UUID) ([]ThreadMessage, error) {
	out, err := a.Store.SentThread(ctx, lead)
	if err != nil {
		return nil, fmt.Errorf("read what went out to lead %s: %w", lead, err)
	}
	came, err := a.Store.ReceivedThread(ctx, &lead)
	if err != nil {
		return nil, fmt.Errorf("read what came in for lead %s: %w", lead, err)
	}
	all := []ThreadMessage{}
	for _, s := range out {
		all = append(all, ThreadMessage{
			Direction: "out", At: s.At, PersonID: &s.PersonID, Person: s.Person, Address: s.Address, Subject: s.Subject, Text: s.Body,
			Touch: s.Touch, State: s.State, Detail: s.Detail, BouncedAt: s.BouncedAt,
		})
	}
	for _, r := range came {
		evidence, err := evidenceOf(r.Evidence)
		if err != nil {
			return nil, fmt.Errorf("read message %s: %w", r.ID, err)
		}
		m := ThreadMessage{
			Direction: "in", At: r.ReceivedAt, PersonID: r.PersonID, Person: r.FromName, Address: r.FromAddress, Subject: r.Subject, Text: r.Body,
			Touch: r.Touch, Class: received.Class(r.Class), Kind: r.Kind, BackOn: r.BackOn, Evidence: evidence,
		}
		if r.Whole {
			m.MessageID = &r.ID
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b ThreadMessage) int { return a.At.Compare(b.At) })
	return all, nil
}
