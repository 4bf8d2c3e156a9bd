package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/sequence"
)

// EnrolBody starts a new lead.
type EnrolBody struct {
	PersonBody
	Source     sequence.Kind `json:"source" maxLength:"64" doc:"Kind of engagement that brought them (R10)" example:"ebook_download"`
	Detail     string        `json:"detail,omitempty" maxLength:"500" doc:"Which eBook, which page"`
	OccurredAt time.Time     `json:"occurred_at,omitempty" doc:"When; now if left out"`
	OwnerID    *uuid.UUID    `json:"owner_id,omitempty" format:"uuid" doc:"The rep; the one with the fewest leads if left out"`
	Amount     *int64        `json:"amount,omitempty" minimum:"0" maximum:"100000000000000" doc:"Expected value in cents"`
}

// EngagementBody reports what somebody did.
type EngagementBody struct {
	PersonBody
	Kind       sequence.Kind `json:"kind" maxLength:"64" doc:"Kind of engagement (R10)" example:"webinar_attended"`
	Detail     string        `json:"detail,omitempty" maxLength:"500"`
	OccurredAt time.Time     `json:"occurred_at,omitempty" doc:"When; now if left out"`
	ExternalID string        `json:"external_id,omitempty" maxLength:"200" doc:"Id in the reporting system; the same one counts once"`
}

// Accepted says what came of an enrolment or an engagement.
type Accepted struct {
	Status     door.Status `json:"status" enum:"lead_created,recorded,repeated,suppressed"`
	Lead       *uuid.UUID  `json:"lead_id,omitempty"`
	Engagement *uuid.UUID  `json:"engagement_id,omitempty" doc:"None where nothing was written down: they said stop, and we do not know them"`
}

func (a *API) engagements(api huma.API) {
	enrol := operation(http.MethodPost, "/leads", "enrol", "Start following up a new lead", everybody...)
	enrol.DefaultStatus = http.StatusCreated
	route(api, enrol, func(ctx context.Context, in *struct{ Body EnrolBody }) (*body[Accepted], error) {
		e, err := a.enrolment(ctx, in.Body)
		if err != nil {
			return nil, err
		}
		r, err := a.Door.Enrol(ctx, e)
		if err != nil {
			return nil, enrolProblem(in.Body, err)
		}
		return created(enrolled(r)), nil
	})

	engage := operation(http.MethodPost, "/engagements", "recordEngagement", "Report something a lead did; makes or reopens the lead", everybody...)
	route(api, engage, func(ctx context.Context, in *struct{ Body EngagementBody }) (*body[Accepted], error) {
		b := in.Body
		p, faults := b.person()
		faults = append(append(faults, a.kindFault("body.kind", b.Kind)...), a.occurredFault(b.OccurredAt)...)
		if len(faults) > 0 {
			return nil, invalid(faults)
		}
		r, err := a.Door.Engage(ctx, door.Enrolment{
			Person: p, Engagement: door.Engagement{Kind: b.Kind, Detail: clean(b.Detail), At: b.OccurredAt, ExternalID: cmp.Or(b.ExternalID, requestID(ctx))},
			By: callerOf(ctx).actor(),
		})
		if err != nil {
			return nil, err
		}
		return reply(Accepted{r.Status, idOrNone(r.Lead), idOrNone(r.Engagement)}), nil
	})

	a.bulk(api)
	replies := operation(http.MethodPost, "/replies", "reportReply", "Report an answer that came by mail", everybody...)
	route(api, replies, a.takeReply)
}

// enrolment checks a body and gives what the door takes.
func (a *API) enrolment(ctx context.Context, b EnrolBody) (door.Enrolment, error) {
	p, faults := b.person()
	faults = append(append(faults, a.kindFault("body.source", b.Source)...), a.occurredFault(b.OccurredAt)...)
	if len(faults) > 0 {
		return door.Enrolment{}, invalid(faults)
	}
	return door.Enrolment{
		Person: p, Engagement: door.Engagement{Kind: b.Source, Detail: clean(b.Detail), At: b.OccurredAt, ExternalID: requestID(ctx)},
		Owner: b.OwnerID, Amount: b.Amount, By: callerOf(ctx).actor(),
	}, nil
}

// enrolProblem says which lead stands in the way of an enrolment, if one does.
func enrolProblem(b EnrolBody, err error) error {
	var living door.AlreadyEnrolled
	if !errors.As(err, &living) {
		return err
	}
	p := problem(http.StatusConflict, "already_enrolled", living.Error(),
		"record an engagement instead: POST /v1/engagements reopens the lead", Fault{b.address(), "has a living lead"})
	p.Lead = &living.Lead
	return p
}

// enrolled is the answer to an enrolment, also to one whose first answer was lost.
func enrolled(r door.Result) Accepted {
	return Accepted{door.Created, idOrNone(r.Lead), idOrNone(r.Engagement)}
}

// ReplyBody reports a mail from a lead or a stakeholder.
type ReplyBody struct {
	Email     string    `json:"email" maxLength:"254" doc:"Who wrote"`
	Text      string    `json:"text,omitempty" maxLength:"100000" doc:"What they wrote, without quotes"`
	Automatic bool      `json:"automatic,omitempty" doc:"An out-of-office or other automatic answer: pauses, is no engagement (R84)"`
	Until     time.Time `json:"until,omitempty" doc:"When they are back, if the automatic answer says so"`
}

// ReplyAccepted names the lead that a reply belongs to.
type ReplyAccepted struct {
	Lead uuid.UUID `json:"lead_id"`
}

func (a *API) takeReply(ctx context.Context, in *struct{ Body ReplyBody }) (*body[ReplyAccepted], error) {
	p, faults := PersonBody{Email: in.Body.Email}.person()
	if len(faults) > 0 {
		return nil, invalid(faults)
	}
	nobody := problem(http.StatusNotFound, "nobody", "no living lead belongs to this address", "enrol the person, or record an engagement", Fault{"body.email", "is unknown"})
	person, err := a.Store.PersonByEmail(ctx, &p.Email)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nobody
	}
	if err != nil {
		return nil, err
	}
	lead, err := a.Door.TakeReply(ctx, door.Reply{ID: derivedID(ctx, "reply"), Person: person.ID, Body: in.Body.Text, Automatic: in.Body.Automatic, Until: in.Body.Until})
	if err == nil && lead == uuid.Nil {
		return nil, nobody
	}
	return reply(ReplyAccepted{lead}), err
}

// requestID stands in for the id of the reporting system: the same request again
// is the same report, even when its first answer was lost in a crash.
func requestID(ctx context.Context) string { return "request:" + derivedID(ctx, "engagement").String() }

func idOrNone(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
